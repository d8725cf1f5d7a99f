"""What a person does with one message of a chat: react, change it, take it back, follow it.

UI thread only. What the channel cannot do is not offered; what it refuses is said.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QPoint, QUrl
from PySide6.QtWidgets import QMenu

from desktop_inbox.connectors.contract import Capability
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.pieces import Card
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services import chat_actions, customer_contacts
from desktop_inbox.services.customer_contacts import Added
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views import piece_words
from desktop_inbox.ui.views.message_body import copy_text, open_link
from desktop_inbox.ui.views.message_card import JUMP
from desktop_inbox.ui.views.message_head import HISTORY
from desktop_inbox.ui.views.piece_lines import wanted
from desktop_inbox.ui.views.piece_reactions import REACT
from desktop_inbox.ui.views.questions import question

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView

SIGNS = ("👍", "❤", "🎉", "😢", "🙏", "👌")  # every service that knows signs knows these
# The actions of the one table (see ui.actions), the state each needs, and what the channel must do.
_ACTIONS = (
    ("message.react", "may_react", Capability.REACT),
    ("message.edit", "may_edit", Capability.EDIT),
    ("message.withdraw", "may_withdraw", Capability.WITHDRAW),
)


class MessageChat(QObject):
    """Carries out what the messages of chats in one thread view are asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context

    def bind(self) -> None:
        """Say what the actions of the table do with the current message."""
        for action_id, slot in (
            ("message.react", self._offer_signs),
            ("message.edit", self._edit),
            ("message.withdraw", self._ask_to_withdraw),
        ):
            self._context.actions.on(action_id, partial(self._on_current, slot))
        self._view.timeline.current_changed.connect(lambda _key: self.follow())

    def follow(self) -> None:
        """Have the actions follow the current message."""
        message = self._view.message(self._view.timeline.current)
        states = {
            state: message is not None and self._may(message, capability)
            for _action, state, capability in _ACTIONS
        }
        self._context.actions.set_state(**states)

    def _on_current(self, slot: Callable[[MessageRow], None]) -> None:
        message = self._view.message(self._view.timeline.current)
        if message is not None:
            slot(message)

    def _may(self, message: MessageRow, capability: Capability) -> bool:
        if not words.in_chat(message) or message.withdrawn_at is not None:
            return False
        ours = capability is Capability.REACT or message.direction is Direction.OUT
        return ours and chat_actions.can(message, capability)

    def may_react(self, message: MessageRow) -> bool:
        """Whether we can say what we think of a message."""
        return self._may(message, Capability.REACT)

    def answered(self, message: MessageRow) -> MessageRow | None:
        """The message that another one answers, where it is in this conversation."""
        data = self._view.data
        if data is None or not message.in_reply_to:
            return None
        return next(
            (
                one
                for one in data.messages
                if one.external_id == message.in_reply_to and one.account_id == message.account_id
            ),
            None,
        )

    # --- the menu ---

    def fill_menu(self, message: MessageRow, menu: QMenu) -> None:
        """Offer what the channel can do with a message."""
        actions = self._context.actions
        icon = self._context.icon
        before = len(menu.actions())
        if self._may(message, Capability.REACT):
            signs = menu.addMenu(icon("smile"), _(actions.spec("message.react").text))
            self._fill_signs(message, signs)
        if self._may(message, Capability.EDIT):
            text = _(actions.spec("message.edit").text)
            menu.addAction(icon("pencil"), text, lambda: self._edit(message))
        if self._may(message, Capability.WITHDRAW):
            text = _(actions.spec("message.withdraw").text)
            menu.addAction(icon("undo-2"), text, lambda: self._ask_to_withdraw(message))
        if message.edited_at is not None:
            menu.addAction(
                icon("history"), _("Show what it said before"), lambda: self._show_history(message)
            )
        if len(menu.actions()) > before:
            menu.addSeparator()

    def _fill_signs(self, message: MessageRow, menu: QMenu) -> None:
        ours = _ours(message)
        for sign in dict.fromkeys((*SIGNS, *ours)):
            action = menu.addAction(sign, partial(self._toggle_sign, message, sign))
            action.setCheckable(True)
            action.setChecked(sign in ours)

    def _offer_signs(self, message: MessageRow) -> None:
        menu = QMenu(self._view)
        menu.aboutToHide.connect(menu.deleteLater)
        self._fill_signs(message, menu)
        bubble = self._view.timeline.bubble(message.id)
        at = (bubble or self._view).mapToGlobal(QPoint(24, 24))
        menu.popup(at)

    # --- what a bubble reports ---

    def on_action(self, message: MessageRow, what: str) -> bool:
        """Carry out what a bubble was asked for; False where it is none of these."""
        name, _colon, rest = what.partition(":")
        if name == REACT:
            self._toggle_sign(message, rest)
        elif name == JUMP:
            self._view.timeline.reveal(int(rest))
        elif name == HISTORY:
            self._show_history(message)
        elif (piece := wanted(what)) is not None:
            self._on_piece(message, *piece)
        else:
            return False
        return True

    def _on_piece(self, message: MessageRow, number: int, what: str) -> None:
        line = piece_words.lines(message)[number]
        if what == piece_words.OPEN:
            if not open_link(QUrl(line.target)):
                text = _("This link cannot be opened from here.")
                self._context.notice.emit(Notice(text=text, key="link"))
        elif what == piece_words.COPY:
            copy_text(line.copied)
            self._context.notice.emit(Notice(text=_("Copied"), seconds=3, key="copied"))
        elif what == piece_words.SOURCE:
            self._view.messages.show_source(message.id)
        elif what == piece_words.ADD:
            self._ask_to_add(line.card)

    # --- contacts ---

    def _ask_to_add(self, card: Card | None) -> None:
        """Ask before somebody's numbers become the customer's: they may be another's."""
        row = self._view.row
        if row is None or row.customer_id is None or card is None:
            return
        ways = ", ".join(map(visible, (*card.phones, *card.emails)))
        told = _("Do so only if they are theirs: what comes from there is theirs too then.")
        title = _("Add these to {customer}?").format(customer=visible(row.customer_name))
        box = question(self._view, title, f"{ways}\n\n{told}", _("Add"))
        customer_id = row.customer_id
        box.accepted.connect(lambda: self._context.start(self._add(customer_id, card)))
        box.open()

    async def _add(self, customer_id: int, card: Card) -> None:
        region = QLocale.territoryToCode(QLocale().territory())
        added = await self._context.write(
            lambda tx: customer_contacts.add(
                tx, customer_id, phones=card.phones, emails=card.emails, region=region
            )
        )
        self._context.notice.emit(Notice(text=_added_words(added), key="contact"))

    # --- signs ---

    def _toggle_sign(self, message: MessageRow, sign: str) -> None:
        """Give a sign, or take it back where it is ours; services keep one of each person."""
        after = () if sign in _ours(message) else (sign,)
        told = _("Reacted") if after else _("Reaction taken back")
        self._view.commands.run(lambda tx: chat_actions.react(tx, message.id, after), told)

    # --- our own messages ---

    def _edit(self, message: MessageRow) -> None:
        from desktop_inbox.ui.dialogs.message_editor import MessageEditor

        MessageEditor(self._context, self._view.window(), message=message).open()

    def _ask_to_withdraw(self, message: MessageRow) -> None:
        box = question(
            self._view,
            _("Take this message back?"),
            _(
                "It disappears from the customer's chat, though they may have read it already."
                " Here it stays, marked. This cannot be undone."
            ),
            _("Take back"),
        )
        box.accepted.connect(lambda: self._context.start(self._withdraw(message.id)))
        box.open()

    async def _withdraw(self, message_id: int) -> None:
        await self._context.write(lambda tx: chat_actions.withdraw(tx, message_id))
        self._context.notice.emit(Notice(text=_("Taken back"), key="withdrawn"))

    def _show_history(self, message: MessageRow) -> None:
        from desktop_inbox.ui.dialogs.message_history import MessageHistory

        self._context.start(MessageHistory(self._context, self._view.window()).ask(message))


def _ours(message: MessageRow) -> tuple[str, ...]:
    return tuple(sign for one in message.reactions if one.ours for sign in one.emojis)


def _added_words(added: Added) -> str:
    if added.new:
        count = len(added.new)
        return ngettext("{count} contact added", "{count} contacts added", count).format(
            count=QLocale().toString(count)
        )
    if added.others:
        return _("These are known to be somebody else's: merge the two customers instead.")
    if added.theirs:
        return _("These are known to be theirs already.")
    return _("None of these can be read as a number or an address.")
