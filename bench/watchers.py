"""What watches our window from inside. Imported once the program is about to open it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer

from bench import reports
from desktop_inbox.ui.main_window import MainWindow


def watched(kind: str) -> type[MainWindow]:
    """Return the program's window with somebody watching its "start", its "tick" or its "work"."""

    class Watched(MainWindow):
        def __init__(self, *parts: Any, **more: Any) -> None:
            super().__init__(*parts, **more)
            self.resize(1440, 900)
            self.watched_by: QObject | None = _Painted(self) if kind == "start" else None

        async def complete(self) -> None:
            await super().complete()
            if kind == "tick":  # starting is one thing, working another
                from bench.tick_watcher import TickWatcher

                self.watched_by = TickWatcher(self)
            elif kind == "work":
                from bench.work_watcher import Work

                self.watched_by = Work(self)

    return Watched


class _Painted(QObject):
    """Reports when the list has painted rows, then what memory the window settles at."""

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self._window = shown
        self._done = False
        shown.list.table.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and not self._done and self._has_rows():
            self._done = True
            # The filter runs before the paint it sees; the next turn of the loop comes after it.
            QTimer.singleShot(0, lambda: reports.settle(reports.now(), self._window.close))
        return False

    def _has_rows(self) -> bool:
        from desktop_inbox.ui.models.paged import RowRole

        model = self._window.list.table.model()
        return model.rowCount() > 0 and model.index(0, 0).data(RowRole) is not None
