"""What waits to leave, drafts, and accounts' cursors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import accounts, conversations, drafts, messages, outbox, outbox_agenda
from desktop_inbox.store.accounts import Totals
from desktop_inbox.store.database import Database, Tx, utc_now
from desktop_inbox.store.drafts import NewDraft
from desktop_inbox.store.outbox import BODY, ENVELOPE
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import Mail

HOUR = timedelta(hours=1)


@pytest.fixture
def queued(store: Store) -> int:
    """A message that may be sent now."""

    def fill(tx: Tx) -> int:
        account_id = builders.account(tx)
        key = builders.conversation(tx)
        builders.message(tx, key, Mail(at=tx.now - HOUR), account_id=account_id)
        answer = Mail(at=tx.now, direction=Direction.OUT, delivery=Delivery.QUEUED)
        message_id = builders.message(tx, key, answer, account_id=account_id)
        outbox.add(tx, message_id, account_id=account_id, not_before=tx.now, draft={"body": "Hi"})
        return message_id

    return store.write(fill)


def _delivery(store: Store, message_id: int) -> Delivery | None:
    row = store.read(lambda conn: messages.row(conn, message_id))
    assert row is not None
    return row.delivery


def _claim(store: Store, message_id: int, by: str = "me") -> bool:
    return store.write(lambda tx: outbox.claim(tx, message_id, claimed_by=by))


def _waiting(store: Store) -> bool:
    (row,) = store.read(lambda conn: conversations.page(conn, conversations.ListQuery(), limit=9))[
        0
    ]
    return row.waiting_since is not None


def test_a_queued_message_is_due_and_shown(store: Store, queued: int) -> None:
    assert store.read(lambda conn: outbox_agenda.due(conn, utc_now())) == [queued]
    (row,) = store.read(outbox.list_all)
    assert (row.state, row.customer_name, row.attempts) == ("queued", "Mina Okafor", 0)
    assert store.read(lambda conn: outbox.draft_of(conn, queued)) == {"body": "Hi"}
    assert store.read(outbox_agenda.next_due) == row.next_at


def test_only_one_of_many_gets_the_claim(db: Database, queued: int) -> None:
    other = Database.open(db.path)
    with ThreadPoolExecutor(8) as pool:
        claims = [
            pool.submit(
                lambda one: one.write(lambda tx: outbox.claim(tx, queued, claimed_by="x")).result(
                    10
                ),
                database,
            )
            for database in (db, other) * 8
        ]
        assert sorted(claim.result() for claim in claims) == [False] * 15 + [True]
    other.close()


def test_a_message_held_for_undo_cannot_be_claimed(store: Store, queued: int) -> None:
    later = utc_now() + HOUR
    store.write(lambda tx: outbox.reschedule(tx, queued, next_at=later, code="", detail=""))
    assert store.read(lambda conn: outbox_agenda.due(conn, utc_now())) == []
    assert not _claim(store, queued)


def test_a_message_that_was_sent_leaves_the_outbox_and_ends_the_waiting(
    store: Store, queued: int
) -> None:
    assert _waiting(store)
    assert _claim(store, queued)
    assert _delivery(store, queued) is Delivery.SENDING
    store.write(lambda tx: outbox.sent(tx, queued, detail={"answer": "250"}))
    assert _delivery(store, queued) is Delivery.SENT
    assert store.read(outbox.list_all) == []
    assert not _waiting(store)


def test_a_copy_for_sent_is_seen_to_after_the_message_counts_as_sent(
    store: Store, queued: int
) -> None:
    _claim(store, queued)
    store.write(lambda tx: outbox.sent(tx, queued, copy=True))
    assert _delivery(store, queued) is Delivery.SENT
    wanted = outbox_agenda.Copy(message_id=queued, tries=0)
    assert store.read(lambda conn: outbox_agenda.to_file(conn, utc_now(), account_id=1)) == [wanted]
    store.write(lambda tx: outbox.copied(tx, queued))
    assert store.read(outbox.list_all) == []


def test_whoever_has_it_is_not_among_those_it_is_still_for(store: Store, queued: int) -> None:
    _claim(store, queued)
    store.write(
        lambda tx: outbox.sent_to_some(
            tx,
            queued,
            missing=["b@example.org"],
            next_at=utc_now(),
            code="server",
            words="450 later",
            detail={},
            copy=True,
        )
    )
    (row,) = store.read(outbox.list_all)
    assert (row.state, row.recipients) == ("queued", ("b@example.org",))
    assert _delivery(store, queued) is Delivery.SENT
    assert not store.write(lambda tx: outbox.take_back(tx, queued)), "some have it"
    store.write(lambda tx: outbox.copied(tx, queued))
    assert len(store.read(outbox.list_all)) == 1, "the rest still waits"


def test_a_refused_message_fails_with_the_server_s_words(store: Store, queued: int) -> None:
    _claim(store, queued)
    store.write(lambda tx: outbox.fail(tx, queued, code="recipient", detail="550 no such user"))
    (row,) = store.read(outbox.list_all)
    assert (row.state, row.error_code, row.error_text) == (
        "failed", "recipient", "550 no such user",
    )  # fmt: skip
    assert _delivery(store, queued) is Delivery.FAILED
    assert not _claim(store, queued)


def test_an_uncertain_message_is_never_claimed_again(store: Store, queued: int) -> None:
    _claim(store, queued)
    store.write(lambda tx: outbox.uncertain(tx, queued, code="uncertain", detail=""))
    assert _delivery(store, queued) is Delivery.UNCERTAIN
    assert not _claim(store, queued)


def test_what_a_killed_process_was_sending_is_found_with_how_far_it_came(
    store: Store, queued: int
) -> None:
    _claim(store, queued)
    (row,) = store.read(outbox_agenda.stranded)
    assert (row.message_id, row.phase) == (queued, ENVELOPE)
    store.write(lambda tx: outbox.enter_body(tx, queued))
    (row,) = store.read(outbox_agenda.stranded)
    assert row.phase == BODY


def test_only_what_is_not_on_its_way_can_be_taken_back(store: Store, queued: int) -> None:
    _claim(store, queued)
    assert not store.write(lambda tx: outbox.take_back(tx, queued))
    store.write(lambda tx: outbox.reschedule(tx, queued, next_at=tx.now, code="offline", detail=""))
    assert store.write(lambda tx: outbox.take_back(tx, queued))
    assert not store.write(lambda tx: outbox.take_back(tx, queued))


# Drafts


def test_a_conversation_has_one_draft_of_each_author(store: Store) -> None:
    key = store.write(builders.conversation)
    mina = Address(name="Mina", address="mina@orders.example")
    first = store.write(lambda tx: drafts.save(tx, NewDraft(conversation_id=key, body="De")))
    second = store.write(
        lambda tx: drafts.save(tx, NewDraft(conversation_id=key, body="Dear", to=(mina,)))
    )
    assert first == second
    row = store.read(lambda conn: drafts.of_conversation(conn, key))
    assert row is not None
    assert (row.body, row.to, row.revision) == ("Dear", (mina,), 2)
    store.write(lambda tx: drafts.remove(tx, first))
    assert store.read(lambda conn: drafts.get(conn, first)) is None


def test_new_messages_have_a_draft_each(store: Store) -> None:
    one = store.write(lambda tx: drafts.save(tx, NewDraft(mode="new", body="1")))
    two = store.write(lambda tx: drafts.save(tx, NewDraft(mode="new", body="2")))
    again = store.write(lambda tx: drafts.save(tx, NewDraft(mode="new", body="1b"), draft_id=one))
    assert one == again != two
    assert sorted(row.body for row in store.read(drafts.list_all)) == ["1b", "2"]


# Accounts


def test_a_cursor_is_kept_with_what_was_stored_before_it(store: Store) -> None:
    key = store.write(builders.account)
    assert store.read(lambda conn: accounts.cursor(conn, key)) is None
    for number in (1, 2):
        store.write(
            lambda tx, number=number: accounts.set_cursor(  # type: ignore[misc]
                tx, key, {"uid": number}, added=Totals(stored=10, duplicates=number)
            )
        )
    assert store.read(lambda conn: accounts.cursor(conn, key)) == {"uid": 2}
    assert store.read(lambda conn: accounts.totals(conn, key)) == Totals(stored=20, duplicates=3)


def test_an_account_s_state_progress_and_settings_are_kept(store: Store) -> None:
    key = store.write(builders.account)
    store.write(lambda tx: accounts.set_state(tx, key, "waiting", detail={"why": "offline"}))
    store.write(lambda tx: accounts.set_progress(tx, key, done=5, total=9))
    store.write(lambda tx: accounts.change(tx, key, settings={"imap_host": "x"}, enabled=False))
    store.write(lambda tx: accounts.set_synced(tx, key))
    row = store.read(lambda conn: accounts.row(conn, key))
    assert row is not None
    assert (row.state, row.state_detail) == ("waiting", {"why": "offline"})
    assert (row.progress_done, row.progress_total, row.enabled) == (5, 9, False)
    assert row.settings == {"imap_host": "x"}
    assert row.title == "Shop"
    assert row.last_sync_at is not None
