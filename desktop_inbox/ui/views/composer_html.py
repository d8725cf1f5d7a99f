"""The HTML of a message that leaves, with the message below it.

Reads files: for any thread but the window's.
"""

from __future__ import annotations

from desktop_inbox.domain.rich_text import RichText, from_plain, quotable, to_html
from desktop_inbox.services.bodies import has_html, safe_html
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.composer_outgoing import answering_html, forwarding_html
from desktop_inbox.ui.views.composer_quote import LONGEST_QUOTE, attribution, forward_heading
from desktop_inbox.ui.views.composer_request import SendRequest


def whole_html(files: Files, request: SendRequest) -> str:
    """Return all that leaves as HTML, '' where the message is plain text."""
    if not request.html or request.quotes is None:
        return request.html
    message = request.quotes
    if request.content.mode == "forward":
        heading = forward_heading(message)
        return forwarding_html(request.html, heading=heading, original=_original(files, message))
    if not message.text.strip():
        return request.html
    return answering_html(
        request.html, attribution=attribution(message), quoted=_quoted(files, message)
    )


def _original(files: Files, message: MessageRow) -> str:
    """A message as it was: inert, its pictures by the names its files go along under."""
    html = safe_html(files, message) if has_html(message) else ""
    return html or to_html(from_plain(message.text[:LONGEST_QUOTE].strip("\n")))


def _quoted(files: Files, message: MessageRow) -> RichText:
    """A message as it is quoted: its words, emphasis, lists and links, without its pictures."""
    html = safe_html(files, message) if has_html(message) else ""
    if html and len(html) <= LONGEST_QUOTE:
        from desktop_inbox.mime.rich import read

        return quotable(read(html, pictures=frozenset()))
    return from_plain(message.text[:LONGEST_QUOTE].strip("\n"))
