"""HTML is made safe beside the window: nothing waits for it, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from desktop_inbox.mime.readable import Readable
from desktop_inbox.services import bodies
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import message_readings
from desktop_inbox.ui.views.message_readings import Readings
from tests.ui.views.sample import message

RAW = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>Cracked <b>glaze</b></p>"


@pytest.fixture
def readings(context: AppContext) -> Iterator[Readings]:
    made = Readings(context)
    yield made
    made.close()


def mail(context: AppContext, raw: bytes = RAW, key: int = 1) -> MessageRow:
    sha256 = context.workspace.files.put(raw)
    return message(key, text="Cracked glaze", has_html=True, raw_sha256=sha256)


async def test_the_text_is_there_at_once_and_the_layout_as_soon_as_it_is_made(
    context: AppContext, readings: Readings
) -> None:
    row = mail(context)
    assert not readings.now(row).is_html
    assert readings.pending(row)
    assert "<b>glaze</b>" in (await readings.load(row)).whole
    assert readings.now(row).is_html
    assert not readings.pending(row)


async def test_opening_waits_for_a_layout_no_longer_than_anybody_notices(
    context: AppContext, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def slow(*_arguments: object, **_options: object) -> Readable:
        released.wait(5)
        return Readable(html="<p>late</p>", remote=0)

    monkeypatch.setattr(bodies, "readable", slow)
    row = mail(context)
    async with asyncio.timeout(1):
        await readings.warm([row])
    assert readings.pending(row)
    released.set()
    assert (await readings.load(row)).whole == "<p>late</p>"


async def test_a_message_is_read_once_however_many_ask(
    context: AppContext, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def count(*_arguments: object, **_options: object) -> Readable:
        asked.append(1)
        return Readable(html="<p>once</p>", remote=0)

    monkeypatch.setattr(bodies, "readable", count)
    row = mail(context)
    await asyncio.gather(readings.load(row), readings.load(row), readings.warm([row]))
    await readings.load(row)
    assert len(asked) == 1


async def test_what_was_read_long_ago_is_let_go(
    context: AppContext, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_readings, "MOST_KEPT", 60)
    rows = [mail(context, key=key) for key in (1, 2, 3)]
    for row in rows:
        await readings.load(row)
    assert [readings.pending(row) for row in rows] == [True, False, False]


async def test_a_layout_whose_file_is_gone_is_said_to_be_and_the_text_stays(
    context: AppContext, readings: Readings
) -> None:
    row = message(1, text="Cracked glaze", has_html=True, raw_sha256="0" * 64)
    found = await readings.load(row)
    assert found.lost
    assert "Cracked glaze" in found.html(quoted=False, dark=False, width=400)
