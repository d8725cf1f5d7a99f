"""The line at the foot: connection, how far channels are in step, what is being sent.

UI thread only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from PySide6.QtCore import QEvent, QLocale, QTimer
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolTip,
    QWidget,
)

from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store import outbox
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import IconMark, PlainLabel, link_button, tooltip
from desktop_inbox.ui.views.key_cap import follow_key

_DOT = "·\N{EN SPACE}"  # as far from what follows as from what stands before
_SOON = timedelta(seconds=90)  # a longer hold is "send later", not undo


class StatusBar(QFrame):
    """Words for what goes on behind the window."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        commands: Commands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._accounts = accounts
        self._commands = commands
        self._outbox: list[OutboxRow] = []
        self.setObjectName("statusBar")
        self.setFixedHeight(context.theme.px(SIZES.status_bar))
        self._build()
        accounts.changed.connect(self.refresh)
        context.bridge.changed.connect(self._follow)
        context.theme.changed.connect(self._restyle)
        self._tick = QTimer(self)
        self._tick.setInterval(500)
        self._tick.timeout.connect(self._show_sending)
        self.refresh()
        context.start(self._read_outbox())

    def _build(self) -> None:
        self._icon = IconMark(self._context.theme, "refresh-cw", size=14)
        self._connection = PlainLabel(kind="caption")
        self._synced = PlainLabel(kind="caption")
        self._retry = link_button(_("Retry now"), clicked=self._context.actions["sync"].trigger)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(90)
        self._bar.setAccessibleName(_("First synchronisation"))
        self._sending = PlainLabel(kind="caption")
        self._undo = link_button(_("Undo"), clicked=self._undo_send)
        self._commands_link = link_button("", clicked=self._context.actions["palette"].trigger)
        follow_key(self._context.actions, "palette", self._commands_link, self._show_palette_key)
        for link in (self._retry, self._undo, self._commands_link):
            link.setObjectName("statusLink")
        self._commands_link.setObjectName("statusQuiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        for widget in (
            self._icon,
            self._connection,
            self._retry,
            self._synced,
            self._bar,
            self._sending,
            self._undo,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._commands_link)
        # Words give way before the window grows wider than its screen.
        for label in (self._connection, self._synced, self._sending):
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
            label.setMinimumWidth(0)

    def _show_palette_key(self, key: str) -> None:
        words = f"{key}  {_('Commands')}".strip()
        self._commands_link.setText(words)
        self._commands_link.setAccessibleName(words)

    def refresh(self) -> None:
        """Say how the accounts are doing. What says the same as before is not painted again."""
        statuses = [status for _row, status in self._accounts.statuses()]
        self.setVisible(bool(statuses))
        waiting = [s for s in statuses if s.state is State.WAITING]
        working = [s for s in statuses if s.working]
        trouble = [s for s in statuses if s.state in (State.NEEDS_SIGN_IN, State.FAILED)]
        if waiting and not working:
            self._icon.show_icon("wifi-off")
            words = errors.account_sentence("", waiting[0]).lstrip(": ")
            self._show_connection(_("Offline: {reason}").format(reason=words))
        elif trouble and not working:
            self._icon.show_icon("triangle-alert")
            self._show_connection(_("Sign-in needed"))
        elif working:
            self._icon.show_icon("wifi")
            self._show_connection(_("Online"))
        else:
            self._icon.show_icon("refresh-cw")
            self._show_connection(_("Connecting…") if statuses else "")
        self._retry.setVisible(bool(waiting))
        self._show_sync(statuses)

    def _show_connection(self, words: str) -> None:
        """Say how the connection is; who hears the window is told of a change."""
        before = self._connection.text()
        self._connection.setText(words)
        if before and words != before:
            announce(self, words)

    def _show_sync(self, statuses: list[AccountStatus]) -> None:
        catching = [s for s in statuses if s.state is State.CATCHING_UP and s.total > s.done]
        locale = QLocale()
        self._bar.setVisible(bool(catching))
        if catching:
            done = sum(s.done for s in catching)
            total = sum(s.total for s in catching)
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            self._synced.setText(
                _DOT
                + _("{done} of {total} · newest first · usable now").format(
                    done=locale.toString(done), total=locale.toString(total)
                )
            )
        else:
            count = sum(s.working for s in statuses)
            words = ngettext("{count} channel synced", "{count} channels synced", count)
            self._synced.setText(_DOT + words.format(count=count) if count else "")

    def _restyle(self) -> None:
        self.setFixedHeight(self._context.theme.px(SIZES.status_bar))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            known = self._accounts.statuses()
            words = "\n".join(errors.account_sentence(row.title, status) for row, status in known)
            QToolTip.showText(cast("QHelpEvent", event).globalPos(), tooltip(words), self)
            return True
        return super().event(event)

    # --- sending ---

    def _follow(self, changes: Changes) -> None:
        if changes.outbox:
            self._context.start(self._read_outbox())

    async def _read_outbox(self) -> None:
        self._outbox = await self._context.read(outbox.list_all)
        self._show_sending()

    @property
    def waiting(self) -> int:
        """How many messages would stay behind if the program ended now."""
        return sum(row.state in ("queued", "sending") for row in self._outbox)

    def _held(self) -> list[OutboxRow]:
        """What can still be taken back, the latest first."""
        now = utc_now()
        held = [
            row
            for row in self._outbox
            if row.state == "queued" and now < row.not_before <= now + _SOON
        ]
        return sorted(held, key=lambda row: row.not_before, reverse=True)

    def _show_sending(self) -> None:
        held = self._held()
        on_the_way = [row for row in self._outbox if row.state == "sending"]
        failed = [row for row in self._outbox if row.state in ("failed", "uncertain")]
        count = len(held) + len(on_the_way)
        parts: list[str] = []
        if count:
            words = ngettext("{count} sending", "{count} sending", count).format(count=count)
            if held:
                left = held[0].not_before - utc_now()
                seconds = -(-left // timedelta(seconds=1))
                words = _("{sending}, undo {seconds} s").format(sending=words, seconds=seconds)
            parts.append(words)
        if failed:
            parts.append(
                ngettext("{count} not sent", "{count} not sent", len(failed)).format(
                    count=len(failed)
                )
            )
        self._sending.setText(_DOT + " · ".join(parts) if parts else "")
        self._undo.setVisible(bool(held))
        if held and not self._tick.isActive():
            self._tick.start()
        elif not held:
            self._tick.stop()

    def _undo_send(self) -> None:
        held = self._held()
        if held:
            self._commands.undo_send(held[0].message_id)
