"""What stands in an editor, line by line, read again only where it was changed. UI thread only."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument

from desktop_inbox.domain.rich_text import Line, RichText
from desktop_inbox.ui.views import rich_document


class KeptLines:
    """The lines of one document. Reading them costs what was typed since, not what there is."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._lines: list[Line | None] = []  # a line each; None for one that is to be read again
        document.contentsChange.connect(self._forget)

    def read(self) -> RichText:
        """What the document says, as `rich_document.read` has it."""
        return tuple(
            self._read(number) if line is None else line for number, line in enumerate(self._lines)
        ) or rich_document.read(self._document)

    def _read(self, number: int) -> Line:
        line = rich_document.read_line(self._document.findBlockByNumber(number))
        self._lines[number] = line
        return line

    def _forget(self, at: int, removed: int, added: int) -> None:
        """Read anew the line that was changed, and the two of an Enter; of more, every line."""
        line = self._document.findBlock(at).blockNumber()
        count = self._document.blockCount()
        ends_there = self._document.findBlock(at + added).blockNumber() == line
        more = count - len(self._lines)
        if ends_there and more == 0:
            self._lines[line] = None
        elif (removed, added, more) == (0, 1, 1):
            self._lines[line : line + 1] = [None, None]
        else:
            # How far such a change reaches Qt does not always say, as when a list is taken back.
            self._lines = [None] * count
