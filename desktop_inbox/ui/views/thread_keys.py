"""What keys, menus and the palette do with the conversation that is shown (see ui.action_table)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.views import quoted_part, rich_commands
from desktop_inbox.ui.views.composer_menus import REMIND, SNOOZE, ask_when
from desktop_inbox.ui.views.composer_request import After
from desktop_inbox.ui.views.message_body import copy_text

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_ANSWERS = frozenset({"reply", "reply_all"})


class ThreadKeys(QObject):
    """Carries the actions of the one table out in one thread view. UI thread only."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._timeline = view.timeline
        self._composer = view.composer

    def bind(self) -> None:
        """Say what each action of the table does here."""
        view = self._view
        view.message_menu.bind()
        view.file_menu.bind()
        actions = view.context.actions
        for action_id, slot in (
            ("compose.new", view.new_message),
            ("reply", self.reply),
            ("reply_all", self.reply_all),
            ("forward", self.forward),
            ("note", self.note),
            ("message.next", lambda: self._timeline.step(1)),
            ("message.previous", lambda: self._timeline.step(-1)),
            ("thread.expand", self.expand_all),
            ("thread.collapse", self.collapse_all),
            ("thread.find", view.finder.open_bar),
            ("conversation.print", self.print_conversation),
            ("conversation.split", self.split_here),
            ("conversation.copy", self.copy_number),
            ("send", self.send),
            ("send.close", lambda: self._composer.request_send(after=After.CLOSE)),
            ("send.later", self._composer.open_later),
            ("send.snooze", partial(ask_when, self._composer, SNOOZE)),
            ("send.remind", partial(ask_when, self._composer, REMIND)),
            ("attach", self._composer.choose_files),
            ("canned.insert", self._composer.canned.open),
            ("channel.choose", self._composer.guide.open_ways),
            ("draft.discard", self._composer.discard_wanted.emit),
        ):
            actions.on(action_id, slot)
        for action_id in ("paste.plain", "format.link", *rich_commands.COMMANDS):
            actions.on(action_id, partial(self._composer.editor.obey, action_id))

    def reply(self) -> None:
        self._begin("reply")

    def reply_all(self) -> None:
        self._begin("reply_all")

    def forward(self) -> None:
        self._begin("forward")

    def note(self) -> None:
        self._begin("note")

    def send(self) -> None:
        self._composer.request_send()

    def expand_all(self) -> None:
        self._timeline.expand_all(expanded=True)

    def collapse_all(self) -> None:
        self._timeline.expand_all(expanded=False)

    def split_here(self) -> None:
        """Give the current message, and all after it, a conversation of their own."""
        if self._timeline.current is not None:
            self._view.acts.split(self._timeline.current)

    def copy_number(self) -> None:
        """Copy what finds this conversation again: the search field takes it, and `show`."""
        if self._view.row is not None:
            copy_text(f"id:{self._view.row.id}")
            self._view.context.notice.emit(Notice(text=_("Copied"), seconds=3, key="copied"))

    def print_conversation(self) -> None:
        """Show on paper what is said in this conversation."""
        view = self._view
        if view.data is not None and view.data.conversation is not None:
            view.context.start(view.messages.preview(view.data.messages), name="print")

    def _begin(self, mode: str) -> None:
        if self._view.data is None or self._view.data.conversation is None:
            return
        current = self._view.message(self._timeline.current)
        answers = current.id if current is not None and current.direction in ("in", "out") else None
        last = self._composer.surroundings.answered() if self._composer.surroundings else None
        # Only a message somebody went to is answered instead of the last one.
        chosen = answers if self._moved_to_current() and answers else last.id if last else None
        part = quoted_part.find(self._timeline.bubbles()) if mode in _ANSWERS else None
        if part is not None:
            part.body.select_none()
            self._composer.begin(mode, message_id=part.message_id, quoting=part.lines)
        else:
            self._composer.begin(mode, message_id=None if mode == "note" else chosen)

    def _moved_to_current(self) -> bool:
        bubble = self._timeline.bubble(self._timeline.current or 0)
        return bubble is not None and bubble.hasFocus()
