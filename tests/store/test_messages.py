"""Messages in sets: ids, what is known already, places, threads, delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from desktop_inbox.domain.messages import Address, Delivery, advance
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import (
    conversations,
    customers,
    known_messages,
    messages,
    places,
    search,
    threads,
)
from desktop_inbox.store.customers import IdentityKey, NewIdentity
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.messages import NewAttachment, NewMessage
from desktop_inbox.store.threads import NewThread
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail
from tests.support.lookups import customer_known_as

_TIMES = st.lists(
    st.floats(1e6, 3.8e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)), max_size=30
)

_ACCEPTED = (Delivery.SENT, Delivery.RETURNED, Delivery.DELIVERED, Delivery.READ)


@given(times=_TIMES)
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_ids_are_new_and_order_as_times_do(store: Store, times: list[datetime]) -> None:
    ids = store.write(lambda tx: messages.next_ids(tx, times))
    assert len(set(ids)) == len(ids)
    for at, key in zip(times, ids, strict=True):
        assert key >> 16 == int(at.timestamp())


def test_ids_of_one_second_go_on_where_the_store_ended(store: Store) -> None:
    def write(tx: Tx) -> list[int]:
        key = builders.conversation(tx)
        return [builders.message(tx, key, Mail()) for _ in range(3)]

    first = store.write(write)
    more = store.write(lambda tx: messages.next_ids(tx, [NOON, NOON]))
    assert [*first, *more] == list(range(first[0], first[0] + 5))


def test_a_time_before_1970_still_gets_an_id(store: Store) -> None:
    (key,) = store.write(lambda tx: messages.next_ids(tx, [datetime(1901, 1, 1, tzinfo=UTC)]))
    assert key > 0


@pytest.fixture
def desk(store: Store) -> tuple[int, int]:
    """An account and a conversation with one message a@x in it."""

    def fill(tx: Tx) -> tuple[int, int]:
        account_id = builders.account(tx)
        key = builders.conversation(tx)
        builders.message(tx, key, Mail(message_id="a@x"), account_id=account_id)
        return account_id, key

    return store.write(fill)


def test_what_is_here_already_is_known_by_its_external_id(
    store: Store, desk: tuple[int, int]
) -> None:
    account_id, conversation_id = desk
    found = store.read(
        lambda conn: known_messages.by_external_ids(conn, account_id, ["a@x", "b@x"])
    )
    assert list(found) == ["a@x"]
    assert found["a@x"].conversation_id == conversation_id
    other = store.write(lambda tx: builders.account(tx, address="two@claykiln.example"))
    assert not store.read(lambda conn: known_messages.by_external_ids(conn, other, ["a@x"]))


def test_one_message_of_an_account_cannot_be_stored_twice(
    store: Store, desk: tuple[int, int]
) -> None:
    """Rule C4."""
    account_id, conversation_id = desk
    with pytest.raises(Exception, match="UNIQUE"):
        store.write(
            lambda tx: builders.message(
                tx, conversation_id, Mail(message_id="a@x"), account_id=account_id
            )
        )


def test_a_place_is_known_until_it_is_forgotten(store: Store, desk: tuple[int, int]) -> None:
    account_id, conversation_id = desk
    (row,) = store.read(lambda conn: messages.of_conversation(conn, conversation_id))
    inbox, archive = Place(account_id, "INBOX", 7, 1), Place(account_id, "Archive", 9, 4)
    store.write(lambda tx: known_messages.put_places(tx, {inbox: row.id, archive: row.id}))
    found = store.read(lambda conn: known_messages.by_places(conn, [inbox, archive]))
    assert {place: known.id for place, known in found.items()} == {inbox: row.id, archive: row.id}
    store.write(lambda tx: places.forget(tx, account_id, "INBOX", uidvalidity=7, uids=[1, 2]))
    store.write(lambda tx: places.forget_folder(tx, account_id, "Archive", except_uidvalidity=10))
    assert store.read(lambda conn: known_messages.by_places(conn, [inbox, archive])) == {}
    assert store.read(lambda conn: messages.row(conn, row.id)) is not None  # rule O7


def test_a_message_known_by_its_headers_is_completed(store: Store, desk: tuple[int, int]) -> None:
    account_id, conversation_id = desk

    def headers(tx: Tx) -> NewMessage:
        (key,) = messages.next_ids(tx, [NOON])
        new = NewMessage(
            id=key,
            uid="u",
            conversation_id=conversation_id,
            account_id=account_id,
            direction=Direction.IN,
            at=NOON,
            external_id="late@x",
            subject="Late",
            seen=False,
            complete=False,
        )
        messages.insert_messages(tx, [new])
        return new

    new = store.write(headers)

    def whole(tx: Tx) -> None:
        full = NewMessage(
            id=new.id,
            uid="another",
            conversation_id=999,
            direction=Direction.OUT,
            at=NOON,
            subject="Late",
            snippet="Here at last",
            seen=True,
        )
        messages.complete_messages(tx, [full])
        messages.insert_bodies(
            tx,
            [messages.NewBody(message_id=new.id, text="Here at last\n> was", visible_text="Here")],
        )
        conversations.refresh(tx, [conversation_id])

    store.write(whole)
    row = store.read(lambda conn: messages.row(conn, new.id))
    assert row is not None
    assert (row.complete, row.snippet, row.visible_text) == (True, "Here at last", "Here")
    assert (row.uid, row.direction, row.seen) == ("u", Direction.IN, False)
    assert row.conversation_id == conversation_id
    assert row.external_id == "late@x"


def test_a_body_without_quotes_is_stored_once(store: Store, desk: tuple[int, int]) -> None:
    (row,) = store.read(lambda conn: messages.of_conversation(conn, desk[1]))
    assert row.visible_text == row.text
    stored = store.read(lambda c: c.execute(text("SELECT visible_text FROM message_body")).all())
    assert stored == [(None,)]


def test_claims_on_an_id_name_the_thread_and_who_made_them(
    store: Store, desk: tuple[int, int]
) -> None:
    account_id, conversation_id = desk

    def write(tx: Tx) -> int:
        new = NewThread(
            uid="t", conversation_id=conversation_id, account_id=account_id, external_id="root@x"
        )
        key = threads.create(tx, [new])["t"]
        assert threads.create(tx, [new]) == {"t": key}
        for _ in range(2):
            threads.add_claims(tx, [("a@x", key, "="), ("a@x", key, "m@x")])
            threads.add_participants(tx, [(key, "m@x"), (key, "")])
        return key

    key = store.write(write)
    found = store.read(lambda conn: threads.claims(conn, ["a@x", "other@x"]))
    assert sorted(found) == [("a@x", key, "="), ("a@x", key, "m@x")]
    assert store.read(lambda conn: threads.rows(conn, [key]))[key].participants == {"m@x"}


@given(reports=st.lists(st.sampled_from(Delivery), max_size=8))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_message_that_was_accepted_never_goes_back(store: Store, reports: list[Delivery]) -> None:
    def write(tx: Tx) -> int:
        mail = Mail(direction=Direction.OUT, delivery=Delivery.QUEUED)
        return builders.message(tx, builders.conversation(tx), mail)

    key = store.write(write)
    expected = Delivery.QUEUED
    accepted = False
    for report in reports:
        expected = advance(expected, report)
        state = store.write(
            lambda tx, report=report: messages.set_delivery(tx, key, report)  # type: ignore[misc]
        )
        assert state is expected
        accepted = accepted or report in _ACCEPTED
        assert accepted == (state in _ACCEPTED)
    row = store.read(lambda conn: messages.row(conn, key))
    assert row is not None
    assert row.delivery is expected


def test_a_late_report_does_not_overwrite_what_the_provider_said(store: Store) -> None:
    def write(tx: Tx) -> int:
        mail = Mail(direction=Direction.OUT, delivery=Delivery.SENDING)
        key = builders.message(tx, builders.conversation(tx), mail)
        messages.set_delivery(tx, key, Delivery.SENT, detail={"answer": "250 ok"})
        messages.set_delivery(tx, key, Delivery.FAILED, detail={"answer": "550 no"})
        return key

    key = store.write(write)
    row = store.read(lambda conn: messages.row(conn, key))
    assert row is not None
    assert (row.delivery, row.delivery_detail) == (Delivery.SENT, {"answer": "250 ok"})


def test_reports_about_nothing_are_ignored(store: Store) -> None:
    assert store.write(lambda tx: messages.set_delivery(tx, 5, Delivery.SENT)) is None


def test_a_message_taken_back_leaves_nothing(store: Store) -> None:
    def write(tx: Tx) -> int:
        key = builders.conversation(tx)
        builders.message(tx, key, Mail())
        mail = Mail(direction=Direction.OUT, text="Xylophone", attachments=("a.pdf",))
        message_id = builders.message(tx, key, mail)
        messages.remove(tx, message_id)
        conversations.refresh(tx, [key])
        return key

    key = store.write(write)
    row = store.read(lambda conn: conversations.row(conn, key))
    assert row is not None
    assert (row.message_count, row.has_attachment) == (1, False)
    assert store.read(lambda conn: search.search(conn, "xylophone")).messages == ()


def test_an_attachment_fetched_later_lies_among_our_files(
    store: Store, desk: tuple[int, int]
) -> None:
    (row,) = store.read(lambda conn: messages.of_conversation(conn, desk[1]))
    file = NewAttachment(
        uid="f",
        message_id=row.id,
        name="a.pdf",
        safe_name="a.pdf",
        media_type="application/pdf",
        size=900,
        state="server",
        section="2",
    )
    store.write(lambda tx: messages.insert_attachments(tx, [file, file]))
    (row,) = store.read(lambda conn: messages.of_conversation(conn, desk[1]))
    (shown,) = row.attachments
    store.write(lambda tx: messages.set_attachment_file(tx, shown.id, sha256="ab", size=950))
    after = store.read(lambda conn: messages.attachment_row(conn, shown.id))
    assert after is not None
    assert (after.state, after.sha256, after.size, after.section) == ("file", "ab", 950, "2")


def test_a_timeline_is_in_order_of_time(store: Store) -> None:
    def write(tx: Tx) -> int:
        key = builders.conversation(tx)
        for minutes in (5, 1, 3):
            builders.message(tx, key, Mail(at=NOON + timedelta(minutes=minutes)))
        return key

    key = store.write(write)
    shown = store.read(lambda conn: messages.of_conversation(conn, key))
    assert [row.at for row in shown] == sorted(row.at for row in shown)
    assert shown[0].author_name == "Mina Okafor"


# Customers


def test_an_address_belongs_to_the_customer_who_had_it_first(store: Store) -> None:
    """Rule E3: nothing re-points an identity silently."""

    def write(tx: Tx) -> tuple[int, int]:
        first = builders.customer(tx)
        other = builders.customer(tx, Address(name="Somebody", address="else@orders.example"))
        key = IdentityKey("email", "", "mina@orders.example")
        new = NewIdentity(uid="i", customer_id=other.customer_id, key=key, label="MINA")
        return first.customer_id, customers.add_identities(tx, [new])[key].customer_id

    first, owner = store.write(write)
    assert owner == first


def test_a_name_is_filled_in_but_never_overwritten(store: Store) -> None:
    def write(tx: Tx) -> tuple[int, int]:
        named = builders.customer(tx).customer_id
        nameless = builders.customer(tx, Address(address="x@orders.example")).customer_id
        customers.fill_names(tx, {named: "Somebody Else", nameless: "Xenia"})
        return named, nameless

    named, nameless = store.write(write)
    rows = store.read(lambda conn: customers.rows(conn, [named, nameless]))
    assert (rows[named].name, rows[nameless].name) == ("Mina Okafor", "Xenia")


def test_customers_are_listed_page_by_page(store: Store) -> None:
    store.write(lambda tx: builders.fill(tx, conversation_count=7, messages_each=1))
    first = store.read(lambda conn: customers.list_all(conn, limit=4))
    second = store.read(lambda conn: customers.list_all(conn, limit=4, after=first[-1].id))
    assert [len(first), len(second)] == [4, 3]


def test_a_customer_is_found_by_address(store: Store) -> None:
    store.write(builders.customer)
    found = store.read(lambda conn: customer_known_as(conn, "email", "mina@orders.example"))
    assert found is not None
    assert found.identities[0].label == "mina@orders.example"
    assert store.read(lambda conn: customer_known_as(conn, "phone", "+49")) is None
