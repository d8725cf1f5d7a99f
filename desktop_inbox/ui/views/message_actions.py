"""What a person does with one message: its menu, its pictures, its source. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.mime import names
from desktop_inbox.services import remote_images
from desktop_inbox.services.bodies import has_html
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

_TRAVELLED = (Direction.IN, Direction.OUT)


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

    def fill_menu(self, message_id: int, menu: QMenu) -> None:
        """What can be done with one message."""
        message = self._view.message(message_id)
        if message is None:
            return
        if message.direction in _TRAVELLED:
            self._add_answers(message, menu)
        self.chat.fill_menu(message, menu)
        icon = self._context.icon
        text = message.text or message.visible_text
        menu.addAction(icon("copy"), _("Copy text"), lambda: copy_text(text))
        menu.addAction(
            icon("printer"), _("Print"), lambda: self._context.start(self.preview([message]))
        )
        if self._view.timeline.message_ids()[:1] != [message.id]:
            menu.addAction(
                icon("split"), _("Split from here"), lambda: self._view.acts.split(message.id)
            )
        if has_html(message):
            menu.addSeparator()
            self._add_looks(message, menu)
        if message.raw_sha256:
            menu.addSeparator()
            menu.addAction(
                icon("file-text"), _("View source"), lambda: self.show_source(message.id)
            )
            if not words.in_chat(message):
                menu.addAction(
                    icon("save"), _("Save as .eml…"), lambda: self._ask_where_to_save(message)
                )

    def _add_answers(self, message: MessageRow, menu: QMenu) -> None:
        modes = [("reply", _("Reply"), "reply")]
        if words.in_chat(message):
            modes = [("reply", _("Reply to this message"), "reply")]
        else:
            modes.append(("reply_all", _("Reply to all"), "reply-all"))
        for mode, text, icon in (*modes, ("forward", _("Forward"), "forward")):
            action = menu.addAction(self._context.icon(icon), text)
            action.triggered.connect(self._begin(mode, message.id))
        menu.addSeparator()

    def _begin(self, mode: str, message_id: int) -> Callable[[], None]:
        return lambda: self._view.composer.begin(mode, message_id=message_id)

    def _add_looks(self, message: MessageRow, menu: QMenu) -> None:
        menu.addAction(
            self._context.icon("external-link"),
            _("Show original"),
            lambda: self._context.start(self._show_original(message)),
        )
        bubble = self._view.timeline.bubble(message.id)
        if self._context.theme.dark and bubble is not None:
            paper = menu.addAction(_("Light background"))
            paper.setCheckable(True)
            paper.setChecked(bubble.on_paper)
            paper.toggled.connect(lambda on: bubble.put_on_paper(on=on))
        if remote_images.always_shown(self._context.settings, message):
            menu.addAction(
                _("Ask before showing this sender's pictures"), lambda: self._forget_sender(message)
            )

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
                    action=lambda: self._forget_sender(message),
                    key="pictures",
                )
            )
        else:
            self._view.readings.allow_pictures(message)
        self._view.filling.renew_texts()

    def _forget_sender(self, message: MessageRow) -> None:
        remote_images.forget_sender(self._context.settings, remote_images.sender_of(message))
        self._view.filling.renew_texts()

    # --- paper ---

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

    async def _show_original(self, message: MessageRow) -> None:
        await open_page(self._view.desk, message, await original_page(self._view.desk, message))

    def show_source(self, message_id: int) -> None:
        """Show a message as it came over the wire."""
        message = self._view.message(message_id)
        if message is not None and message.raw_sha256:
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

    def _ask_where_to_save(self, message: MessageRow) -> None:
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
