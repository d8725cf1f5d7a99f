"""Canned responses in a composer: the picker over the text while `/…` is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.canned_picker import CannedPicker
from desktop_inbox.ui.views.composer_editor import ComposerEditor


class CannedOffers(QObject):
    """Offers responses to one editor; lies above `card`, as wide as it is."""

    wanted = Signal()  # the responses are needed

    def __init__(self, editor: ComposerEditor, card: QWidget, *, theme: Theme) -> None:
        super().__init__(editor)
        self._editor = editor
        self._card = card
        self._theme = theme
        self._typed: str | None = None  # what stands behind `/` right now
        self._rows: Sequence[CannedRow] | None = None  # None: not read yet
        self.picker = CannedPicker(theme, parent=card)
        editor.trigger_changed.connect(self._on_trigger)
        editor.picker_key.connect(self._on_key)
        self.picker.dismissed.connect(self._dismiss)
        self.picker.room_wanted.connect(self.place)

    def set_rows(self, rows: Sequence[CannedRow]) -> None:
        """The responses that may be chosen."""
        self._rows = rows
        if self._typed is not None:
            self._open(self._typed)

    def insert(self, text: str, *, caret: int | None = None) -> None:
        """Put a response into the text, in place of what called for it."""
        self._dismiss()
        self._editor.replace_trigger(text, caret=caret)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def open(self) -> None:
        """Offer the responses as if `/` had been typed."""
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)
        cursor = self._editor.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        self._editor.insertPlainText("/" if not before or before[-1].isspace() else " /")

    def place(self) -> None:
        """Lie above the card, over the timeline, as wide as the card."""
        host = self.picker.parentWidget()
        if host is None:
            return
        at = self._card.mapTo(host, QPoint(0, 0))
        height = min(
            self.picker.wanted_height(self._card.width()), max(at.y() - 12, self._theme.px(80))
        )
        self.picker.setGeometry(at.x(), max(at.y() - height - 6, 4), self._card.width(), height)

    def _on_key(self, key: int) -> None:
        if not self.picker.isHidden():  # else another list has the keys
            self.picker.take_key(key)

    def _on_trigger(self, typed: str | None) -> None:
        begun = self._typed is None
        self._typed = typed
        if typed is None:
            self._dismiss()
            self.picker.hide()
            return
        if begun:  # on another channel others are offered, and they change
            self.wanted.emit()
        self._open(typed)

    def _open(self, typed: str) -> None:
        if self._rows is None:
            return
        self.picker.show_for(self._rows, typed)
        self._editor.picking = bool(self.picker.shown())
        self.place()

    def _dismiss(self) -> None:
        self._editor.picking = False
