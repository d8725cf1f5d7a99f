"""Which clock of a conversation is kept for the list, and when it is computed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import event, update

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.policies import ClockKind, Conditions, Target
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import conversations as acts
from desktop_inbox.store import conversations, service_levels
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.schema import account
from desktop_inbox.store.zone import own_zone
from tests.store.conftest import Store
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.builders import NOON, Mail

OPEN = datetime(2026, 9, 23, 7, 0, tzinfo=UTC)  # a Wednesday, nine o'clock in Berlin


@pytest.fixture
def account_id(store: Store) -> int:
    """An account that was set up at nine, in a workspace in Berlin with its first promises."""

    def set_up(tx: Tx) -> int:
        key = builders.account(tx)
        tx.conn.execute(update(account).values(clocks_from=OPEN))
        promises.zone(tx, "Europe/Berlin")
        return key

    return store.write(set_up)


def begin(store: Store, account_id: int, *mails: Mail) -> int:
    """Store a conversation of these mails, all in one transaction."""

    def write(tx: Tx) -> int:
        key = builders.conversation(tx)
        for mail in mails:
            builders.message(tx, key, mail, account_id=account_id)
        return key

    return store.write(write)


def row(store: Store, key: int) -> ConversationRow:
    found = store.read(lambda conn: conversations.row(conn, key))
    assert found is not None
    return found


def answer(at: datetime) -> Mail:
    return Mail(direction=Direction.OUT, at=at, delivery=Delivery.SENT)


def test_a_customers_message_sets_the_clock_and_an_answer_stops_it(
    store: Store, account_id: int
) -> None:
    key = begin(store, account_id, Mail(at=OPEN + timedelta(hours=1)))
    found = row(store, key)
    assert (found.due_clock, found.due_state) == ("first_response", "running")
    assert found.next_due_at == OPEN + timedelta(days=1, hours=1)
    assert found.warn_at == OPEN + timedelta(hours=7, minutes=24)
    store.write(
        lambda tx: builders.message(
            tx, key, answer(OPEN + timedelta(hours=2)), account_id=account_id
        )
    )
    found = row(store, key)
    assert (found.due_clock, found.due_state, found.next_due_at) == (None, None, None)


def test_mail_from_before_the_account_was_set_up_is_quiet(store: Store, account_id: int) -> None:
    key = begin(store, account_id, Mail(at=OPEN - timedelta(seconds=1)))
    assert row(store, key).due_clock is None


def test_an_account_is_as_old_as_its_uid_where_nothing_else_is_said(store: Store) -> None:
    account_id = store.write(builders.account)
    early = begin(store, account_id, Mail(at=datetime.now(UTC) - timedelta(hours=1)))
    late = begin(store, account_id, Mail(at=datetime.now(UTC) + timedelta(seconds=1)))
    assert row(store, early).due_clock is None
    assert row(store, late).due_clock == "first_response"


def test_newsletters_and_automatic_answers_start_no_clock(store: Store, account_id: int) -> None:
    for kind in (MessageClass.BULK, MessageClass.AUTO_REPLY, MessageClass.BOUNCE_PERMANENT):
        key = begin(store, account_id, Mail(at=NOON, kind=kind))
        assert row(store, key).due_clock is None


def test_an_answer_that_has_not_left_stops_nothing(store: Store, account_id: int) -> None:
    queued = Mail(direction=Direction.OUT, at=NOON, delivery=Delivery.QUEUED)
    key = begin(store, account_id, Mail(at=OPEN), queued)
    assert row(store, key).due_clock == "first_response"


def test_whoever_was_spoken_to_is_answered_and_a_call_nobody_took_is_none(
    store: Store, account_id: int
) -> None:
    asked = Mail(at=OPEN)
    took = Mail(at=OPEN + timedelta(hours=1), kind=MessageClass.SPOKEN)
    lost = replace(answer(OPEN + timedelta(hours=1)), kind=MessageClass.UNREACHED)
    assert row(store, begin(store, account_id, asked, took)).due_clock is None
    assert row(store, begin(store, account_id, took)).due_clock is None
    assert row(store, begin(store, account_id, asked, lost)).due_clock == "first_response"


def test_spam_ends_the_clock_and_undoing_it_lets_it_run(store: Store, account_id: int) -> None:
    key = begin(store, account_id, Mail(at=OPEN))
    before = row(store, key).next_due_at
    store.write(lambda tx: acts.set_status(tx, key, Status.SPAM))
    assert row(store, key).due_clock is None
    store.write(acts.undo)
    after = row(store, key)
    assert after.due_state == "running"
    assert after.next_due_at is not None
    assert before is not None
    assert after.next_due_at >= before


def test_the_due_list_begins_with_what_is_due_first(store: Store, account_id: int) -> None:
    late = begin(store, account_id, Mail(at=OPEN + timedelta(hours=2)))
    first = begin(store, account_id, Mail(at=OPEN))
    begin(store, account_id, Mail(at=OPEN), answer(NOON))
    found = store.read(lambda conn: conversations.ids(conn, ListQuery(view="due")))
    assert list(found) == [first, late]
    assert store.read(conversations.counts).due == 2


def test_what_is_marked_urgent_follows_the_promise_for_it(store: Store, account_id: int) -> None:
    half = Target(length=timedelta(minutes=30))
    urgent = Conditions(priorities=frozenset({"urgent"}))
    targets = {ClockKind.FIRST_RESPONSE: half}
    store.write(
        lambda tx: promises.terms(tx, "Messaging", position="a", conditions=urgent, targets=targets)
    )
    key = begin(store, account_id, Mail(at=OPEN))
    assert row(store, key).next_due_at == OPEN + timedelta(hours=8)
    store.write(lambda tx: acts.set_priority(tx, key, Priority.URGENT))
    assert row(store, key).next_due_at == OPEN + timedelta(minutes=30)
    store.write(acts.undo)
    assert row(store, key).next_due_at == OPEN + timedelta(hours=8)


def test_the_next_moment_is_the_warning_and_then_the_deadline(
    store: Store, account_id: int
) -> None:
    key = begin(store, account_id, Mail(at=OPEN))
    found = row(store, key)
    assert found.warn_at is not None
    assert found.next_due_at is not None

    def following(after: datetime) -> datetime | None:
        return store.read(lambda conn: service_levels.next_moment(conn, after=after))

    half = following(OPEN)
    assert half == OPEN + timedelta(hours=4)
    assert following(half) == found.warn_at == OPEN + timedelta(hours=6, minutes=24)
    assert following(found.warn_at) == found.next_due_at
    assert following(found.next_due_at) is None
    due = found.next_due_at
    assert store.read(lambda conn: service_levels.reached(conn, after=OPEN, until=due)) == [key]
    assert store.read(lambda conn: service_levels.reached(conn, after=due, until=due)) == []


def test_messages_that_come_in_any_order_set_the_same_clock(store: Store, account_id: int) -> None:
    mails = [Mail(at=OPEN), answer(OPEN + timedelta(hours=1)), Mail(at=OPEN + timedelta(hours=2))]
    found = [row(store, begin(store, account_id, *order)) for order in permutations(mails)]
    assert {(one.due_clock, one.next_due_at) for one in found} == {
        ("next_response", OPEN + timedelta(days=1, hours=2))
    }


def test_a_first_sync_asks_one_question_a_batch(store: Store, account_id: int) -> None:
    asked: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    def write(tx: Tx) -> None:
        key = builders.conversation(tx)
        builders.message(tx, key, Mail(at=OPEN - timedelta(days=9)), account_id=account_id)
        event.listen(tx.conn, "before_cursor_execute", listen)
        tx.finish()
        event.remove(tx.conn, "before_cursor_execute", listen)

    store.write(write)
    assert len(asked) == 2  # accounts, and whether any conversation is new


@pytest.mark.parametrize(
    ("variable", "link", "written", "zone"),
    [
        ("Asia/Tokyo", "", "", "Asia/Tokyo"),
        (":Asia/Tokyo", "", "", "Asia/Tokyo"),
        ("nonsense", "/usr/share/zoneinfo/Europe/Berlin", "", "Europe/Berlin"),
        ("", "/etc/plain", "Europe/Istanbul\n", "Europe/Istanbul"),
    ],
)
def test_the_zone_of_this_computer_is_found_by_name(
    tmp_path: Path, variable: str, link: str, written: str, zone: str
) -> None:
    pointer, name = tmp_path / "localtime", tmp_path / "timezone"
    if link:
        pointer.symlink_to(link)
    name.write_text(written)
    assert own_zone(link=pointer, name=name, variable=variable) == zone
