"""mailto: links open the composer, filled in (RFC 6068)."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_inbox import __main__, app
from desktop_inbox.cli.arguments import parse
from desktop_inbox.paths import Places
from desktop_inbox.store import drafts
from desktop_inbox.ui import letters
from desktop_inbox.ui.context import AppContext, Banner
from tests.support import builders

LINK = "mailto:mina@orders.example?cc=a@b.example&subject=Kâse&body=one%0Atwo"


class Asked:
    def __init__(self, context: AppContext) -> None:
        self.drafts: list[int] = []
        self.banners: list[Banner] = []
        context.draft_requested.connect(self.drafts.append)
        context.banner.connect(self.banners.append)


@pytest.fixture
def asked(context: AppContext) -> Asked:
    return Asked(context)


async def test_a_link_becomes_a_draft_that_the_composer_opens(
    context: AppContext, asked: Asked
) -> None:
    await context.write(builders.account)
    await letters.write(context, LINK)
    (row,) = await context.read(drafts.list_all)
    assert asked.drafts == [row.id]
    assert [one.address for one in row.to] == ["mina@orders.example"]
    assert [one.address for one in row.cc] == ["a@b.example"]
    assert (row.mode, row.subject, row.body, row.caret) == ("new", "Kâse", "one\ntwo", 7)
    assert asked.banners == []


async def test_two_links_are_two_drafts(context: AppContext, asked: Asked) -> None:
    await context.write(builders.account)
    await letters.write(context, LINK)
    await letters.write(context, "mailto:b@b.example")
    assert len(await context.read(drafts.list_all)) == 2


async def test_a_file_that_a_link_asks_for_is_not_taken_and_that_is_said(
    context: AppContext, asked: Asked
) -> None:
    await context.write(builders.account)
    await letters.write(context, "mailto:a@b.example?attach=/etc/passwd")
    (row,) = await context.read(drafts.list_all)
    assert row.attachments == ()
    assert "attach" in asked.banners[0].text


async def test_without_a_channel_the_link_waits_among_the_drafts(
    context: AppContext, asked: Asked
) -> None:
    await letters.write(context, LINK)
    assert asked.drafts == []
    assert "no channel to write from" in asked.banners[0].text
    assert len(await context.read(drafts.list_all)) == 1


# The command line


@pytest.mark.parametrize(
    "given",
    [
        [LINK],
        ["MAILTO:a@b.example"],
        ["mailto:"],
        ["--data-dir", "/somewhere", LINK],
        ["--data-dir=/somewhere", LINK],
        ["mailto", LINK],
    ],
)
def test_a_link_stands_where_a_command_may(given: list[str]) -> None:
    options = parse(given)
    assert (options.command, options.module) == ("mailto", None)
    assert options.mailto == given[-1]


@pytest.mark.parametrize(
    "given", [["outbox", "list"], ["--data-dir", "mailto:x", "outbox", "list"]]
)
def test_other_commands_are_what_they_were(given: list[str]) -> None:
    assert parse(given).command == "outbox"


def test_the_window_is_opened_with_the_link(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[tuple[Path, str]] = []

    def window(where: Places, *, mailto: str) -> int:
        opened.append((where.data, mailto))
        return 0

    monkeypatch.setattr(app, "has_display", lambda: True)
    monkeypatch.setattr(app, "window", window)
    assert __main__.main(["--data-dir", str(tmp_path), LINK]) == 0
    assert opened == [(tmp_path, LINK)]
