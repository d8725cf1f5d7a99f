"""History in HTML mail is parted from what its author wrote, and never wrongly."""

from __future__ import annotations

import pytest

from desktop_inbox.mime.html import sanitise, to_text
from desktop_inbox.mime.quoted import split_quoted


@pytest.mark.parametrize(
    "markup",
    [
        """<p>new</p><div class="gmail_quote"><div class="gmail_attr">On … wrote:</div>
        <blockquote>old</blockquote></div>""",
        """<p>new</p><div class="moz-cite-prefix">Am 1.1.2026 schrieb A:</div>
        <blockquote type="cite">old</blockquote>""",
        """<p>new</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: a</div>
        <p>old</p>""",
        """<div><p>new</p></div><div style="border-top:solid 1pt"><p><b>Kimden:</b> A</p>
        <p><b>Gönderildi:</b> 5 Ocak 2026</p><p><b>Konu:</b> x</p></div><p>old</p>""",
        '<p>new</p><div class="yahoo_quoted">old</div>',
    ],
)
def test_history_is_parted_from_what_is_new(markup: str) -> None:
    visible, quoted = split_quoted(sanitise(markup).html)
    assert to_text(visible) == "new"
    assert "old" in quoted


def test_answers_between_quotations_stay_where_they_are() -> None:
    markup = "<blockquote>q1</blockquote><p>a1</p><blockquote>q2</blockquote><p>a2</p>"
    assert split_quoted(markup) == (markup, "")


def test_a_message_that_is_all_history_is_shown_whole() -> None:
    markup = '<div class="gmail_quote">forwarded</div>'
    assert split_quoted(markup) == (markup, "")
