"""What a person does with one message: its text, its pictures, its source. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.mime import names
from desktop_inbox.services import remote_images
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import Banner, Notice
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.message_body import copy_text
from desktop_inbox.ui.views.message_chat import MessageChat
from desktop_inbox.ui.views.message_notices import PICTURES
from desktop_inbox.ui.views.message_original import open_page, original_page
from desktop_inbox.ui.views.message_source import SourceDialog, readable_json
from desktop_inbox.ui.views.message_text import Reading, pictures_of
from desktop_inbox.ui.views.questions import save_dialog

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class MessageActions(QObject):
    """Carries out what the messages of one thread view are asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self.chat = MessageChat(view)

    def on_action(self, message_id: int, what: str) -> bool:
        """Carry out what a bubble reports; False where that is for somebody else to do."""
        message = self._view.message(message_id)
        if message is None:
            return True
        if what in PICTURES:
            self.show_pictures(message_id, always=PICTURES[what])
            return True
        return self.chat.on_action(message, what)

    def copy(self, message: MessageRow) -> None:
        """Copy what a message says."""
        copy_text(message.text or message.visible_text)

    def turn_paper(self, message: MessageRow) -> None:
        """In the dark, show a message on white, or no longer."""
        self._view.timeline.reveal(message.id, focus=False)
        bubble = self._view.timeline.bubble(message.id)
        if bubble is not None:
            bubble.put_on_paper(on=not bubble.on_paper)

    # --- pictures from the web ---

    def show_pictures(self, message_id: int, *, always: bool) -> None:
        """Fetch a message's pictures, now or for everything its sender writes."""
        message = self._view.message(message_id)
        if message is None:
            return
        sender = remote_images.sender_of(message)
        if always and sender:
            remote_images.allow_sender(self._context.settings, sender)
            self._context.notice.emit(
                Notice(
                    text=_("Pictures from {sender} are shown from now on").format(
                        sender=visible(sender)
                    ),
                    action_text=_("Undo"),
                    action=lambda: self.forget_sender(message),
                    key="pictures",
                )
            )
        else:
            self._view.readings.allow_pictures(message)
        self._view.filling.renew_texts()

    def forget_sender(self, message: MessageRow) -> None:
        """Ask again before the pictures of a message's sender are fetched."""
        remote_images.forget_sender(self._context.settings, remote_images.sender_of(message))
        self._view.filling.renew_texts()

    # --- paper ---

    def print_alone(self, message: MessageRow) -> None:
        """Show one message as it would be printed."""
        self._context.start(self.preview([message]))

    async def preview(self, messages: Sequence[MessageRow]) -> None:
        """Show messages as they would be printed."""
        from desktop_inbox.ui.views import message_print  # printing is wanted once in a while

        said: list[tuple[MessageRow, Reading]] = []
        pictures: dict[str, QImage] = {}
        for message in messages:
            reading = await self._view.readings.load(message)
            said.append((message, reading))
            pictures |= await self._view.desk.pictures(message)
            if self._view.readings.shows_pictures(message):
                pictures |= await self._view.desk.web_pictures(pictures_of(reading))
        me = self._view.data.my_name if self._view.data is not None else ""
        paper = message_print.Paper(said, me=me, pictures=pictures)
        message_print.preview(paper, self._view).open()

    # --- the message as it came ---

    def show_original(self, message: MessageRow) -> None:
        """Show a message in the browser, with the layout its sender gave it."""
        self._context.start(self._show_original(message))

    async def _show_original(self, message: MessageRow) -> None:
        await open_page(self._view.desk, message, await original_page(self._view.desk, message))

    def show_source(self, message: MessageRow) -> None:
        """Show a message as it came over the wire."""
        if message.raw_sha256:
            self._context.start(self._show_source(message))

    async def _show_source(self, message: MessageRow) -> None:
        try:
            raw = await self._view.desk.raw(message)
        except FileNotFoundError:
            self._tell_gone()
            return
        if words.in_chat(message):
            raw = readable_json(raw)
        SourceDialog(raw, title=message.subject or message.snippet, parent=self._view).open()

    def ask_where_to_save(self, message: MessageRow) -> None:
        """Let the person choose a file for a message as it came."""
        name = names.safe(f"{message.subject[:80].rstrip('. ') or 'message'}.eml")
        dialog = save_dialog(self._view, _("Save message"), name)
        dialog.fileSelected.connect(
            lambda chosen: self._context.start(self.save(message, Path(chosen)))
        )
        dialog.open()

    async def save(self, message: MessageRow, target: Path) -> None:
        """Write a message to `target` exactly as the server sent it."""
        try:
            await self._view.files.writing(target, self._view.desk.save_raw(message, target))
        except FileNotFoundError:
            self._tell_gone()

    def _tell_gone(self) -> None:
        text = _("The message as it came is not here any more; its text is kept.")
        self._context.banner.emit(Banner(text=text, tone="warn", key="source-gone"))
