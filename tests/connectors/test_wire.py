"""The grammar of IMAP: what is read never surprises, what is written cannot be misread."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.email import wire
from desktop_inbox.connectors.email.wire import Literal


def test_a_fetch_response_is_read_with_its_literals() -> None:
    parts = [b"* 12 FETCH (UID 7 FLAGS (\\Seen $Work) BODY[] {5}", b"a\r\nb)", b" RFC822.SIZE 5)"]

    assert wire.fetch_items(parts) == {
        b"UID": b"7",
        b"FLAGS": [b"\\Seen", b"$Work"],
        b"BODY[]": b"a\r\nb)",
        b"RFC822.SIZE": b"5",
    }


def test_brackets_and_stars_inside_strings_are_text() -> None:
    items = wire.fetch_items([rb'* 1 FETCH (UID 3 ENVELOPE ("5 * 3 = (15" "say \"hi\"" NIL))'])

    assert items[b"ENVELOPE"] == [b"5 * 3 = (15", b'say "hi"', None]


def test_a_section_with_spaces_is_one_name() -> None:
    parts = [b"* 1 FETCH (UID 3 BODY[HEADER.FIELDS (MESSAGE-ID)] {2}", b"\r\n", b")"]

    assert wire.fetch_items(parts)[b"BODY[HEADER.FIELDS (MESSAGE-ID)]"] == b"\r\n"


def test_the_origin_of_a_partial_fetch_is_not_part_of_its_name() -> None:
    assert wire.fetch_items([b'* 1 FETCH (BODY[1]<0> "x")']) == {b"BODY[1]": b"x"}


def test_nil_is_nothing_and_a_quoted_nil_is_a_word() -> None:
    assert wire.tokens([b'NIL "NIL" nil']) == [None, b"NIL", None]


@pytest.mark.parametrize(
    "text",
    [b"(", b")", b"(()", b'"open', b"* 1 FETCH (UID)", b"* 1 EXISTS", b"* 1 FETCH UID 3"],
)
def test_nonsense_is_refused_as_such(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its words are for nobody
        wire.fetch_items([text])


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5))
def test_any_bytes_are_read_or_refused(parts: list[bytes]) -> None:
    with contextlib.suppress(ValueError):
        wire.tokens(parts)


def test_deep_nesting_neither_recurses_nor_hangs() -> None:
    with pytest.raises(ValueError, match="deeply"):
        wire.tokens([b"(" * 100_000])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_folder_name_survives_the_wire(name: str) -> None:
    assert wire.decode_mailbox(wire.encode_mailbox(name)) == name


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("Gönderilmiş Öğeler", b"G&APY-nderilmi&AV8- &ANYBHw-eler"),
        ("R&D", b"R&-D"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ],
)
def test_folder_names_are_written_as_the_standard_says(name: str, encoded: bytes) -> None:
    assert wire.encode_mailbox(name) == encoded


def test_a_folder_name_in_no_known_writing_stays_as_it_is() -> None:
    assert wire.decode_mailbox(b"A&B") == "A&B"
    assert wire.decode_mailbox(b"A&!!-B") == "A&!!-B"


@given(st.sets(st.integers(1, 500), max_size=60))
def test_a_set_of_uids_survives_the_wire(uids: set[int]) -> None:
    assert wire.parse_set(wire.format_set(uids)) == sorted(uids)


def test_neighbours_are_written_as_a_range() -> None:
    assert wire.format_set([3, 1, 2, 9]) == "1:3,9"


def test_a_set_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="absurd"):
        wire.parse_set(b"1:4294967295")
    assert wire.parse_set(b"1:4294967295", below=4) == [1, 2, 3]


def test_plain_words_are_quoted_and_all_else_is_counted() -> None:
    assert wire.astring('a "b" \\') == b'"a \\"b\\" \\\\"'
    assert wire.astring("x\r\nA1 DELETE INBOX") == Literal(b"x\r\nA1 DELETE INBOX")
    assert wire.astring("pässword") == Literal("pässword".encode())
    with pytest.raises(ValueError, match="NUL"):
        wire.astring("a\0b")


def test_an_internal_date_is_utc() -> None:
    assert wire.internal_date(b" 7-Feb-2026 02:44:25 -0700") == datetime(
        2026, 2, 7, 9, 44, 25, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "value", [None, b"", b"yesterday", b"40-Feb-2026 00:00:00 +0000", b"01-Foo-2026 00:00:00 +0000"]
)
def test_an_absurd_internal_date_is_none(value: bytes | None) -> None:
    assert wire.internal_date(value) is None


def test_dates_are_written_in_english_whatever_the_locale() -> None:
    at = datetime(2026, 3, 7, 9, 4, 5, tzinfo=UTC)

    assert wire.format_date(at) == b"07-Mar-2026"
    assert wire.format_internal_date(at) == b'"07-Mar-2026 09:04:05 +0000"'
