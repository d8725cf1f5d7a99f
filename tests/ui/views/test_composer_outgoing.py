"""The whole message that leaves: text, signature and what it answers, plain and as HTML."""

from __future__ import annotations

from desktop_inbox.domain.rich_text import Line, Run, from_plain
from desktop_inbox.ui.views.composer_outgoing import (
    answering_html,
    forwarding_html,
    html_of,
    plain_message,
    quoted_lines,
)

BOLD = (Line(runs=(Run(text="Hello", bold=True),)),)
ADA = from_plain("Ada\nKaya Ceramics")


def test_what_leaves_is_text_signature_and_quote_in_this_order() -> None:
    text = plain_message(from_plain("Hi \n"), signature=from_plain("Ada"), quote="> old")
    assert text == "Hi\n\n-- \nAda\n\n> old\n"
    assert plain_message(from_plain("Hi"), signature=(), quote="") == "Hi\n"


def test_a_signature_that_was_typed_as_well_stands_once() -> None:
    """A canned response may end with `{{me.signature}}`."""
    typed = from_plain("Hi\n\nAda\nKaya Ceramics\n")
    assert plain_message(typed, signature=ADA, quote="").count("Ada") == 1
    assert html_of((*BOLD, *typed), signature=ADA).count("Ada") == 1


def test_text_without_layout_stays_a_plain_text_mail() -> None:
    assert html_of(from_plain("Hi"), signature=ADA) == ""


def test_layout_in_the_signature_alone_asks_for_html() -> None:
    html = html_of(from_plain("Hi"), signature=BOLD)
    assert html == (
        "<div>Hi</div><div><br></div>"
        '<div class="moz-signature">-- <br><div><b>Hello</b></div></div>'
    )


def test_a_quote_above_the_text_needs_no_html() -> None:
    assert html_of((*quoted_lines(from_plain("old")), *from_plain("new")), signature=()) == ""


def test_an_answer_cites_and_a_forward_passes_on() -> None:
    answer = answering_html("<div>x</div>", attribution="<Mina> wrote:", quoted=BOLD)
    assert '<div class="moz-cite-prefix">&lt;Mina&gt; wrote:</div><blockquote type="cite"' in answer
    forward = forwarding_html("", heading="From: <Mina>", original="<p>As it was</p>")
    assert "<div>From: &lt;Mina&gt;</div><br><p>As it was</p>" in forward
