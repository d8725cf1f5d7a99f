"""What can be done with the current message: rows of the one table, in its menu and elsewhere.

The palette, the keys and the menu of a message run the same actions. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from desktop_inbox.connectors.contract import Capability
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.services import remote_images
from desktop_inbox.services.bodies import has_html
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui import action_menu
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views import quoted_part

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

_TRAVELLED = (Direction.IN, Direction.OUT)
_REACT = "message.react"  # a menu of its own in the menu: its signs are one press away
_BLOCKS = (
    ("reply", "reply_all", "forward"),
    (_REACT, "message.edit", "message.withdraw", "message.history"),
    ("message.copy", "message.print", "conversation.split"),
    ("message.original", "message.paper", "message.ask_pictures"),
    ("message.source", "message.save"),
)


class MessageMenu(QObject):
    """Knows which actions fit the current message of one thread view, and has them done."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._states: dict[str, bool] = {}

    def bind(self) -> None:
        """Say what the actions of the table do with the current message."""
        does, chat = self._view.messages, self._view.messages.chat
        for action_id, slot in (
            (_REACT, chat.offer_signs),
            ("message.edit", chat.edit),
            ("message.withdraw", chat.ask_to_withdraw),
            ("message.history", chat.show_history),
            ("message.copy", does.copy),
            ("message.print", does.print_alone),
            ("message.original", does.show_original),
            ("message.paper", does.turn_paper),
            ("message.ask_pictures", does.forget_sender),
            ("message.source", does.show_source),
            ("message.save", does.ask_where_to_save),
        ):
            self._context.actions.on(action_id, partial(self._on_current, slot))
        self._view.timeline.current_changed.connect(lambda _key: self.follow())
        self._context.theme.changed.connect(self.follow)

    def _on_current(self, slot: Callable[[MessageRow], None]) -> None:
        if (message := self._current()) is not None:
            slot(message)

    def _current(self) -> MessageRow | None:
        return self._view.message(self._view.timeline.current)

    def follow(self) -> None:
        """Have the actions follow the current message."""
        message = self._current()
        gone = dict.fromkeys(self._states, False)
        self._states = gone if message is None else self._fit(message)
        actions = self._context.actions
        actions.set_state(**self._states)
        bubble = self._view.timeline.bubble(message.id) if message is not None else None
        actions["message.paper"].setChecked(bubble is not None and bubble.on_paper)

    def _fit(self, message: MessageRow) -> dict[str, bool]:
        """Return the states of the table that hold with a message."""
        may = partial(self._view.messages.chat.may, message)
        settings = self._context.settings
        layout, source = has_html(message), bool(message.raw_sha256)
        return {
            "message": True,
            "may_react": may(Capability.REACT),
            "may_edit": may(Capability.EDIT),
            "may_withdraw": may(Capability.WITHDRAW),
            "was_edited": message.edited_at is not None,
            "not_the_first": self._view.timeline.message_ids()[:1] != [message.id],
            "has_layout": layout,
            "may_be_light": layout and self._context.theme.dark,
            "shows_pictures": layout and remote_images.always_shown(settings, message),
            "has_source": source,
            "is_mail": source and not words.in_chat(message),
        }

    def fill(self, message_id: int, menu: QMenu) -> None:
        """Make a message the current one, and offer what can be done with it."""
        self._view.timeline.go_to(message_id)
        message = self._current()
        if message is None:
            return
        self.follow()
        self._select_nowhere_else(message)
        for block in _BLOCKS:
            fitting = [action_id for action_id in block if self._fits(action_id, message)]
            if fitting and menu.actions():
                menu.addSeparator()
            if _REACT in fitting:
                fitting.remove(_REACT)
                self._add_signs(message, menu)
            action_menu.fill(menu, self._context, fitting)

    def _fits(self, action_id: str, message: MessageRow) -> bool:
        if action_id in _BLOCKS[0] and message.direction not in _TRAVELLED:
            return False
        if action_id == "reply_all" and words.in_chat(message):
            return False  # who is in a chat hears all of it anyway
        return self._context.actions[action_id].isEnabled()

    def _add_signs(self, message: MessageRow, menu: QMenu) -> None:
        spec = self._context.actions.spec(_REACT)
        signs = menu.addMenu(self._context.icon(spec.icon), _(spec.text))
        self._view.messages.chat.fill_signs(message, signs)

    def _select_nowhere_else(self, message: MessageRow) -> None:
        """An answer quotes what is selected: here nothing of another message is meant."""
        part = quoted_part.find(self._view.timeline.bubbles())
        if part is not None and part.message_id != message.id:
            part.body.select_none()
