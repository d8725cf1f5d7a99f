"""Sending from a thread pane: queue what is shown, take it back, look for it, send it again.

Lives on the UI thread; every change is one call of a service in one durable transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimeZone

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.states import Status
from desktop_inbox.i18n import _
from desktop_inbox.services import drafts as draft_service
from desktop_inbox.services import replies
from desktop_inbox.services.replies import QueuedReply
from desktop_inbox.store import outbox
from desktop_inbox.store.errors import StoreError
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.views import formats, outbox_words
from desktop_inbox.ui.views.chat_delivery import ARRIVED
from desktop_inbox.ui.views.composer_html import whole_html
from desktop_inbox.ui.views.composer_request import After, SendRequest
from desktop_inbox.ui.views.questions import question

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class Sending(QObject):
    """What one thread view is asked to send, and what it sent."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._held: list[int] = []  # messages sent here that may still be taken back
        self._looking: dict[int, datetime | None] = {}  # what is looked for, and the look before
        self._context.bridge.changed.connect(self._on_changed)

    # --- out ---

    def send(self, request: SendRequest) -> None:
        """Queue what the composer shows; it stands where it is until that is done."""
        self._view.composer.set_sending(sending=True)
        self._view.keeper.hold()
        self._start(self._send(request))

    async def _send(self, request: SendRequest) -> None:
        composer, keeper = self._view.composer, self._view.keeper
        try:
            if request.content.mode == "note":
                await self._add_note(request)
            else:
                await self._queue(request)
        except (UserError, StoreError) as error:
            banner = errors.banner_for(error)
            code = error.code if isinstance(error, UserError) else ""
            composer.refuse(banner.text if banner is not None else str(error), code=code)
            if not self._is_wanted(request):
                self._context.report(error)  # what the composer says is not seen any more
            return
        finally:
            composer.set_sending(sending=False)
            keeper.resume()
            keeper.release()
        keeper.forget()
        place = composer.surroundings
        here = place is not None and place.conversation_id == request.content.conversation_id
        if composer.has_focus and (here or composer.is_empty):
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)  # keys are commands again

    async def _add_note(self, request: SendRequest) -> None:
        conversation_id = request.content.conversation_id
        if conversation_id is None:
            return
        text = request.text
        await self._view.keeper.settle()
        await self._context.write(lambda tx: replies.add_note(tx, conversation_id, text))
        self._view.composer.reset()

    def _is_wanted(self, request: SendRequest) -> bool:
        """Whether nothing else is asked for than where it was written."""
        return self._view.conversation_id == request.content.conversation_id

    async def _queue(self, request: SendRequest) -> None:
        seconds = self._context.settings.undo_send_seconds
        keeper = self._view.keeper
        await keeper.settle()  # so that the draft below is the one this window knows
        files = self._context.workspace.files
        html = await asyncio.to_thread(whole_html, files, request)
        queued: QueuedReply = await self._context.write(
            lambda tx: replies.queue_reply(
                tx,
                files,
                draft=request.content,
                text=request.text,
                html=html,
                hold=timedelta(seconds=seconds),
                at=request.at,
                then=_then(request),
                draft_id=keeper.draft_id,
                revision=keeper.revision,
                later=self._terms(),
            )
        )
        self._held.append(queued.message_id)
        self._announce(queued, request, seconds)
        self._view.composer.reset()
        if not self._is_wanted(request):
            return
        if request.content.conversation_id is None:
            self._context.conversation_requested.emit(queued.conversation_id)
        else:
            self._view.stay_at_end()

    def _terms(self) -> replies.SendLater:
        """On which terms a message leaves whose time has come (rule H4)."""
        settings = self._context.settings
        return replies.SendLater(
            zone=bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace"),
            hold_if_answered=settings.hold_if_answered,
            skip_after_hours=settings.skip_late_after_hours,
        )

    def _announce(self, queued: QueuedReply, request: SendRequest, seconds: int) -> None:
        if request.at is not None:
            when = formats.moment(request.at, now=self._view.composer.clock())
            self._context.notice.emit(
                Notice(
                    text=_("Goes out {time}").format(time=when),
                    action_text=_("Undo"),
                    action=lambda: self.take_back(queued.message_id),
                    key=f"send:{queued.message_id}",
                )
            )
            return
        if seconds:
            self._context.notice.emit(
                Notice(
                    text=_("Sending…"),
                    action_text=_("Undo"),
                    action=lambda: self.take_back(queued.message_id),
                    seconds=float(seconds),
                    countdown=True,
                    key=f"send:{queued.message_id}",
                )
            )
        if request.after is not After.NOTHING:
            status = Status.CLOSED if request.after is After.CLOSE else Status.SNOOZED
            self._view.commands.leaving.emit([queued.conversation_id], status.value)
            self._view.commands.settled.emit([queued.conversation_id])

    # --- back ---

    def undo(self) -> None:
        """Take the last message back that was sent here and is still held."""
        if self._held:
            self.take_back(self._held[-1])

    def take_back(self, message_id: int) -> None:
        """Take a message back before it leaves; its editor comes back as it was (rule H5)."""
        self._start(self._cancel(message_id))

    async def _cancel(self, message_id: int) -> None:
        if message_id in self._held:
            self._held.remove(message_id)
        await self._view.flush()
        draft_id = await self._context.write(lambda tx: replies.cancel(tx, message_id))
        self._context.notice_cleared.emit(f"send:{message_id}")
        self._view.drafts.restore(draft_id)

    def discard(self) -> None:
        """Throw the draft away; it can be had back for a few seconds."""
        self._start(self._discard())

    async def _discard(self) -> None:
        view = self._view
        await view.flush()
        draft_id, content = view.keeper.draft_id, view.composer.content()
        view.keeper.forget()
        view.composer.reset()
        if view.drafts.begins:
            view.drafts.go_back()
        if draft_id is None:
            return
        await self._context.write(lambda tx: draft_service.discard(tx, draft_id))

        async def bring_back() -> None:
            kept = await self._context.write(lambda tx: draft_service.save(tx, content))
            view.drafts.restore(kept)

        self._context.notice.emit(
            Notice(
                text=_("Draft discarded"),
                action_text=_("Undo"),
                action=lambda: self._start(bring_back()),
                key="draft-discarded",
            )
        )

    # --- what did not arrive, or may have ---

    def retry(self, message_id: int) -> None:
        """Try it now; of one that some have, only the others."""
        self._start(self._context.write(lambda tx: replies.retry(tx, message_id)))

    def let_go(self, message_id: int) -> None:
        """Leave those alone who did not get a message that others have."""
        self._start(self._context.write(lambda tx: replies.let_go(tx, message_id)))

    def check(self, message_id: int) -> None:
        """Have the engine look on the server for a message that may have been delivered."""
        self._start(self._check(message_id))

    async def _check(self, message_id: int) -> None:
        row = await self._context.read(lambda conn: outbox.row(conn, message_id))
        if row is not None:
            self._looking[message_id] = row.looked_at  # before the engine can have an answer
        await self._context.write(lambda tx: replies.check(tx, message_id))
        if row is not None and self._context.engine is not None:
            self._context.engine.kick(row.account_id)
        self._context.notice.emit(
            Notice(
                text=_("Looking for the message on the server…"),
                seconds=30,
                key=f"check:{message_id}",
            )
        )

    def _on_changed(self, changes: Changes) -> None:
        for message_id in changes.outbox & self._looking.keys():
            self._start(self._tell(message_id))

    async def _tell(self, message_id: int) -> None:
        """Say what looking has found, once it has."""
        row = await self._context.read(lambda conn: outbox.row(conn, message_id))
        if message_id not in self._looking:
            return
        words = outbox_words.found(row, before=self._looking[message_id])
        if words:
            del self._looking[message_id]
            self._context.notice.emit(Notice(text=words, seconds=8, key=f"check:{message_id}"))

    def arrived(self, message_id: int) -> None:
        """Somebody knows that a message came, of which nothing here tells."""
        self._start(self._context.write(lambda tx: replies.resolve(tx, message_id, "sent")))

    def ask_to_send_again(self, message_id: int) -> None:
        """Send it once more, if the person is sure."""
        box = question(
            self._view,
            _("Send the message again?"),
            _("If it was delivered after all, the customer may get it twice."),
            _("Send again"),
        )
        box.accepted.connect(
            lambda: self._start(
                self._context.write(lambda tx: replies.resolve(tx, message_id, "again"))
            )
        )
        box.open()

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        self._context.start(work)


def message_actions(sending: Sending) -> dict[str, Callable[[int], None]]:
    """What the buttons of a message do, by their names (see message_words)."""
    return {
        "undo": sending.take_back,
        "edit": sending.take_back,
        "retry": sending.retry,
        "again": sending.ask_to_send_again,
        "check": sending.check,
        ARRIVED: sending.arrived,
        "let_go": sending.let_go,
    }


def _then(request: SendRequest) -> replies.After | None:
    match request.after:
        case After.CLOSE:
            return replies.After(close=True, follow_up_at=request.follow_up_at, steps=request.steps)
        case After.SNOOZE:
            return replies.After(
                snooze_until=request.snooze_until,
                snooze_until_reply=not request.snooze_stays,
                snooze_stays=request.snooze_stays,
                follow_up_at=request.follow_up_at,
                steps=request.steps,
            )
        case After.NOTHING if request.follow_up_at is not None or request.steps:
            return replies.After(follow_up_at=request.follow_up_at, steps=request.steps)
        case After.NOTHING:
            return None
