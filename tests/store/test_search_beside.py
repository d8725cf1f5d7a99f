"""What stands beside the results: customers, numbers, files, mistakes, and what may be meant."""

from __future__ import annotations

import time
from functools import partial

import pytest

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import Address
from desktop_inbox.store import customer_search, customers, events, search, search_beside
from desktop_inbox.store.customers import IdentityKey, NewIdentity
from desktop_inbox.store.database import Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import Mail

MINA = Address(name="Mina Okafor", address="mina@orders.example")


@pytest.fixture
def desk(store: Store) -> int:
    """One conversation, whose customer has a telephone; returns its id."""

    def fill(tx: Tx) -> int:
        account_id = builders.account(tx)
        key = builders.conversation(tx, subject="Broken mug", who=MINA)
        builders.message(
            tx,
            key,
            Mail(text="The invoice is wrong. Call 0532 123 45 67.", who=MINA),
            account_id=account_id,
        )
        owner = builders.customer(tx, MINA)
        phone = IdentityKey("phone", "", "+905321234567")
        customers.add_identities(
            tx,
            [NewIdentity(uid="p", customer_id=owner.customer_id, key=phone, label="Mobile")],
        )
        customers.index(tx, [owner.customer_id])
        tag = FieldChange("tag", "t", "name", None, "Refund")
        events.record(tx, "test", [tag])
        return key

    return store.write(fill)


def _beside(store: Store, typed: str) -> search_beside.Beside:
    return store.read(lambda conn: search_beside.beside(conn, typed))


def _meant(store: Store, typed: str) -> str:
    return store.read(lambda conn: search_beside.meant(conn, typed))


@pytest.mark.parametrize(
    "typed",
    [
        "+90 532 123 45 67", "0532 123 45 67", "05321234567", "(0532) 123-4567", "905321234567",
        "0090 532 1234567", "phone:5321234567", 'phone:"+90 (0)532 123 45 67"', "phone:234567",
    ],
)  # fmt: skip
def test_a_customer_is_found_by_the_number_in_any_format_k(
    store: Store, desk: int, typed: str
) -> None:
    assert [row.name for row in _beside(store, typed).customers] == ["Mina Okafor"]
    found = store.read(lambda conn: search.search(conn, typed, typing=False))
    assert [row.id for row in found.conversations] == [desk]


def test_the_page_of_customers_finds_a_number_in_any_format(store: Store, desk: int) -> None:
    for typed in ("0532 123 45 67", "+90 532 1234567", "(0532) 123-4567"):
        found = store.read(partial(customer_search.find, typed=typed, limit=5))
        assert [row.name for row in found] == ["Mina Okafor"], typed


def test_a_number_in_a_letter_is_found_in_any_grouping(store: Store, desk: int) -> None:
    found = store.read(lambda conn: search.search(conn, "0532 123 45 67"))
    (hit,) = found.messages
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["0532 123 45 67"]
    assert store.read(lambda conn: search.search(conn, "0532 999 99 99")).conversations == ()
    assert found.conversations[0].id == desk


def test_the_number_of_a_conversation_names_it(store: Store, desk: int) -> None:
    for typed in (str(desk), f"#{desk}", f" {desk} "):
        numbered = _beside(store, typed).numbered
        assert numbered is not None
        assert numbered.id == desk
    assert _beside(store, "99999").numbered is None
    assert _beside(store, "9" * 30).numbered is None


def test_mistakes_are_told(store: Store, desk: int) -> None:
    (problem,) = _beside(store, "statsu:open x").problems
    assert problem.values["nearest"] == "status"


def test_a_word_one_slip_away_is_suggested_k(store: Store, desk: int) -> None:
    assert _meant(store, "invocie") == "invoice"
    assert _meant(store, "inoice -mug") == "invoice -mug"
    assert _meant(store, "okafr") == "okafor"
    assert _meant(store, "tag:refnud") == "tag:refund"
    assert _meant(store, "statsu:open invocie") == "status:open invoice"
    assert _meant(store, "status:opne") == "status:open"
    assert _meant(store, "invoice") == ""
    assert _meant(store, "zzzzqqqq") == ""
    assert _meant(store, "") == ""


def test_looking_for_what_was_meant_takes_no_time_to_speak_of(store: Store, desk: int) -> None:
    began = time.process_time()
    _meant(store, "qwertyuiopasdfgh zxcvbnmlkjhgfdsa poiuytrewqlkjhgf mnbvcxzasdfghjkl")
    assert time.process_time() - began < 1.0


def test_the_line_that_shows_the_hit_is_the_newest_that_has_it(store: Store, desk: int) -> None:
    def more(tx: Tx) -> None:
        builders.message(tx, desk, Mail(text="Again: the invoice!", who=MINA))
        builders.message(tx, desk, Mail(text="Thank you.", who=MINA))

    store.write(more)
    found = store.read(lambda conn: search_beside.shown(conn, "inv", [desk]))
    assert found[desk].snippet == "Again: the invoice!"
    assert found[desk].marks == ((11, 14),)
    assert store.read(lambda conn: search_beside.shown(conn, "is:open", [desk])) == {}


def test_what_completes_the_typing_is_named(store: Store, desk: int) -> None:
    names = store.read(search_beside.names)
    assert names.tags == ("Refund",)
    assert names.accounts == ("Shop",)
