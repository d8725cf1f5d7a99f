"""An empty window of PySide6 and what it reports of itself: the anchor for our own.

`start` reports its first paint, `tick` how evenly a timer of its ticks while nothing happens.
"""

from __future__ import annotations

import sys

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel

from bench import reports


def main(kind: str) -> int:
    """Show a window with nothing in it; return when it has reported."""
    application = QApplication([])
    label = _Empty("nothing") if kind == "start" else QLabel("nothing")
    label.resize(1440, 900)
    label.show()
    if kind == "tick":
        _count_ticks(label)
    return application.exec()


def _count_ticks(label: QLabel) -> None:
    from PySide6.QtCore import QTimer

    from bench.ticks import IDLE_MS, Ticks

    ticks = Ticks(label)

    def report() -> None:
        ticks.stop()
        reports.say(gaps_ms=ticks.gaps_ms)
        QApplication.quit()

    QTimer.singleShot(IDLE_MS, report)


class _Empty(QLabel):
    """Reports its first paint."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._painted = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            reports.settle(reports.now(), QApplication.quit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
