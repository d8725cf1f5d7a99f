"""The list: what keys and mouse do, and that nothing jumps under the hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QHoverEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_inbox.services import conversations as services
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.builders import NOON, Mail
from tests.support.qt_waits import until
from tests.ui.views.list_desk import INBOX, click, middle, press, row, shown
from tests.ui.views.list_desk import pane as pane


async def test_newest_first_and_the_first_is_shown_though_nobody_chose_it(
    pane: ConversationList,
) -> None:
    assert row(pane, 0).subject.endswith("19")
    assert pane.table.shown == pane.model.ids[0]


@pytest_asyncio.fixture
async def empty(qtbot: QtBot, context: AppContext) -> ConversationList:
    """The list pane as a first sync finds it."""
    pane = shown(qtbot, context)
    await until(lambda: pane.empty_words)
    return pane


async def test_a_list_that_began_empty_shows_its_first_once_no_more_mail_pours_in(
    empty: ConversationList, context: AppContext
) -> None:
    chosen: list[tuple[object, bool]] = []
    empty.conversation_selected.connect(lambda key, by_person: chosen.append((key, by_person)))
    empty._calm.setInterval(50)
    await context.write(lambda tx: builders.fill(tx, conversation_count=3))
    await until(lambda: chosen)
    assert chosen == [(empty.model.ids[0], False)]


async def test_mail_does_not_come_between_somebody_and_a_new_message(
    empty: ConversationList, context: AppContext
) -> None:
    empty._calm.setInterval(0)
    context.actions.set_state(account=True)
    context.actions.on("compose.new", lambda: None)
    context.actions["compose.new"].trigger()
    await context.write(lambda tx: builders.fill(tx, conversation_count=3))
    await until(lambda: empty.model.rowCount() == 3)
    await until(lambda: not empty._calm.isActive())
    assert empty.table.shown is None


async def test_a_press_announces_what_a_person_chose(pane: ConversationList) -> None:
    chosen: list[tuple[object, bool]] = []
    pane.conversation_selected.connect(lambda key, by_person: chosen.append((key, by_person)))
    click(pane, middle(pane, 2))
    assert chosen == [(pane.model.ids[2], True)]


async def test_while_a_key_is_held_only_the_row_it_stops_at_is_opened(
    pane: ConversationList,
) -> None:
    opened: list[object] = []
    pane.conversation_selected.connect(lambda key, _by_person: opened.append(key))
    for _press in range(15):
        pane.table.step(1)
    await until(lambda: opened and opened[-1] == pane.model.ids[15])
    assert len(opened) == 2  # the first at once, the last when the key is let go


async def test_new_mail_moves_neither_the_selected_row_nor_the_selection(
    pane: ConversationList, context: AppContext
) -> None:
    pane.table.choose(pane.model.ids[3], by_person=True)
    before = pane.table.visualRect(pane.table.currentIndex()).top()
    chosen: list[object] = []
    pane.conversation_selected.connect(lambda key, _by_person: chosen.append(key))

    def arrive(tx: Tx) -> int:
        key = builders.conversation(tx, subject="New", at=NOON + timedelta(days=1))
        builders.message(tx, key, Mail(at=NOON + timedelta(days=1), seen=False))
        return key

    key = await context.write(arrive)
    await until(lambda: pane.model.ids[0] == key)
    assert pane.table.visualRect(pane.table.currentIndex()).top() == before
    assert row(pane, 4).id == pane.table.shown
    assert chosen == []


async def test_what_is_shown_stays_shown_when_it_leaves_the_list(
    pane: ConversationList, context: AppContext
) -> None:
    shown = pane.model.ids[3]
    pane.table.choose(shown, by_person=True)
    chosen: list[object] = []
    pane.conversation_selected.connect(lambda key, _by_person: chosen.append(key))
    await context.write(lambda tx: services.close(tx, shown))  # from elsewhere
    await until(lambda: pane.model.rowCount() == 19)
    assert (pane.table.shown, chosen) == (shown, [])
    assert not pane.table.currentIndex().isValid()


async def test_marks_add_rows_to_the_selection_and_escape_lets_them_go(
    pane: ConversationList,
) -> None:
    table = pane.table
    table.choose(pane.model.ids[0], by_person=True)
    table.toggle_mark()
    table.step(1)
    table.step(1)
    table.toggle_mark()
    assert table.selected_ids() == [pane.model.ids[0], pane.model.ids[2]]
    press(pane, Qt.Key.Key_Escape)
    assert table.selected_ids() == [pane.model.ids[2]]


async def test_a_range_reaches_over_rows_that_are_not_loaded(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=400, messages_each=1))
    pane = shown(qtbot, context)
    await until(lambda: pane.model.rowCount() == 400)
    pane.table.mark_all()
    assert len(pane.table.selected_ids()) == 400


async def test_buttons_under_the_pointer_act_on_their_row_without_choosing_it(
    pane: ConversationList,
) -> None:
    asked: list[tuple[str, list[int]]] = []
    chosen: list[object] = []
    pane.action_requested.connect(lambda action, ids: asked.append((action, ids)))
    pane.conversation_selected.connect(lambda key, _by_person: chosen.append(key))
    rect = pane.table.visualRect(pane.model.index(4, 0))
    button = pane.table._delegate.buttons(rect)[0].center()
    QTest.mouseMove(pane.table.viewport(), button)
    click(pane, button)
    assert asked == [("conversation.close", [pane.model.ids[4]])]
    assert chosen == []


def hover(pane: ConversationList, kind: QEvent.Type, at: QPoint) -> None:
    place = QPointF(at)
    QApplication.sendEvent(pane.table.viewport(), QHoverEvent(kind, place, place, place))


async def test_the_row_under_the_pointer_stands_out_until_it_leaves(pane: ConversationList) -> None:
    def hovered() -> list[int]:
        rows = range(pane.model.rowCount())
        return [one for one in rows if pane.table._standing(pane.model.index(one, 0)).hovered]

    for number in (2, 3):
        hover(pane, QEvent.Type.HoverMove, middle(pane, number))
        assert hovered() == [number]
    hover(pane, QEvent.Type.HoverLeave, QPoint(-1, -1))
    assert hovered() == []


async def test_the_chosen_row_stands_out_and_where_keys_move_from(
    qtbot: QtBot, pane: ConversationList
) -> None:
    pane.activateWindow()
    pane.table.setFocus()
    await until(pane.table.isActiveWindow)
    press(pane, Qt.Key.Key_Down)
    table = pane.table
    rows = [table._standing(pane.model.index(one, 0)) for one in range(pane.model.rowCount())]
    here = table.currentIndex().row()
    assert [one for one, row in enumerate(rows) if row.selected] == [here]
    assert [one for one, row in enumerate(rows) if row.focused] == [here]


async def _arrive(context: AppContext) -> int:
    def write(tx: Tx) -> int:
        at = NOON + timedelta(days=1)
        key = builders.conversation(tx, subject="New", at=at)
        builders.message(tx, key, Mail(at=at, seen=False))
        return key

    return await context.write(write)


@pytest.mark.parametrize("rows", [3, 20], ids=["a short list", "a long list"])
async def test_new_mail_does_not_move_the_row_under_the_pointer(
    qtbot: QtBot, context: AppContext, rows: int
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=rows))
    pane = shown(qtbot, context)
    await until(lambda: pane.model.rowCount() == rows)
    table = pane.table
    pointed = pane.model.ids[1]
    at = middle(pane, 1)
    # An offscreen pointer cannot be put anywhere.
    table.row_under_pointer = lambda: table.rowAt(at.y())  # type: ignore[method-assign]
    key = await _arrive(context)
    await until(lambda: pane.model.ids[0] == key)
    assert pane.model.ids[table.rowAt(at.y())] == pointed
    table.row_under_pointer = lambda: -1  # type: ignore[method-assign]
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    assert table.verticalScrollBar().value() <= table.verticalScrollBar().maximum()
    if rows == 3:
        assert table.rowAt(5) == 0  # nothing is held any more: the new one shows


async def test_from_a_few_to_all_of_the_view_and_back(pane: ConversationList) -> None:
    table = pane.table
    table.choose(pane.model.ids[0], by_person=True)
    assert not pane.filters.select_all.isVisible()
    click(pane, middle(pane, 2), modifier=Qt.KeyboardModifier.ShiftModifier)
    assert (pane.filters.selected.text(), pane.filters.select_all.text()) == (
        "3 selected",
        "Select all 20",
    )
    assert not pane.filters.unread.isVisible()
    pane.filters.select_all.click()
    assert len(table.selected_ids()) == 20
    assert not pane.filters.select_all.isVisible()
    pane.filters.select_none.click()
    assert len(table.selected_ids()) == 1
    assert pane.filters.unread.isVisible()


async def test_once_the_marked_rows_are_gone_the_one_that_is_shown_is_chosen(
    pane: ConversationList, context: AppContext
) -> None:
    shown = pane.table.shown
    assert shown is not None
    marked = pane.model.ids[3:6]
    pane.table.mark_ids(set(marked))
    await context.write(lambda tx: services.close(tx, marked))
    await until(lambda: pane.model.rowCount() == 17)
    assert pane.table.selected_ids() == [shown]


async def test_all_is_all_although_the_first_ids_alone_were_there(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=400, messages_each=1))
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.show()
    pane.model.loaded.connect(pane.table.mark_all)
    pane.show_view(INBOX)
    await until(lambda: pane.model.whole and pane.model.rowCount() == 400)
    assert len(pane.table.selected_ids()) == 400


async def test_what_was_put_away_is_offered_to_come_back(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[0]
    await context.write(lambda tx: services.close(tx, key))
    pane.show_view(ViewChoice(view="closed", title="Closed"))
    await until(lambda: list(pane.model.ids) == [key])
    asked: list[str] = []
    pane.action_requested.connect(lambda action, _ids: asked.append(action))
    (button,) = pane.table._delegate.buttons(pane.table.visualRect(pane.model.index(0, 0)))
    click(pane, button.center())
    assert asked == ["conversation.reopen"]


async def test_the_focus_alone_chooses_nobody_and_reads_nothing(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=3))
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    chosen: list[tuple[object, bool]] = []
    pane.conversation_selected.connect(lambda key, by_person: chosen.append((key, by_person)))
    pane.show()
    pane.show_view(INBOX)
    await until(lambda: pane.model.rowCount() == 3)
    await until(lambda: pane.table.shown is not None)
    pane.table.choose(None, by_person=False)
    chosen.clear()
    QApplication.sendEvent(
        pane.table, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.OtherFocusReason)
    )
    assert chosen == []
    assert not pane.table.currentIndex().isValid()
    press(pane, Qt.Key.Key_Down)
    assert chosen == [(pane.model.ids[0], True)], "a key chooses the first"


async def test_a_click_on_what_is_shown_already_chooses_it(pane: ConversationList) -> None:
    chosen: list[tuple[object, bool]] = []
    pane.conversation_selected.connect(lambda key, by_person: chosen.append((key, by_person)))
    first, second = pane.model.ids[:2]
    click(pane, middle(pane, 0))
    assert chosen == [(first, True)], "so far it was only shown"
    click(pane, middle(pane, 1))
    assert chosen[1:] == [(second, True)]
    press(pane, Qt.Key.Key_Return)
    assert chosen[2:] == [(second, True)], "a new message may hide it"
