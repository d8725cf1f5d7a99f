"""Authentication-Results as servers write them, and as attackers do (RFC 8601)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.domain.messages import Authentication
from desktop_inbox.mime.authentication import UNNAMED, read
from desktop_inbox.mime.parse import parse_message

GOOGLE = b"""mx.google.com;
       dkim=pass header.i=@shop.example header.s=s1 header.b="ab;cd=";
       spf=pass (google.com: domain of a@shop.example designates 192.0.2.1 as permitted; ok)
 smtp.mailfrom=a@shop.example;
       dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=Shop.Example"""


def test_what_google_writes_is_read() -> None:
    assert read(GOOGLE) == Authentication(
        server="mx.google.com", spf="pass", dkim="pass", dmarc="fail", domain="shop.example"
    )


@pytest.mark.parametrize(
    ("field", "server", "dmarc"),
    [
        (b"example.com 1; dmarc=pass header.from=a@b.example", "example.com", "pass"),
        (b"example.com; none", "example.com", ""),
        (b"foo.net (foobar) 1 (baz); dmarc (this) = (that) fail (really)", "foo.net", "fail"),
        (b'"quoted.example"; dmarc/1=fail', "quoted.example", "fail"),
        (b"spf=pass smtp.mailfrom=a.example; dmarc=fail action=none", UNNAMED, "fail"),
    ],
)
def test_the_forms_of_the_standard_are_read(field: bytes, server: str, dmarc: str) -> None:
    found = read(field)
    assert found is not None
    assert (found.server, found.dmarc) == (server, dmarc)


def test_one_good_signature_of_several_is_enough() -> None:
    found = read(b"a.example; dkim=fail header.d=list.example; dkim=pass header.d=shop.example")
    assert found is not None
    assert found.dkim == "pass"


def test_a_result_inside_a_comment_or_a_string_is_none() -> None:
    found = read(b'a.example; spf=fail (; dmarc=pass) reason="x; dmarc=pass"')
    assert found is not None
    assert (found.spf, found.dmarc) == ("fail", "")


def test_only_the_topmost_field_is_looked_at() -> None:
    raw = b"Authentication-Results: " + GOOGLE + b"\nAuthentication-Results: evil; dmarc=pass\n\n"
    found = parse_message(raw).authentication
    assert found is not None
    assert (found.server, found.dmarc) == ("mx.google.com", "fail")


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_failing(raw: bytes) -> None:
    read(raw)


@pytest.mark.parametrize("piece", [b"(", b'"', b";=", b"a=b;", b"\\", b"dmarc=", b"/=/="])
def test_a_bomb_takes_no_time(piece: bytes) -> None:
    began = time.process_time()
    read(piece * 1_000_000)
    assert time.process_time() - began < 0.5
