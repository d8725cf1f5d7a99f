"""The whole way, in the window and over a real session bus: told, clicked, answered, taken back."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.ui import letters
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.notifications.shower import OPEN
from tests.support import builders
from tests.support.builders import Mail
from tests.support.notification_server import Server, session_bus
from tests.support.qt_waits import until

if sys.platform != "linux":
    pytest.skip("D-Bus is for freedesktop.org desktops", allow_module_level=True)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")

DENIZ = Address(name="Deniz Koç", address="deniz@posta.example")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


@pytest_asyncio.fixture
async def server(session: str) -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def desk(server: Server, window: MainWindow, context: AppContext) -> AsyncIterator[Server]:
    """The server, beside the window with its six old conversations."""
    yield server
    assert context.notifier is not None
    await context.notifier.stop()
    assert server.open == []


async def arrive(context: AppContext, text: str = "Bu kupa tekrar gelecek mi?") -> int:
    """Have Deniz write, and return the conversation."""

    def store(tx: Tx) -> int:
        now = datetime.now(UTC)
        key = builders.conversation(tx, subject="Mavi kupa", who=DENIZ, at=now)
        mail = Mail(text=text, who=DENIZ, at=now, seen=False, subject="Mavi kupa")
        builders.message(tx, key, mail, account_id=1)
        return key

    return await context.write(store)


async def test_a_click_lands_on_the_conversation(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    key = await arrive(context)
    await until(lambda: desk.shown)
    (shown,) = desk.shown
    assert (shown.title, shown.body) == ("Deniz Koç", "Mavi kupa\nBu kupa tekrar gelecek mi?")
    window.hide()
    await desk.invoke(shown.number, OPEN, token="shell-1")
    await until(lambda: window.thread_view.conversation_id == key)
    assert window.isVisible()
    await until(lambda: desk.open == [])


async def test_reply_puts_the_caret_into_the_answer(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    key = await arrive(context)
    await until(lambda: desk.shown)
    await desk.invoke(desk.shown[0].number, "reply")
    await until(lambda: window.thread_view.conversation_id == key)
    await until(lambda: window.thread_view.composer.has_focus)
    assert [one.address for one in window.thread_view.composer.to.addresses()] == [DENIZ.address]


async def test_close_closes_without_the_window(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    key = await arrive(context)
    await until(lambda: desk.shown)
    window.hide()
    await desk.invoke(desk.shown[0].number, "close")
    read = context.workspace.db.read
    closed = ListQuery(view="closed")
    await until(lambda: key in read(lambda conn: conversations.ids(conn, closed)).result(10))
    assert not window.isVisible()


async def test_a_click_that_is_told_before_the_notifications_number_counts(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    desk.clicks = "close"
    key = await arrive(context)
    read = context.workspace.db.read
    closed = ListQuery(view="closed")
    await until(lambda: key in read(lambda conn: conversations.ids(conn, closed)).result(10))
    desk.clicks = ""


async def test_what_is_read_in_the_window_is_taken_back(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    key = await arrive(context)
    await until(lambda: desk.shown)
    context.commands.mark_read([key])
    await until(lambda: desk.open == [])


async def test_the_badge_counts_what_the_inbox_has_unread(
    desk: Server, window: MainWindow, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    monkeypatch.setattr(window.tray, "show_count", counted.append)
    before = int(window.windowTitle().strip("(").partition(")")[0])
    await arrive(context)
    await until(lambda: window.windowTitle() == f"({before + 1}) Desktop Inbox")
    assert counted[-1] == before + 1


async def test_a_mailto_link_fills_the_composer_in(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    await letters.write(context, "mailto:deniz@posta.example?subject=Kupa&body=Merhaba%0A")
    composer = window.thread_view.composer
    await until(lambda: composer.mode == "new")
    await until(lambda: composer.to.addresses())
    assert [one.address for one in composer.to.addresses()] == [DENIZ.address]
    assert composer.subject.text() == "Kupa"
    assert composer.editor.toPlainText() == "Merhaba\n"


async def test_quit_ends_a_window_that_is_hidden_in_the_tray(
    window: MainWindow, context: AppContext
) -> None:
    ended: list[bool] = []
    window.closed.connect(lambda: ended.append(True))
    context.settings.close_explained = context.settings.close_to_tray = True
    window.hide()
    *_others, leave = window.tray.menu.actions()
    assert leave.text() == "Quit"
    leave.trigger()
    assert ended == [True]


async def test_nothing_is_held_up_where_no_server_answers(
    desk: Server, window: MainWindow, context: AppContext
) -> None:
    desk.silent = True
    await arrive(context)
    first = window.list.model.ids[0]
    window.list.table.choose(first, by_person=True)
    await until(lambda: window.thread_view.conversation_id == first)
    assert desk.shown == []
    desk.silent = False
