"""Which text of a message is read, and which of it is folded away as quoted history. Pure.

Quoted text is hidden, never deleted, and never when nothing would be left to read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop_inbox.domain.messages import Direction
from desktop_inbox.mime import html as mime_html
from desktop_inbox.mime.parse import Readable
from desktop_inbox.mime.quoted import split_quoted
from desktop_inbox.services import bodies
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
    remote: int = 0  # things it would load from the web
    lost: bool = False  # the message had a form with layout, which is not here any more
    _views: dict[tuple[bool, bool, int], str] = field(default_factory=dict, compare=False)

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
        """What a MessageBody shows; worked out once, wherever it is asked for first."""
        key = (quoted, dark, width)
        if key not in self._views:
            self._views[key] = self._view(quoted=quoted, dark=dark, width=width)
        return self._views[key]

    def _view(self, *, quoted: bool, dark: bool, width: int) -> str:
        chosen = (self.whole if quoted else self.visible)[:MAX_SHOWN]
        if not self.is_html:
            return plain_text.to_html(chosen.strip("\n"))
        return mime_html.reading_view(chosen, dark=dark, width=width)


def wants_html(message: MessageRow) -> bool:
    """Whether a message is read in its form with layout."""
    return message.direction is not Direction.NOTE and bodies.has_html(message)


def of_text(message: MessageRow) -> Reading:
    """The reading of a message's text, which is at hand at once."""
    folded_text = message.visible_text.strip()
    return Reading(
        visible=message.visible_text if folded_text else message.text,
        whole=message.text,
        is_html=False,
    )


def of_html(readable: Readable) -> Reading:
    """The reading of a message's safe HTML; this takes milliseconds."""
    visible, quoted = split_quoted(readable.html)
    folded = bool(quoted.strip()) and _says_something(visible)
    return Reading(
        visible=visible if folded else readable.html,
        whole=readable.html,
        is_html=True,
        remote=readable.remote,
    )


def _says_something(html: str) -> bool:
    return "<img" in html or bool(mime_html.to_text(html).strip())
