"""New versions over a real TLS connection: who is believed, and which file is taken."""

from __future__ import annotations

import hashlib
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from desktop_inbox import project
from desktop_inbox.connectors.web.client import Web
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.releases import Download, Known, ManifestRefused, Refusal
from desktop_inbox.services import updates
from desktop_inbox.services.updates import News, Source
from desktop_inbox.settings import Settings
from tests.support.releases import FILE, MAKER, NOW, announcement, public
from tests.support.web import Server, serving

HOST = "updates.shop.com"
SOURCE = Source(address=f"https://{HOST}/updates.json", keys=(public(MAKER),))
WANTED = Download(
    platform="linux-x86_64",
    form="deb",
    name="desktop-inbox_9.0.0_amd64.deb",
    url=f"https://{HOST}/desktop-inbox_9.0.0_amd64.deb",
    size=len(FILE),
    sha256=hashlib.sha256(FILE).hexdigest(),
)


def answer(body: bytes, *fields: str, status: str = "200 OK") -> Callable[[bytes], bytes]:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""])
    return lambda _request: head.encode() + body


@asynccontextmanager
async def shop(answers: Callable[[bytes], bytes], *, host: str = HOST) -> AsyncIterator[Web]:
    """A server that takes itself for the makers', and the way to it."""
    ca = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host).configure_cert(theirs)
    ours = ssl.create_default_context()
    ca.configure_trust(ours)
    async with serving(Server(answer=answers), tls=theirs) as server:
        yield Web(tls=lambda: ours, places={(HOST, 443): ("127.0.0.1", server.port)})


async def look(
    answers: Callable[[bytes], bytes], before: Known | None = None, *, host: str = HOST
) -> tuple[News, Known]:
    async with shop(answers, host=host) as web:
        return await updates.look(SOURCE, before or Known(), now=NOW, web=web)


async def refused(answers: Callable[[bytes], bytes], *, host: str = HOST) -> str:
    with pytest.raises(UserError) as failure:
        await look(answers, host=host)
    return failure.value.code


async def test_a_newer_version_is_found() -> None:
    news, known = await look(answer(announcement()))
    assert news.newer
    assert news.manifest.version == "9.0.0"
    assert known.serial == 7


async def test_the_file_is_the_one_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "platform_name", lambda: "linux-x86_64")
    monkeypatch.setattr(updates, "form", lambda: "deb")
    news, _known = await look(answer(announcement()))
    assert news.download is not None
    monkeypatch.setattr(updates, "form", lambda: "rpm")
    news, _known = await look(answer(announcement()))
    assert news.download is None
    assert news.newer


async def test_what_was_learned_survives_a_restart(tmp_path: Path) -> None:
    _news, known = await look(answer(announcement(serial=8)))
    settings = Settings(tmp_path / "settings.json")
    updates.remember(settings, known, now=NOW)
    again = Settings(tmp_path / "settings.json")
    assert updates.known(again) == known
    assert updates.looked_at(again) == NOW
    with pytest.raises(ManifestRefused) as failure:
        await look(answer(announcement(serial=7)), updates.known(again))
    assert failure.value.reason is Refusal.OLDER


async def test_what_was_announced_is_believed_anew_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "updates.json"
    async with shop(answer(announcement())) as web:
        _news, known = await updates.look(SOURCE, Known(), now=NOW, kept=kept, web=web)
    again = updates.last(SOURCE, known, kept, now=NOW)
    assert again is not None
    assert again.manifest.version == "9.0.0"
    assert updates.last(SOURCE, known, kept, now=NOW + timedelta(days=90)) is None
    kept.write_bytes(announcement(version="9.0.1"))  # somebody put another one there
    assert updates.last(SOURCE, known, kept, now=NOW) is None
    kept.unlink()
    assert updates.last(SOURCE, known, kept, now=NOW) is None


async def test_a_folder_that_cannot_be_written_loses_no_news(tmp_path: Path) -> None:
    async with shop(answer(announcement())) as web:
        kept = tmp_path / "missing" / "updates.json"
        news, _known = await updates.look(SOURCE, Known(), now=NOW, kept=kept, web=web)
    assert news.newer


@pytest.mark.parametrize(
    "nonsense",
    [
        {"serial": "x"},
        {"keys": 7},
        {"digest": 1},
        {"looked_at": "soon"},
        {"looked_at": "2026-01-01"},
    ],
)
def test_settings_that_hold_nonsense_count_as_nothing(nonsense: dict[str, Any]) -> None:
    settings = Settings()
    settings.updates = nonsense
    assert updates.known(settings) == Known()
    assert updates.looked_at(settings) is None


async def test_a_server_that_is_not_the_makers_is_not_believed() -> None:
    assert await refused(answer(announcement()), host="other.example") == "update-unreachable"


