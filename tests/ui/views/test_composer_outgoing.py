"""The whole message that leaves: text, signature and what it answers, plain and as HTML."""

from __future__ import annotations

from dataclasses import replace

from desktop_inbox.domain.rich_text import Kind, Line, Run, from_plain
from desktop_inbox.ui.views.composer_outgoing import (
    answering_html,
    forwarding_html,
    html_of,
    outgoing,
    plain_message,
    quoted_lines,
)
from tests.ui.views.sample import message

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


def test_a_channel_of_plain_text_gets_the_marks_and_no_html() -> None:
    """Rule F4: what it loses is shown before; what it gets is this."""
    item = Line(runs=(Run(text="mug"),), kind=Kind.BULLET)
    given = outgoing((*BOLD, item), mode="reply", channel="telegram", signature=(), quotes=None)
    assert given == ("Hello\n- mug\n", "")
    note = outgoing((*BOLD, item), mode="note", channel="email", signature=ADA, quotes=None)
    assert note == ("Hello\n- mug", "")


def test_a_forward_of_a_message_with_layout_is_html_though_nothing_was_typed() -> None:
    """What it looks like, and its pictures, would be lost otherwise."""
    laid_out = replace(message(1, text="As it was"), has_html=True)
    for passed_on, expected in ((laid_out, "<div><br></div>"), (message(1, text="words"), "")):
        text, html = outgoing(
            from_plain(""), mode="forward", channel="email", signature=(), quotes=passed_on
        )
        assert text.endswith(f"{passed_on.text}\n")
        assert html == expected
