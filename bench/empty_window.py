"""An empty window of PySide6 and what it reports of itself: the anchor for the start of our own."""

from __future__ import annotations

import sys

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel

from bench import reports


def main() -> int:
    """Show a window with nothing in it; return when it has reported."""
    application = QApplication([])
    label = _Empty("nothing")
    label.resize(1440, 900)
    label.show()
    return application.exec()


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
    sys.exit(main())
