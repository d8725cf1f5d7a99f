"""The window as a person uses it: keys, panes, what stays after a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import drafts, replies
from desktop_inbox.store import conversations, messages
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.arrangement import NARROW, NARROWER, NARROWEST
from desktop_inbox.ui.context import AppContext, Banner, Notice
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.main_window import MainWindow
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.ui.conftest import Open


async def stored(context: AppContext, key: int) -> ConversationRow:
    return (await context.read(lambda conn: conversations.rows(conn, [key])))[key]


def press(window: MainWindow, key: Qt.Key, text: str = "", *, shift: bool = False) -> None:
    target = QApplication.focusWidget() or window
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(target, key, modifier)


def shown(window: MainWindow) -> list[str]:
    panes: dict[str, QWidget] = {
        "navigation": window.navigation,
        "list": window.list,
        "thread": window.thread_view,
        "sidebar": window.sidebar,
    }
    return [name for name, pane in panes.items() if pane.isVisible()]


async def test_e_closes_turns_to_the_next_and_undo_takes_it_back(
    window: MainWindow, context: AppContext
) -> None:
    first, second = window.list.model.ids[:2]
    press(window, Qt.Key.Key_E)
    await until(lambda: window.list.model.rowCount() == 5)
    await window.commands.settle()
    assert (await stored(context, first)).status is Status.CLOSED
    assert context.selected_conversation == second
    assert window.toast.notice is not None
    assert window.toast.notice.text == "Closed"
    context.actions["undo"].trigger()
    await until(lambda: window.list.model.rowCount() == 6)
    assert (await stored(context, first)).status is Status.OPEN


async def test_several_are_closed_as_one_and_come_back_as_one(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["list.select_all"].trigger()
    context.actions["conversation.close"].trigger()
    await until(lambda: window.list.empty_words == "Nothing waits for you")
    await until(lambda: window.toast.notice is not None)
    assert window.toast.notice is not None
    assert window.toast.notice.text == "6 closed"
    context.actions["undo"].trigger()
    await until(lambda: window.list.model.rowCount() == 6)


async def test_letters_typed_into_a_field_are_letters(
    window: MainWindow, context: AppContext
) -> None:
    first = window.list.model.ids[0]
    window.list.search.start()
    QTest.keyClicks(window.list.search.field, "ec#!j")
    assert window.list.search.field.text() == "ec#!j"
    await until(lambda: window.list.empty_words == "No match")
    assert (await stored(context, first)).status is Status.OPEN


async def test_j_and_k_walk_the_list_and_the_thread_follows(
    window: MainWindow, context: AppContext
) -> None:
    press(window, Qt.Key.Key_J)
    await until(lambda: context.selected_conversation == window.list.model.ids[1])
    press(window, Qt.Key.Key_K)
    await until(lambda: context.selected_conversation == window.list.model.ids[0])
    await until(lambda: window.thread_view.conversation_id == window.list.model.ids[0])


async def test_g_then_a_letter_goes_to_a_view_and_the_view_is_remembered(
    open_window: Open, window: MainWindow, context: AppContext
) -> None:
    press(window, Qt.Key.Key_G)
    press(window, Qt.Key.Key_S)
    await until(lambda: window.list.empty_words == "Nothing is snoozed")
    assert window.navigation.item("snoozed").isChecked()
    assert context.settings.last_view == "snoozed"
    again = await open_window()
    assert again.list.choice.view == "snoozed"


async def test_what_a_person_opened_is_read_after_a_while_and_what_opened_itself_is_not(
    window: MainWindow, context: AppContext
) -> None:
    context.settings.mark_read_after_ms = 0
    ids = list(window.list.model.ids)
    unread = [key for key in ids if (await stored(context, key)).unread]
    window.list.table.choose(unread[0], by_person=False)
    window.list.table.choose(unread[1], by_person=True)

    async def seen(key: int) -> bool:
        rows = await context.read(lambda conn: messages.of_conversation(conn, key))
        return all(row.seen for row in rows if row.direction is Direction.IN)

    def is_read(key: int) -> bool:
        row = window.list.model.peek(key)
        return row is not None and not row.unread

    await until(lambda: is_read(unread[1]))
    assert await seen(unread[1])
    assert not await seen(unread[0])
    assert window.toast.notice is None  # it happened by itself: nothing to announce


async def test_counts_follow_the_database(window: MainWindow, context: AppContext) -> None:
    await until(lambda: window.navigation.item("inbox").count == "6")

    def arrive(tx: Tx) -> None:
        key = builders.conversation(tx, subject="New")
        builders.message(tx, key, Mail(seen=False))

    await context.write(arrive)
    await until(lambda: window.navigation.item("inbox").count == "7")
    assert window.windowTitle() == "(3) Desktop Inbox"


@pytest.mark.parametrize(
    ("width", "reading", "panes"),
    [
        (NARROW, False, ["navigation", "list", "thread", "sidebar"]),
        (NARROW - 1, False, ["navigation", "list", "thread"]),
        (NARROWER - 1, False, ["navigation", "list"]),
        (NARROWER - 1, True, ["navigation", "thread"]),
        (NARROWEST - 1, False, ["list"]),
        (NARROWEST - 1, True, ["thread"]),
    ],
)
async def test_panes_fold_away_as_the_window_narrows(
    window: MainWindow,
    width: int,
    reading: bool,
    panes: list[str],
) -> None:
    window.resize(width, 640)
    await until(lambda: window.width() == width)
    if reading:
        press(window, Qt.Key.Key_Return)
    assert shown(window) == panes


async def test_a_pane_folded_by_key_stays_folded_after_a_restart(
    open_window: Open, window: MainWindow, context: AppContext
) -> None:
    context.actions["fold.sidebar"].trigger()
    assert "sidebar" not in shown(window)
    window.panes.inner.setSizes([400, 800, 0])
    window.close()
    again = await open_window()
    assert "sidebar" not in shown(again)
    assert abs(again.list.width() - 400) <= 2
    context.actions["fold.sidebar"].trigger()


async def test_f6_walks_through_the_panes_and_back(window: MainWindow, context: AppContext) -> None:
    def pane() -> str:
        focus = QApplication.focusWidget()
        for name in shown(window):
            widget = {
                "navigation": window.navigation,
                "list": window.list,
                "thread": window.thread_view,
                "sidebar": window.sidebar,
            }[name]
            if focus is widget or (focus is not None and widget.isAncestorOf(focus)):
                return name
        return ""

    window.activateWindow()
    await until(window.isActiveWindow)  # only an active window moves its focus
    window.list.table.choose(window.list.model.ids[0], by_person=True)
    await until(window.thread_view.timeline.isVisible)
    window.list.focus_list()
    visited = []
    for _step in range(4):
        context.actions["pane.next"].trigger()
        visited.append(pane())
    assert visited == ["thread", "sidebar", "navigation", "list"]
    context.actions["pane.previous"].trigger()
    assert pane() == "navigation"


async def test_the_palette_lists_only_what_can_be_done_and_finds_conversations(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["palette"].trigger()
    palette = window.palette_overlay
    assert "Undo" not in palette.texts()
    assert "Close" in palette.texts()
    subject = (await stored(context, window.list.model.ids[3])).subject
    palette.field.setText(subject)
    await until(lambda: subject in palette.texts())
    QTest.keyClick(palette.field, Qt.Key.Key_Up)  # from the first to the last
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    await until(lambda: context.selected_conversation == window.list.model.ids[3])


async def test_help_names_every_key(window: MainWindow, context: AppContext) -> None:
    from PySide6.QtWidgets import QLabel

    from desktop_inbox.ui.action_table import TABLE
    from desktop_inbox.ui.actions import key_text

    context.actions["help"].trigger()
    words = {label.text() for label in window.shortcuts.findChildren(QLabel)}
    for spec in TABLE:
        for keys in spec.keys:
            assert key_text(keys) in words
    QTest.keyClick(window.shortcuts, Qt.Key.Key_Escape)
    assert not window.shortcuts.isVisible()


async def test_a_refused_sign_in_is_said_once_with_the_way_out(
    window: MainWindow, context: AppContext
) -> None:
    account = window.accounts.rows[0]
    refused = AccountStatus(
        account_id=account.id,
        state=State.NEEDS_SIGN_IN,
        cause="sign_in",
        detail="[AUTHENTICATIONFAILED] Invalid credentials",
    )
    for _time in range(3):
        context.bridge.publish_status(refused)
        await until(lambda: window.message_bar.current is not None)
    banner = window.message_bar.current
    assert isinstance(banner, Banner)
    assert banner.text == "Shop: The sign-in was refused. Check user name and password."
    assert banner.detail == "[AUTHENTICATIONFAILED] Invalid credentials"
    assert banner.action_text == "Sign in again"
    assert banner.action is not None
    banner.action()
    assert isinstance(window.pages.setup, AccountSetup)
    assert window.pages.setup.address.text() == account.address
    context.bridge.publish_status(AccountStatus(account_id=account.id, state=State.ONLINE))
    await until(lambda: window.message_bar.current is None)


async def test_without_an_account_the_window_welcomes(
    open_window: Open, context: AppContext
) -> None:
    window = await open_window()
    asked: list[bool] = []
    window.sample_requested.connect(lambda: asked.append(True))
    assert window.pages.welcome is not None
    assert window.pages.welcome.isVisible()
    assert shown(window) == []
    QTest.mouseClick(window.pages.welcome.sample, Qt.MouseButton.LeftButton)
    assert asked == [True]
    QTest.mouseClick(window.pages.welcome.add, Qt.MouseButton.LeftButton)
    assert window.pages.setup is not None
    await context.write(lambda tx: builders.fill(tx, conversation_count=1))
    window.pages.setup.finished.emit()
    await until(lambda: "list" in shown(window))


async def test_the_status_line_tells_progress_and_trouble(
    window: MainWindow, context: AppContext
) -> None:
    bar = window.status_bar
    account = window.accounts.rows[0]
    catching = AccountStatus(
        account_id=account.id, state=State.CATCHING_UP, done=12_400, total=139_000
    )
    context.bridge.publish_status(catching)
    await until(lambda: "12,400 of 139,000" in bar._synced.text())
    waiting = AccountStatus(account_id=account.id, state=State.WAITING, cause="network")
    context.bridge.publish_status(waiting)
    await until(lambda: bar._connection.text().startswith("Offline: The server cannot be reached"))
    assert bar._retry.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
async def test_quitting_asks_while_something_waits_to_be_sent(
    window: MainWindow, context: AppContext
) -> None:
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    key = window.list.model.ids[0]

    def queue(tx: Tx) -> None:
        draft = drafts.DraftContent(
            conversation_id=key, mode="reply", body="On its way.", to=(builders.MINA,)
        )
        replies.queue_reply(tx, context.workspace.files, draft=draft, hold=timedelta(seconds=60))

    await context.write(queue)
    await until(lambda: window.status_bar.waiting == 1)
    assert "1 sending, undo" in window.status_bar._sending.text()
    context.actions["quit"].trigger()
    await until(lambda: window.quit_question.box is not None)
    box = window.quit_question.box
    assert box is not None
    assert box.text() == "1 message has not been sent yet."
    (stay,) = [
        one for one in box.buttons() if box.buttonRole(one) is QMessageBox.ButtonRole.RejectRole
    ]
    QTest.mouseClick(stay, Qt.MouseButton.LeftButton)
    assert closed == []
    QTest.mouseClick(window.status_bar._undo, Qt.MouseButton.LeftButton)
    await until(lambda: window.status_bar.waiting == 0)
    context.actions["quit"].trigger()
    assert closed == [True]


async def test_a_long_notice_does_not_lie_over_what_is_being_written(
    window: MainWindow, context: AppContext
) -> None:
    words = "A sentence of some length. " * 2
    context.notice.emit(Notice(text=words, action_text="Show me", action=lambda: None))
    toast, composer = window.toast, window.thread_view.composer
    await until(toast.isVisible)
    assert toast.width() > window.list.width() - 20
    beside = composer.mapTo(window._ground, composer.rect().topLeft()).x()
    assert 8 <= toast.x() < toast.geometry().right() <= beside
