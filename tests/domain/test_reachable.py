"""Typed addresses, as channels compare them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.phones import region_of
from desktop_inbox.domain.reachable import TYPED, reachable


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("phone", "0532 111 22 33", "+905321112233"),
        ("phone", "+49 (0)30 123456", "+4930123456"),
        ("phone", "elif", ""),
        ("matrix", " @elif:example.org ", "@elif:example.org"),
        ("matrix", "elif@example.org", ""),
        ("xmpp", "Elif@Example.org/phone", "elif@example.org"),
        ("xmpp", "@elif:example.org", ""),
        ("telegram", "@elif", ""),
    ],
)
def test_what_was_typed_names_one_person_or_nobody(kind: str, typed: str, expected: str) -> None:
    assert reachable(kind, typed, region="TR") == expected


@given(kind=st.sampled_from(sorted(TYPED)), typed=st.text(max_size=300))
def test_what_is_named_names_itself(kind: str, typed: str) -> None:
    found = reachable(kind, typed, region="DE")
    assert reachable(kind, found) == found


@pytest.mark.parametrize(
    ("number", "country"),
    [("+905321112233", "TR"), ("+15551234567", "US"), ("+3530123", "IE"), ("34567", "")],
)
def test_a_number_tells_its_country(number: str, country: str) -> None:
    assert region_of(number) == country
