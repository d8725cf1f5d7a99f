"""Under which address, name and signature an account writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.identities import (
    OWN,
    SETTING,
    OwnIdentity,
    addresses_of,
    answering,
    by_uid,
    of_account,
    stored,
    written_to,
)
from desktop_inbox.domain.messages import Address

SHOP = OwnIdentity(uid="1", address="hello@shop.example", name="Kaya")
SALES = OwnIdentity(uid="2", address="Sales@Shop.example", name="Sales")
MINA = Address(name="Mina", address="mina@orders.example")


def to(*addresses: str) -> tuple[Address, ...]:
    return tuple(Address(address=one) for one in addresses)


def test_an_account_has_its_own_address_and_name_until_others_are_entered() -> None:
    [own] = of_account({"name": "Kaya"}, address="hello@shop.example")
    assert (own.uid, str(own.sender)) == (OWN, "Kaya <hello@shop.example>")


_WORDS = st.text(max_size=5)
_IDENTITIES = st.lists(
    st.builds(
        OwnIdentity,
        address=st.sampled_from([SHOP.address, SALES.address]),
        uid=st.text(min_size=1),
        name=_WORDS,
        signature=_WORDS,
    ),
    min_size=1,
)


@given(_IDENTITIES)
def test_what_was_entered_is_what_is_read(wanted: list[OwnIdentity]) -> None:
    assert of_account({SETTING: stored(wanted)}, address="x@shop.example") == tuple(wanted)


@pytest.mark.parametrize(
    "odd",
    [None, 5, "text", [5, None], [{}], [{"address": 5}], [{"uid": "1", "address": "no address"}]],
)
def test_settings_that_make_no_sense_are_passed_over(odd: object) -> None:
    known = of_account({SETTING: odd, "name": "Kaya"}, address="hello@shop.example")
    assert [one.address for one in known] == ["hello@shop.example"]


def test_every_address_is_ours_also_aliases() -> None:
    settings = {SETTING: stored([SALES]), "aliases": ["old@shop.example"]}
    assert addresses_of(settings, address="Hello@Shop.example") == {
        "hello@shop.example",
        "old@shop.example",
        "sales@shop.example",
    }


def test_the_address_that_was_written_to_answers_whatever_its_case_or_token() -> None:
    assert written_to([SHOP, SALES], to("sales@SHOP.example")) == SALES
    assert written_to([SHOP, SALES], [MINA]) is None


def test_the_first_recipient_who_is_one_of_us_answers() -> None:
    people = to("other@else.example", "sales@shop.example", "hello@shop.example")
    found = answering([SHOP, SALES], from_=[MINA], to=people, cc=(), from_me=False)
    assert found == SALES


def test_a_copy_counts_behind_whom_it_was_to_and_nobody_means_the_default() -> None:
    copies = to("sales@shop.example")
    assert answering([SHOP, SALES], from_=[MINA], to=(), cc=copies, from_me=False) == SALES
    assert answering([SHOP, SALES], from_=[MINA], to=(), cc=(), from_me=False) == SHOP


def test_an_answer_to_ourselves_goes_out_as_its_author() -> None:
    ours = to("sales@shop.example")
    found = answering([SHOP, SALES], from_=ours, to=to("hello@shop.example"), cc=(), from_me=True)
    assert found == SALES


def test_an_identity_is_found_by_its_name_for_us() -> None:
    assert by_uid([SHOP, SALES], "2") == SALES
    assert by_uid([SHOP, SALES], "gone") is None
