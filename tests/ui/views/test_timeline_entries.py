"""What stands in a timeline, in which order, and what is expanded at first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import EventRow, MessageRow
from desktop_inbox.ui.views.offers import Offer
from desktop_inbox.ui.views.timeline_entries import (
    DayEntry,
    EventEntry,
    MessageEntry,
    entries,
    initially_expanded,
    neighbour,
)
from tests.support.builders import NOON
from tests.ui.views.sample import message


def event(uid: str, minutes: int) -> EventRow:
    return EventRow(
        uid=uid,
        at=NOON + timedelta(minutes=minutes),
        actor_name="Ada",
        kind="conversation.status",
        changes=(),
        undone=False,
    )


def many(count: int, **changed: object) -> list[MessageRow]:
    return [
        replace(message(n, minutes=n), **changed)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    ]


def test_messages_and_events_stand_by_time_under_their_days() -> None:
    listed = entries(
        [message(1, minutes=0), message(2, minutes=3 * 24 * 60)],
        [(event("a", 5), Offer(text="Ada closed it"))],
    )
    assert [type(entry) for entry in listed] == [
        DayEntry,
        MessageEntry,
        EventEntry,
        DayEntry,
        MessageEntry,
    ]


def test_events_without_words_are_left_out() -> None:
    assert not any(
        isinstance(e, EventEntry) for e in entries([], [(event("a", 0), Offer(text=""))])
    )


def test_what_was_done_in_one_go_stands_on_one_line() -> None:
    listed = entries(
        [], [(event("a", 0), Offer(text="Tagged")), (event("b", 1), Offer(text="Closed"))]
    )
    assert [e.offer.text for e in listed if isinstance(e, EventEntry)] == ["Tagged · Closed"]
    apart = entries(
        [], [(event("a", 0), Offer(text="Tagged")), (event("b", 30), Offer(text="Closed"))]
    )
    assert len([e for e in apart if isinstance(e, EventEntry)]) == 2


def test_what_can_be_acted_on_stands_on_a_line_of_its_own() -> None:
    link = Offer(text="Branched", actions=(("open:2", "Open it"),))
    listed = entries([], [(event("a", 0), Offer(text="Tagged")), (event("b", 1), link)])
    assert [e.offer for e in listed if isinstance(e, EventEntry)] == [Offer(text="Tagged"), link]


def test_a_short_conversation_opens_whole_and_a_long_one_at_its_end() -> None:
    assert initially_expanded(many(5)) == {1, 2, 3, 4, 5}
    assert initially_expanded(many(40)) == {38, 39, 40}


def test_unread_failed_and_notes_are_expanded_wherever_they_stand() -> None:
    rows = many(40)
    rows[4] = replace(rows[4], seen=False)
    rows[6] = replace(rows[6], direction=Direction.OUT, delivery=Delivery.FAILED)
    rows[8] = replace(rows[8], direction=Direction.NOTE)
    assert initially_expanded(rows) == {5, 7, 9, 38, 39, 40}


def test_stepping_stops_at_both_ends() -> None:
    assert neighbour([1, 2, 3], 3, step=1) == 3
    assert neighbour([1, 2, 3], 2, step=-1) == 1
    assert neighbour([1, 2, 3], None, step=-1) == 3
    assert neighbour([], None, step=1) is None
