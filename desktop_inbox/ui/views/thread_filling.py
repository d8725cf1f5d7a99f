"""Fills the bubbles on the screen with what takes time: layout, pictures, lengths. UI thread only.

Whatever comes too late, because another conversation is shown by then, is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.views import message_text
from desktop_inbox.ui.views.attachments import AttachmentStrip
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_text import Reading
from desktop_inbox.ui.views.piece_media import PREVIEW, PictureChip
from desktop_inbox.ui.views.played_chip import PlayedChip

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class Filling(QObject):
    """Fills the bubbles of one thread view."""

    def __init__(self, view: ThreadView, *, still: Callable[[], Callable[[], bool]]) -> None:
        """`still()` returns what tells later whether the same conversation is still shown."""
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._still = still

    def on_bubble(self, bubble: MessageBubble) -> None:
        """A bubble was built, or has other files than before."""
        strip = bubble.attachments
        if strip is not None and not bubble.property("wired"):
            bubble.setProperty("wired", True)
            strip.wished.connect(self._view.files.on_wish)
            self._view.file_menu.listen(strip)
        if message_text.wants_html(bubble.message) and not bubble.property("read"):
            bubble.setProperty("read", True)
            self._context.start(self._fill_text(bubble), name="layout")
        if bubble.message.attachments:
            self._context.start(self._fill_files(bubble), name="pictures")

    def renew_texts(self) -> None:
        """Show every message anew, because what it may show has changed."""
        for bubble in self._view.timeline.bubbles():
            if bubble.expanded and message_text.wants_html(bubble.message):
                self._context.start(self._fill_text(bubble), name="layout")

    async def _fill_text(self, bubble: MessageBubble) -> None:
        wanted, message = self._wanted(bubble), bubble.message
        reading = await self._view.readings.load(message)
        if not wanted():
            return
        bubble.show_reading(reading)
        self._view.finder.mark(bubble)
        await self._fill_web_pictures(bubble, reading)

    async def _fill_web_pictures(self, bubble: MessageBubble, reading: Reading) -> None:
        """Fetch the pictures that a permission was given for, and put them in."""
        wanted = self._wanted(bubble)
        if not self._view.readings.shows_pictures(bubble.message):
            return
        pictures = await self._view.desk.web_pictures(message_text.pictures_of(reading))
        if pictures and wanted() and bubble.body:
            bubble.body.set_pictures(pictures)

    async def _fill_files(self, bubble: MessageBubble) -> None:
        wanted, strip, body = self._wanted(bubble), bubble.attachments, bubble.body
        if strip is None or body is None:
            return
        pictures = await self._view.desk.pictures(bubble.message)
        if not wanted():
            return
        if pictures:
            body.set_pictures(pictures)
        for row in strip.pictures_wanted():
            if not await self._fill_picture(strip, row, wanted):
                return
        for chip in strip.chips():
            if isinstance(chip, PlayedChip) and not chip.measured and not chip.on_server:
                seconds = await self._view.desk.play_length(chip.row)
                if not wanted() or not isValid(chip):
                    return
                chip.set_length(seconds)

    async def _fill_picture(
        self, strip: AttachmentStrip, row: AttachmentRow, wanted: Callable[[], bool]
    ) -> bool:
        """Put in a small picture; False where nobody wants it any more."""
        whole = PREVIEW if isinstance(strip.chip(row.id), PictureChip) else None
        picture = await self._view.desk.thumbnail(row, whole=whole)
        if not wanted():
            return False
        if picture is not None:
            strip.set_picture(row.id, picture)
        return True

    def _wanted(self, bubble: MessageBubble) -> Callable[[], bool]:
        still = self._still()
        return lambda: still() and isValid(bubble)
