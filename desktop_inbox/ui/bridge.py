"""The thread boundary: what other threads publish becomes coalesced signals on the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes

COALESCE_MS = 30


class Bridge(QObject):
    """Unites the changes of 30 ms, so that a burst of commits costs the window one refresh.

    `publish` and `publish_status` may be called from any thread; the signals arrive on the
    thread the bridge lives on.
    """

    changed = Signal(object)  # Changes
    account_status = Signal(object)  # sync.engine.AccountStatus, the latest of each account

    _something_arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._pending: Changes | None = None
        self._statuses: dict[int, object] = {}
        self._waking = False
        self._closed = False
        self._unsubscribe: list[Callable[[], None]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COALESCE_MS)
        self._timer.timeout.connect(self.flush)
        self._something_arrived.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def listen(self, unsubscribe: Callable[[], None]) -> None:
        """Remember how to end a subscription that feeds this bridge."""
        self._unsubscribe.append(unsubscribe)

    def publish(self, changes: Changes) -> None:
        """Take over what a transaction touched. Any thread."""
        with self._lock:
            self._pending = changes if self._pending is None else self._pending | changes
        self._wake()

    def publish_status(self, status: object) -> None:
        """Take over the state of an account; only its latest is passed on. Any thread."""
        key = int(getattr(status, "account_id", 0))
        with self._lock:
            self._statuses[key] = status
        self._wake()

    def close(self) -> None:
        """End the subscriptions. Nothing is emitted afterwards. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._timer.stop()
        self._something_arrived.disconnect(self._schedule)

    @Slot()
    def flush(self) -> None:
        """Emit what is pending now."""
        with self._lock:
            changes, self._pending = self._pending, None
            statuses, self._statuses = list(self._statuses.values()), {}
            self._waking = False
        for status in statuses:
            self.account_status.emit(status)
        if changes:
            self.changed.emit(changes)

    def _wake(self) -> None:
        with self._lock:
            if self._waking:
                return
            self._waking = True
        self._something_arrived.emit()

    @Slot()
    def _schedule(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