async def test_a_redirect_to_http_is_not_followed() -> None:
    away = answer(b"", f"Location: http://{HOST}/updates.json", status="302 Found")
    assert await refused(away) == "update-unreachable"


async def test_a_redirect_that_stays_secure_is_followed() -> None:
    def answers(request: bytes) -> bytes:
        if b"GET /updates.json" in request:
            return answer(b"", "Location: /elsewhere.json", status="302 Found")(request)
        return answer(announcement())(request)

    news, _known = await look(answers)
    assert news.newer


async def test_an_endless_answer_is_not_read() -> None:
    endless = answer(b"x" * 200_000)
    assert await refused(endless) == "update-unreachable"


async def test_an_error_page_is_no_announcement() -> None:
    assert await refused(answer(b"gone", status="404 Not Found")) == "update-unreachable"
    assert await refused(answer(b"<html>sign in to the hotel</html>")) == "update-unreadable"


def test_without_an_address_or_a_key_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "update_address", lambda: "")
    monkeypatch.setattr(project, "update_keys", lambda: (public(MAKER),))
    assert updates.source() is None
    monkeypatch.setattr(project, "update_address", lambda: SOURCE.address)
    assert updates.source() == SOURCE
    monkeypatch.setattr(project, "update_keys", tuple)
    assert updates.source() is None


# The file


async def fetch(answers: Callable[[bytes], bytes], folder: Path, **changed: Any) -> Path:
    async with shop(answers) as web:
        return await updates.fetch(replace(WANTED, **changed), folder, web=web)


def left_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def failure_of(answers: Callable[[bytes], bytes], folder: Path, **changed: Any) -> str:
    with pytest.raises(UserError) as failure:
        await fetch(answers, folder, **changed)
    assert not left_in(folder)
    return failure.value.code


async def test_the_announced_file_is_fetched_whole(tmp_path: Path) -> None:
    told: list[int] = []
    async with shop(answer(FILE)) as web:
        path = await updates.fetch(WANTED, tmp_path / "new", web=web, report=told.append)
    assert path.read_bytes() == FILE
    assert told == sorted(told)
    assert told[-1] == len(FILE)
    assert [one.name for one in path.parent.iterdir()] == [WANTED.name]


async def test_a_file_that_lies_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(FILE)
    assert (await fetch(answer(b"", status="500 No"), tmp_path)).read_bytes() == FILE


async def test_another_file_under_its_name_is_replaced(tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(b"something else")
    assert (await fetch(answer(FILE), tmp_path)).read_bytes() == FILE


async def test_a_swapped_file_is_thrown_away(tmp_path: Path) -> None:
    evil = b"E" * len(FILE)
    assert await failure_of(answer(evil), tmp_path) == "update-download-differs"


@pytest.mark.parametrize("body", [FILE[:-1], FILE + b"!"])
async def test_a_file_of_another_size_is_not_even_read(body: bytes, tmp_path: Path) -> None:
    assert await failure_of(answer(body), tmp_path) == "update-download-differs"


async def test_a_file_cut_short_leaves_nothing(tmp_path: Path) -> None:
    cut = f"HTTP/1.1 200 OK\r\nContent-Length: {len(FILE)}\r\n\r\n".encode() + FILE[:999]
    assert await failure_of(lambda _request: cut, tmp_path) == "update-download-failed"


async def test_a_file_is_not_fetched_in_the_open(tmp_path: Path) -> None:
    away = answer(b"", "Location: http://127.0.0.1/file", status="302 Found")
    assert await failure_of(away, tmp_path) == "update-download-failed"


async def test_a_file_that_was_changed_since_is_not_offered(tmp_path: Path) -> None:
    path = await fetch(answer(FILE), tmp_path)
    assert updates.is_sound(path, WANTED)
    path.write_bytes(b"E" * len(FILE))
    assert not updates.is_sound(path, WANTED)
    path.unlink()
    assert not updates.is_sound(path, WANTED)


async def test_a_link_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / f"{WANTED.name}.part").symlink_to(precious)
    await fetch(answer(FILE), folder)
    assert precious.read_bytes() == b"mine"


# How this copy came here


@pytest.mark.parametrize(
    ("executable", "environment", "form"),
    [
        ("/home/me/desktop-inbox/desktop-inbox", {}, "tar"),
        ("/opt/desktop-inbox/desktop-inbox", {}, "rpm"),
        ("/usr/lib/desktop-inbox/desktop-inbox", {}, "rpm"),
        ("/tmp/.mount_x/desktop-inbox", {"APPIMAGE": "/home/me/a.AppImage"}, "appimage"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the forms of Linux")
def test_the_form_of_a_frozen_copy_is_known(
    monkeypatch: pytest.MonkeyPatch, executable: str, environment: dict[str, str], form: str
) -> None:
    assert updates.form() == ""  # a checkout
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(updates, "_DEBIAN_LIST", Path("/nowhere"))
    assert updates.form(environment) == form
