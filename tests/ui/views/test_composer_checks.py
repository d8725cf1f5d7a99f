"""What a composer asks about before it lets a message go."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_inbox.domain.messages import Address
from desktop_inbox.ui.views.composer_checks import (
    MANY_RECIPIENTS,
    Concern,
    findings,
    speaks_of_attachment,
)
from desktop_inbox.ui.views.composer_words import concern

MINA = Address(name="Mina", address="mina@orders.example")


def concerns(**changed: Any) -> list[Concern]:
    given: dict[str, Any] = {
        "note": False,
        "recipients": (MINA,),
        "unreadable": (),
        "subject": None,
        "body": "Hello",
        "attachments": 0,
    }
    return [finding.concern for finding in findings(**given | changed)]


def test_a_plain_answer_goes_out_unasked() -> None:
    assert concerns() == []


@pytest.mark.parametrize(
    "text",
    [
        "Please see the attached invoice",
        "Faturanız ektedir",
        "Fotoğrafı ekledim",
        "Tutanak EKTE",
        "Die Rechnung finden Sie im Anhang",
        "anbei die Liste",
    ],
)
def test_a_text_that_speaks_of_a_file_is_noticed(text: str) -> None:
    assert speaks_of_attachment(text)
    assert concerns(body=text) == [Concern.MISSING_ATTACHMENT]
    assert concerns(body=text, attachments=1) == []


@pytest.mark.parametrize(
    "text", ["I am attached to it? no: detachment", "tekte geldi", "Anlagenbau"]
)
def test_a_word_inside_another_is_not_taken_for_it(text: str) -> None:
    assert speaks_of_attachment(text) in ("", "attached")


def test_whatever_is_still_to_be_filled_in_blocks_and_says_where() -> None:
    found = findings(
        note=False,
        recipients=(MINA,),
        unreadable=(),
        subject=None,
        body="😀 Hello {{contact.first_name}}",
        attachments=0,
    )
    assert [finding.concern for finding in found] == [Concern.UNRESOLVED]
    assert found[0].blocks
    assert found[0].span == (8, 30)


@pytest.mark.parametrize(
    ("changed", "concern"),
    [
        ({"recipients": ()}, Concern.NO_RECIPIENT),
        ({"recipients": (Address(address="mina@"),)}, Concern.BAD_ADDRESS),
        ({"unreadable": ("nonsense",)}, Concern.BAD_ADDRESS),
        ({"body": " \n"}, Concern.EMPTY),
        ({"body": " \n", "quotes": True}, Concern.EMPTY_BODY),
        ({"subject": " "}, Concern.EMPTY_SUBJECT),
    ],
)
def test_each_fault_is_named(changed: dict[str, Any], concern: Concern) -> None:
    assert concerns(**changed) == [concern]


def test_many_recipients_are_asked_about() -> None:
    crowd = tuple(Address(address=f"p{n}@orders.example") for n in range(MANY_RECIPIENTS))
    assert concerns(recipients=crowd) == [Concern.MANY_RECIPIENTS]


def test_a_note_needs_nothing_but_text() -> None:
    assert concerns(note=True, recipients=(), body="{{x}} attached") == []
    assert concerns(note=True, body="") == [Concern.EMPTY]


def test_a_forward_needs_no_text_of_ones_own() -> None:
    assert concerns(forwards=True, body="") == []


def test_the_servers_own_limit_counts_where_it_is_known() -> None:
    small = 10_000_000
    assert concerns(attachments=1, attached_bytes=8_000_000, limit=small) == [Concern.TOO_LARGE]
    assert concerns(attachments=1, attached_bytes=19_000_000, limit=50_000_000) == []
    (asked,) = findings(
        note=False, recipients=(MINA,), unreadable=(), subject=None, body="Hello", attachments=1,
        attached_bytes=8_000_000, limit=small,
    )  # fmt: skip
    assert "your mail server takes no more than 7.3 MB" in concern(asked)


def test_files_that_grow_too_large_on_the_wire_are_asked_about() -> None:
    assert concerns(attachments=2, attached_bytes=18_000_000) == []
    # Encoded for the way, files are more than a third larger.
    assert concerns(attachments=2, attached_bytes=19_000_000) == [Concern.TOO_LARGE]
