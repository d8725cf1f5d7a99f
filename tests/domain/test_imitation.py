"""Look-alike addresses and borrowed names are told from honest ones."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.imitation import is_look_alike, is_same_name, mixes_scripts

AYSE = "ayse@marmara.example"


@pytest.mark.parametrize(
    "address",
    [
        "ayse@rnarmara.example",
        "аyse@marmara.example",  # a Cyrillic а
        "ayse@marmara.examp1e",
        "AYSE@MARMARA.EXAMPLE.".rstrip(".").replace("L", "I"),
    ],
)
def test_an_address_that_is_drawn_like_a_known_one_is_told(address: str) -> None:
    assert is_look_alike(address, {AYSE})


@pytest.mark.parametrize("address", [AYSE, "bo@example.net", "ayse@marmara.test", ""])
def test_other_addresses_are_not(address: str) -> None:
    assert not is_look_alike(address, {AYSE})


def test_a_punycode_domain_is_compared_as_it_is_shown() -> None:
    imitated = "ayse@" + "mаrmara.example".encode("idna").decode()  # a Cyrillic а
    assert is_look_alike(imitated, {AYSE})


def test_names_are_compared_as_a_reader_sees_them() -> None:
    assert is_same_name("THE  P0TTERY", ["The Pottery"])
    assert not is_same_name("Pottery fan", ["The Pottery"])
    assert not is_same_name("", ["The Pottery"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Аyse Yılmaz", True),
        ("Ayşe Yılmaz", False),
        ("Анна Петрова", False),
        ("Anna Петрова", False),  # two words, each of one script
        ("李雷 Li Lei", False),
    ],
)
def test_a_word_of_two_alphabets_is_told(name: str, expected: bool) -> None:
    assert mixes_scripts(name) is expected
