"""Which text is read at first, and which waits behind a toggle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime.readable import Readable
from desktop_inbox.ui.views import message_text
from desktop_inbox.ui.views.message_text import MAX_LINES, MAX_SHOWN, MAX_TEXT, of_html, of_text
from tests.ui.views.sample import message

QUOTE = '<p>Thanks!</p><blockquote type="cite"><p>old words</p></blockquote>'


def test_quoted_history_of_plain_text_waits_behind_a_toggle() -> None:
    found = of_text(message(1, text="Thanks!\n> old", visible_text="Thanks!"))
    assert found.has_quoted
    assert "old" not in found.html(quoted=False, dark=False, width=400)
    assert "old" in found.html(quoted=True, dark=False, width=400)


def test_quoted_history_of_html_waits_behind_a_toggle() -> None:
    found = of_html(Readable(html=QUOTE, remote=0))
    assert found.has_quoted
    assert "old words" not in found.html(quoted=False, dark=False, width=400)
    assert "old words" in found.html(quoted=True, dark=True, width=400)


def test_nothing_is_folded_where_nothing_would_be_left() -> None:
    only = '<blockquote type="cite"><p>old words</p></blockquote>'
    found = of_html(Readable(html=only, remote=0))
    assert not found.has_quoted
    assert "old words" in found.html(quoted=False, dark=False, width=400)
    assert not of_text(message(1, text="> old", visible_text="")).has_quoted


def test_empty_lines_at_the_end_of_a_mail_are_nothing_to_unfold() -> None:
    assert not of_text(message(1, text="Thanks!\n\n", visible_text="Thanks!")).has_quoted


def test_a_text_too_long_to_lay_out_says_that_it_is_cut() -> None:
    assert of_text(message(1, text="word " * MAX_SHOWN)).cut
    assert not of_text(message(1)).cut


@pytest.mark.parametrize(
    "text", ["word " * MAX_TEXT, "a\n" * 2 * MAX_LINES, "x" * 2 * MAX_TEXT], ids=lambda t: t[:4]
)
def test_no_more_of_a_text_is_laid_out_than_the_window_can_bear(text: str) -> None:
    shown = of_text(message(1, text=text)).html(quoted=True, dark=False, width=400)
    assert len(shown) < 2 * MAX_TEXT
    assert shown.count("<br>") <= MAX_LINES


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<br>", "ab", "cdefg", "<i title='x'>"]), max_size=60),
    st.integers(min_value=0, max_value=40),
)
def test_html_is_cut_within_its_text_only(pieces: list[str], most: int) -> None:
    html = "".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(message_text, "MAX_TEXT", most)
        cut = of_html(Readable(html=html, remote=0)).limited(html)
    assert html.startswith(cut)
    text, kept = (re.sub("<[^>]*>", "", part) for part in (html, cut))
    assert kept == text[:most] or html == cut
    assert cut.count("<") == cut.count(">")
