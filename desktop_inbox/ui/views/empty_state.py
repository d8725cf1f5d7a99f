"""What stands where there is nothing to list: why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import PlainLabel, button


class EmptyState(QWidget):
    """An icon, a heading, a sentence and at most one button, in the middle of the room."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._icon_name = "inbox"
        self._action: Callable[[], object] | None = None
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = PlainLabel(kind="strong", wrap=True)
        self._text = PlainLabel(kind="caption", wrap=True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._button = button("", clicked=self._pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._icon)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(4)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        context.theme.changed.connect(self._draw_icon)

    @property
    def title(self) -> str:
        return self._title.text()

    def explain(
        self,
        title: str,
        text: str = "",
        *,
        icon: str = "inbox",
        action_text: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        """Say why there is nothing, and offer the next step."""
        self._icon_name = icon
        self._draw_icon()
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._action = action
        self._button.setText(action_text)
        self._button.setVisible(bool(action_text))

    def _draw_icon(self) -> None:
        icon = self._context.icon(self._icon_name)
        self._icon.setPixmap(icon.pixmap(QSize(32, 32), self.devicePixelRatioF()))

    def _pressed(self) -> None:
        if self._action is not None:
            self._action()
