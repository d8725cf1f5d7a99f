"""Who is joined without being asked, and who is only suggested (rules E1 and E3)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Person
from desktop_inbox.domain.same_person import Reason, is_sure
from desktop_inbox.store import customer_suggestions, customers
from desktop_inbox.store.customers import IdentityKey
from tests.support.scripted_chat import INFOS, ChatRoom, Wire, said

PHONES = ["+905551110000", "+905551110001"]
NAMES = ["t0", "t1", "t2"]

# What happens: an SMS from a number, a number noted by hand, and somebody on Telegram who shared
# their contact.
HAPPENS = st.one_of(
    st.tuples(st.just("sms"), st.sampled_from(PHONES), st.just("")),
    st.tuples(st.just("noted"), st.sampled_from(PHONES), st.just("")),
    st.tuples(st.just("shared"), st.sampled_from(PHONES), st.sampled_from(NAMES)),
)


class Model:
    """What rule E3 makes of it."""

    def __init__(self) -> None:
        self.owner: dict[str, int] = {}
        self.verified: set[str] = set()
        self.claims: set[tuple[str, str]] = set()
        self._customers = 0

    def somebody(self) -> int:
        self._customers += 1
        return self._customers

    def happens(self, what: str, phone: str, name: str) -> None:
        if what != "shared":
            self.owner.setdefault(phone, self.somebody())
            self.verified |= {phone} if what == "sms" else set()
            return
        if name not in self.owner:
            whose = self.owner.get(phone)
            taken = any(self.owner.get(one) == whose for one in NAMES)
            sure = whose is not None and phone in self.verified and not taken
            self.owner[name] = whose if sure and whose is not None else self.somebody()
        self.owner.setdefault(phone, self.owner[name])
        self.verified.add(name)
        if self.owner[phone] == self.owner[name]:
            self.verified.add(phone)
        else:
            self.claims.add((name, phone))


def phone_of(number: str, *, proven: bool = True) -> Person:
    return Person(kind="phone", address=number, name="Elif", proven=proven)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(HAPPENS, min_size=2, max_size=6))
def test_only_what_a_service_and_a_verified_number_agree_on_joins_anybody(
    monkeypatch: pytest.MonkeyPatch, events: list[tuple[str, str, str]]
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder, monkeypatch.context() as patch:
        patch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
        room = ChatRoom.open(Path(folder) / "data")
        assert isinstance(room, ChatRoom)
        try:
            wire = Wire(room)
            for number, (what, phone, name) in enumerate(events):
                model.happens(what, phone, name)
                person = (
                    Person(kind="telegram", address=name, attested=(("phone", phone),))
                    if what == "shared"
                    else phone_of(phone, proven=what == "sms")
                )
                wire.bring(said(str(number), chat=person.address, author=person))
            keys = {
                one: IdentityKey("phone" if one in PHONES else "telegram", "", one)
                for one in model.owner
            }
            found = room.read(lambda conn: customers.owners(conn, keys.values()))
            offered = room.read(customer_suggestions.list_all)
        finally:
            room.workspace.close()

    whose = {one: found[key].customer_id for one, key in keys.items()}
    assert _together(whose) == _together(model.owner)
    assert {one for one, key in keys.items() if found[key].verified} == model.verified
    pairs = {
        frozenset((one.one.id, one.other.id))
        for one in offered
        if Reason.VOUCHED in {sign.reason for sign in one.signs}
    }
    assert pairs == {frozenset((whose[name], whose[phone])) for name, phone in model.claims}


def _together(owner: dict[str, int]) -> set[frozenset[str]]:
    return {
        frozenset(one for one in owner if owner[one] == somebody) for somebody in owner.values()
    }


@pytest.mark.parametrize("kind", ["email", "telegram", "matrix", "xmpp", "feed", "device"])
def test_nothing_but_a_number_joins_two(kind: str) -> None:
    assert not is_sure(kind, verified=True, conflicting=False)
    assert is_sure("phone", verified=True, conflicting=False)
    assert not is_sure("phone", verified=False, conflicting=False)
    assert not is_sure("phone", verified=True, conflicting=True)
