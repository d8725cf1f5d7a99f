"""The text field of the composer: text with layout, files by paste and drop, `/` and `@` offers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QTextEdit, QWidget

from desktop_inbox.domain.rich_text import PICTURE, Line, RichText, Run
from desktop_inbox.i18n import _
from desktop_inbox.ui.keymap import Keys, in_a_text, usual_keys
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import composer_paste, rich_commands, rich_document
from desktop_inbox.ui.views.composer_lines import KeptLines
from desktop_inbox.ui.views.composer_looks import Looks, paint_quote_bars
from desktop_inbox.ui.views.composer_pictures import ShownPictures
from desktop_inbox.ui.views.dialog import is_enter
from desktop_inbox.ui.views.message_body import LONGEST_RUN
from desktop_inbox.ui.views.plain_text import longest_run

_TRIGGER = re.compile(r"(?:^|\s)([/@])([\w-]{0,30})$")
_LEAST_LINES = 3
_MOST_LINES = 16


class ComposerEditor(QTextEdit):
    """Grows with its text up to a limit."""

    edited = Signal()  # by a person, or by what was put in; never by a change of colours
    send_wanted = Signal(str)  # "", "close" or "later"
    undo_wanted = Signal()  # Ctrl+Z with nothing left to undo here
    attach_wanted = Signal()
    link_wanted = Signal()
    files_given = Signal(list)  # of Path
    pictures_given = Signal(list)  # of Path: to be shown in the text
    image_given = Signal(QImage)
    trigger_changed = Signal(object)  # what was typed behind `/`, None where there is none
    mention_changed = Signal(object)  # the same behind `@`
    picker_key = Signal(int)  # a key the open picker wants
    focus_changed = Signal(bool)
    height_wanted = Signal()
    menu_made = Signal(QMenu, QPoint)  # the menu of a place in the text, before it is shown

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        keys: Callable[[str], Keys] = usual_keys,
    ) -> None:
        """`keys` says which keys of an action are in force."""
        super().__init__(parent)
        self._keys = keys
        self.picking = False  # whether the picker is open and takes its keys
        self.layouts = True  # whether what is written may have layout
        self._theme = theme
        self._triggers: dict[str, str | None] = {"/": None, "@": None}
        self._wrapped_at_words = True
        self._limit = 0  # pixels, 0 for none but the number of lines
        self.pictures = ShownPictures(self, theme)
        self.setProperty("kind", "message")
        self.setTabChangesFocus(True)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Message"))
        self.document().setDocumentMargin(0)
        self._kept = KeptLines(self.document())
        self.looks = Looks(self.document(), theme)
        self.looks.caret = lambda: self.textCursor().position() if self.hasFocus() else -1
        self.document().contentsChange.connect(self._on_contents)
        self.document().documentLayout().documentSizeChanged.connect(self._on_size)
        self.textChanged.connect(self._on_changed)
        self.cursorPositionChanged.connect(self._look_for_triggers)

    # --- text and caret, in characters rather than UTF-16 units ---

    def lines(self) -> RichText:
        """What is written, with its layout."""
        return self._kept.read()

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written but space; known from the first word on."""
        block = self.document().begin()
        while block.isValid() and not block.text().strip():
            block = block.next()
        return not block.isValid()

    def beginning(self, characters: int) -> str:
        """What it begins with, at most so many characters."""
        found: list[str] = []
        block = self.document().begin()
        while block.isValid() and characters > 0:
            found.append(block.text()[:characters])
            characters -= len(found[-1]) + 1
            block = block.next()
        return "\n".join(found)

    def caret(self) -> int:
        """How many characters stand before the caret."""
        return characters(self.toPlainText(), self.textCursor().position())

    def set_text(self, text: str, *, caret: int | None = None) -> None:
        """Show `text`; typed text before it cannot be reached by undo any more."""
        rich_document.fill_plain(self.document(), text)
        self._place(caret)

    def set_lines(self, lines: Sequence[Line], *, caret: int | None = None) -> None:
        """Show text with layout; what was there cannot be reached by undo any more."""
        rich_document.fill(self.document(), lines)
        self._place(caret)

    def _place(self, caret: int | None) -> None:
        text = self.toPlainText()
        cursor = self.textCursor()
        position = len(text) if caret is None else min(max(caret, 0), len(text))
        cursor.setPosition(units(text, position))
        self.setTextCursor(cursor)

    def insert_lines(self, lines: Sequence[Line]) -> None:
        """Put text with layout where the caret is."""
        cursor = self.textCursor()
        rich_document.insert(cursor, lines)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def quote_above(self, lines: Sequence[Line]) -> None:
        """Put a quote above what is written, and the caret between the two."""
        written = self.textCursor()
        written.beginEditBlock()
        written.movePosition(QTextCursor.MoveOperation.Start)
        if written.block().text() or written.currentList() is not None:
            written.insertBlock(rich_document.block_format(0), QTextCharFormat())
            written.movePosition(QTextCursor.MoveOperation.Start)
        rich_document.insert(written, (*lines, Line()))
        written.endEditBlock()
        self.setTextCursor(written)
        self.ensureCursorVisible()

    def select(self, start: int, end: int) -> None:
        """Select characters and show them."""
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(units(text, start))
        cursor.setPosition(units(text, end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def replace_trigger(self, text: str, *, caret: int | None = None, sign: str = "/") -> None:
        """Put `text` where `/…` was typed; the caret goes behind it, or `caret` characters in."""
        cursor = self.textCursor()
        typed = self._triggers[sign]
        length = len(typed) + 1 if typed is not None else 0
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, length)
        start = cursor.selectionStart()
        cursor.insertText(text)
        if caret is not None:
            cursor.setPosition(start + units(text, caret))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # --- layout ---

    def command(self, name: str) -> None:
        """Change the layout of what is selected or typed next (see `rich_commands`)."""
        if self.layouts:
            rich_commands.COMMANDS[name](self)
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- pictures in the text, by their content ids ---

    def insert_picture(self, content_id: str, words: str, image: QImage) -> None:
        """Show a picture where the caret is."""
        self.pictures.put(content_id, image)
        self.insert_lines((Line(runs=(Run(picture=content_id, text=words),)),))

    def missing_pictures(self) -> list[str]:
        """The content ids of pictures that are still to be brought."""
        shown = (run.picture for line in self.lines() for run in line.runs if run.picture)
        return [name for name in dict.fromkeys(shown) if name not in self.pictures.known]

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return self.pictures.resource(name if isinstance(name, str) else name.toString())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pictures.fit()

    # --- size ---

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        wanted = round(self.document().size().height()) + 4
        height = min(max(wanted, _LEAST_LINES * line + 4), _MOST_LINES * line + 4)
        return QSize(200, min(height, max(self._limit, 2 * line)) if self._limit else height)

    def set_limit(self, height: int) -> None:
        """Do not become taller than this."""
        if height != self._limit:
            self._limit = height
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 2 * self.fontMetrics().lineSpacing())

    # --- keys ---

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_made.emit(menu, event.pos())
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.picking and event.key() in _PICKER_KEYS:
            self.picker_key.emit(event.key())
            return
        wanted = in_a_text(self._keys, event)
        if wanted is not None:
            self.obey(wanted)
        elif not self._steps_out(event):
            if event.text():
                rich_commands.end_link(self)
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        rich_commands.end_link(self)
        super().inputMethodEvent(event)

    def event(self, event: QEvent) -> bool:
        # Ours before the window's: both the list's undo and the editor's are Ctrl+Z.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            picks = self.picking and event.key() in _PICKER_KEYS
            if picks or in_a_text(self._keys, event) is not None:
                event.accept()
                return True
        return super().event(event)

    def obey(self, action_id: str) -> None:
        """Do what an action means in a text."""
        match action_id:
            case "undo":
                self._undo()
            case "attach":
                self.attach_wanted.emit()
            case "send" | "send.close" | "send.later":
                self.send_wanted.emit(action_id.removeprefix("send").removeprefix("."))
            case "format.link" if self.layouts:
                self.link_wanted.emit()
            case "format.link":
                pass
            case "paste.plain":
                composer_paste.paste_plain(self)
            case _:
                self.command(action_id)

    def _steps_out(self, event: QKeyEvent) -> bool:
        """Enter on an empty item ends a list or a quote, Backspace before it too."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if is_enter(event):
            return rich_commands.leave(self)
        return event.key() == Qt.Key.Key_Backspace and rich_commands.step_back(self)

    def _undo(self) -> None:
        if not self.toPlainText() and not self.document().isUndoAvailable():
            self.undo_wanted.emit()
        else:
            self.undo()

    # --- paste and drop ---

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or source.hasText() or source.hasHtml()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Text keeps the layout that can be sent; pictures go into it, files beside it."""
        composer_paste.take(self, source)

    def createMimeDataFromSelection(self) -> QMimeData:
        return composer_paste.copied(self.textCursor())

    def give(self, paths: Sequence[Path]) -> None:
        """Take files: pictures into the text where it has layout, others as attachments."""
        inline, beside = composer_paste.apart(paths) if self.layouts else ([], list(paths))
        if inline:
            self.pictures_given.emit(inline)
        if beside:
            self.files_given.emit(beside)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if event.mimeData().hasUrls():
            self.setTextCursor(self.cursorForPosition(event.position().toPoint()))
            self.insertFromMimeData(event.mimeData())
            event.acceptProposedAction()
            return
        super().dropEvent(event)

    # --- looks ---

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_quote_bars(self, self._theme.colour("line"))

    def _on_contents(self, _at: int, _removed: int, added: int) -> None:
        """Pasted text may hold a run that would take Qt minutes to wrap at words."""
        if added <= LONGEST_RUN or not self._wrapped_at_words:
            return
        if longest_run(self.toPlainText().replace("<", " ")) > LONGEST_RUN:
            self._wrapped_at_words = False
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def _on_changed(self) -> None:
        if not self.looks.recolouring:
            self._on_size()
            self.edited.emit()

    def _on_size(self) -> None:
        self.updateGeometry()
        self.height_wanted.emit()

    def _look_for_triggers(self) -> None:
        cursor = self.textCursor()
        match = None
        if not cursor.hasSelection():
            before = cursor.block().text()[: cursor.positionInBlock()].replace(PICTURE, " ")
            match = _TRIGGER.search(before)
        for sign, changed in (("/", self.trigger_changed), ("@", self.mention_changed)):
            found = match.group(2) if match and match.group(1) == sign else None
            if found != self._triggers[sign]:
                self._triggers[sign] = found
                changed.emit(found)


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
