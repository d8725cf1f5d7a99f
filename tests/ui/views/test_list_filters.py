"""Which rows the list shows: filtered, searched, sorted; and its words where there is none."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conversations import Priority
from desktop_inbox.services import conversations as services
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.qt_waits import until
from tests.ui.views.list_desk import INBOX, row, shown
from tests.ui.views.list_desk import pane as pane


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


async def test_what_is_unread_is_chosen_in_the_whole_view_loaded_or_not(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=400, messages_each=1))
    pane = shown(qtbot, context)
    await until(lambda: pane.model.whole and pane.model.rowCount() == 400)
    pane.select_where(unread=True)
    await until(lambda: len(pane.table.selected_ids()) == 134)  # every third
    pane.select_where(unread=False)
    await until(lambda: len(pane.table.selected_ids()) == 266)
