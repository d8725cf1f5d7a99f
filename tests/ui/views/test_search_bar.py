"""Searching by keyboard: what completes the typing, what is found beside, and what is marked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox import words
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.query import parse_query
from desktop_inbox.store import events, file_texts, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.messages import NewAttachment
from desktop_inbox.store.search_beside import Names
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.search_offers import FIELDS, offers, remembered
from desktop_inbox.ui.views.utf16 import utf16_length
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until

NAMES = Names(tags=("Refund", "İade oldu"), accounts=("Shop",), agents=("Elif Demir",))


def _inserts(text: str, caret: int | None = None) -> list[str]:
    at = len(text) if caret is None else caret
    return [one.insert for one in offers(text, at, names=NAMES, recent=["crack is:open"])]


def test_a_field_is_completed_by_its_first_letters() -> None:
    assert _inserts("st") == ["status:"]
    assert _inserts("crack -t") == ["to:", "tag:"]
    assert _inserts("crack") == []
    assert all(offer.detail for offer in offers("s", 1))


def test_a_value_is_completed_by_any_part_of_it() -> None:
    assert _inserts("status:") == [
        f"status:{v} " for v in ("open", "snoozed", "closed", "spam", "trash")
    ]
    assert _inserts("x status:sn") == ["status:snoozed "]
    assert _inserts("tag:ref") == ["tag:Refund "]
    assert _inserts("tag:IADE") == ['tag:"İade oldu" ']
    assert _inserts('tag:"iade o') == ['tag:"İade oldu" ']
    assert _inserts("assignee:") == ["assignee:me ", "assignee:none ", 'assignee:"Elif Demir" ']
    assert _inserts("status:open") == []
    assert _inserts("has:or") == []  # nothing is known of orders yet


def test_only_the_word_at_the_cursor_is_completed() -> None:
    assert _inserts("st crack", 2) == ["status:"]
    (offer,) = offers("a st b", 4, names=NAMES)
    assert (offer.start, offer.end) == (2, 4)


def test_everything_that_is_offered_is_understood() -> None:
    for field in FIELDS:
        for offer in offers(f"{field}:", len(field) + 1, names=NAMES):
            assert parse_query(offer.insert, typing=False).problems == (), offer.insert


def test_searches_of_before_are_offered_the_last_first_and_none_twice() -> None:
    assert _inserts("") == ["crack is:open"]
    assert remembered(["a", "b"], " b ") == ["b", "a"]
    assert remembered(["a"], "  ") == ["a"]
    assert len(remembered([str(n) for n in range(20)], "new")) == 8


def test_every_mistake_has_a_sentence() -> None:
    for typed in (
        "statsu:open x",
        "foo:bar",
        "note: x",
        "status:opn x",
        "before:x y",
        "order:1 x",
        'a "b',
        "(a",
        "a)",
        "OR a",
        "w " * 40,
        "status:zzzz x",
    ):
        for problem in parse_query(typed, typing=False).problems:
            said = words.search(problem.code, problem.values)
            assert said
            assert "{" not in said


@pytest_asyncio.fixture
async def pane(qtbot: QtBot, context: AppContext) -> AsyncIterator[ConversationList]:
    """The list pane on a few conversations, one with a file whose words were read."""

    def fill(tx: Tx) -> None:
        builders.fill(tx, conversation_count=6)
        who = Address(name="Mina Okafor", address="mina@orders.example")
        key = builders.message(
            tx,
            builders.conversation(tx, subject="Teller", who=who),
            Mail(text=f"{'So much was said before. ' * 20}The kiln exploded.", who=who),
        )
        attached = NewAttachment(
            uid="a", message_id=key, name="offer.pdf", safe_name="offer.pdf",
            media_type="application/pdf", size=9, state="file",
        )  # fmt: skip
        messages.insert_attachments(tx, [attached])
        (unread,) = file_texts.unread(tx.conn, limit=9)
        file_texts.put(
            tx,
            [
                file_texts.Words(
                    attachment_id=unread.id, message_id=key, name="offer.pdf",
                    outcome="text", text="A quote for porcelain",
                )
            ],
        )  # fmt: skip
        events.record(tx, "test", [FieldChange("tag", "t", "name", None, "Refund")])

    await context.write(fill)
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(ViewChoice(view="inbox", title="Inbox"))
    await until(lambda: pane.model.rowCount() == 7)
    yield pane


def _type(pane: ConversationList, text: str) -> None:
    pane.search.field.setFocus()
    QTest.keyClicks(pane.search.field, text)


def _key(pane: ConversationList, key: Qt.Key) -> None:
    QTest.keyClick(pane.search.field, key)


def _subjects(pane: ConversationList) -> list[str]:
    rows = [pane.model.index(at, 0).data(RowRole) for at in range(pane.model.rowCount())]
    return [row.subject for row in rows if row is not None]


async def test_a_field_and_its_value_are_taken_over_by_keyboard(pane: ConversationList) -> None:
    _type(pane, "stat")
    assert [one.words for one in pane.search.popup.offers] == ["status:"]
    _key(pane, Qt.Key.Key_Tab)
    assert pane.search.field.text() == "status:"
    for _step in range(3):
        _key(pane, Qt.Key.Key_Down)
    _key(pane, Qt.Key.Key_Up)
    _key(pane, Qt.Key.Key_Return)
    assert pane.search.field.text() == "status:snoozed "
    assert pane.search.popup.offers == []
    await until(lambda: pane.empty_words)


async def test_escape_closes_the_offers_first_and_then_clears_the_search(
    pane: ConversationList,
) -> None:
    _type(pane, "is")
    assert pane.search.popup.offers
    _key(pane, Qt.Key.Key_Escape)
    assert pane.search.popup.offers == []
    assert pane.search.text() == "is"
    _key(pane, Qt.Key.Key_Escape)
    assert pane.search.text() == ""
    await until(lambda: pane.model.rowCount() == 7)


async def test_what_was_searched_for_is_offered_again(pane: ConversationList) -> None:
    _type(pane, "exploded")
    _key(pane, Qt.Key.Key_Return)
    pane.search.clear()
    pane.search.start()
    assert [one.words for one in pane.search.popup.offers] == ["exploded"]
    _key(pane, Qt.Key.Key_Down)
    _key(pane, Qt.Key.Key_Return)
    assert pane.search.text() == "exploded"
    await until(lambda: _subjects(pane) == ["Teller"])


async def test_the_line_of_a_row_shows_the_hit_and_marks_it(pane: ConversationList) -> None:
    pane.search.search_for("exploded")
    await until(lambda: _subjects(pane) == ["Teller"])
    row = pane.model.index(0, 0).data(RowRole)
    assert "kiln exploded" in row.snippet
    assert [row.snippet[start:end] for start, end in row.marks] == ["exploded"]
    assert row.snippet.index("exploded") < 30  # in sight in a narrow list
    pane.search.clear()
    await until(lambda: pane.model.rowCount() == 7)
    await until(lambda: all(not one.marks for one in _rows(pane)))


def _rows(pane: ConversationList) -> list[Any]:
    return [pane.model.index(at, 0).data(RowRole) for at in range(pane.model.rowCount())]


async def test_customers_and_files_stand_above_the_conversations(pane: ConversationList) -> None:
    pane.search.search_for("okafor")
    await until(lambda: pane.found.isVisible())
    assert pane.found.lines == ["Customers", "Mina Okafor, mina@orders.example", "Conversations"]
    pane.search.search_for("porcelain")
    await until(lambda: "Files" in pane.found.lines)
    assert pane.found.lines == ["Files", "offer.pdf, A quote for porcelain", "Conversations"]
    await until(lambda: _subjects(pane) == ["Teller"])
    pane.search.clear()
    await until(lambda: not pane.found.isVisible())


async def test_a_customer_that_is_pressed_shows_all_their_conversations(
    pane: ConversationList,
) -> None:
    pane.search.search_for("okaf*")
    await until(lambda: pane.found.isVisible())
    pane.found.search_wanted.emit("email:mina@orders.example")
    await until(lambda: _subjects(pane) == ["Teller"])
    assert pane.search.text() == "email:mina@orders.example"


async def test_where_nothing_is_found_what_was_meant_is_offered(pane: ConversationList) -> None:
    pane.search.search_for("explodde")
    await until(lambda: pane.found.meant == "exploded")
    assert pane.found.lines[0] == "Did you mean “exploded”?"
    pane.found.search_wanted.emit(pane.found.meant)
    await until(lambda: _subjects(pane) == ["Teller"])


async def test_what_cannot_be_searched_for_yet_says_so(pane: ConversationList) -> None:
    pane.search.search_for("order:1001")
    await until(lambda: pane.found.isVisible())
    (said,) = pane.found.lines
    assert said.startswith("order cannot be searched for yet")
    pane.search.search_for("statsu:open")
    await until(lambda: "did you mean status:?" in "".join(pane.found.lines))


async def test_while_files_are_being_read_the_search_says_so(
    pane: ConversationList, context: AppContext
) -> None:
    await context.write(lambda tx: file_texts.forget(tx, [1]))
    pane.search.search_for("kiln")
    await until(lambda: pane.found.isVisible())
    assert pane.found.lines == ["Attachments searched so far: 0 of 1"]


async def test_spam_is_shown_when_asked_for(pane: ConversationList, context: AppContext) -> None:
    def spoil(tx: Tx) -> None:
        tx.conn.exec_driver_sql("UPDATE conversation SET status = 'spam' WHERE subject = 'Teller'")

    await context.write(spoil)
    pane.search.search_for("is:spam exploded")
    await until(lambda: _subjects(pane) == ["Teller"])
    pane.search.search_for("exploded")
    await until(lambda: pane.empty_words)


def test_marks_are_where_the_hits_are_whatever_stands_before() -> None:
    assert utf16_length("a😀b") == 4


@pytest.mark.parametrize("typed", ['tag:"', "(((", "-", "is:", '"', "🙂" * 50, "a:b:c", "x" * 5000])
async def test_anything_can_be_typed(pane: ConversationList, typed: str) -> None:
    pane.search.field.setText(typed)
    pane.search.search_for(typed)
    await until(lambda: not pane.model.loading)
