"""The part of a conversation that is selected, so that an answer quotes just that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtGui import QTextCursor

from desktop_inbox.domain.rich_text import RichText, quotable, typed_text
from desktop_inbox.domain.states import Direction
from desktop_inbox.ui.views import rich_document
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.message_bubble import MessageBubble


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPart:
    """What is selected, and in which message."""

    message_id: int
    lines: RichText
    body: MessageBody


def find(bubbles: Iterable[MessageBubble]) -> QuotedPart | None:
    """The selection in a message that travelled; None where nothing is selected."""
    for bubble in bubbles:
        body, message = bubble.body, bubble.message
        if body is None or message.direction not in (Direction.IN, Direction.OUT):
            continue
        cursor = body.textCursor()
        if not cursor.hasSelection() or _is_a_link(cursor):
            continue
        lines = quotable(rich_document.selected(cursor))
        if typed_text(lines).strip():
            return QuotedPart(message_id=message.id, lines=lines, body=body)
    return None


def _is_a_link(cursor: QTextCursor) -> bool:
    """Whether it is only where Tab has come to: the text selects the link that has the focus."""
    before, after = QTextCursor(cursor), QTextCursor(cursor)
    before.setPosition(cursor.selectionStart())
    after.setPosition(cursor.selectionEnd())
    url = after.charFormat().anchorHref()
    outside = before.charFormat().anchorHref() != url
    after.movePosition(QTextCursor.MoveOperation.Right)
    return bool(url) and outside and after.charFormat().anchorHref() != url
