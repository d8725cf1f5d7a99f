"""The log of calls and visits: no service stands behind it, so nothing comes and nothing leaves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.connectors.phone.reading import VISITOR, CallNote, read_note
from desktop_inbox.domain.messages import Address, Outgoing
from desktop_inbox.domain.pieces import Call, CallOutcome

CONFIG = AccountConfig(id=1, address="+49 30 123456", settings={}, secrets={})
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


async def test_a_pull_brings_nothing_and_keeps_the_cursor() -> None:
    connector = connectors.create("phone", CONFIG)
    await connector.open()
    first = await connector.pull(None)
    again = await connector.pull({**first.cursor, "kept": 1})
    assert (first.items, first.more) == ((), False)
    assert (again.items, again.cursor) == ((), {"kept": 1})
    await connector.close()
    await connector.close()


async def test_it_waits_until_somebody_ends_it() -> None:
    connector = connectors.create("phone", CONFIG)
    waiting = asyncio.ensure_future(connector.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_nothing_leaves_through_it() -> None:
    written: list[None] = []

    async def before_body() -> None:
        written.append(None)

    connector = connectors.create("phone", CONFIG)
    message = Outgoing(
        client_ref="a@desk",
        at=AT,
        from_=Address(address=CONFIG.address),
        to=(Address(address="+493098765"),),
        text="Hello",
    )
    with pytest.raises(Unsupported):
        await connector.send(message, before_body)
    assert not written


async def test_a_check_says_that_all_is_well() -> None:
    assert [step.ok async for step in connectors.check("phone", CONFIG)] == [True]


def test_who_called_is_known_by_their_number_and_who_came_in_by_the_visit() -> None:
    called = CallNote(name="n1", at=AT, outcome=CallOutcome.ANSWERED, number="030 123456")
    came = CallNote(name="n2", at=AT, outcome=CallOutcome.WALK_IN, caller="A woman in red")
    caller = read_note(called, region="DE").author
    visitor = read_note(came).author
    assert (caller.kind, caller.address, caller.scoped) == ("phone", "+4930123456", False)
    assert (visitor.kind, visitor.address, visitor.label) == (VISITOR, "n2", "A woman in red")


@given(
    number=st.text(max_size=30),
    caller=st.text(max_size=30),
    seconds=st.integers(),
    outcome=st.sampled_from(CallOutcome),
)
def test_whatever_is_written_down_is_one_message_however_often_it_is_read(
    number: str, caller: str, seconds: int, outcome: CallOutcome
) -> None:
    note = CallNote(
        name="n3", at=AT, outcome=outcome, number=number, caller=caller, seconds=seconds
    )
    said = read_note(note, region="TR")
    assert said == read_note(note, region="TR")
    assert (said.external_id, said.at) == ("n3", AT)
    assert said.author.address
    assert said.pieces == (Call(outcome=outcome, seconds=max(seconds, 0)),)
