"""A long conversation: only what is seen is built at once, and nothing is missing for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.offers import Offer
from desktop_inbox.ui.views.thread_view import ThreadView
from desktop_inbox.ui.views.timeline_entries import DayEntry, EventEntry
from desktop_inbox.ui.views.timeline_rows import Row, anchor, neighbours, stack
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until

COUNT = 120


@pytest_asyncio.fixture
async def view(qtbot: QtBot, context: AppContext) -> AsyncIterator[ThreadView]:
    def fill(tx: Tx) -> int:
        account = builders.account(tx)
        key = builders.conversation(tx, subject="Long", at=utc_now())
        for number in range(COUNT):
            at = utc_now() - timedelta(minutes=COUNT - number)
            text = f"Message {number} speaks of bowls. " * 12
            builders.message(tx, key, Mail(text=text, at=at), account_id=account)
        return key

    key = await context.write(fill)
    view = ThreadView(context)
    qtbot.addWidget(view)
    view.resize(620, 760)
    view.show()
    shown: list[object] = []
    view.shown.connect(shown.append)
    view.show_conversation(key)
    await until(lambda: shown)
    yield view
    view.close_desk()


def in_order(view: ThreadView) -> list[int]:
    """The messages as a screen reader meets them."""
    inside = view.timeline.widget()
    assert inside is not None
    content = QAccessible.queryAccessibleInterface(inside)
    assert content is not None
    met = [content.child(at).object() for at in range(content.childCount())]
    return [one.message.id for one in met if isinstance(one, MessageBubble)]


async def all_near_are_built(view: ThreadView) -> None:
    """Until nothing more is built ahead."""
    await until(lambda: not view.timeline._ahead.isActive())


async def opened_again(view: ThreadView, on_shown: Callable[[], object]) -> None:
    """Open the conversation anew, and look at it in the moment in which it is there."""
    key = view.conversation_id
    view.show_conversation(None)
    done: list[object] = []
    view.shown.connect(lambda _key: done.append(on_shown()))
    view.show_conversation(key)
    await until(lambda: done)


async def test_what_is_near_is_built_later_and_moves_nothing(view: ThreadView) -> None:
    timeline, bar = view.timeline, view.timeline.verticalScrollBar()
    at_first: list[tuple[int, int]] = []

    def stands() -> int:
        last = timeline.bubbles()[-1]
        return last.mapTo(timeline.viewport(), last.rect().topLeft()).y()

    await opened_again(view, lambda: at_first.append((timeline.built(), stands())))
    await all_near_are_built(view)
    ((built, stood),) = at_first
    assert built < timeline.built() < COUNT
    assert bar.value() == bar.maximum()
    assert stands() == stood


async def test_a_screen_reader_meets_messages_in_their_order_whichever_was_built_first(
    view: ThreadView,
) -> None:
    timeline, ids = view.timeline, view.timeline.message_ids()
    timeline.reveal(ids[0])
    timeline.reveal(ids[60])
    await all_near_are_built(view)
    met = in_order(view)
    assert {ids[0], ids[60], ids[-1]} <= set(met)
    assert met == sorted(met)
    for bubble in timeline.bubbles():
        number = ids.index(bubble.message.id)
        assert f"Message {number} speaks" in bubble.accessibleName()


async def test_a_jump_to_what_was_never_built_shows_it_and_takes_the_focus(
    view: ThreadView,
) -> None:
    timeline = view.timeline
    wanted = timeline.message_ids()[7]
    assert timeline.bubble(wanted) is None
    timeline.reveal(wanted)
    bubble = timeline.bubble(wanted)
    assert bubble is not None
    assert bubble.body is not None
    assert timeline.current == wanted
    top = bubble.mapTo(timeline.viewport(), bubble.rect().topLeft()).y()
    assert 0 <= top <= timeline.viewport().height() // 4
    await all_near_are_built(view)
    assert bubble.mapTo(timeline.viewport(), bubble.rect().topLeft()).y() == top
    await until(bubble.hasFocus)


async def test_words_are_found_in_messages_that_were_never_built(view: ThreadView) -> None:
    view.finder.open_bar()
    view.finder.field.setText("Message 3 speaks")
    view.finder.look()
    assert view.finder.count.text() == "12 of 12"
    bubble = view.timeline.bubble(view.timeline.message_ids()[3])
    assert bubble is not None
    assert bubble.body is not None
    assert len(bubble.body.extraSelections()) == 12


async def test_keys_walk_from_what_is_built_to_what_is_not(view: ThreadView) -> None:
    ids = view.timeline.message_ids()
    for _press in range(20):
        view.timeline.step(-1)
    assert view.timeline.current == ids[-21]
    bubble = view.timeline.bubble(ids[-21])
    assert bubble is not None
    assert bubble.expanded


async def test_what_is_opened_is_painted_before_anything_else_has_its_turn(
    view: ThreadView,
) -> None:
    paints = Paints(view.timeline.viewport())
    await opened_again(view, paints.begin)
    await until(lambda: paints.before_next_turn is not None)
    assert paints.before_next_turn


class Paints(QObject):
    """Counts how often a widget is painted before the loop turns again."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._count = 0
        self.before_next_turn: int | None = None
        watched.installEventFilter(self)

    def begin(self) -> None:
        self._count = 0
        QApplication.postEvent(self, QEvent(QEvent.Type.User))  # these come before every timer

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self._count += event.type() == QEvent.Type.Paint
        return False

    def customEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        self.before_next_turn = self._count


# The rows alone

DAY = DayEntry(day=datetime(2026, 11, 22, tzinfo=UTC).date())


def some(count: int, *, height: int = 40) -> list[Row]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    entries = [EventEntry(uid=str(n), at=at, offer=Offer(text="x")) for n in range(count)]
    return [Row(entry, height=height) for entry in entries]


def test_few_rows_lie_at_the_end_of_the_room() -> None:
    rows = some(2)
    assert stack(rows, room=500) == 500
    assert rows[-1].bottom == 500 - 12
    assert rows[0].bottom < rows[1].top


def test_many_rows_take_what_they_need() -> None:
    rows = some(50)
    assert stack(rows, room=500) == rows[-1].bottom + 12 > 500
    assert rows[0].top == 12


def test_what_begins_in_view_is_the_anchor_else_what_fills_it(qtbot: QtBot) -> None:
    rows = some(3, height=300)
    stack(rows, room=100)
    assert anchor(rows, 0, 400) is None, "nothing is built yet"
    for row in rows:
        row.widget = QWidget()
        qtbot.addWidget(row.widget)
    begins = anchor(rows, 100, 400)
    assert begins is not None
    assert (begins.row, begins.below) == (rows[1], rows[1].top - 100)
    fills = anchor(rows, 50, 150)
    assert fills is not None
    assert (fills.row, fills.below) == (rows[0], rows[0].top - 50)


def test_neighbours_are_the_nearest_that_are_built(qtbot: QtBot) -> None:
    rows = some(5)
    for place in (0, 4):
        rows[place].widget = QWidget()
        qtbot.addWidget(rows[place].widget)
    assert neighbours(rows, rows[2]) == (rows[0].widget, rows[4].widget)
    assert neighbours(rows, rows[0]) == (None, rows[4].widget)
