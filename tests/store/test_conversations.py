"""Lists, their pages, and the columns that conversations derive from messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text, update

from desktop_inbox.domain.conversations import Status, waiting_since
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import accounts, conversations, drafts, messages, outbox, tags
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.lists import SORT_KEYS, VIEWS, ListQuery, ViewCounts
from desktop_inbox.store.schema import conversation, conversation_tag, tag
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail

HOUR = timedelta(hours=1)


def _row(store: Store, key: int) -> ConversationRow:
    found = store.read(lambda conn: conversations.row(conn, key))
    assert found is not None
    return found


def _talk(store: Store, *mails: Mail) -> ConversationRow:
    def write(tx: Tx) -> int:
        key = builders.conversation(tx)
        for mail in mails:
            builders.message(tx, key, mail)
        return key

    return _row(store, store.write(write))


# Derived from messages


def test_a_conversation_shows_its_latest_message(store: Store) -> None:
    row = _talk(
        store,
        Mail(text="Late by mail", at=NOON + HOUR),
        Mail(text="First", at=NOON),
        Mail(text="An answer", at=NOON + 2 * HOUR, direction=Direction.OUT),
    )
    assert (row.snippet, row.last_at) == ("An answer", NOON + 2 * HOUR)
    assert row.last_direction is Direction.OUT
    assert row.message_count == 3


def test_a_note_moves_nothing_in_the_list(store: Store) -> None:
    row = _talk(store, Mail(at=NOON), Mail(at=NOON + HOUR, direction=Direction.NOTE, text="psst"))
    assert row.last_at == NOON
    assert row.snippet != "psst"


def test_a_customer_waits_since_their_first_unanswered_message(store: Store) -> None:
    row = _talk(
        store,
        Mail(at=NOON),
        Mail(at=NOON + HOUR, direction=Direction.OUT),
        Mail(at=NOON + 2 * HOUR),
        Mail(at=NOON + 3 * HOUR),
    )
    assert row.waiting_since == NOON + 2 * HOUR


def test_an_answer_that_is_still_queued_keeps_the_customer_waiting(store: Store) -> None:
    answer = Mail(at=NOON + HOUR, direction=Direction.OUT, delivery=Delivery.QUEUED)
    assert _talk(store, Mail(at=NOON), answer).waiting_since == NOON


def test_an_older_message_that_comes_late_is_seen_to_have_been_answered(store: Store) -> None:
    answered = Mail(at=NOON + HOUR, direction=Direction.OUT)
    assert _talk(store, answered, Mail(at=NOON)).waiting_since is None


@pytest.mark.parametrize(
    "kind", [MessageClass.AUTO_REPLY, MessageClass.BOUNCE_PERMANENT, MessageClass.OWN_LOOP]
)
def test_nobody_waits_behind_automatic_mail(store: Store, kind: MessageClass) -> None:
    assert _talk(store, Mail(kind=kind)).waiting_since is None


def test_unread_messages_and_files_are_counted(store: Store) -> None:
    row = _talk(store, Mail(seen=False), Mail(seen=False, attachments=("a.pdf",)), Mail())
    assert (row.unread, row.has_attachment) == (2, True)


def test_a_failed_message_marks_its_conversation(store: Store) -> None:
    assert _talk(store, Mail(direction=Direction.OUT, delivery=Delivery.FAILED)).failed
    assert not _talk(store, Mail(direction=Direction.OUT, delivery=Delivery.SENT)).failed


_LOGS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(Direction),
        st.sampled_from(MessageClass),
        st.sampled_from([None, *Delivery]),
    ),
    max_size=12,
)
_HANDED_OVER = {None, Delivery.SENT, Delivery.DELIVERED, Delivery.READ}


@given(log=_LOGS)
@example(
    log=[
        (0, Direction.IN, MessageClass.HUMAN, None),
        (1, Direction.NOTE, MessageClass.SPOKEN, None),
    ]
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_waiting_is_what_the_rule_says_for_any_log(
    store: Store, log: list[tuple[int, Direction, MessageClass, Delivery | None]]
) -> None:
    """Rule A2: the set-based statement and the domain's function agree."""
    mails = [
        Mail(
            at=NOON + timedelta(minutes=minute),
            direction=direction,
            kind=kind,
            delivery=delivery if direction is Direction.OUT else None,
        )
        for minute, direction, kind, delivery in log
    ]
    row = _talk(store, *mails)
    timeline = store.read(lambda conn: messages.of_conversation(conn, row.id))
    expected = waiting_since(
        (one.at, one.direction, one.kind)
        for one in timeline
        if one.direction is not Direction.OUT or one.delivery in _HANDED_OVER
    )
    assert row.waiting_since == expected
    public = [one.at for one in timeline if one.direction in (Direction.IN, Direction.OUT)]
    assert row.last_at == max(public, default=NOON)
    assert row.message_count == len(log)


