"""What goes out below an answer."""

from __future__ import annotations

from desktop_inbox.ui.views.composer_quote import (
    forward_subject,
    forwarded,
    quoted,
    reply_subject,
)
from tests.ui.views.sample import message


def test_a_quote_marks_every_line_and_says_whose_it_is() -> None:
    text = quoted(message(1, text="one\n\n> two"))
    first, *lines = text.splitlines()
    assert first.startswith("On ")
    assert first.endswith("Mina Okafor <mina@orders.example> wrote:")
    assert lines == ["> one", ">", ">> two"]


def test_an_empty_message_is_not_quoted() -> None:
    assert quoted(message(1, text="")) == ""


def test_a_forward_keeps_the_text_as_it_was_under_its_heading() -> None:
    text = forwarded(message(1, text="as it was"))
    assert text.startswith("---------- Forwarded message ----------\nFrom: Mina Okafor")
    assert text.endswith("\n\nas it was")


def test_subjects_are_prefixed_once() -> None:
    assert reply_subject("Glaze") == "Re: Glaze"
    assert reply_subject("re: Glaze") == "re: Glaze"
    assert forward_subject("WG: Glaze") == "WG: Glaze"
    assert forward_subject("Glaze") == "Fwd: Glaze"
