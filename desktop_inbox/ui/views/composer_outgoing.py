"""The whole message that leaves: what was typed, the signature, and what it answers. Pure.

The signature never stands in the editor, so that nothing can swallow it and none comes twice.
"""

from __future__ import annotations

from html import escape

from desktop_inbox.domain.rich_text import (
    Line,
    RichText,
    adapt,
    from_plain,
    needs_html,
    to_html,
    to_text,
)
from desktop_inbox.services.bodies import has_html
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.composer_loss import kept_by
from desktop_inbox.ui.views.composer_quote import forwarded, quoted

_SIGNATURE = '<div class="moz-signature">-- <br>{0}</div>'
_ATTRIBUTION = '<div class="moz-cite-prefix">{0}</div>'
_CITE = (
    '<blockquote type="cite" style="margin:0 0 0 2px;padding-left:10px;'
    'border-left:2px solid #bbb">{0}</blockquote>'
)
_FORWARD = '<div class="moz-forward-container">{0}<br>{1}</div>'


def outgoing(
    lines: RichText, *, mode: str, channel: str, signature: RichText, quotes: MessageRow | None
) -> tuple[str, str]:
    """The whole text that leaves, and the HTML of what is above the quote; '' for none."""
    if mode == "note":
        return adapt(lines).text, ""
    text = plain_message(lines, signature=signature, quote=quoted_text(quotes, mode=mode))
    if not kept_by(channel):
        return text, ""
    laid_out = mode == "forward" and quotes is not None and has_html(quotes)
    return text, html_of(lines, signature=signature, always=laid_out)


def quoted_text(message: MessageRow | None, *, mode: str) -> str:
    """A message as it stands below the text; '' for none."""
    if message is None:
        return ""
    return forwarded(message) if mode == "forward" else quoted(message)


def with_signature(lines: RichText, signature: RichText) -> str:
    """What was typed with its signature, as plain text; not twice where it was typed as well."""
    body = to_text(lines).rstrip()
    signed = to_text(signature).strip()
    if not signed or is_signed(lines, signature):
        return body
    return f"{body}\n\n-- \n{signed}"


def plain_message(lines: RichText, *, signature: RichText, quote: str) -> str:
    """The whole text that leaves; `quote` is the answered message, marked."""
    parts = [with_signature(lines, signature), *([quote] if quote else [])]
    return "\n\n".join(parts) + "\n"


def html_of(lines: RichText, *, signature: RichText, always: bool = False) -> str:
    """What was typed with its signature as HTML, '' where plain text says all of it.

    `always` where something else of the message needs the form.
    """
    signed = not is_signed(lines, signature) and bool(to_text(signature).strip())
    if not always and not needs_html(lines) and not (signed and needs_html(signature)):
        return ""
    foot = f"<div><br></div>{_SIGNATURE.format(to_html(signature))}" if signed else ""
    return to_html(lines) + foot


def answering_html(html: str, *, attribution: str, quoted: RichText) -> str:
    """An answer in HTML with what it answers below it."""
    head = _ATTRIBUTION.format(escape(attribution))
    return f"{html}<div><br></div>{head}{_CITE.format(to_html(quoted))}"


def forwarding_html(html: str, *, heading: str, original: str) -> str:
    """A forward in HTML; `original` is the message as it was, made inert before."""
    return f"{html}<div><br></div>{_FORWARD.format(to_html(from_plain(heading)), original)}"


def is_signed(lines: RichText, signature: RichText) -> bool:
    """Whether the text already ends with its signature, for instance by a canned response."""
    signed = to_text(signature).strip()
    return bool(signed) and to_text(lines).rstrip().endswith(signed)


def quoted_lines(lines: RichText) -> tuple[Line, ...]:
    """Lines as they stand in a quote of them."""
    return tuple(
        Line(runs=line.runs, kind=line.kind, level=line.level, quote=line.quote + 1)
        for line in lines
    )
