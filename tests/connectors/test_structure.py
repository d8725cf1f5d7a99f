"""A large message without its attachments still reads as itself."""

from __future__ import annotations

import email
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.email.structure import (
    MAX_TEXT_BYTES,
    plan_sections,
    read_structure,
    synthesise,
)
from desktop_inbox.connectors.email.wire import tokens

MIXED = (
    b'((("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 5 1 NIL NIL NIL NIL)'
    b'("TEXT" "HTML" NIL NIL NIL "7BIT" 12 1 NIL NIL NIL NIL)'
    b' "ALTERNATIVE" ("BOUNDARY" "inner") NIL NIL NIL)'
    b'("IMAGE" "PNG" ("NAME" "logo.png") "<logo@x>" NIL "BASE64" 800 NIL'
    b' ("INLINE" NIL) NIL NIL)'
    b'("APPLICATION" "PDF" ("NAME" "a.pdf") NIL NIL "BASE64" 780000 NIL'
    b' ("ATTACHMENT" ("FILENAME*" "utf-8\'\'Rechnung%20%C3%A4.pdf")) NIL NIL)'
    b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400000 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'
    b' ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1) 9 NIL ("ATTACHMENT" NIL) NIL NIL)'
    b' "MIXED" ("BOUNDARY" "outer") NIL NIL NIL)'
)
HEADER = b"Subject: hi\r\nContent-Type: multipart/mixed;\r\n boundary=outer\r\nX-Last: 1\r\n\r\n"


def test_text_and_small_parts_are_fetched_and_the_rest_stays() -> None:
    plan = plan_sections(read_structure(tokens([MIXED])[0]))

    assert [one.number for one in plan.wanted] == ["1.1", "1.2", "2"]
    assert [(one.section, one.name, one.media_type) for one in plan.remote] == [
        ("3", "Rechnung ä.pdf", "application/pdf"),
        ("4", "", "message/rfc822"),
    ]
    assert plan.remote[0].size == 570_000
    assert b"BODY.PEEK[1.1.MIME] BODY.PEEK[1.1] " in plan.items


def test_the_message_put_together_parses_like_the_original() -> None:
    plan = plan_sections(read_structure(tokens([MIXED])[0]))
    sections = {
        "1.1.MIME": b"Content-Type: text/plain; charset=utf-8\r\n\r\n", "1.1": b"hello",
        "1.2.MIME": b"Content-Type: text/html\r\n\r\n", "1.2": b"<p>hello</p>",
        "2.MIME": b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\n", "2": b"iVBO",
    }  # fmt: skip

    message = email.message_from_bytes(synthesise(plan, HEADER, sections), policy=policy.default)

    assert message["Subject"] == "hi"
    assert message["X-Last"] == "1"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "hello"


def test_a_huge_text_is_cut_and_offered_whole() -> None:
    structure = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5000000 1 NIL NIL NIL NIL)'
    plan = plan_sections(read_structure(tokens([structure])[0]))

    assert plan.items == b"(UID BODY.PEEK[1]<0.%d>)" % MAX_TEXT_BYTES
    assert [one.section for one in plan.remote] == ["1"]
    assert synthesise(plan, HEADER, {"1": b"begin"}).endswith(b"\r\n\r\nbegin")


def test_a_message_that_is_one_file_becomes_an_empty_text_and_the_file() -> None:
    structure = b'("APPLICATION" "ZIP" ("NAME" "a.zip") NIL NIL "BASE64" 5000000 NIL NIL NIL NIL)'
    plan = plan_sections(read_structure(tokens([structure])[0]))
    header = b"Content-Type: application/zip;\r\n name=a.zip\r\nSubject: hi\r\n\r\n"

    assert plan.wanted == ()
    assert plan.remote[0].safe_name == "a.zip"
    raw = synthesise(plan, header, {})
    assert b"zip" not in raw
    assert email.message_from_bytes(raw)["Subject"] == "hi"


@pytest.mark.parametrize("structure", [b"NIL", b"()", b'("TEXT")', b"((((", b'("mixed" NIL)'])
def test_a_structure_that_makes_no_sense_is_refused(structure: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its words are for nobody
        read_structure(tokens([structure])[0])


def test_absurd_nesting_is_refused() -> None:
    nested: list[object] = [b"TEXT", b"PLAIN", None, None, None, b"7BIT", b"1", b"1"]
    for _ in range(150):
        nested = [nested, b"MIXED"]
    with pytest.raises(ValueError, match="deeply"):
        read_structure(nested)  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_any_structure_is_read_or_refused(data: bytes) -> None:
    try:
        section = read_structure(tokens([data])[0])
    except (ValueError, IndexError):
        return
    synthesise(plan_sections(section), HEADER, {})