# Lists


def _close(tx: Tx, key: int, status: Status) -> None:
    tx.conn.execute(
        update(conversation).where(conversation.c.id == key).values(status=status.value)
    )


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    """One conversation of each kind."""

    def fill(tx: Tx) -> dict[str, int]:
        account_id = builders.account(tx)
        names = ["open", "mine", "due", "snoozed", "closed", "spam", "drafted", "queued"]
        found = {}
        for number, name in enumerate(names):
            key = builders.conversation(tx, subject=name)
            mail = Mail(at=NOON + number * HOUR, seen=name != "open")
            message_id = builders.message(tx, key, mail, account_id=account_id)
            found[name] = key
            if name in set(Status):
                _close(tx, key, Status(name))
            if name == "drafted":
                drafts.save(tx, drafts.NewDraft(conversation_id=key, body="Dear\n  Mina"))
            if name == "queued":
                outbox.add(tx, message_id, account_id=account_id, not_before=NOON, draft={})
        values: dict[str, dict[str, object]] = {
            "mine": {"assignee_id": 1},
            "due": {"next_due_at": NOON, "warn_at": NOON - HOUR},
        }
        for name, value in values.items():
            tx.conn.execute(
                update(conversation).where(conversation.c.id == found[name]).values(**value)
            )
        return found

    return store.write(fill)


def _names(store: Store, desk: dict[str, int], query: ListQuery) -> list[str]:
    by_id = {key: name for name, key in desk.items()}
    return [by_id[key] for key in store.read(lambda conn: conversations.ids(conn, query))]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("inbox", ["queued", "drafted", "due", "mine", "open"]),
        ("mine", ["mine"]),
        ("unassigned", ["queued", "drafted", "due", "open"]),
        ("due", ["due"]),
        ("snoozed", ["snoozed"]),
        ("drafts", ["drafted"]),
        ("outbox", ["queued"]),
        ("closed", ["closed"]),
        ("spam", ["spam"]),
        ("all", ["queued", "drafted", "closed", "snoozed", "due", "mine", "open"]),
    ],
)
def test_each_view_shows_what_it_is_for_newest_first(
    store: Store, desk: dict[str, int], view: str, expected: list[str]
) -> None:
    assert _names(store, desk, ListQuery(view=view)) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-61, []),
        (-60, ["due"]),  # most of its time is over (rule B11)
        (0, ["due"]),
        (10_000, ["due"]),
    ],
)
def test_what_is_due_soon_is_late_or_was_warned_of(
    store: Store, desk: dict[str, int], minutes: int, expected: list[str]
) -> None:
    now = NOON + timedelta(minutes=minutes)
    by_id = {key: name for name, key in desk.items()}
    found = store.read(lambda conn: conversations.ids(conn, ListQuery(view="due"), now=now))
    assert [by_id[key] for key in found] == expected
    assert store.read(lambda conn: conversations.counts(conn, now=now)).due == len(expected)


def test_to_snooze_who_waits_does_not_hide_that_they_are_due(
    store: Store, desk: dict[str, int]
) -> None:
    """Rule B6."""
    store.write(lambda tx: _close(tx, desk["due"], Status.SNOOZED))
    assert _names(store, desk, ListQuery(view="due")) == ["due"]
    store.write(lambda tx: _close(tx, desk["due"], Status.CLOSED))
    assert _names(store, desk, ListQuery(view="due")) == []


