"""Which text of a message is read, and which of it is folded away as quoted history. Pure.

Quoted text is hidden, never deleted, and never when nothing would be left to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from desktop_inbox.domain.states import Direction
from desktop_inbox.mime.html.links import links
from desktop_inbox.mime.html.text import to_text
from desktop_inbox.mime.quoted import split_quoted
from desktop_inbox.mime.readable import Readable
from desktop_inbox.mime.reading import reading_view
from desktop_inbox.services import bodies
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views import plain_text

# What is laid out; of a longer text this much is shown, and the bubble says so. Laying out takes
# the window's own time, about a millisecond for a thousand characters.
PICTURE_WIDTH = 640  # pixels at most, however wide the pane
MAX_SHOWN = 150_000  # characters of HTML
MAX_TEXT = 60_000
MAX_LINES = 4_000  # of plain text
_MOST_SPLIT = 300_000  # a longer document is shown without looking for history to fold
_REMOTE_PICTURE = re.compile(r'<img src="(https?://[^"]+)"', re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What in a message's HTML might be meant to deceive."""

    misleading: int = 0  # links whose words name another site
    veiled: int = 0  # links that hide where they lead
    forms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message's text in the two forms it is shown in: without history, and whole."""

    visible: str
    whole: str
    is_html: bool
    remote: int = 0  # things it would load from the web
    doubts: Doubts = Doubts()
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
        return self.limited(self.whole) != self.whole

    def html(self, *, quoted: bool, dark: bool, width: int) -> str:
        """What a MessageBody shows; worked out once, wherever it is asked for first."""
        key = (quoted, dark, width)
        if key not in self._views:
            self._views[key] = self._view(quoted=quoted, dark=dark, width=width)
        return self._views[key]

    def _view(self, *, quoted: bool, dark: bool, width: int) -> str:
        chosen = self.limited(self.whole if quoted else self.visible)
        if not self.is_html:
            return plain_text.to_html(chosen.strip("\n"))
        return reading_view(chosen, dark=dark, width=width)

    def limited(self, text: str) -> str:
        """As much of it as can be laid out without the window standing still."""
        return _first_of_html(text) if self.is_html else _first_of_text(text)


def wants_html(message: MessageRow) -> bool:
    """Whether a message is read in its form with layout."""
    return message.direction is not Direction.NOTE and bodies.has_html(message)


def of_text(message: MessageRow) -> Reading:
    """The reading of a message's text, which is at hand at once.

    Where there is none, what the message holds besides stands for it in lists; here it is drawn.
    """
    visible = message.visible_text.strip()  # mail ends with empty lines, which are no history
    folded = bool(visible) and visible != message.text.strip()
    return Reading(
        visible=message.visible_text if folded else message.text,
        whole=message.text,
        is_html=False,
    )


def of_html(readable: Readable) -> Reading:
    """The reading of a message's safe HTML; this takes milliseconds."""
    html = readable.html
    visible, quoted = split_quoted(html) if len(html) <= _MOST_SPLIT else (html, "")
    folded = bool(quoted.strip()) and _says_something(visible)
    return Reading(
        visible=visible if folded else html,
        whole=html,
        is_html=True,
        remote=readable.remote,
        doubts=_doubts(html[:_MOST_SPLIT], forms=readable.forms),
    )


def pictures_of(reading: Reading) -> list[str]:
    """The web addresses of the pictures that a reading shows, the ones that are seen first."""
    view = reading.html(quoted=False, dark=False, width=PICTURE_WIDTH)
    return [unescape(address) for address in _REMOTE_PICTURE.findall(view)]


def _doubts(html: str, *, forms: bool) -> Doubts:
    found = [set(link.warnings) for link in links(html)]
    misleading = sum("text-names-other-host" in warnings for warnings in found)
    veiled = sum(bool(warnings) for warnings in found) - misleading
    return Doubts(misleading=misleading, veiled=veiled, forms=forms)


def _first_of_text(text: str) -> str:
    cut = text[:MAX_TEXT]
    if cut.count("\n") <= MAX_LINES:
        return cut
    return "\n".join(cut.split("\n", MAX_LINES)[:MAX_LINES])


def _first_of_html(html: str) -> str:
    cut = html[:MAX_SHOWN]
    if len(cut) <= MAX_TEXT:
        return cut
    room, end = MAX_TEXT, 0
    for tag in _TAG.finditer(cut):
        room -= tag.start() - end
        if room < 0:
            return cut[: tag.start() + room]
        end = tag.end()
    return cut[: end + room] if room < len(cut) - end else cut


def _says_something(html: str) -> bool:
    return "<img" in html or bool(to_text(html).strip())
