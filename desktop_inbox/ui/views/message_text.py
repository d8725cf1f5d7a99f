"""Which text of a message is read, and which of it is folded away as quoted history.

Quoted text is hidden, never deleted, and never when nothing would be left to read.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_inbox.domain.messages import Direction
from desktop_inbox.mime import html as mime_html
from desktop_inbox.mime.quoted import split_quoted
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views import plain_text

# What is laid out; of a longer text this much is shown, and the bubble says so.
MAX_SHOWN = 150_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message's text in the two forms it is shown in: without history, and whole."""

    visible: str
    whole: str
    is_html: bool

    @property
    def has_quoted(self) -> bool:
        """Whether there is something to unfold."""
        return self.visible != self.whole

    @property
    def empty(self) -> bool:
        """Whether there is no text at all."""
        return not self.whole.strip()

    @property
    def cut(self) -> bool:
        """Whether there is more text than is shown."""
        return len(self.whole) > MAX_SHOWN

    def html(self, *, quoted: bool, dark: bool, width: int) -> str:
        """What a MessageBody shows."""
        chosen = (self.whole if quoted else self.visible)[:MAX_SHOWN]
        if not self.is_html:
            return plain_text.to_html(chosen.strip("\n"))
        return mime_html.reading_view(chosen, dark=dark, width=width)


def reading(message: MessageRow) -> Reading:
    """Take a stored message apart for showing."""
    if message.html.strip() and message.direction is not Direction.NOTE:
        visible, quoted = split_quoted(message.html)
        folded = bool(quoted.strip()) and _says_something(visible)
        return Reading(
            visible=visible if folded else message.html, whole=message.html, is_html=True
        )
    folded_text = message.visible_text.strip()
    return Reading(
        visible=message.visible_text if folded_text else message.text,
        whole=message.text,
        is_html=False,
    )


def _says_something(html: str) -> bool:
    return "<img" in html or bool(mime_html.to_text(html).strip())
