"""What a person does in the thread pane: sending, taking back, the head's buttons.

Lives on the UI thread; every change is one call of a service in one transaction.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.natural_dates import Understood
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.views import related
from desktop_inbox.ui.views.canned_desk import CannedDesk
from desktop_inbox.ui.views.channel_desk import ChannelDesk
from desktop_inbox.ui.views.chat_delivery import ANOTHER_WAY
from desktop_inbox.ui.views.composer import Composer
from desktop_inbox.ui.views.composer_file_desk import DraftFileDesk
from desktop_inbox.ui.views.composer_sending import Sending, message_actions
from desktop_inbox.ui.views.message_words import SNOOZE_ABSENCE, SPLIT, absent_until
from desktop_inbox.ui.views.outbox_words import WRITE_TO_ANOTHER
from desktop_inbox.ui.views.recipient_offers import begin_with, complete
from desktop_inbox.ui.views.recipients import RecipientField
from desktop_inbox.ui.views.thread_head import ThreadHead
from desktop_inbox.ui.views.time_picker import place

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class ThreadActions(QObject):
    """Carries out what one thread view is asked for."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self.sending = Sending(view)
        self.canned = CannedDesk(view)
        self.draft_files = DraftFileDesk(view)
        self.channels = ChannelDesk(view)
        self._on_message = message_actions(self.sending) | {
            SPLIT: self.split,
            SNOOZE_ABSENCE: self.snooze_absence,
            WRITE_TO_ANOTHER: self.write_to_another,
            ANOTHER_WAY: self.another_way,
        }

    def connect_head(self, head: ThreadHead) -> None:
        """Listen to the head's buttons."""
        head.assign_wanted.connect(self.assign)
        head.status_wanted.connect(self.set_status)
        head.snooze_wanted.connect(self.open_snooze)

    def connect_composer(self, composer: Composer) -> None:
        """Listen to what the composer asks for."""
        composer.send_wanted.connect(
            lambda request: self.sending.send(self.canned.with_deeds(request))
        )
        composer.undo_wanted.connect(self.sending.undo)
        composer.discard_wanted.connect(self.sending.discard)
        self.draft_files.listen()
        composer.completion_wanted.connect(
            lambda typed, field: self._start(self._complete(typed, field))
        )
        self.canned.listen()
        self.channels.listen()

    # --- the conversation ---

    def set_status(self, status: str) -> None:
        """Open, close, mark as spam or throw away."""
        ids = self._ids()
        if ids:
            commands = self._view.commands
            {
                Status.OPEN: commands.reopen,
                Status.CLOSED: commands.close,
                Status.SPAM: commands.spam,
                Status.TRASH: commands.throw_away,
            }[Status(status)](ids)

    def assign(self, agent_id: int | None) -> None:
        ids = self._ids()
        data = self._view.data
        if not ids or data is None:
            return
        if agent_id is None:
            self._view.commands.unassign(ids)
        elif agent_id == data.me.id:
            self._view.commands.assign_to_me(ids)
        else:
            self._view.commands.assign(ids, agent_id)

    def open_snooze(self, anchor: QWidget) -> None:
        """Offer times below the button that was pressed."""
        ids = self._ids()
        if ids:
            self._view.commands.offer_snooze(ids)

    def _ids(self) -> list[int]:
        row = self._view.row
        return [row.id] if row is not None else []

    # --- messages ---

    def on_message_action(self, message_id: int, what: str) -> None:
        """A button of a bubble was pressed."""
        self._on_message[what](message_id)

    def split(self, message_id: int) -> None:
        """Give a message, and all after it, a conversation of their own (rule P7)."""
        if self._view.row is not None:
            self._view.commands.split(self._view.row.id, message_id)

    def snooze_absence(self, message_id: int) -> None:
        """Snooze until the morning of the day a message's sender is back (rule D5)."""
        message = self._view.message(message_id)
        back = absent_until(message) if message is not None else None
        if back is not None:
            self._start(self._snooze_until(back))

    async def _snooze_until(self, day: date) -> None:
        """Snooze until business opens on a day."""
        row = self._view.row
        if row is None:
            return
        here = await self._context.read(lambda conn: place(conn, row.account_id))
        means = here.read(day.isoformat(), now=datetime.now(UTC))
        if isinstance(means, Understood):
            self._view.commands.snooze([row.id], until=means.at, until_reply=True)

    def write_to_another(self, message_id: int) -> None:
        """Write what came back once more, to an address that is still to be found (rule D6)."""
        if self._write_again(message_id):
            composer = self._view.composer
            composer.quote = False
            composer.to.set_addresses(())
            composer.to.focus()

    def another_way(self, message_id: int) -> None:
        """Write what a service did not deliver once more, and ask by which way."""
        if self._write_again(message_id):
            composer = self._view.composer
            composer.edited_otherwise()
            composer.guide.open_ways()

    def _write_again(self, message_id: int) -> bool:
        """Put the text of a message into the composer, unless something is written there."""
        message = self._view.message(message_id)
        if message is None:
            return False
        composer = self._view.composer
        typed = composer.editor.toPlainText()
        composer.begin("reply", message_id=message_id)
        if not typed.strip():
            composer.editor.set_text(message.text)
        return True

    def follow(self, wanted: str) -> None:
        """A line of the history was pressed that names another conversation."""
        what, _colon, which = wanted.partition(":")
        ids = self._ids()
        if not ids:
            return
        match what:
            case related.OPEN:
                self._context.conversation_requested.emit(int(which))
            case related.JOIN:
                self._view.commands.merge([int(which)], ids[0])
            case related.APART:
                self._view.commands.keep_apart(ids[0], which)

    # --- recipients ---

    async def _complete(self, typed: str, field: RecipientField) -> None:
        composer = self._view.composer
        begins = composer.mode == "new" and field is composer.to
        if len(typed) < 2 or (begins and composer.in_chat and field.addresses()):
            field.offer(())
            return
        if begins and not field.addresses():
            through = composer.sent_as.way if composer.in_chat else None
            region, now = composer.addressing.region, utc_now()
            found = await self._context.read(
                lambda conn: begin_with(conn, typed, through=through, region=region, now=now)
            )
        else:
            found = await self._context.read(lambda conn: complete(conn, typed))
        if field.field.text().strip() == typed:
            field.offer(found)

    # --- helpers ---

    def _start(self, work: object) -> None:
        self._context.start(work)  # type: ignore[arg-type]
