"""Header fields as people read them: words, addresses, ids, dates, parameters."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.messages import Address
from desktop_inbox.mime import addresses, dates, headers
from desktop_inbox.mime.parameters import value_and_parameters
from tests.support.corpora import corpus


def value_of(field: str) -> bytes:
    fields, _, _ = headers.split(b"X:" + field.encode())
    return fields.get("x", [b""])[0]


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((corpus("stalwart") / name).read_text())
    return found


# --- words ---


def test_a_character_split_between_two_encoded_words_survives() -> None:
    raw = b"=?utf-8?B?xLBh?= =?utf-8?B?xQ==?= =?utf-8?B?nw==?="
    assert headers.unstructured(raw) == "İaş"


def test_words_that_touch_are_decoded_and_the_space_between_two_is_not_kept() -> None:
    assert headers.unstructured(b"=?utf-8?q?a=C3=BC?==?utf-8?q?b?= c") == "aüb c"


def test_raw_bytes_in_a_header_take_the_charset_of_the_body() -> None:
    raw = "Sipariş".encode("cp1254")
    assert headers.unstructured(raw, hint="iso-8859-9") == "Sipariş"


def test_an_encoded_line_break_stays_on_one_line() -> None:
    assert headers.unstructured(b"=?utf-8?q?x=0D=0ABcc:_v=40x.test?=") == "x Bcc: v@x.test"


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b"])
def test_what_would_hide_or_reverse_is_taken_out_of_a_line(char: str) -> None:
    assert headers.clean(f"a{char}b") in {"ab", "a b"}


# --- addresses ---


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Ali Veli <ali@example.test>", [("Ali Veli", "ali@example.test")]),
        ("ali@example.test (Ali)", [("Ali", "ali@example.test")]),
        ("<@a.test,@b.test:c@d.test>", [("", "c@d.test")]),
        ("Team: a@b.test, C <c@d.test>; e@f.test",
         [("", "a@b.test"), ("C", "c@d.test"), ("", "e@f.test")]),
        ('"Yılmaz, Ayşe" <a@b.test>', [("Yılmaz, Ayşe", "a@b.test")]),
        ("undisclosed-recipients:;", []),
        ("", []),
    ],
)  # fmt: skip
def test_address_lists_are_read(field: str, expected: list[tuple[str, str]]) -> None:
    found = addresses.read(field.encode())
    assert found == tuple(Address(name=name, address=address) for name, address in expected)


@pytest.mark.parametrize(
    "field",
    [
        "ceo@shop.test evil@attacker.test",
        "evil@attacker.test From: ceo@shop.test",
        "evil@attacker.test\x00ceo@shop.test",
        "ceo@shop\u200b.test",
        "a@b@c.test",
        "<a b@c.test>",
        "just a name",
    ],
)
def test_what_is_no_addr_spec_counts_as_no_address(field: str) -> None:
    assert all(not entry.address for entry in addresses.read(field.encode()))


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("=?utf-8?q?ceo=40shop=2Etest_=3Cceo=40shop=2Etest=3E?= <e@x.test>", "e@x.test"),
        ('"ceo@shop.test" <e@x.test>', "e@x.test"),
        ('"ceo <e@x.test>', "e@x.test"),
        ("ceo@shop.test <e@x.test>", "e@x.test"),
        ('"ceo@shop.test"@x.test', '"ceo@shop.test"@x.test'),
    ],
)
def test_a_display_name_never_becomes_the_address(field: str, address: str) -> None:
    assert [entry.address for entry in addresses.read(field.encode())] == [address]


# --- ids and dates ---


def test_ids_without_brackets_are_taken_where_there_are_none_with() -> None:
    assert headers.message_ids(b"root-1001@example.test") == ("root-1001@example.test",)
    assert headers.message_ids(b"noise <a@b>\r\n <c@d> <a@b>") == ("a@b", "c@d")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 05 Jan 2026 10:00:00 +0300", datetime(2026, 1, 5, 7, tzinfo=UTC)),
        ("Mon, 05 Jan 2026 10:00:60 +0300", datetime(2026, 1, 5, 7, 0, 59, tzinfo=UTC)),
        ("5 Jan 26 10:00 GMT", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("Mon Jan  5 10:00:00 2026", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("Mon, 01 Jan 12026 00:00:00 +0000", None),
        ("31 Feb 2026 10:00:00 +0000", None),
        ("yesterday", None),
    ],
)
def test_dates_are_instants_or_nothing(text: str, expected: datetime | None) -> None:
    assert dates.parse(text) == expected


def test_a_clock_that_was_never_set_gives_no_date() -> None:
    assert dates.sane(datetime(1970, 1, 1, tzinfo=UTC)) is None
    assert dates.sane(datetime(2150, 1, 1, tzinfo=UTC)) is None
    assert dates.sane(datetime(2026, 1, 1, tzinfo=UTC)) is not None


# --- parameters ---


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('attachment; filename="a.pdf"', "a.pdf"),
        ("attachment; filename*=utf-8''%C5%9Fipari%C5%9F.pdf", "şipariş.pdf"),
        ("attachment; filename*0*=utf-8''%C5%9F; filename*1=\"ip.pdf\"", "şip.pdf"),
        ('attachment; filename="=?utf-8?q?=C5=9Fip=2Epdf?="', "şip.pdf"),
        ("attachment; filename=şipariş; no 5.pdf", "şipariş; no 5.pdf"),
        ('attachment; filename*0="a.pdf"; filename*0="b.exe"', "a.pdf"),
        ("attachment; filename=my file.pdf", "my file.pdf"),
    ],
)
def test_file_names_are_read_in_every_way_they_are_written(field: str, name: str) -> None:
    assert value_and_parameters(field.encode())[1]["filename"] == name


# --- what others expect ---


def test_ids_agree_with_another_parser() -> None:
    for row in rows("id.json"):
        assert list(headers.message_ids(value_of(row["header"]))) == (row["expected"] or [])


def test_dates_agree_with_another_parser_where_they_are_dates() -> None:
    wrong = [row["header"] for row in rows("date.json") if _date(row) != _expected_date(row)]
    assert wrong == [" 4 8 15 16 23 42, 4 8 15 16 23 42, 4 8 15 16 23 42, "]


def _date(row: dict[str, Any]) -> datetime | None:
    return dates.parse(headers.as_text(value_of(row["header"])))


def _expected_date(row: dict[str, Any]) -> datetime | None:
    expected = row["expected"]
    if expected is None:
        return None
    minutes = expected["tz_hour"] * 60 + expected["tz_minute"]
    zone = timezone(timedelta(minutes=-minutes if expected["tz_before_gmt"] else minutes))
    year, month, day, hour, minute, second = (
        expected[field] for field in ("year", "month", "day", "hour", "minute", "second")
    )
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def test_text_agrees_with_another_parser() -> None:
    # Elsewhere a space is put between plain text and a word that touches it; we put none.
    wrong = [
        row["header"]
        for row in rows("unstructured.json")
        if headers.unstructured(value_of(row["header"]))
        != " ".join((row["expected"] or "").split())
    ]
    assert all("[SUSPECTED SPAM]=?" in header for header in wrong)


def test_mailboxes_agree_with_another_parser() -> None:
    for row in rows("address.json"):
        ours = [entry.address for entry in addresses.read(value_of(row["header"]))]
        theirs = [
            address for address in _mailboxes(row["expected"]) if addresses.addr_spec(address)
        ]
        assert [address for address in ours if address] == [
            addresses.addr_spec(address) for address in theirs
        ]


def _mailboxes(expected: Any) -> list[str]:
    if "List" in expected:
        entries = expected["List"]
    else:
        entries = [entry for group in expected["Group"] for entry in group["addresses"]]
    return [entry["address"] for entry in entries if entry["address"]]


# --- any input ---


@given(st.binary(max_size=400))
def test_no_bytes_make_a_field_reader_fail(raw: bytes) -> None:
    headers.unstructured(raw)
    headers.message_ids(raw)
    value_and_parameters(raw)
    dates.parse(headers.as_text(raw))
    for entry in addresses.read(raw):
        assert entry.address == "" or addresses.addr_spec(entry.address) == entry.address
        assert "\n" not in entry.name


@pytest.mark.parametrize(
    "piece", ['"', '\\"', "(", "<", "a@", "a,", ";", "=?", "=?a?q?", "a=b;", " x", "[", ":"]
)
def test_long_values_take_time_in_proportion(piece: str) -> None:
    raw = (piece * (headers.MAX_VALUE_BYTES // len(piece))).encode()
    began = time.process_time()
    addresses.read(raw)
    headers.unstructured(raw)
    value_and_parameters(raw)
    headers.message_ids(raw)
    dates.parse(headers.as_text(raw))
    assert time.process_time() - began < 2
