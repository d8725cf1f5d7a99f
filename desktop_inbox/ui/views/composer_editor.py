"""The text field of the composer: plain text, files by paste and drop, `/` for canned responses."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.views.message_body import LONGEST_RUN
from desktop_inbox.ui.views.plain_text import longest_run

_TRIGGER = re.compile(r"(?:^|\s)/([\w-]{0,30})$")
_LEAST_LINES = 3
_MOST_LINES = 16


class ComposerEditor(QPlainTextEdit):
    """Grows with its text up to a limit."""

    send_wanted = Signal(str)  # "", "close" or "later"
    undo_wanted = Signal()  # Ctrl+Z with nothing left to undo here
    attach_wanted = Signal()
    files_given = Signal(list)  # of Path
    image_given = Signal(QImage)
    trigger_changed = Signal(object)  # what was typed behind `/`, None where there is none
    picker_key = Signal(int)  # a key the open picker wants
    focus_changed = Signal(bool)
    height_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picking = False  # whether the picker is open and takes its keys
        self._trigger: str | None = None
        self._wrapped_at_words = True
        self._limit = 0  # pixels, 0 for none but the number of lines
        self.setProperty("kind", "message")
        self.setTabChangesFocus(True)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Message"))
        self.document().setDocumentMargin(0)
        self.document().contentsChange.connect(self._on_contents)
        self.textChanged.connect(self._on_changed)
        self.cursorPositionChanged.connect(self._look_for_trigger)

    # --- text and caret, in characters rather than UTF-16 units ---

    def caret(self) -> int:
        """How many characters stand before the caret."""
        return characters(self.toPlainText(), self.textCursor().position())

    def set_text(self, text: str, *, caret: int | None = None) -> None:
        """Show `text`; typed text before it cannot be reached by undo any more."""
        self.setPlainText(text)
        cursor = self.textCursor()
        position = len(text) if caret is None else min(max(caret, 0), len(text))
        cursor.setPosition(units(text, position))
        self.setTextCursor(cursor)

    def select(self, start: int, end: int) -> None:
        """Select characters and show them."""
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(units(text, start))
        cursor.setPosition(units(text, end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def replace_trigger(self, text: str, *, caret: int | None = None) -> None:
        """Put `text` where `/…` was typed; the caret goes behind it, or `caret` characters in."""
        cursor = self.textCursor()
        length = len(self._trigger) + 1 if self._trigger is not None else 0
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, length)
        start = cursor.selectionStart()
        cursor.insertText(text)
        if caret is not None:
            cursor.setPosition(start + units(text, caret))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # --- size ---

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        lines = round(self.document().size().height())
        shown = min(max(lines, _LEAST_LINES), _MOST_LINES)
        height = shown * line + 4
        return QSize(200, min(height, max(self._limit, 2 * line)) if self._limit else height)

    def set_limit(self, height: int) -> None:
        """Do not become taller than this."""
        if height != self._limit:
            self._limit = height
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 2 * self.fontMetrics().lineSpacing())

    # --- events ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.picking and event.key() in _PICKER_KEYS:
            self.picker_key.emit(event.key())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._send_key(event):
            return
        if event.key() == Qt.Key.Key_Z and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._undo()
            return
        attach = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_A and event.modifiers() == attach:
            self.attach_wanted.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Ours before the window's: both the list's undo and the editor's are Ctrl+Z.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Z, Qt.Key.Key_A)
            if event.key() in ours and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.accept()
                return True
            if self.picking and event.key() in _PICKER_KEYS:
                event.accept()
                return True
        return super().event(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures become attachments; text goes in as plain text."""
        paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if paths:
            self.files_given.emit(paths)
        elif source.hasText() and source.text():
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()
        elif source.hasImage():
            self.image_given.emit(QImage(source.imageData()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            return
        super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if event.mimeData().hasUrls():
            self.insertFromMimeData(event.mimeData())
            event.acceptProposedAction()
            return
        super().dropEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def _send_key(self, event: QKeyEvent) -> bool:
        control = Qt.KeyboardModifier.ControlModifier
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        wanted = {
            control: "",
            control | Qt.KeyboardModifier.AltModifier: "close",
            control | Qt.KeyboardModifier.ShiftModifier: "later",
        }.get(modifiers)
        if wanted is None:
            return False
        self.send_wanted.emit(wanted)
        return True

    def _undo(self) -> None:
        if not self.toPlainText() and not self.document().isUndoAvailable():
            self.undo_wanted.emit()
        else:
            self.undo()

    def _on_contents(self, _at: int, _removed: int, added: int) -> None:
        """Pasted text may hold a run that would take Qt minutes to wrap at words."""
        if added <= LONGEST_RUN or not self._wrapped_at_words:
            return
        if longest_run(self.toPlainText().replace("<", " ")) > LONGEST_RUN:
            self._wrapped_at_words = False
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def _on_changed(self) -> None:
        self.updateGeometry()
        self.height_wanted.emit()

    def _look_for_trigger(self) -> None:
        cursor = self.textCursor()
        found = None
        if not cursor.hasSelection():
            before = cursor.block().text()[: cursor.positionInBlock()]
            match = _TRIGGER.search(before)
            found = match.group(1) if match else None
        if found != self._trigger:
            self._trigger = found
            self.trigger_changed.emit(found)


_PICKER_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Tab,
        Qt.Key.Key_Escape,
    }
)


def units(text: str, position: int) -> int:
    """UTF-16 units, as Qt counts, in the first `position` characters."""
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def characters(text: str, position: int) -> int:
    """Characters in the first `position` UTF-16 units."""
    encoded = text.encode("utf-16-le", "surrogatepass")[: position * 2]
    return len(encoded.decode("utf-16-le", "ignore"))
