"""A clock for a call: it runs while one talks, and can be typed afterwards. UI thread only."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.piece_words import play_length

_WIDTH = 92
_TICK_MS = 500
_TYPED = re.compile(r"(?:(\d{1,3}):)?(\d{1,5})(?::(\d{1,2}))?\Z")
_LONGEST = 24 * 3600


def read_length(typed: str) -> int | None:
    """Return seconds: "4" are four minutes, "4:30" and "1:02:30" are what they look like."""
    text = typed.strip()
    if not text:
        return 0
    found = _TYPED.match(text)
    if found is None:
        return None
    first, middle, last = found.groups()
    if first is None and last is None:
        seconds = 60 * int(middle)
    elif last is None:
        seconds = 60 * int(first) + int(middle)
    elif first is None:
        seconds = 60 * int(middle) + int(last)
    else:
        seconds = 3600 * int(first) + 60 * int(middle) + int(last)
    return seconds if seconds <= _LONGEST else None


class CallTimer(QWidget):
    """A field for a length, with a button that lets it run."""

    edited = Signal()

    def __init__(self, context: AppContext, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._since: float | None = None  # when it began to run
        self._before = 0  # seconds it had run before that
        self.field = QLineEdit()
        self.field.setPlaceholderText("0:00")
        self.field.setFixedWidth(context.theme.px(_WIDTH))
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setAccessibleName(_("Length"))
        self.field.setToolTip(_("Minutes, or minutes and seconds: 4 or 4:30"))
        self.field.textEdited.connect(lambda _text: self.edited.emit())
        self.button = button(_("Start the clock"), clicked=self.toggle)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field)
        row.addWidget(self.button)
        row.addStretch(1)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.show_time)

    @property
    def running(self) -> bool:
        """Whether it counts."""
        return self._since is not None

    @property
    def seconds(self) -> int | None:
        """How long it has been; None where what is typed is no length."""
        if self._since is not None:
            return self._before + int(self._clock() - self._since)
        return read_length(self.field.text())

    def toggle(self) -> None:
        """Let it run from where it stands, or stop it."""
        if self._since is None:
            self._before = self.seconds or 0
            self._since = self._clock()
            self._tick.start()
        else:
            self._before, self._since = self.seconds or 0, None
            self._tick.stop()
            self.field.setText(play_length(self._before))
        self.field.setReadOnly(self.running)
        self.button.setText(_("Stop the clock") if self.running else _("Start the clock"))
        self.show_time()
        self.edited.emit()

    def show_time(self) -> None:
        """Show how long it has been running."""
        if self._since is not None:
            self.field.setText(play_length(self.seconds or 0))