@pytest.fixture
def ranked(store: Store, desk: dict[str, int]) -> dict[str, int]:
    """The desk, with some who wait, some due, and some that are urgent."""
    values: dict[str, dict[str, object]] = {
        "open": {"waiting_since": NOON, "priority": "urgent"},
        "mine": {"waiting_since": NOON - HOUR, "next_due_at": NOON + HOUR, "priority": "high"},
        "due": {"priority": "low"},
        "drafted": {"priority": "urgent"},
    }

    def write(tx: Tx) -> None:
        tx.conn.execute(update(conversation).values(waiting_since=None))
        for name, value in values.items():
            one = update(conversation).where(conversation.c.id == desk[name])
            tx.conn.execute(one.values(**value))

    store.write(write)
    return desk


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["queued", "drafted", "due", "mine", "open"]),
        ("waiting", ["mine", "open", "queued", "drafted", "due"]),
        ("due", ["due", "mine", "queued", "drafted", "open"]),  # none runs: last (rule B13)
        ("priority", ["drafted", "open", "mine", "queued", "due"]),
        ("", ["queued", "drafted", "due", "mine", "open"]),
    ],
)
def test_a_list_is_sorted_as_it_was_chosen(
    store: Store, ranked: dict[str, int], sort: str, expected: list[str]
) -> None:
    assert _names(store, ranked, ListQuery(sort=sort)) == expected


def test_counts_agree_with_the_lists(store: Store, desk: dict[str, int]) -> None:
    counted = store.read(conversations.counts)
    assert counted == ViewCounts(
        **{view: len(_names(store, desk, ListQuery(view=view))) for view in VIEWS if view != "all"},
        unread=len(_names(store, desk, ListQuery(unread=True))),
    )


def test_filters_narrow_a_view(store: Store, desk: dict[str, int]) -> None:
    assert _names(store, desk, ListQuery(unread=True)) == ["open"]
    assert _names(store, desk, ListQuery(account_id=1, unassigned=True)) == _names(
        store, desk, ListQuery(view="unassigned")
    )
    assert _names(store, desk, ListQuery(account_id=2)) == []
    assert _names(store, desk, ListQuery(view="all", unassigned=True, unread=True)) == ["open"]


def test_a_tag_filters_in_the_order_of_the_list(store: Store, desk: dict[str, int]) -> None:
    def write(tx: Tx) -> None:
        tx.conn.execute(tag.insert().values(uid="t", name="VIP", hue=10))
        for name in ("open", "closed", "due"):
            tx.conn.execute(
                conversation_tag.insert().values(
                    tag_id=1, conversation_id=desk[name], last_at=NOON - HOUR
                )
            )
        conversations.refresh(tx, desk.values())

    store.write(write)
    assert _names(store, desk, ListQuery(view="all", tag_id=1)) == ["closed", "due", "open"]
    assert _names(store, desk, ListQuery(tag_id=1)) == ["due", "open"]
    (row,) = store.read(tags.counted)
    assert (row.name, row.open_count) == ("VIP", 2)


def test_an_unknown_view_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no such view"):
        store.read(lambda conn: conversations.ids(conn, ListQuery(view="mein")))


def test_a_row_shows_the_draft_in_one_line(store: Store, desk: dict[str, int]) -> None:
    assert _row(store, desk["drafted"]).draft_snippet == "Dear Mina"


def test_a_row_names_a_customer_without_a_name_by_their_address(store: Store) -> None:
    nameless = Address(address="Who@orders.example")
    key = store.write(lambda tx: builders.conversation(tx, who=nameless))
    assert _row(store, key).customer_name == "Who@orders.example"


def test_a_customer_s_conversations_are_listed_newest_first(
    store: Store, desk: dict[str, int]
) -> None:
    customer_id = _row(store, desk["open"]).customer_id
    assert customer_id is not None
    found = store.read(lambda conn: conversations.of_customer(conn, customer_id))
    assert [row.id for row in found] == sorted(desk.values(), reverse=True)


def test_searching_in_a_list_keeps_its_order(store: Store, desk: dict[str, int]) -> None:
    del desk
    found = store.read(
        lambda conn: conversations.ids(conn, ListQuery(view="all", text="crack -mine"))
    )
    everything = store.read(lambda conn: conversations.ids(conn, ListQuery(view="all")))
    assert list(found) == list(everything)


