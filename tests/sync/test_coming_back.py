"""What comes back by itself, and what does not (rules H1, H3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.snoozing import again
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import joining, replies
from desktop_inbox.store import snoozes
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.sync import coming_back
from tests.support.engine_room import Room
from tests.support.lookups import whole_log
from tests.support.post import BO, START, Post

DAY = timedelta(days=1)
AHEAD = (utc_now() - START) // timedelta(minutes=1) + 60 * 24  # minutes: tomorrow


class Shop:
    """A question that came in long ago, and whatever comes after."""

    def __init__(self, room: Room) -> None:
        self.post = Post(room)
        self.room = room
        self.post.bring(self.post.mail("a@x", subject="Blue mug?"))
        self.key = self.row().id

    def row(self) -> ConversationRow:
        (row,) = (row for row in self.room.conversations() if row.subject.endswith("Blue mug?"))
        return row

    def answer(self) -> None:
        self.post.bring(
            self.post.mail("b@x", reply_to="a@x", minute=AHEAD, subject="Re: Blue mug?")
        )

    def kinds(self) -> list[str]:
        return [one.kind for one in self.room.read(whole_log)]

    def due(self, at: datetime) -> list[str]:
        return self.room.read(lambda conn: snoozes.due_follow_ups(conn, at))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    room = Room.open(tmp_path / "data")
    yield Shop(room)
    room.workspace.close()


def test_a_snooze_that_stays_is_not_ended_by_a_reply_h1(shop: Shop) -> None:
    until = utc_now() + 3 * DAY
    shop.room.write(lambda tx: actions.snooze(tx, shop.key, until=until, stays=True))
    shop.answer()
    assert shop.row().status is Status.SNOOZED
    assert shop.row().unread == 2
    shop.room.write(lambda tx: actions.snooze(tx, shop.key, until=until))
    assert not shop.row().snooze_stays


def test_any_other_snooze_ends_with_the_reply(shop: Shop) -> None:
    shop.room.write(
        lambda tx: actions.snooze(tx, shop.key, until=utc_now() + 3 * DAY, until_reply=True)
    )
    shop.answer()
    assert shop.row().status is Status.OPEN
    assert shop.row().woke_at is None  # there is a message to show why


def test_what_wakes_is_on_top_of_the_list_and_says_why(shop: Shop) -> None:
    shop.post.bring(shop.post.mail("n@x", sender=BO, minute=30, subject="Newer"))
    assert shop.room.conversations()[0].subject == "Newer"
    shop.room.write(lambda tx: actions.snooze(tx, shop.key, until=utc_now() + DAY))
    shop.room.write(lambda tx: coming_back.wake(tx, [shop.row().uid]))
    woken = shop.room.conversations("inbox")[0]
    assert (woken.id, woken.woke_why) == (shop.key, "snooze")
    shop.room.write(lambda tx: actions.close(tx, shop.key))  # somebody has acted
    assert shop.row().woke_at is None
    assert shop.room.conversations()[0].subject == "Newer"


def test_a_reminder_brings_back_what_nobody_answered_h3(shop: Shop) -> None:
    at = utc_now() + DAY
    shop.room.write(lambda tx: actions.follow_up(tx, shop.key, at))
    shop.room.write(lambda tx: actions.close(tx, shop.key))
    assert shop.due(at - timedelta(seconds=1)) == []
    assert shop.due(at) == [shop.row().uid]
    shop.room.write(lambda tx: coming_back.remind(tx, [shop.row().uid]))
    assert shop.row().status is Status.CLOSED  # it is not time yet
    _let_time_pass(shop, at)
    assert (shop.row().status, shop.row().woke_why) == (Status.OPEN, "follow_up")
    assert shop.row().follow_up_at is None
    assert shop.kinds()[-1] == coming_back.REMINDED


def _let_time_pass(shop: Shop, at: datetime) -> None:
    def remind(tx: object) -> None:
        tx.now = at  # type: ignore[attr-defined]
        coming_back.remind(tx, [shop.row().uid])  # type: ignore[arg-type]

    shop.room.write(remind)


def test_a_customers_reply_ends_the_reminder_an_automatic_one_does_not_h3(shop: Shop) -> None:
    at = utc_now() + 5 * DAY
    shop.room.write(lambda tx: actions.follow_up(tx, shop.key, at))
    shop.post.bring(
        shop.post.mail(
            "auto@x",
            reply_to="a@x",
            minute=AHEAD,
            subject="Automatic reply: Blue mug?",
            extra="Auto-Submitted: auto-replied",
        )
    )
    assert shop.row().follow_up_at == at
    shop.answer()
    assert shop.row().follow_up_at is None
    assert shop.kinds()[-1] == coming_back.ANSWERED


def test_a_reminder_goes_along_when_conversations_are_merged(shop: Shop) -> None:
    shop.post.bring(shop.post.mail("n@x", sender=BO, minute=30, subject="Other"))
    other = next(row for row in shop.room.conversations() if row.subject == "Other")
    at = utc_now() + DAY
    shop.room.write(lambda tx: actions.follow_up(tx, shop.key, at))
    shop.room.write(lambda tx: actions.star(tx, shop.key))
    shop.room.write(lambda tx: joining.merge(tx, shop.key, other.id))
    assert shop.due(at) == [other.uid]
    (kept,) = shop.room.conversations()
    assert kept.starred


def test_with_a_message_everything_is_asked_for_at_once_and_taken_back_at_once(
    shop: Shop,
) -> None:
    at = utc_now() + DAY
    then = replies.After(close=True, follow_up_at=at)
    queued = shop.room.queue(conversation_id=shop.key, then=then, hold=timedelta(seconds=10))
    assert (shop.row().status, shop.row().follow_up_at) == (Status.CLOSED, at)
    shop.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    assert (shop.row().status, shop.row().follow_up_at) == (Status.OPEN, None)


def test_snoozing_once_more_is_for_as_long_again(shop: Shop) -> None:
    until = utc_now() + 2 * DAY
    shop.room.write(lambda tx: actions.snooze(tx, shop.key, until=until, stays=True))
    shop.room.write(lambda tx: actions.reopen(tx, shop.key))
    shop.room.write(lambda tx: actions.snooze_again(tx, shop.key, zone=ZoneInfo("UTC")))
    assert (shop.row().snoozed_until, shop.row().snooze_stays) == (until, True)


@pytest.mark.parametrize(
    ("set_at", "until", "now", "wanted"),
    [
        ("01T10:00", "01T12:00", "01T15:30", "01T17:30"),  # two hours
        ("01T16:00", "02T09:00", "02T09:05", "03T09:00"),  # tomorrow at nine
        ("01T10:00", "08T09:00", "10T12:00", "17T09:00"),  # next week
        ("01T10:00", "08T09:00", "05T12:00", "08T09:00"),  # still ahead
    ],
)
def test_as_long_again_keeps_the_time_of_day(
    set_at: str, until: str, now: str, wanted: str
) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-09-{text}").replace(tzinfo=UTC)

    found = again(at(until), set_at=at(set_at), now=at(now), zone=ZoneInfo("UTC"))
    assert found == at(wanted)
