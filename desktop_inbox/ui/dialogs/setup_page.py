"""The page on which a channel is added, whichever it is: its card, its steps, the first sync.

UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.i18n import N_, _
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import State
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import passphrase
from desktop_inbox.ui.dialogs.channel_tiles import ChannelTiles
from desktop_inbox.ui.dialogs.setup_parts import Lines
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.controls import PlainLabel, button, restyle
from desktop_inbox.ui.views.dialog import is_enter, press_enter

_WIDTH = 758
_STEPS = (N_("Channel"), N_("Sign in"), N_("Check"), N_("First sync"))


class Step(IntEnum):
    CHANNEL = 0
    SIGN_IN = 1
    CHECK = 2
    SYNC = 3


class SetupPage(QWidget):
    """A page of the window. `finished` when the inbox is to be shown again.

    What is entered for one kind of channel is up to a subclass, which fills `inside` and calls
    `build_rest`.
    """

    finished = Signal()
    channel_chosen = Signal(str)  # another kind

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        *,
        kind: str,
        account: AccountRow | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._accounts = accounts
        self._account = account
        self._busy = False
        self._saved_id: int | None = None
        self._attempt = 0
        self._task: asyncio.Task[Any] | None = None
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        self._card.setMaximumWidth(context.theme.px(_WIDTH))
        self.inside = QVBoxLayout(self._card)
        self._build_head(kind)
        accounts.changed.connect(self._show_sync)

    def start(self) -> None:
        """Put the cursor where typing begins."""
        self._context.start(self._say_where_secrets_go())

    @property
    def lines(self) -> list[tuple[str, str]]:
        """State and words of every line of the check."""
        return [(line.state, line.words) for line in self._lines.all()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):  # in a field it has gone on already
            press_enter(None)
        else:
            super().keyPressEvent(event)

    # --- for the channel that is added ---

    def build_rest(self, *beside_back: QWidget) -> None:
        """Put what is the same for every channel below what is entered for this one."""
        self._lines = Lines(self._context)
        self.inside.addLayout(self._lines)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.hide()
        self.inside.addWidget(self._progress)
        self.inside.addSpacing(8)
        self.inside.addLayout(self._build_foot(beside_back))
        self._put_in_the_middle()
        self._show_step(Step.CHANNEL)

    def _go_on(self) -> None:
        raise NotImplementedError

    def _forget_secrets(self) -> None:
        """They are kept where they belong; the form holds them no more."""
        raise NotImplementedError

    def _entries(self) -> tuple[QWidget, ...]:
        """Return what is entered with, which rests while something is tried."""
        raise NotImplementedError

    def _kept(self, account_id: int) -> None:
        """The account is there: follow its first sync."""
        self._saved_id = account_id
        self._forget_secrets()
        self._show_step(Step.SYNC)
        self._continue.setText(_("Open the inbox"))
        self._back.hide()
        for widget in self._beside_back:
            widget.hide()
        self._lines.say(_("First synchronisation, newest messages first"), state="busy")
        self._show_sync()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._continue.setEnabled(not busy)
        for entry in self._entries():
            entry.setEnabled(not busy)

    def _show_step(self, step: Step) -> None:
        for number, label in enumerate(self._step_labels):
            restyle(label, current="true" if number == step else "false")

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start what can be given up."""

        async def run() -> None:
            self._task = asyncio.current_task()
            try:
                await coroutine
            finally:
                self._task = None

        self._context.start(run(), name="account set-up")

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # --- building ---

    def _build_head(self, kind: str) -> None:
        self.inside.setContentsMargins(30, 28, 30, 24)
        self.inside.setSpacing(8)
        self.inside.addWidget(self._build_steps())
        self.inside.addSpacing(12)
        again = self._account is not None
        title = _("Sign in again") if again else _("Add a channel")
        self.inside.addWidget(PlainLabel(title, kind="display"))
        words = _("Everything you receive lands in one inbox and stays on this computer.")
        self.inside.addWidget(PlainLabel(words, kind="muted", wrap=True))
        self.inside.addSpacing(6)
        self.tiles = ChannelTiles(self._context.theme, chosen=kind, alone=again)
        self.tiles.picked.connect(self._pick)
        self.inside.addWidget(self.tiles)
        self.inside.addSpacing(6)

    def _build_steps(self) -> QFrame:
        steps = QFrame()
        steps.setObjectName("steps")
        row = QHBoxLayout(steps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        self._step_labels = []
        for number, words in enumerate(_STEPS, start=1):
            label = PlainLabel(f"{number} {_(words)}", kind="caption")
            self._step_labels.append(label)
            row.addWidget(label)
        row.addStretch(1)
        return steps

    def _build_foot(self, beside_back: tuple[QWidget, ...]) -> QHBoxLayout:
        self._lock = QLabel()
        self._lock.setPixmap(self._context.icon("lock").pixmap(QSize(13, 13)))
        self._where = PlainLabel(kind="caption")
        self._beside_back = beside_back
        self._back = button(_("Back"), kind="ghost", clicked=self._leave)
        self._continue = button(_("Continue"), kind="primary", clicked=self._go_on)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._lock)
        row.addWidget(self._where)
        row.addStretch(1)
        for widget in (*beside_back, self._back, self._continue):
            row.addWidget(widget)
        return row

    def _put_in_the_middle(self) -> None:
        holder = QWidget()
        middle = QVBoxLayout(holder)
        middle.setContentsMargins(16, 16, 16, 16)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._card, 100)
        row.addStretch(1)
        middle.addStretch(1)
        middle.addLayout(row)
        middle.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(holder)
        area.setAccessibleName(_("Add a channel"))
        holder.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        self._area = area
        area.verticalScrollBar().rangeChanged.connect(self._follow_lines)

    def _follow_lines(self) -> None:
        """Have in sight what the check says and what goes on, as far as the field in use stays."""
        if not self.lines:
            return
        self._area.ensureWidgetVisible(self._continue)
        held = QApplication.focusWidget()
        if held is not None and self._card.isAncestorOf(held):
            self._area.ensureWidgetVisible(held)

    async def _say_where_secrets_go(self) -> None:
        if isinstance(self._context.secrets, MemorySecrets):
            words = _("The password is forgotten when the program ends")
        else:
            kept_in_file = await passphrase.in_a_file(self._context)
            words = (
                _("The password is kept in an encrypted file")
                if kept_in_file
                else _("The password is kept in your system keychain")
            )
        if isValid(self):  # another kind may have been chosen meanwhile
            self._where.setText(words)

    # --- going on and away ---

    def _pick(self, kind: str) -> None:
        if not self._busy and self._saved_id is None:
            self.channel_chosen.emit(kind)

    def _leave(self) -> None:
        self._attempt += 1
        self._give_up()
        self.finished.emit()

    def _show_sync(self) -> None:
        """Follow the first sync; as soon as there is something to read, go and read it."""
        row = None if self._saved_id is None else self._accounts.row(self._saved_id)
        if row is None:
            return
        status = self._accounts.status(row)
        self._progress.setVisible(status.total > 0)
        if status.total:
            self._progress.setRange(0, status.total)
            self._progress.setValue(status.done)
        if status.state is State.ONLINE or row.open_count:
            self._saved_id = None
            self._lines.drop_busy()
            self.finished.emit()
