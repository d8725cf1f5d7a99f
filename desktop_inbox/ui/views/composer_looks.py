"""How the text of a composer is coloured while it is written: links, quotes and mentions.

Colours belong to the screen, so they never come into the document itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QTextEdit

from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import rich_document

ALL_SEEN = 200  # lines: a text of no more is looked at whole, of a longer one what is in sight
_BAR = 2  # pixels wide, left of what is quoted


class Looks(QSyntaxHighlighter):
    """Colours one document in the scheme in force."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._mentions: re.Pattern[str] | None = None
        # Where misspelt words stand in a line, by its text and the caret in it, -1 for none.
        self.mistakes: Callable[[str, int], Iterable[tuple[int, int]]] = lambda text, caret: ()
        self.caret: Callable[[], int] = lambda: -1  # of the editor, in the document
        self._checked = range(ALL_SEEN)  # the lines in which words are looked up
        self.recolouring = False  # what the document reports meanwhile is no change of its text
        theme.changed.connect(self.recolour)

    def recolour(self) -> None:
        """Colour everything anew."""
        self.recolouring = True
        try:
            self.rehighlight()
        finally:
            self.recolouring = False

    def check(self, lines: range) -> None:
        """Look words up in these lines, and in no others; colour these anew."""
        self._checked = lines
        self.recolouring = True
        try:
            block = self.document().findBlockByNumber(lines.start)
            while block.isValid() and block.blockNumber() in lines:
                self.rehighlightBlock(block)
                block = block.next()
        finally:
            self.recolouring = False

    def set_mentions(self, words: Sequence[str]) -> None:
        """Show these words as the mentions they are; none of them outside a note."""
        pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        found = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if words else None
        if (found and found.pattern) != (self._mentions and self._mentions.pattern):
            self._mentions = found
            self.recolour()

    def highlightBlock(self, text: str) -> None:
        block = self.currentBlock()
        if rich_document.quote_of(block):
            self.setFormat(0, len(text), self._colour("muted"))
        for piece in rich_document.fragments(block):
            if piece.charFormat().isAnchor():
                link = QTextCharFormat(piece.charFormat())
                link.setForeground(self._theme.colour("accent"))
                link.setFontUnderline(True)
                self.setFormat(piece.position() - block.position(), piece.length(), link)
        if self._mentions is not None:
            bold = self._colour("accent")
            bold.setFontWeight(600)
            for found in self._mentions.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), bold)
        if block.blockNumber() in self._checked and not rich_document.quote_of(block):
            self._underline(text)

    def _underline(self, text: str) -> None:
        """Mark misspelt words below what they look like otherwise."""
        block = self.currentBlock()
        caret = self.caret() - block.position()
        for begin, length in self.mistakes(text, caret if block.contains(self.caret()) else -1):
            for unit in range(begin, begin + length):
                wrong = self.format(unit)
                wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
                wrong.setUnderlineColor(self._theme.colour("bad"))
                self.setFormat(unit, 1, wrong)

    def _colour(self, token: str) -> QTextCharFormat:
        wanted = QTextCharFormat()
        wanted.setForeground(self._theme.colour(token))
        return wanted


def paint_quote_bars(editor: QTextEdit, colour: QColor) -> None:
    """Draw a bar left of each quoted line, one for each quote it stands in."""
    viewport, layout = editor.viewport(), editor.document().documentLayout()
    offset = QPointF(editor.horizontalScrollBar().value(), editor.verticalScrollBar().value())
    first = editor.cursorForPosition(viewport.rect().topLeft()).block()
    painter = QPainter(viewport)
    block = first
    while block.isValid():
        place = layout.blockBoundingRect(block).translated(-offset)
        if place.top() > viewport.height():
            break
        for depth in range(rich_document.quote_of(block)):
            left = depth * rich_document.QUOTE_STEP + 1
            painter.fillRect(QRectF(left, place.top(), _BAR, place.height()), colour)
        block = block.next()
    painter.end()
