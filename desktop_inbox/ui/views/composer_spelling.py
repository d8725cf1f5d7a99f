"""Underlines what is misspelt in one editor, and offers what may have been meant. UI thread only.

The language is that of the text; until that is clear, the window's.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QAction, QTextCursor
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from desktop_inbox import i18n
from desktop_inbox.domain import language as languages
from desktop_inbox.domain.spelling import words
from desktop_inbox.i18n import _
from desktop_inbox.settings import Settings
from desktop_inbox.spell_worker import LANGUAGES
from desktop_inbox.ui.spelling import Speller
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_looks import ALL_SEEN

_AFTER_MS = 300  # behind the last key
_LOOKED_AT = 2000  # characters, for the language
_AROUND = 20  # lines


class Spelling(QObject):
    """Checks one editor while the setting says so."""

    def __init__(self, editor: ComposerEditor, settings: Settings, speller: Speller) -> None:
        super().__init__(editor)
        self._editor = editor
        self._settings = settings
        self._speller = speller
        self.language = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_MS)
        self._later.timeout.connect(self._look)
        editor.looks.mistakes = self.mistakes
        editor.edited.connect(self._later.start)
        editor.verticalScrollBar().valueChanged.connect(lambda _to: self._later.start())
        editor.cursorPositionChanged.connect(self._on_caret)
        editor.focus_changed.connect(lambda _on: self._later.start())
        editor.menu_made.connect(self._extend)
        speller.learned.connect(self._on_learned)

    def stop(self) -> None:
        """End the process that looks words up."""
        self._speller.stop()

    def mistakes(self, text: str, caret: int) -> list[tuple[int, int]]:
        """Return where in a line misspelt words stand, as (begin, length) in UTF-16 units.

        The word that is being typed, where the caret (-1 for none) stands, is not one yet.
        """
        if not self.language or not self._settings.spelling:
            return []
        found = list(words(text))
        wrong = self._speller.wrong(self.language, (word for _start, word in found))
        places = []
        for start, word in found:
            if word in wrong:
                begin = len(text[:start].encode("utf-16-le")) // 2
                length = len(word.encode("utf-16-le")) // 2
                if caret != begin + length:
                    places.append((begin, length))
        return places

    def _look(self) -> None:
        """Decide on the language anew, and mark what is wrong in it."""
        text = self._editor.beginning(_LOOKED_AT)
        wanted = languages.detect(text) or i18n.language()
        self.language = languages.choose(wanted, LANGUAGES) if text.strip() else ""
        self._mark()

    def _mark(self) -> None:
        """Mark what is wrong as far as it is in sight, and a little around it."""
        editor = self._editor
        lines = editor.document().blockCount()
        if lines > ALL_SEEN:
            seen = editor.viewport().rect()
            ends = (seen.topLeft(), seen.bottomRight())
            first, last = (editor.cursorForPosition(at).block().blockNumber() for at in ends)
            editor.looks.check(range(max(first - _AROUND, 0), min(last + _AROUND, lines)))
        else:
            editor.looks.check(range(ALL_SEEN))

    def _on_caret(self) -> None:
        if self.language:
            self._later.start()

    def _on_learned(self, language: str) -> None:
        if isValid(self._editor) and language in ("", self.language):
            self._mark()

    # --- the menu ---

    def _extend(self, menu: QMenu, at: QPoint) -> None:
        """Put suggestions for the word at a place above the usual entries."""
        cursor = self._editor.cursorForPosition(at)
        block = cursor.block()
        inside = cursor.positionInBlock()
        place = next(
            (one for one in self.mistakes(block.text(), -1) if one[0] <= inside <= sum(one)), None
        )
        if place is None:
            return
        cursor.setPosition(block.position() + place[0])
        cursor.setPosition(block.position() + sum(place), QTextCursor.MoveMode.KeepAnchor)
        word = cursor.selectedText().replace("’", "'")
        first = menu.actions()[0] if menu.actions() else None
        waiting = QAction(_("Looking for suggestions…"), menu)
        waiting.setEnabled(False)
        accept = QAction(_("Add “{word}” to the dictionary").format(word=word), menu)
        accept.triggered.connect(lambda _checked=False: self._speller.accept(word))
        menu.insertActions(first, [waiting, accept])  # type: ignore[arg-type]
        if first is not None:
            menu.insertSeparator(first)
        self._speller.suggest(
            self.language, word, lambda meant: self._offer(menu, waiting, cursor, meant)
        )

    def _offer(self, menu: QMenu, waiting: QAction, cursor: QTextCursor, meant: list[str]) -> None:
        if not isValid(menu) or not isValid(waiting):
            return  # closed before the answer came
        if not meant:
            waiting.setText(_("No suggestions"))
            return
        for one in meant:
            action = QAction(one.replace("&", "&&"), menu)
            action.triggered.connect(lambda _checked=False, text=one: self._replace(cursor, text))
            menu.insertAction(waiting, action)
        menu.removeAction(waiting)

    def _replace(self, cursor: QTextCursor, text: str) -> None:
        cursor.insertText(text)
        self._editor.setFocus()
