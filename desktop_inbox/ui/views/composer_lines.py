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

    def _forget(self, at: int, _removed: int, added: int) -> None:
        """Where a stretch was changed, the lines it stands in now take the place of the former."""
        count = self._document.blockCount()
        first = self._document.findBlock(at).blockNumber()
        last = self._document.findBlock(at + added).blockNumber()
        changed = (last if last >= 0 else count - 1) - first + 1
        former = changed - (count - len(self._lines))
        if first < 0 or changed < 0 or not 0 <= former <= len(self._lines) - first:
            self._lines = [None] * count
        else:
            self._lines[first : first + former] = [None] * changed
