"""History in HTML mail is parted from what its author wrote, and never wrongly."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime.html.safe import inert, sanitise
from desktop_inbox.mime.html.text import to_text
from desktop_inbox.mime.quoted import split_quoted
from tests.support.calls import calls_of
from tests.support.reply_samples import SAMPLES, Samples

ANSWER, LINE, QUESTION, BLOCK, SEPARATOR = "{answer}", "{line}", "{question}", "{block}", "{ruler}"

# What mail programs make of an answer: shapes, with the words of a language put in.
SHAPES = {
    "gmail": """<div dir="ltr">{answer}</div><br><div class="gmail_quote gmail_quote_container">
<div dir="ltr" class="gmail_attr">{line}<br></div><blockquote class="gmail_quote"
style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">
<div dir="ltr">{question}</div></blockquote></div>""",
    "apple": """<div>{answer}</div><div><br><blockquote type="cite"><div>{line}</div><br>
<div><div>{question}</div></div></blockquote></div>""",
    "iphone": """<div dir="ltr"></div><div dir="ltr">{answer}</div><div dir="ltr"><br>
<blockquote type="cite">{line}<br><br></blockquote></div><blockquote type="cite">
<div dir="ltr">{question}</div></blockquote>""",
    "thunderbird": """<p>{answer}</p><div class="moz-cite-prefix">{line}<br></div>
<blockquote type="cite" cite="mid:a@b.test"><p>{question}</p></blockquote>""",
    "thunderbird, forward": """<p>{answer}</p><div class="moz-forward-container"><br>{ruler}
<table><tr><th>Subject: </th><td>x</td></tr></table>{question}</div>""",
    "yahoo": """<div>{answer}</div><div><br></div><div id="yahoo_quoted_1" class="yahoo_quoted">
<div><div>{line}</div><div><br></div><div>{question}</div></div></div>""",
    "outlook": """<div class="WordSection1"><p class="MsoNormal">{answer}</p>
<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">
<p class="MsoNormal">{block}</p></div><p class="MsoNormal">&nbsp;</p>
<p class="MsoNormal">{question}</p></div>""",
    "outlook on the web": """<div>{answer}</div><div id="appendonsend"></div>
<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font>{block}</font>
<div>&nbsp;</div></div><div>{question}</div>""",
    "outlook, new": """<div>{answer}</div><div id="mail-editor-reference-message-container">
<div>{block}</div><div>{question}</div></div>""",
    "outlook, stripped of its marks": """<div>{answer}</div><hr><div><font face="Calibri">{block}
</font></div><div><div>{question}</div></div>""",
    "samsung": """<div>{answer}</div><div><br></div><div align="left">{ruler}</div>
<div>{block}</div><div><br></div>{question}""",
    "gmx": """<div>{answer}<div><br></div><div style="border-left:2px solid #C3D9E5">
<div style="margin:0 0 10px 0">{block}</div><div>{question}</div></div></div>""",
    "proton": """<div>{answer}</div><div class="protonmail_quote">{line}<br><br>
<blockquote class="protonmail_quote" type="cite">{question}</blockquote></div>""",
    "tuta": """<div>{answer}</div><div>{line}<br></div>
<blockquote class="tutanota_quote" style="border-left:1px solid">{question}</blockquote>""",
    "zoho": """<div>{answer}</div><div class="zmail_extra"><div>{line}</div>
<blockquote>{question}</blockquote></div>""",
    "yandex": "<div>{answer}</div><div>{line}</div><blockquote><div>{question}</div></blockquote>",
    "line breaks only": "{answer}<br><br>{line}<br><br>{question}<br>",
    "paragraphs only": "<p>{answer}</p><p>{line}</p><p>{question}</p>",
    "typed marks": "<div>{answer}<br><br>{line}<br>&gt; {question}<br>&gt;<br></div>",
    "table": """<table><tr><td>{answer}</td></tr><tr><td>{block}</td></tr>
