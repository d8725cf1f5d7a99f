"""One of several things that a page of the settings keeps. UI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.ui.views.controls import ElidedLabel


class KeptCard(QFrame):
    """Says what it is in two lines; what can be done with it goes behind them."""

    def __init__(
        self, title: str, caption: str, *, mark: QWidget | None = None, spacing: int = 10
    ) -> None:
        super().__init__()
        self.setProperty("kind", "hint")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(12, 10, 8, 10)
        self._line.setSpacing(spacing)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(ElidedLabel(title, kind="strong"))
        words.addWidget(ElidedLabel(caption, kind="caption"))
        if mark is not None:
            self._line.addWidget(mark)
        self._line.addLayout(words, 1)

    def add(self, part: QWidget) -> None:
        """Put something behind the words."""
        self._line.addWidget(part)
