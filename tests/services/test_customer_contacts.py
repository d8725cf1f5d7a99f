"""Numbers and addresses that somebody sent become a customer's, unless they are another's."""

from __future__ import annotations

from functools import partial

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import customer_contacts
from desktop_inbox.services.customer_contacts import Added
from tests.support.lookups import customer_known_as
from tests.support.scripted_chat import ELIF, ChatRoom, Wire, said


@pytest.fixture
def elif_(chat_room: ChatRoom) -> int:
    """A customer who wrote from her number."""
    wire = Wire(chat_room)
    wire.bring(said("1"))
    customer = wire.only().customer_id
    assert customer is not None
    return customer


def add(room: ChatRoom, customer: int, *ways: str, region: str = "TR") -> Added:
    emails = [way for way in ways if "@" in way]
    phones = [way for way in ways if way not in emails]
    return room.write(
        lambda tx: customer_contacts.add(tx, customer, phones=phones, emails=emails, region=region)
    )


def test_what_is_new_is_theirs_from_now_on(chat_room: ChatRoom, elif_: int) -> None:
    added = add(chat_room, elif_, "0532 444 55 66", "Elif@Kaya.example")
    assert added == Added(new=("0532 444 55 66", "Elif@Kaya.example"))
    for kind, address in (("phone", "+905324445566"), ("email", "elif@kaya.example")):
        found = chat_room.read(partial(customer_known_as, kind=kind, address=address))
        assert found is not None
        assert found.id == elif_


def test_what_is_theirs_already_stays(chat_room: ChatRoom, elif_: int) -> None:
    assert add(chat_room, elif_, ELIF.address) == Added(theirs=(ELIF.address,))


def test_what_is_somebody_elses_stays_so_e3(chat_room: ChatRoom, elif_: int) -> None:
    mail = chat_room.add_account()
    chat_room.queue(to="bo@example.org", account_id=mail)
    assert add(chat_room, elif_, "bo@example.org") == Added(others=("bo@example.org",))


def test_what_cannot_be_read_is_told(chat_room: ChatRoom, elif_: int) -> None:
    assert add(chat_room, elif_, "call me") == Added(unreadable=("call me",))


def test_the_same_number_written_twice_is_one(chat_room: ChatRoom, elif_: int) -> None:
    added = add(chat_room, elif_, "0532 444 55 66", "+90 532 444 55 66")
    assert len(added.new) == 1


def test_a_customer_who_is_gone_is_refused(chat_room: ChatRoom) -> None:
    with pytest.raises(UserError, match="customer-missing"):
        add(chat_room, 99, "bo@example.org")
