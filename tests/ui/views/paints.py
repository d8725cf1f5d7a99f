"""Watches which widgets of a window are painted because of something."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from tests.support.qt_waits import until


class Paints(QObject):
    """Watches the widgets of one kind below another; their ground is painted with them."""

    def __init__(self, above: QWidget, kind: type[QWidget]) -> None:
        super().__init__(above)
        self._seen: list[QObject] = []
        watched = above.findChildren(kind)
        # A window paints all that is due at once: when this one was, nothing else is.
        self._mark = QWidget(above.window())
        self._mark.resize(1, 1)
        self._mark.show()
        for widget in (*watched, self._mark):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            self._seen.append(watched)
        return False

    async def during(self, *calls: Callable[[], object]) -> list[QObject]:
        """Return what is painted because of these calls."""
        await self._settle()
        self._seen.clear()
        for call in calls:
            call()
        await self._settle()
        return [widget for widget in self._seen if widget is not self._mark]

    async def _settle(self) -> None:
        for _layout_then_paint in range(2):
            before = self._seen.count(self._mark)
            self._mark.update()
            await until(lambda before=before: self._seen.count(self._mark) > before)  # type: ignore[misc]
