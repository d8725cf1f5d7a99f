"""Which text is read at first, and which waits behind a toggle."""

from __future__ import annotations

from desktop_inbox.mime.parse import Readable
from desktop_inbox.ui.views.message_text import MAX_SHOWN, of_html, of_text
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


def test_a_text_too_long_to_lay_out_says_that_it_is_cut() -> None:
    assert of_text(message(1, text="word " * MAX_SHOWN)).cut
    assert not of_text(message(1)).cut