<tr><td>{question}</td></tr></table>""",
}  # fmt: skip


def filled(shape: str, samples: Samples, line: str) -> str:
    def markup(text: str) -> str:
        return escape(text).replace("\n", "<br>")

    def bold(block: str) -> str:
        rows = (row.partition(":" if ":" in row else "：") for row in block.split("\n"))
        return "<br>".join(f"<b>{escape(a + b)}</b>{escape(c)}" for a, b, c in rows)

    return (
        shape.replace(ANSWER, markup(samples.answer))
        .replace(LINE, markup(line))
        .replace(QUESTION, markup(samples.question))
        .replace(BLOCK, bold(samples.block))
        .replace(SEPARATOR, markup(samples.separators[0]))
    )


def safe(markup: str) -> str:
    return inert(markup)


@pytest.mark.parametrize("program", SHAPES)
@pytest.mark.parametrize("code", SAMPLES)
def test_history_is_parted_from_what_is_new(code: str, program: str) -> None:
    samples = SAMPLES[code]
    for line in samples.attributions.values():
        visible, quoted = split_quoted(safe(filled(SHAPES[program], samples, line)))
        assert to_text(visible).strip() == samples.answer
        assert samples.question in to_text(quoted)


@pytest.mark.parametrize("code", SAMPLES)
def test_answers_between_quotations_stay_with_what_they_answer(code: str) -> None:
    samples = SAMPLES[code]
    shape = """<div class="gmail_quote"><div class="gmail_attr">{line}</div>
    <blockquote class="gmail_quote">{question}</blockquote><div>{answer}</div>
    <blockquote class="gmail_quote">{question} 2</blockquote><div>{answer} 2</div></div>"""
    text = to_text(split_quoted(filled(shape, samples, samples.attributions["gmail"]))[0])
    first, second = text.find(samples.answer), text.rfind(samples.answer)
    assert 0 <= text.find(samples.question) < first < text.rfind(samples.question) < second


@pytest.mark.parametrize("code", SAMPLES)
def test_an_answer_below_its_only_quotation_is_what_is_new(code: str) -> None:
    samples = SAMPLES[code]
    shape = '<div>{line}</div><blockquote type="cite">{question}</blockquote><p>{answer}</p>'
    visible, quoted = split_quoted(filled(shape, samples, samples.attributions["apple"]))
    assert to_text(visible).strip() == samples.answer
    assert samples.question in to_text(quoted)


def test_answers_between_plain_quotations_stay_where_they_are() -> None:
    markup = "<blockquote>q1</blockquote><p>a1</p><blockquote>q2</blockquote><p>a2</p>"
    assert split_quoted(markup) == (markup, "")


def test_a_message_that_is_all_history_is_shown_whole() -> None:
    markup = '<div class="gmail_quote">forwarded</div>'
    assert split_quoted(markup) == (markup, "")


@pytest.mark.parametrize(
    "markup",
    [
        "<p>As you say:</p><blockquote>Measure twice, cut once.</blockquote>",
        '<p>First,</p><blockquote style="margin:0 0 0 40px;border:none">indented</blockquote>',
        "<p>From: the list I picked<br>To: my mother</p><p>as a gift</p>",
        "<p>On Monday he wrote to me:</p><p>your parcel is lost.</p>",
        "<p>one</p><hr><p>two</p>",
        "<table><tr><td>From:</td><td>Izmir</td></tr><tr><td>To:</td><td>Berlin</td></tr></table>",
    ],
)
def test_what_looks_a_little_like_history_is_left_alone(markup: str) -> None:
    assert split_quoted(markup) == (markup, "")


def test_a_picture_in_the_answer_is_part_of_it() -> None:
    markup = """<div>See:<br><img src="cid:photo@x"></div><div class="gmail_quote">
    <div class="gmail_attr">On Mon, Jan 5, 2026 at 10:04 AM A &lt;a@b.test&gt; wrote:</div>
    <blockquote class="gmail_quote">old <img src="cid:logo@x"></blockquote></div>"""
    visible, quoted = split_quoted(safe(markup))
    assert "cid:photo@x" in visible
    assert "cid:logo@x" in quoted


def test_a_header_block_without_addresses_is_known_by_its_place() -> None:
    block = "<b>From:</b> Ruth<br><b>Sent:</b> Monday<br><b>To:</b> Tom<br><b>Subject:</b> x"
    visible, quoted = split_quoted(f"<p>Blue.</p><div><p>{block}</p></div><p>Which colour?</p>")
    assert to_text(visible).strip() == "Blue."
    assert "Which colour?" in quoted
    inside = f"<p>My parcel:<br>{block}</p><p>Thanks</p>"
    assert split_quoted(inside) == (inside, "")


def test_an_answer_that_is_only_a_picture_is_seen() -> None:
    markup = '<img src="cid:a@x"><blockquote type="cite">old</blockquote>'
    visible, quoted = split_quoted(markup)
    assert "cid:a@x" in visible
    assert "old" in quoted


PIECES = [
    "<p>word</p>", "<blockquote>", "</blockquote>", '<blockquote type="cite">q</blockquote>',
    '<div class="gmail_quote">', "<div>", "</div>", "<br>", "<hr>", '<img src="cid:a">', "tail",
    "<div>On 5.1.2026 10:04, A &lt;a@b.test&gt; wrote:</div>", "<td>", "<pre>a\n&gt; b</pre>",
    "From: a@b.test<br>Sent: x<br>Subject: y<br>", '<div id="divRplyFwdMsg">',
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_word_is_lost_and_something_is_always_seen(some: list[str]) -> None:
    clean = sanitise("".join(some)).html
    visible, quoted = split_quoted(clean)
    assert bool(to_text(visible).strip()) == bool(to_text(clean).strip()) or "<img" in visible
    kept = f"{to_text(visible)} {to_text(quoted)}".replace(">", " ").split()
    assert sorted(kept) == sorted(to_text(clean).replace(">", " ").split())


@pytest.mark.parametrize(
    "unit",
    [
        "<div>", "<blockquote>", '<blockquote type="cite">a</blockquote>b', "<br>", "a:<br>",
        '<div class="gmail_quote">', "<div>On 1.1.2026 10:00 a@b.test wrote:</div><blockquote>",
        "From: a@b.c<br>Sent: x<br>", "<p>x</p><hr>", "<table><tr><td>",
        "<i>On 1.1.2026 10:00 a@b.test wrote:</i><br>", '<blockquote type="cite">a</blockquote>',
    ],
)  # fmt: skip
def test_the_work_grows_no_faster_than_the_document(unit: str) -> None:
    once, twice = (calls_of(split_quoted, f"word{unit * times}") for times in (800, 1_600))
    assert twice < 2.6 * once + 3_000
