"""The byte stream of IMAP: any split gives the same, nothing is lost, nothing waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.connectors.email.imap_responses import (
    CommandRefused,
    LinkLost,
    ProtocolError,
    read_status,
)
from desktop_inbox.connectors.email.imap_scanner import Scanner
from desktop_inbox.connectors.email.protocol import ImapProtocol
from desktop_inbox.connectors.email.wire import Literal
from tests.support.imap_wire import Wire, connected, tag_of

STREAM = (
    b"* OK [CAPABILITY IMAP4rev1] ready {5}\r\n"
    b"* 1 FETCH (UID 1 BODY[] {13}\r\n* 5 * 3 = {3} FLAGS (\\Seen))\r\n"
    b'* 2 FETCH (UID 2 BODY[] {0}\r\n X {3}\r\n\r\n) ENVELOPE ("(" NIL))\r\n'
    b"* VANISHED (EARLIER) 1:3\r\n"
    b"+ go on {7}\r\n"
    b"A7 NO [LIMIT] too {3}\r\n"
    b"* 12 EXISTS\n"
)
RESPONSES = [
    [b"* OK [CAPABILITY IMAP4rev1] ready {5}"],
    [b"* 1 FETCH (UID 1 BODY[] {13}", b"* 5 * 3 = {3}", b" FLAGS (\\Seen))"],
]


def scan(*pieces: bytes) -> list[list[bytes]]:
    scanner = Scanner()
    return [response for piece in pieces for response in scanner.feed(piece)]


# --- the scanner -----------------------------------------------------------------------------


def test_literals_are_whatever_they_count() -> None:
    responses = scan(STREAM)

    assert responses[0] == RESPONSES[0]
    assert responses[1][1] == b"* 5 * 3 = {3}"
    assert [one[0] for one in responses[3:]] == [
        b"* VANISHED (EARLIER) 1:3",
        b"+ go on {7}",
        b"A7 NO [LIMIT] too {3}",
        b"* 12 EXISTS",
    ]
    assert responses[2][1::2] == [b"", b"\r\n)"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_split_of_the_stream_gives_the_same_responses(cuts: list[int]) -> None:
    stream = STREAM
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:stop] for start, stop in itertools.pairwise(edges)]

    assert scan(*pieces) == scan(stream)


def test_one_byte_at_a_time_gives_the_same_responses() -> None:
    stream = STREAM

    assert scan(*(stream[at : at + 1] for at in range(len(stream)))) == scan(stream)


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=80), max_size=6))
def test_any_bytes_are_cut_or_refused(pieces: list[bytes]) -> None:
    with contextlib.suppress(ProtocolError):
        scan(*pieces)


def test_an_endless_line_is_refused() -> None:
    scanner = Scanner(max_line=1000)

    assert [list(scanner.feed(b"x" * 100)) for _ in range(10)] == [[]] * 10
    with pytest.raises(ProtocolError, match="line"):
        list(scanner.feed(b"x" * 100))


@pytest.mark.parametrize("piece", [b"* 1 FETCH (X {99999999999999999999}\r\n", b"* X {0}\r\n" * 3])
def test_an_endless_response_is_refused(piece: bytes) -> None:
    scanner = Scanner(max_response=150)

    with pytest.raises(ProtocolError, match="absurd"):
        list(scanner.feed(piece))


def test_the_words_of_a_status_are_taken_apart() -> None:
    assert read_status(b"[UIDNEXT 12] next") == ("UIDNEXT", b"12", "next")
    assert read_status("[ALERT] Grüße".encode()) == ("ALERT", b"", "Grüße")
    assert read_status(b"just words") == ("", b"", "just words")


# --- the protocol ----------------------------------------------------------------------------


async def test_twenty_thousand_flags_in_one_piece_are_read() -> None:
    protocol, wire = connected(high_water=10**9)
    command = await protocol.begin("UID FETCH", b"1:* (FLAGS)", collects=frozenset({"FETCH"}))
    lines = b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (n, n) for n in range(1, 20_001))

    protocol.data_received(lines + tag_of(wire, "FETCH") + b" OK done\r\n")

    assert len(await command.collect()) == 20_000
    protocol.fail(LinkLost("over"))


async def test_everything_untagged_is_handed_on_even_during_a_command() -> None:
    heard: list[str] = []
    protocol, wire = connected(on_untagged=lambda one: heard.append(one.kind))
    command = await protocol.begin("UID FETCH", b"1 (FLAGS)", collects=frozenset({"FETCH"}))

    protocol.data_received(
        b"* 3 EXISTS\r\n* 1 EXPUNGE\r\n* VANISHED 4\r\n* OK [UIDNEXT 9] x\r\n* 1 FETCH (UID 1)\r\n"
        + tag_of(wire, "FETCH")
        + b" OK done\r\n"
    )

    assert [one.kind for one in await command.collect()] == ["FETCH"]
    assert heard == ["EXISTS", "EXPUNGE", "VANISHED", "OK", "FETCH"]
    protocol.fail(LinkLost("over"))


async def test_responses_go_to_the_command_that_claims_them() -> None:
    protocol, _wire = connected()
    first = await protocol.begin(
        "UID FETCH",
        b"1",
        collects=frozenset({"FETCH"}),
        claims=lambda one: b"UID 1" in one.parts[0],
    )
    second = await protocol.begin(
        "UID FETCH",
        b"2",
        collects=frozenset({"FETCH"}),
        claims=lambda one: b"UID 2" in one.parts[0],
    )

    protocol.data_received(b"* 2 FETCH (UID 2)\r\n* 1 FETCH (UID 1)\r\n")
    for command in (first, second):
        protocol.data_received(command.tag.encode() + b" OK done\r\n")

    assert [one.number for one in await first.collect()] == [1]
    assert [one.number for one in await second.collect()] == [2]
    protocol.fail(LinkLost("over"))


async def test_a_lost_connection_fails_all_that_waits_at_once() -> None:
    protocol, _ = connected()
    commands = [await protocol.begin("NOOP") for _ in range(3)]

    protocol.data_received(b"* BYE see you\r\n")
    protocol.connection_lost(None)

    for command in commands:
        with pytest.raises(LinkLost, match="see you"):
            await command.done()
    with pytest.raises(LinkLost):
        await protocol.begin("NOOP")


async def test_a_refusal_keeps_its_code_and_words() -> None:
    protocol, wire = connected()
    command = await protocol.begin("LOGIN", b"a b")

    protocol.data_received(tag_of(wire, "LOGIN") + b" NO [AUTHENTICATIONFAILED] wrong\r\n")

    with pytest.raises(CommandRefused, match="wrong") as caught:
        await command.done()
    assert caught.value.code == "AUTHENTICATIONFAILED"
    protocol.fail(LinkLost("over"))


@pytest.mark.parametrize(
    "garbage", [b"hello\r\n", b"* \r\n", b"ZZ99 OK done\r\n", b"\x16\x03\x01\r\n", b"+ what?\r\n"]
)
async def test_what_is_not_imap_ends_the_connection(garbage: bytes) -> None:
    protocol, wire = connected()
    command = await protocol.begin("NOOP")

    protocol.data_received(garbage)

    with pytest.raises(ProtocolError):
        await command.done()
    assert wire.closed


async def test_a_greeting_that_is_none_is_refused() -> None:
    protocol = ImapProtocol(asyncio.get_running_loop())
    protocol.connection_made(Wire())

    protocol.data_received(b"220 mail.example ESMTP\r\n")

    with pytest.raises(ProtocolError):
        await protocol.greeting


async def test_silence_during_a_command_ends_the_connection() -> None:
    protocol, _ = connected(patience_seconds=0.05)
    command = await protocol.begin("NOOP")

    with pytest.raises(TimeoutError, match="no answer"):
        await command.done()


async def test_an_idle_connection_is_not_given_up() -> None:
    protocol, wire = connected(patience_seconds=0.02)
    command = await protocol.begin("NOOP")
    protocol.data_received(tag_of(wire, "NOOP") + b" OK\r\n")
    await command.done()

    await asyncio.sleep(0.1)  # several times its patience

    assert protocol.lost is None
    protocol.fail(LinkLost("over"))


async def test_a_literal_waits_for_the_servers_go_ahead() -> None:
    protocol, wire = connected()
    sending = asyncio.ensure_future(
        protocol.run("LOGIN", Literal(b"j\xc3\xbc"), b" ", Literal(b"p"))
    )
    await asyncio.sleep(0)
    assert wire.written.endswith(b"LOGIN {3}\r\n")

    protocol.data_received(b"+ ok\r\n")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.written.endswith(b"LOGIN {3}\r\nj\xc3\xbc {1}\r\n")
    protocol.data_received(b"+ ok\r\n")
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert wire.written.endswith(b" {1}\r\np\r\n")
    protocol.data_received(tag_of(wire, "LOGIN") + b" OK\r\n")
    await sending
    protocol.fail(LinkLost("over"))


async def test_a_refused_literal_is_not_sent() -> None:
    protocol, wire = connected()
    sending = asyncio.ensure_future(protocol.run("APPEND", b'"X" ', Literal(b"secret")))
    await asyncio.sleep(0)

    protocol.data_received(tag_of(wire, "APPEND") + b" NO [OVERQUOTA] full\r\n")

    with pytest.raises(CommandRefused, match="full"):
        await sending
    assert b"secret" not in wire.written
    protocol.fail(LinkLost("over"))


async def test_with_literal_plus_nothing_waits() -> None:
    protocol, wire = connected()
    protocol.literal_plus = True

    await protocol.begin("LOGIN", Literal(b"\xc3\xbc"))

    assert wire.written.endswith(b"LOGIN {2+}\r\n\xc3\xbc\r\n")
    protocol.fail(LinkLost("over"))


async def test_an_argument_cannot_end_the_line() -> None:
    protocol, _ = connected()

    with pytest.raises(ValueError, match="line break"):
        await protocol.begin("UID FETCH", b"1\r\nA1 DELETE INBOX")


async def test_unread_data_stops_the_reading_until_it_is_consumed() -> None:
    protocol, wire = connected(high_water=1000)
    command = await protocol.begin("UID FETCH", b"1:9", collects=frozenset({"FETCH"}))
    response = b"* 1 FETCH (UID 1 BODY[] {400}\r\n" + b"x" * 400 + b")\r\n"

    protocol.data_received(response * 3)
    assert wire.paused

    stream = command.stream()
    await anext(stream)
    await anext(stream)
    assert not wire.paused
    protocol.data_received(response + tag_of(wire, "FETCH") + b" OK\r\n")
    assert len([one async for one in stream]) == 2
    protocol.fail(LinkLost("over"))


async def test_nobody_reading_is_not_waited_for_for_ever() -> None:
    protocol, _ = connected(high_water=10, patience_seconds=0.05)
    unread = await protocol.begin("UID FETCH", b"1:9", collects=frozenset({"FETCH"}))
    protocol.data_received(b"* 1 FETCH (UID 1 BODY[] {40}\r\n" + b"x" * 40 + b")\r\n")

    with pytest.raises(TimeoutError):
        await (await protocol.begin("NOOP")).done()
    unread.abandon()


async def test_what_follows_starttls_in_clear_text_is_thrown_away() -> None:
    heard: list[str] = []
    protocol, wire = connected(on_untagged=lambda one: heard.append(one.kind))
    command = await protocol.begin("STARTTLS")

    protocol.data_received(
        tag_of(wire, "STARTTLS") + b" OK go\r\n* CAPABILITY IMAP4rev1 AUTH=NONE\r\n* 1 EX"
    )
    protocol.data_received(b"ISTS\r\n")
    await command.done()
    assert protocol.tampered
    protocol.secured(wire)
    protocol.data_received(b"* 2 EXISTS\r\n")

    assert heard == ["EXISTS"]
    protocol.fail(LinkLost("over"))
