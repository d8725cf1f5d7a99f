from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address, Delivery, Outgoing, advance

settled = (Delivery.SENT, Delivery.RETURNED, Delivery.DELIVERED, Delivery.READ)


@given(st.sampled_from(settled), st.lists(st.sampled_from(Delivery)))
def test_once_accepted_a_message_never_goes_back(start: Delivery, reports: list[Delivery]) -> None:
    state = start
    for report in reports:
        newer = advance(state, report)
        assert settled.index(newer) >= settled.index(state)
        state = newer


def test_a_failed_message_may_be_sent_again() -> None:
    assert advance(Delivery.FAILED, Delivery.QUEUED) is Delivery.QUEUED
    assert advance(Delivery.UNCERTAIN, Delivery.SENT) is Delivery.SENT


def test_everybody_is_written_to_once() -> None:
    message = Outgoing(
        client_ref="1@kaya.test",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        from_=Address(address="shop@kaya.test"),
        to=(Address(address="ali@a.test"),),
        cc=(Address(address="ALI@a.test"), Address(address="bob@a.test")),
        bcc=(Address(address="cem@a.test"),),
    )
    assert message.recipients == ("ali@a.test", "bob@a.test", "cem@a.test")


def test_an_address_reads_as_people_write_it() -> None:
    assert str(Address(name="Ali", address="ali@a.test")) == "Ali <ali@a.test>"
    assert str(Address(address="ali@a.test")) == "ali@a.test"


ids = st.frozensets(st.integers(1, 9))
changes = st.builds(Changes, conversations=ids, messages=ids, outbox=ids)


@given(changes, changes, changes)
def test_changes_unite_in_any_order(one: Changes, two: Changes, three: Changes) -> None:
    assert one | two == two | one
    assert (one | two) | three == one | (two | three)
    assert bool(one | two) == (bool(one) or bool(two))


def test_a_refusal_says_its_code_and_values() -> None:
    assert str(UserError("no-recipient")) == "no-recipient"
    assert str(UserError("too-large", limit=25)) == "too-large (limit=25)"
