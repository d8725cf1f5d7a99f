import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.customers import (
    display_name,
    first_name,
    initials,
    normalise_email,
    visible,
)
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.sendable import sendable
from tests.support.corpora import corpus


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        (" Elif@Example.COM ", "elif@example.com"),
        ("elif+shop@example.com", "elif+shop@example.com"),
        ("e.l.i.f@gmail.com", "e.l.i.f@gmail.com"),
        ("info@köln.de", "info@xn--kln-sna.de"),
        ("no domain", "no domain"),
    ],
)
def test_two_spellings_of_a_mailbox_are_equal_but_plus_and_dots_stay_e2(
    written: str, normalised: str
) -> None:
    assert normalise_email(written) == normalised


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing_and_never_raises(text: str) -> None:
    once = normalise_email(text)
    assert normalise_email(once) == once


@given(st.text(max_size=80))
def test_any_text_is_either_sendable_or_refused_with_a_reason(text: str) -> None:
    answer = sendable(text)
    assert answer.ok == bool(answer.normalised) == (not answer.reason)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "empty"),
        ("elif", "no-domain"),
        ("@example.com", "no-local-part"),
        ("elif@localhost", "domain-incomplete"),
        ("elif@example..com", "domain-invalid"),
        ("elif@example.com\r\nBcc: eve@example.com", "control-character"),
        ("a" * 65 + "@example.com", "local-part-too-long"),
        ("\uff20@example.com", "local-part-invalid"),
        ("elif@[300.1.1.1]", "domain-literal-invalid"),
    ],
)
def test_an_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    assert sendable(address).reason == reason


@pytest.mark.parametrize(
    "address", ["elif@example.com", "çağla@örnek.com.tr", '"two words"@example.com', "a@b.co"]
)
def test_what_people_really_use_is_accepted(address: str) -> None:
    assert sendable(address).ok


def test_no_address_that_the_published_suites_call_an_error_is_sendable() -> None:
    cases = json.loads((corpus("addresses.json")).read_text(encoding="utf-8"))
    errors = [case["address"] for case in cases if case.get("category") == "ISEMAIL_ERR"]
    assert errors
    assert [address for address in errors if sendable(address).ok] == []


def test_a_name_that_imitates_another_address_is_not_believed() -> None:
    spoof = Address(name="ali@example.test", address="eve@attacker.test")
    assert display_name(spoof) == "eve@attacker.test"


def test_a_name_is_shown_without_what_reorders_or_breaks_its_line() -> None:
    assert visible("Elif\u202e nalsrA\r\nBcc: x") == "Elif nalsrA Bcc: x"
    assert visible("👩\u200d👧") == "👩\u200d👧"


@pytest.mark.parametrize(
    ("name", "letters", "first"),
    [
        ("Elif Arslan", "EA", "Elif"),
        ("Şule", "Ş", "Şule"),
        ("", "", ""),
        ("info@kaya.com", "IC", "info@kaya.com"),
    ],
)
def test_initials_and_first_names(name: str, letters: str, first: str) -> None:
    assert initials(name) == letters
    assert first_name(name) == first
