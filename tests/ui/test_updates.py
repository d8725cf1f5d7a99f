"""A newer version is said in the bar, never in the way, and its file is looked over."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

import desktop_inbox
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.releases import Download, Known, Manifest, ManifestRefused, Refusal
from desktop_inbox.services import updates
from desktop_inbox.services.updates import News, Source
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.news import NewsCard
from desktop_inbox.ui.dialogs.settings_updates import UpdatesPage
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.updates import Updates
from tests.support.qt_waits import until

FILE = b"the installer"
WANTED = Download(
    platform="linux-x86_64",
    form="deb",
    name="desktop-inbox_9.0.0_amd64.deb",
    url="https://updates.shop.com/a.deb",
    size=len(FILE),
    sha256=hashlib.sha256(FILE).hexdigest(),
)


def news(version: str = "9.0.0", wanted: Download | None = WANTED) -> News:
    now = datetime.now(UTC)
    manifest = Manifest(
        serial=7,
        version=version,
        released=now,
        expires=now + timedelta(days=9),
        page="https://updates.shop.com/9",
        notes={"en": ("It is **twice** as fast.",)},
        downloads=(WANTED,),
        next_keys=frozenset(),
        withdrawn_keys=frozenset(),
    )
    newer = manifest.is_newer_than(desktop_inbox.__version__)
    return News(manifest=manifest, newer=newer, download=wanted)


class Maker:
    """Answers in place of the network, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: News | Exception = news()

    async def look(
        self, _where: Source, _known: Known, *, now: datetime, kept: Path | None
    ) -> tuple[News, Known]:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, Known(serial=7, digest="d")


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    maker = Maker()
    monkeypatch.setattr(updates, "source", lambda: Source(address="https://a.example", keys=("k",)))
    monkeypatch.setattr(updates, "look", maker.look)
    return maker


@pytest_asyncio.fixture
async def found(window: MainWindow, maker: Maker) -> AsyncIterator[Updates]:
    """The window, once a newer version was found because somebody asked."""
    window._context.actions["updates"].trigger()
    await until(lambda: window.help_desk.updates.news is not None)
    yield window.help_desk.updates


def card(window: MainWindow) -> NewsCard:
    found = window.findChild(NewsCard)
    assert isinstance(found, NewsCard)
    return found


async def test_a_newer_version_is_said_in_the_bar(window: MainWindow, found: Updates) -> None:
    banner = window.message_bar.current
    assert banner is not None
    assert banner.text == "Version 9.0.0 of Desktop Inbox is out."
    assert banner.tone == "accent"
    assert banner.action is not None
    banner.action()
    assert "It is twice as fast." in card(window).text.toPlainText()
    assert "In this version" in card(window).text.toPlainText()


async def test_it_is_looked_for_by_itself_once_a_day(window: MainWindow, maker: Maker) -> None:
    own = window.help_desk.updates
    own._look_if_due()
    await until(lambda: own.news is not None)
    own._look_if_due()
    assert maker.asked == 1
    settings = window._context.settings
    yesterday = datetime.now(UTC) - timedelta(days=1)
    settings.updates = {**settings.updates, "looked_at": yesterday.isoformat()}
    own._look_if_due()
    await until(lambda: maker.asked == 2)


