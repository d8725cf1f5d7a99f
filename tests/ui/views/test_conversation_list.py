"""The list: what a row says, what keys and mouse do, and that nothing jumps under the hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QHoverEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import conversations as services
from desktop_inbox.store import accounts
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models import conversations as rows_model
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.views.channel_marks import mark
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.row_words import chips_of
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.builders import NOON, Mail
from tests.support.qt_waits import until

INBOX = ViewChoice(view="inbox", title="Inbox")


@pytest_asyncio.fixture
async def pane(qtbot: QtBot, context: AppContext) -> AsyncIterator[ConversationList]:
    """The list pane on twenty conversations, shown, its rows loaded."""
    await context.write(lambda tx: builders.fill(tx, conversation_count=20))
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
    await until(lambda: pane.model.rowCount() == 20)
    yield pane


def row(pane: ConversationList, number: int) -> ConversationRow:
    found = pane.model.index(number, 0).data(RowRole)
    assert isinstance(found, ConversationRow)
    return found


def press(pane: ConversationList, key: Qt.Key) -> None:
    QTest.keyClick(pane.table, key)


def click(
    pane: ConversationList, at: QPoint, *, modifier: Qt.KeyboardModifier | None = None
) -> None:
    QTest.mouseClick(
        pane.table.viewport(),
        Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        at,
    )


def middle(pane: ConversationList, number: int) -> QPoint:
    return pane.table.visualRect(pane.model.index(number, 0)).center()


async def test_newest_first_and_the_first_is_shown_though_nobody_chose_it(
    pane: ConversationList,
) -> None:
    assert row(pane, 0).subject.endswith("19")
    assert pane.table.shown == pane.model.ids[0]


@pytest_asyncio.fixture
async def empty(qtbot: QtBot, context: AppContext) -> ConversationList:
    """The list pane as a first sync finds it."""
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
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
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
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


async def test_filters_and_search_narrow_the_list_and_say_when_nothing_is_left(
    pane: ConversationList,
) -> None:
    unread = sum(row(pane, number).unread > 0 for number in range(20))
    QTest.mouseClick(pane.filters.unread, Qt.MouseButton.LeftButton)
    await until(lambda: pane.model.rowCount() == unread)
    pane.search.field.setText("subject:rechnung")
    await until(lambda: pane.model.rowCount() and "Rechnung" in row(pane, 0).subject)
    pane.search.field.setText("no such words anywhere")
    await until(lambda: pane.empty_words == "No match")
    pane.search.clear()
    pane._clear_filter()
    await until(lambda: pane.model.rowCount() == 20 and not pane.empty_words)


async def test_search_takes_what_an_input_method_composes(pane: ConversationList) -> None:
    pane.search.start()
    event = QInputMethodEvent()
    event.setCommitString("kargo ığdır")
    QApplication.sendEvent(pane.search.field, event)
    await until(lambda: pane.model.rowCount() and pane.model.rowCount() < 20)
    assert "Kargo" in " ".join(row(pane, number).subject for number in range(pane.model.rowCount()))


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("mine", "Nothing is assigned to you"),
        ("snoozed", "Nothing is snoozed"),
        ("drafts", "No drafts"),
        ("outbox", "Nothing waits to be sent"),
        ("closed", "Nothing is closed yet"),
        ("spam", "No spam"),
    ],
)
async def test_every_empty_view_has_words_of_its_own(
    pane: ConversationList, view: str, words: str
) -> None:
    pane.show_view(ViewChoice(view=view, title=view))
    await until(lambda: pane.empty_words == words)


async def test_the_model_keeps_qts_rules_while_conversations_change(
    pane: ConversationList, context: AppContext, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(pane.model, force_py=False)  # type: ignore[no-untyped-call]
    ids = list(pane.model.ids)
    await context.write(lambda tx: services.close(tx, ids[2:5]))
    await until(lambda: pane.model.rowCount() == 17)
    await context.write(lambda tx: services.reopen(tx, ids[3]))
    await until(lambda: pane.model.rowCount() == 18)


async def test_a_row_reads_as_one_useful_sentence(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[1]
    await context.write(lambda tx: services.tag(tx, key, "refund"))
    await until(lambda: row(pane, 1).tags)
    spoken = pane.model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Unread, Customer 4, Kargo nerede? 18, 3 messages, ")
    assert "refund" in spoken


async def test_the_sentence_of_a_row_names_priority_and_state(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[0]
    await context.write(lambda tx: services.set_priority(tx, key, Priority.URGENT))
    await context.write(lambda tx: services.close(tx, key))
    found = (await context.read(lambda conn: rows_model._rows(conn, [key])))[key]
    spoken = rows_model.sentence(found, now=utc_now())
    assert "Urgent, Closed" in spoken


async def test_a_button_under_the_pointer_says_what_it_does_and_by_which_key(
    pane: ConversationList, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    # An offscreen screen has no place for a real tooltip.
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _view: told.append(text))
    rect = pane.table.visualRect(pane.model.index(2, 0))
    for button in pane.table._delegate.buttons(rect):
        at = button.center()
        asking = QHelpEvent(QEvent.Type.ToolTip, at, pane.table.viewport().mapToGlobal(at))
        QApplication.sendEvent(pane.table.viewport(), asking)
    assert ["Close" in told[0], "Snooze" in told[1]] == [True, True]
    assert "(E)" in told[0]


async def test_foreign_words_in_a_tooltip_are_not_html(
    pane: ConversationList, context: AppContext
) -> None:
    tip = pane.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "2026" in tip


async def test_drafts_that_begin_a_conversation_stand_in_the_drafts_view(
    pane: ConversationList, context: AppContext
) -> None:
    from desktop_inbox.services import drafts

    draft_id = await context.write(
        lambda tx: drafts.save(
            tx,
            drafts.DraftContent(
                mode="new", subject="Spring fair", body="Dear all", to=(builders.MINA,)
            ),
        )
    )
    pane.show_view(ViewChoice(view="drafts", title="Drafts"))
    await until(lambda: pane.model.rowCount() == 1)
    assert pane.model.ids[0] == -draft_id
    assert (row(pane, 0).customer_name, row(pane, 0).draft_snippet) == ("Mina Okafor", "Dear all")


async def test_a_draft_that_begins_a_chat_stands_there_with_its_service(
    pane: ConversationList, context: AppContext
) -> None:
    from desktop_inbox.services import drafts

    def save(tx: Tx) -> None:
        account = accounts.create(tx, kind="twilio", title="T", address="+1555", settings={})
        number = Address(address="+905321112233")
        opens = {"opens": f"whatsapp:+1555|whatsapp:{number.address}"}
        content = drafts.DraftContent(mode="new", account_id=account, to=(number,), form=opens)
        drafts.save(tx, content)

    await context.write(save)
    pane.show_view(ViewChoice(view="drafts", title="Drafts"))
    await until(lambda: pane.model.rowCount() == 1)
    shown = row(pane, 0)
    assert (shown.customer_name, shown.subject) == ("+905321112233", "WhatsApp")
    assert mark(shown.channel, shown.chat) == "whatsapp"


async def test_chips_say_what_holds_a_conversation_up(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[0]
    now = utc_now()
    await context.write(lambda tx: services.assign_to_me(tx, key))
    await context.write(
        lambda tx: services.snooze(tx, key, until=now + timedelta(days=2), until_reply=False)
    )
    found = (await context.read(lambda conn: rows_model._rows(conn, [key])))[key]
    assert found.status is Status.SNOOZED
    assert chips_of(found, now=now)[0].text.startswith("Snoozed till ")


# Orders


async def test_a_list_is_sorted_by_the_menu_and_stays_so(
    pane: ConversationList, context: AppContext
) -> None:
    key = pane.model.ids[7]
    await context.write(lambda tx: services.set_priority(tx, key, Priority.URGENT))
    pane.sort_button.chosen.emit("priority")
    await until(lambda: pane.model.ids[0] == key)
    assert "Priority" in pane.sort_button.toolTip()
    pane.show_view(ViewChoice(view="closed", title="Closed"))
    assert pane.query.sort == "newest"  # each view has its own
    pane.show_view(INBOX)
    await until(lambda: pane.model.rowCount() == 20 and pane.model.ids[0] == key)
    assert context.settings.list_sorts == {"inbox": "priority"}
    pane.sort_button.chosen.emit("newest")
    assert context.settings.list_sorts == {}


async def test_what_is_searched_has_the_order_of_the_search(pane: ConversationList) -> None:
    pane.sort_button.chosen.emit("waiting")
    pane.search.field.setText("rechnung")
    await until(lambda: not pane.sort_button.isVisible())
    assert pane.query.sort == ""


async def test_due_soon_is_sorted_by_what_is_due_unless_somebody_wants_otherwise(
    pane: ConversationList,
) -> None:
    pane.show_view(ViewChoice(view="due", title="Due soon"))
    assert pane.query.sort == "due"
    pane.sort_button.chosen.emit("newest")
    assert pane.query.sort == "newest"


@pytest.mark.parametrize(
    ("minutes", "tone", "words"),
    [
        (-5, "bad", "Overdue 5 min"),
        (40, "warn", "Reply in 40 min"),
        (161, "ok", "Reply in 2 h 41 m"),
        (460, "plain", "Reply in 7 h"),
        (60 * 30, "plain", "Reply in 1 d"),
    ],
)
async def test_a_deadline_is_the_louder_the_nearer_it_is(
    pane: ConversationList, minutes: int, tone: str, words: str
) -> None:
    now = utc_now()
    due = now + timedelta(minutes=minutes)
    timed = replace(
        row(pane, 0),
        next_due_at=due,
        warn_at=due - timedelta(hours=1),
        due_clock="next_response",
        due_state="running",
    )
    chip = chips_of(timed, now=now)[0]
    assert (chip.tone, chip.text) == (tone, words)


# What is under the pointer


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
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
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


# Choosing many


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


async def test_what_is_unread_is_chosen_in_the_whole_view_loaded_or_not(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=400, messages_each=1))
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
    await until(lambda: pane.model.whole and pane.model.rowCount() == 400)
    pane.select_where(unread=True)
    await until(lambda: len(pane.table.selected_ids()) == 134)  # every third
    pane.select_where(unread=False)
    await until(lambda: len(pane.table.selected_ids()) == 266)


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
