"""What a person does with one message of a chat: react, change it, take it back, follow it.

UI thread only. What the channel cannot do is not offered; what it refuses is said.
"""

from __future__ import annotations

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


class MessageChat(QObject):
    """Carries out what the messages of chats in one thread view are asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context

    def may(self, message: MessageRow, capability: Capability) -> bool:
        """Whether a message lies where this can be done with it."""
        if not words.in_chat(message) or message.withdrawn_at is not None:
            return False
        ours = capability is Capability.REACT or message.direction is Direction.OUT
        return ours and chat_actions.can(message, capability)

    def may_react(self, message: MessageRow) -> bool:
        """Whether we can say what we think of a message."""
        return self.may(message, Capability.REACT)

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

    # --- what a bubble reports ---

    def on_action(self, message: MessageRow, what: str) -> bool:
        """Carry out what a bubble was asked for; False where it is none of these."""
        name, _colon, rest = what.partition(":")
        if name == REACT:
            self._toggle_sign(message, rest)
        elif name == JUMP:
            self._view.timeline.reveal(int(rest))
        elif name == HISTORY:
            self.show_history(message)
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
            self._view.messages.show_source(message)
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

    def fill_signs(self, message: MessageRow, menu: QMenu) -> None:
        """Offer the signs that can be given, ours ticked."""
        ours = _ours(message)
        for sign in dict.fromkeys((*SIGNS, *ours)):
            action = menu.addAction(sign, partial(self._toggle_sign, message, sign))
            action.setCheckable(True)
            action.setChecked(sign in ours)

    def offer_signs(self, message: MessageRow) -> None:
        """Offer the signs in a menu at the message."""
        menu = QMenu(self._view)
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill_signs(message, menu)
        bubble = self._view.timeline.bubble(message.id)
        at = (bubble or self._view).mapToGlobal(QPoint(24, 24))
        menu.popup(at)

    def _toggle_sign(self, message: MessageRow, sign: str) -> None:
        """Give a sign, or take it back where it is ours; services keep one of each person."""
        after = () if sign in _ours(message) else (sign,)
        told = _("Reacted") if after else _("Reaction taken back")
        self._view.commands.run(lambda tx: chat_actions.react(tx, message.id, after), told)

    # --- our own messages ---

    def edit(self, message: MessageRow) -> None:
        """Let the person change what was sent."""
        from desktop_inbox.ui.dialogs.message_editor import MessageEditor

        MessageEditor(self._context, self._view.window(), message=message).open()

    def ask_to_withdraw(self, message: MessageRow) -> None:
        """Ask before a message disappears from the customer's chat."""
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

    def show_history(self, message: MessageRow) -> None:
        """Show what a message said before it was changed."""
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