def test_snoozes_that_are_due_are_found_and_the_next_is_known(store: Store) -> None:
    def write(tx: Tx) -> list[str]:
        for hours in (3, 1, 2):
            key = builders.conversation(tx, status=Status.SNOOZED)
            tx.conn.execute(
                update(conversation)
                .where(conversation.c.id == key)
                .values(snoozed_until=NOON + hours * HOUR)
            )
        return [row.uid for row in conversations.rows(tx.conn, [1, 2, 3]).values()]

    uids = store.write(write)
    due = store.read(lambda conn: conversations.due_snoozes(conn, NOON + 2 * HOUR))
    assert due == [uids[1], uids[2]]
    assert store.read(conversations.next_snooze) == NOON + HOUR


# Pages


@given(
    times=st.lists(st.integers(0, 5), max_size=25),
    limit=st.integers(1, 7),
    view=st.sampled_from(["inbox", "all", "due"]),
    sort=st.sampled_from(["", *SORT_KEYS]),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_put_together_are_the_whole_list(
    store: Store, times: list[int], limit: int, view: str, sort: str
) -> None:
    def fill(tx: Tx) -> None:
        tx.conn.execute(text("DELETE FROM conversation"))
        for number, hour in enumerate(times):
            at = NOON + hour * HOUR
            key = builders.conversation(tx, at=at, who=None)
            if number % 2:
                tx.conn.execute(
                    update(conversation)
                    .where(conversation.c.id == key)
                    .values(
                        next_due_at=at,
                        waiting_since=at,
                        priority="high" if number % 3 else "urgent",
                    )
                )

    store.write(fill)
    query = ListQuery(view=view, sort=sort)
    walked: list[int] = []
    after: str | None = None
    while True:
        rows, after = store.read(
            lambda conn, after=after: conversations.page(conn, query, limit=limit, after=after)  # type: ignore[misc]
        )
        walked += [row.id for row in rows]
        if after is None:
            break
        assert len(rows) == limit
    assert walked == list(store.read(lambda conn: conversations.ids(conn, query)))


def test_a_page_key_stays_right_while_newer_mail_comes(store: Store) -> None:
    made = store.write(lambda tx: builders.fill(tx, conversation_count=6, messages_each=1))
    query = ListQuery()
    first, key = store.read(lambda conn: conversations.page(conn, query, limit=3))
    store.write(lambda tx: builders.message(tx, made[0], Mail(at=NOON + 50 * HOUR)))
    second, end = store.read(lambda conn: conversations.page(conn, query, limit=3, after=key))
    assert [row.id for row in first + second] == [made[n] for n in (5, 4, 3, 2, 1)]
    assert end is None


def test_something_that_is_no_key_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        store.read(lambda conn: conversations.page(conn, ListQuery(), limit=3, after="x"))


# Removing an account


def _tables(conn: Connection) -> dict[str, int]:
    names = ("message", "message_body", "attachment", "thread", "conversation", "draft")
    return {name: conn.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}


def test_removing_an_account_takes_its_messages_and_what_is_left_empty(
    store: Store, desk: dict[str, int]
) -> None:
    other = store.write(lambda tx: builders.account(tx, address="other@claykiln.example"))
    kept = store.write(lambda tx: builders.conversation(tx, subject="kept"))
    store.write(lambda tx: builders.message(tx, kept, Mail(), account_id=other))
    store.write(lambda tx: accounts.remove(tx, 1, keep_messages=False))
    assert [row.id for row in store.read(accounts.list_all)] == [other]
    assert list(store.read(lambda conn: conversations.ids(conn, ListQuery(view="all")))) == [kept]
    assert store.read(_tables)["message"] == 1
    assert store.read(lambda c: c.execute(text("PRAGMA foreign_key_check")).all()) == []
    del desk


def test_removing_an_account_can_keep_its_messages(store: Store, desk: dict[str, int]) -> None:
    before = store.read(_tables)
    store.write(lambda tx: accounts.remove(tx, 1, keep_messages=True))
    assert store.read(accounts.list_all) == []
    assert store.read(_tables) == before
    assert store.read(outbox.list_all) == []
    del desk


def test_the_clock_of_a_transaction_is_its_own(tmp_path: Path) -> None:
    def now() -> datetime:
        return NOON

    db = Database.open(tmp_path / "workspace.db", now=now)
    assert db.write(lambda tx: tx.now).result(10) == NOON
    db.close()