async def test_what_an_earlier_start_found_is_said_again_without_asking(
    window: MainWindow, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = window._context.settings
    settings.path = tmp_path / "settings.json"
    settings.updates = {"looked_at": datetime.now(UTC).isoformat()}
    asked: list[Path] = []

    def last(_where: Source, _known: Known, kept: Path, *, now: datetime) -> News:
        asked.append(kept)
        return news()

    monkeypatch.setattr(updates, "last", last)
    window.help_desk.updates._look_if_due()
    await until(lambda: window.message_bar.current is not None)
    assert maker.asked == 0
    assert asked == [tmp_path / "updates.json"]


async def test_whoever_does_not_want_it_is_not_told(window: MainWindow, maker: Maker) -> None:
    window._context.settings.look_for_updates = False
    window.help_desk.updates._look_if_due()
    assert maker.asked == 0


async def test_a_version_that_was_skipped_is_not_told_again(
    window: MainWindow, found: Updates, maker: Maker
) -> None:
    banner = window.message_bar.current
    assert banner is not None
    assert banner.other is not None
    banner.other()
    window._context.banner_cleared.emit("update")
    found._take(news(), asked=False)
    assert window.message_bar.current is None
    found._take(news("9.0.1"), asked=False)
    assert window.message_bar.current is not None


async def test_that_there_is_nothing_newer_is_said_to_whoever_asks(
    window: MainWindow, maker: Maker
) -> None:
    maker.answer = news(desktop_inbox.__version__)
    window._context.actions["updates"].trigger()
    await until(lambda: window.toast.notice is not None)
    notice = window.toast.notice
    assert notice is not None
    assert notice.text == "This is the newest version."
    assert window.message_bar.current is None


@pytest.mark.parametrize(
    "failure", [ManifestRefused(Refusal.ALTERED), UserError("update-unreachable", detail="no")]
)
async def test_a_failure_is_said_only_to_whoever_asked(
    window: MainWindow, maker: Maker, failure: Exception
) -> None:
    maker.answer = failure
    own = window.help_desk.updates
    own._look_if_due()
    await until(lambda: maker.asked == 1 and not own._looking)
    assert window.message_bar.current is None
    own.look()
    await until(lambda: window.message_bar.current is not None)
    assert updates.looked_at(window._context.settings) is None  # nothing was learned


async def test_without_an_address_it_says_so(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "source", lambda: None)
    window.help_desk.updates._look_if_due()
    assert window.message_bar.current is None
    window._context.actions["updates"].trigger()
    await until(lambda: window.message_bar.current is not None)
    banner = window.message_bar.current
    assert banner is not None
    assert banner.text.startswith("This copy does not know where new versions are announced.")


async def test_a_file_is_fetched_when_somebody_wants_it_and_shown_when_it_is_sound(
    window: MainWindow, found: Updates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(wanted: Download, folder: Path, *, report: object) -> Path:
        assert callable(report)
        report(wanted.size)
        (folder / wanted.name).write_bytes(FILE)
        return folder / wanted.name

    opened: list[str] = []
    monkeypatch.setattr(updates, "fetch", fetch)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    window.help_desk.open_news()
    assert card(window).fetch.isVisible()
    assert not card(window).show_file.isVisible()
    found.fetch(tmp_path)
    assert not card(window).fetch.isEnabled()
    await until(lambda: found.file is not None)
    assert found.fetched == len(FILE)
    assert card(window).show_file.isVisible()
    assert "Downloaded and verified." in card(window)._note.text()
    card(window).show_file.click()
    await until(lambda: opened == [QUrl.fromLocalFile(str(tmp_path)).toString()])
    (tmp_path / WANTED.name).write_bytes(b"another file!")
    card(window).show_file.click()
    await until(lambda: found.file is None)  # it was exchanged meanwhile
    assert len(opened) == 1


async def test_a_download_that_fails_says_why_and_can_be_tried_again(
    window: MainWindow, found: Updates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_args: object, **_options: object) -> Path:
        raise UserError("update-download-differs")

    monkeypatch.setattr(updates, "fetch", fail)
    window.help_desk.open_news()
    found.fetch(tmp_path)
    await until(lambda: not found.fetching)
    await until(
        lambda: (
            window.message_bar.current is not None
            and window.message_bar.current.key == "update-download-differs"
        )
    )
    assert card(window).fetch.isEnabled()


async def test_where_there_is_no_file_for_this_computer_it_says_so(
    window: MainWindow, found: Updates
) -> None:
    found._take(news(wanted=None), asked=True)
    window.help_desk.open_news()
    assert not card(window).fetch.isVisible()
    assert card(window).page.isVisible()
    assert card(window)._note.text().startswith("There is no file for this computer")


async def test_the_settings_say_what_is_known(
    window: MainWindow, context: AppContext, maker: Maker
) -> None:
    window.cards.open_settings("updates")
    page = window.findChild(UpdatesPage)
    assert isinstance(page, UpdatesPage)
    assert desktop_inbox.__version__ in " ".join(
        str(child.property("text")) for child in page.children()
    )
    assert page._known() == "Nobody has looked yet."
    assert {one.text() for one in page.findChildren(QPushButton)} == {"Look now", "What is new"}
    page.look.click()
    await until(lambda: maker.asked == 1)
    await until(lambda: updates.looked_at(context.settings) is not None)
