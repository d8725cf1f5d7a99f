"""What is asked before the window closes while something waits to be sent (rule H5).

What is held for undo can leave now, stay in the outbox, or become a draft again. UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services import replies
from desktop_inbox.store import outbox
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.ui.context import AppContext, Notice

SEND_SECONDS = 20.0  # how long sending at the end is waited for
_KEY = "quitting"


class QuitQuestion(QObject):
    """Asks, does what was answered, and then leaves."""

    def __init__(
        self, context: AppContext, window: QWidget, *, leave: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._leave = leave
        self._busy = False
        self.box: QMessageBox | None = None

    def ask(self) -> None:
        """Ask what becomes of what waits; leave at once where nothing does any more."""
        if not self._busy and self.box is None:
            self._busy = True
            self._start(self._ask())

    async def _ask(self) -> None:
        try:
            rows = await self._context.read(outbox.list_all)
        finally:
            self._busy = False
        waiting = [row for row in rows if row.state in ("queued", "sending")]
        held = outbox.held(waiting, now=utc_now())
        if held:
            self._ask_about_held(held)
        elif waiting:
            self._ask_about_waiting(len(waiting))
        else:
            self._leave()

    def _ask_about_held(self, held: list[OutboxRow]) -> None:
        box = self._box(len(held))
        box.setInformativeText(_("Undo was still possible. What shall become of it?"))
        send = box.addButton(_("Send now"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(_("Keep in outbox"), QMessageBox.ButtonRole.ActionRole)
        draft = box.addButton(_("Back to draft"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(_("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(send)
        self._open(
            box,
            {
                send: lambda: self._start(self._send_now()),
                keep: self._leave,
                draft: lambda: self._start(self._back_to_draft(held)),
            },
        )

    def _ask_about_waiting(self, count: int) -> None:
        box = self._box(count)
        box.setInformativeText(
            _("What waits stays in the outbox and leaves when Desktop Inbox runs again.")
        )
        leave = box.addButton(_("Quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(_("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        self._open(box, {leave: self._leave})

    def _box(self, count: int) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(_("Quit"))
        box.setText(
            ngettext(
                "{count} message has not been sent yet.",
                "{count} messages have not been sent yet.",
                count,
            ).format(count=count)
        )
        return box

    def _open(self, box: QMessageBox, answers: dict[QPushButton, Callable[[], object]]) -> None:
        self.box = box
        box.finished.connect(self._forget)
        box.buttonClicked.connect(
            lambda pressed: answers[pressed]() if pressed in answers else None
        )
        box.open()

    def _forget(self) -> None:
        self.box = None

    # Answers

    async def _send_now(self) -> None:
        """Send what is held and leave once it is away, or ask again where it does not get away."""
        leaving = frozenset(await self._context.write(replies.send_now))
        self._context.notice.emit(Notice(text=_("Sending…"), seconds=SEND_SECONDS, key=_KEY))
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._gone(leaving)
        except TimeoutError:
            self._context.notice_cleared.emit(_KEY)
            await self._ask()
            return
        self._leave()

    async def _gone(self, message_ids: frozenset[int]) -> None:
        """Return once nothing more happens to these by itself."""
        news = asyncio.Event()
        changed = self._context.bridge.changed
        link = changed.connect(lambda changes: news.set() if changes.outbox else None)
        try:
            while await self._context.read(lambda conn: _on_the_way(conn, message_ids)):
                await news.wait()
                news.clear()
        finally:
            changed.disconnect(link)

    async def _back_to_draft(self, held: list[OutboxRow]) -> None:
        """Take back what still can be; what has just left has left."""
        for row in held:
            await self._context.write(partial(_take_back, message_id=row.message_id))
        self._leave()

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        self._context.start(work, name="quit")


def _on_the_way(conn: Any, message_ids: frozenset[int]) -> bool:
    """Whether one of these is being sent, or may be at any moment."""
    return any(
        row.message_id in message_ids
        and (row.state == "sending" or (row.state == "queued" and not row.error_code))
        for row in outbox.list_all(conn)
    )


def _take_back(tx: Any, *, message_id: int) -> None:
    try:
        replies.cancel(tx, message_id)
    except UserError as error:
        if error.code != "too-late":
            raise
