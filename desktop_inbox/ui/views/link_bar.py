"""Where a link goes and what it says: a line below the text, by Ctrl+K."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.rich_text import safe_link
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import button, restyle

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\Z")
_HOST = re.compile(r"[^\s@/:<>]+\.[^\s@/:<>]{2,}(?:[/?#:]\S*)?\Z")


def completed(typed: str) -> str:
    """What was typed as a link, with what people leave out; '' where it is none."""
    typed = typed.strip()
    if _ADDRESS.match(typed):
        return safe_link(f"mailto:{typed}")
    return safe_link(typed) or (safe_link(f"https://{typed}") if _HOST.match(typed) else "")


class LinkBar(QWidget):
    """Asks for a link; Enter takes it, Escape leaves everything as it is."""

    taken = Signal(str, str)  # url, words; '' for the url takes the link away
    closed = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLineEdit()
        self.words.setPlaceholderText(_("Words"))
        self.words.setAccessibleName(_("Words of the link"))
        self.url = QLineEdit()
        self.url.setPlaceholderText("https://")
        self.url.setAccessibleName(_("Address of the link"))
        self._take = button(_("Insert link"), clicked=self._accept)
        self._remove = button(_("Remove link"), kind="ghost", clicked=self._drop)
        fields = QHBoxLayout()
        fields.setSpacing(6)
        fields.addWidget(self.words, 2)
        fields.addWidget(self.url, 3)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._take)
        buttons.addWidget(self._remove)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(6)
        column.addLayout(fields)
        column.addLayout(buttons)
        self.url.textEdited.connect(lambda _text: restyle(self.url, invalid=False))
        for field in (self.words, self.url):
            field.returnPressed.connect(self._accept)
        self.hide()

    def ask(self, *, words: str, url: str) -> None:
        """Show what there is, and let it be changed."""
        self.words.setText(words)
        self.url.setText(url)
        restyle(self.url, invalid=False)
        self._remove.setVisible(bool(url))
        self.show()
        field = self.url if words or url else self.words
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return
        super().keyPressEvent(event)

    def _accept(self) -> None:
        url = completed(self.url.text())
        if not url:
            restyle(self.url, invalid=True)
            self.url.setToolTip(_("Enter a web address, an e-mail address or tel: with a number."))
            self.url.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.taken.emit(url, self.words.text().strip() or self.url.text().strip())
        self._close()

    def _drop(self) -> None:
        self.taken.emit("", "")
        self._close()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
