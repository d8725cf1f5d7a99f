"""Payloads of Twilio, hostile ones too, into what is said there; states kept between pulls."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import Cursor
from desktop_inbox.connectors.twilio.cursor import Open, State, Sweep, read_state, written
from desktop_inbox.connectors.twilio.reading import (
    person,
    read_call,
    read_line,
    read_message,
    read_template,
)
from desktop_inbox.domain.pieces import Unknown
from tests.connectors.twilio_desk import WHATSAPP_CHAT
from tests.connectors.twilio_desk import service as service
from tests.support.twilio_service import (
    CUSTOMER,
    WHATSAPP,
    TwilioService,
)


@pytest.mark.parametrize(
    ("address", "kind", "known"),
    [
        (CUSTOMER, "phone", CUSTOMER),
        (f"whatsapp:{CUSTOMER}", "phone", CUSTOMER),
        (f"rcs:{CUSTOMER}", "phone", CUSTOMER),
        ("whatsapp:US.13491208655302741918", "whatsapp", "US.13491208655302741918"),
        ("34567", "sender", "34567"),
        ("MYBANK", "sender", "MYBANK"),
        ("messenger:1234", "messenger", "1234"),
    ],
)
def test_not_everybody_who_writes_has_a_number(address: str, kind: str, known: str) -> None:
    found = person(address)

    assert (found.kind, found.address) == (kind, known)
    assert found.scoped is (kind != "phone")


def test_a_message_that_tells_nothing_is_named_as_such(service: TwilioService) -> None:
    (item,) = read_message(service.says(""))

    assert isinstance(item, Incoming)
    assert item.pieces == (Unknown(kind="message"),)


def test_a_chat_is_read_as_it_was_written() -> None:
    talk = read_line(WHATSAPP_CHAT)

    assert talk is not None
    assert (talk.ours, talk.theirs, talk.channel) == (WHATSAPP, f"whatsapp:{CUSTOMER}", "whatsapp")
    assert read_line("nonsense") is None


_MOMENTS = st.integers(1_600_000_000, 1_900_000_000).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)
_SWEEPS = st.builds(
    Sweep,
    since=_MOMENTS,
    top=_MOMENTS,
    page=st.text(),
    seen=st.dictionaries(st.text(min_size=1), _MOMENTS, max_size=3),
)
_WAITING = st.builds(
    Open, sid=st.text("SMCA0123", min_size=1), since=_MOMENTS, due=_MOMENTS, told=st.text("abc")
)


@given(
    sweeps=st.dictionaries(st.sampled_from(["in +1", "out +1", "calls-in +1"]), _SWEEPS),
    waiting=st.lists(_WAITING, max_size=3),
)
def test_a_state_is_read_as_it_was_written(sweeps: dict[str, Sweep], waiting: list[Open]) -> None:
    clean = {
        name: replace(sweep, page="/next" if sweep.page else "") for name, sweep in sweeps.items()
    }
    state = State(sweeps=clean, open={one.sid: one for one in waiting})

    assert read_state(json.loads(json.dumps(written(state)))) == state


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "sid", "from", "to", "body", "direction", "status", "num_media", "date_sent",
                "error_code", "duration", "sweeps", "open", "seen", "since", "top", "types",
                "approval_requests", "source",
            ]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=15,
)  # fmt: skip


@given(_JSON)
def test_nonsense_is_read_without_an_exception(value: object) -> None:
    read_state(value)
    read_state({"sweeps": {"in": value}, "open": [value]})
    if isinstance(value, dict):
        usual = {"sid": "SM" + "0" * 32, "from": "+15550001111", "to": "x", **value}
        for one in (value, usual):
            assert read_message(one)
            assert read_call(one, [one])
            read_template(one)


def test_a_sweep_forgets_what_it_needs_no_more() -> None:
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    sweep = Sweep(since=now, top=now)
    for page in range(20):
        found = [(f"SM{page}-{n}", now + timedelta(hours=20 - page)) for n in range(50)]
        sweep = sweep.after(found, page="more" if page < 19 else "", now=now)

    assert sweep.since == now + timedelta(hours=20)
    assert len(sweep.seen) == 50


def test_a_cursor_of_nonsense_begins_anew() -> None:
    nonsense: list[Cursor] = [{}, {"sweeps": 7}, {"sweeps": {"in +1": {"since": "x"}}}]

    assert [read_state(one) for one in nonsense] == [State(), State(), State()]
