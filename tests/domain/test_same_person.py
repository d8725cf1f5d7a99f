"""Variants of an address meet under a second key, and only there (rules E2, E3)."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.same_person import (
    Reason,
    Sign,
    company_domains,
    name_key,
    score,
    secondary_key,
)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("elif+shop@example.com", "elif@example.com"),
        ("e.l.i.f+x@gmail.com", "elif@gmail.com"),
        ("elif@googlemail.com", "elif@gmail.com"),
        ("e.lif@example.com", ""),
        ("elif@example.com", ""),
        ("+sales@example.com", ""),
        ('"a+b"@example.com', ""),
    ],
)
def test_plus_tags_fold_everywhere_and_dots_at_google_only(address: str, key: str) -> None:
    assert secondary_key("email", address) == key


def test_handles_have_no_variants() -> None:
    assert secondary_key("telegram", "elif+shop@example.com") == ""
    assert secondary_key("whatsapp", "+5511987654321") == "+551187654321"


def test_a_first_name_alone_says_nothing_and_a_name_folds_case_and_accents() -> None:
    assert name_key("Elif") == ""
    assert name_key("ELİF  Arslan") == name_key("elif arslan")


def test_public_providers_are_no_company() -> None:
    assert company_domains(["a@gmail.com", "b@kaya.example", "+90532"]) == {"kaya.example"}


def test_independent_signs_add_up_and_never_reach_certainty() -> None:
    email, name = Sign(reason=Reason.EMAIL, value="e"), Sign(reason=Reason.NAME, value="n")
    assert score([email]) == 0.85
    assert score([email, Sign(reason=Reason.EMAIL, value="f")]) == 0.85
    assert score([email, name]) == 0.94
