"""File names from strangers: shown plainly, saved only where they were meant to go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime import names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../../../.bashrc", "bashrc"),
        ("\\\\attacker.test\\share\\x.exe", "x.exe"),
        ("C:\\Users\\x\\file.txt", "file.txt"),
        ("x.exe.", "x.exe"),
        ("invoice.pdf            .exe", "invoice.pdf .exe"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("nul.txt", "_nul.txt"),
        ("COM1", "_COM1"),
        ("a\x00b.txt", "ab.txt"),
        ("fatura ğüş.pdf", "fatura ğüş.pdf"),
        ('q"u?e*s<t>.txt', "q_u_e_s_t_.txt"),
    ],
)
def test_names_become_fit_for_a_file_system(name: str, expected: str) -> None:
    assert names.safe(name) == expected


def test_a_nameless_file_gets_the_extension_of_its_type() -> None:
    assert names.safe("", media_type="image/png") == "attachment.png"
    assert names.safe("..", media_type="x/y") == "attachment"


def test_a_long_name_keeps_its_extension() -> None:
    shortened = names.safe("ğ" * 500 + ".pdf")
    assert shortened.endswith(".pdf")
    assert len(shortened.encode()) <= names.MAX_BYTES


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder(name: str) -> None:
    found = names.safe(name)
    assert found not in {"", ".", ".."}
    assert not set(found) & set("/\\\x00\n\r")
    assert len(found.encode()) <= names.MAX_BYTES
    assert names.safe(found) == found
