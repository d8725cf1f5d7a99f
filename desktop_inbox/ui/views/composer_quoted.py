"""The quoted message below what is typed: folded, shown on demand, left out on request."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import link_button


class QuotedText(QWidget):
    """Shows what goes along below the text."""

    left_out = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._button = link_button("•••", clicked=self._toggle)
        self._button.setAccessibleName(_("Show quoted text"))
        self._button.setToolTip(_("The answered message goes along below your text"))
        self._drop = link_button(_("Leave out"), clicked=self.left_out.emit)
        self._view = QPlainTextEdit()
        self._view.setReadOnly(True)
        self._view.setProperty("kind", "bare")
        self._view.setAccessibleName(_("Quoted text"))
        self._view.setFixedHeight(theme.px(96))
        self._drop.hide()
        self._view.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._button)
        row.addWidget(self._drop)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._view)

    def show_text(self, text: str) -> None:
        """Stand for this text; nothing is shown where it is empty."""
        self._text = text
        self.setVisible(bool(text))
        if not text:
            self._view.hide()
        elif not self._view.isHidden():
            self._view.setPlainText(text)
        self._drop.setVisible(not self._view.isHidden())

    def _toggle(self) -> None:
        self._view.setVisible(self._view.isHidden())
        self.show_text(self._text)
