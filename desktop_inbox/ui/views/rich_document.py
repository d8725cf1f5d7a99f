"""Text with layout in and out of a QTextDocument, without anything a document could add to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextImageFormat,
    QTextList,
    QTextListFormat,
)

from desktop_inbox.domain.rich_text import PICTURE, Kind, Line, RichText, Run, normalised

QUOTE = QTextFormat.Property.UserProperty + 1  # of a block: how many quotes it stands in
QUOTE_STEP = 14  # pixels
_LINE_HEIGHT = 116  # percent
_LIST_STEP = 22
_NUMBERED = QTextListFormat.Style.ListDecimal
_BULLETS = (
    QTextListFormat.Style.ListDisc,
    QTextListFormat.Style.ListCircle,
    QTextListFormat.Style.ListSquare,
)


def read(document: QTextDocument) -> RichText:
    """What a document says."""
    return normalised(_line(block) for block in _blocks(document))


def read_line(block: QTextBlock) -> Line:
    """What a line of a document says."""
    return normalised((_line(block),))[0]


def fill(document: QTextDocument, lines: Sequence[Line]) -> None:
    """Have a document say this and nothing else; what it said before cannot be had back."""
    document.setUndoRedoEnabled(False)
    document.clear()
    document.setIndentWidth(_LIST_STEP)
    insert(QTextCursor(document), lines)
    document.setUndoRedoEnabled(True)


def fill_plain(document: QTextDocument, text: str) -> None:
    """The same for text without layout, which may be long."""
    document.setUndoRedoEnabled(False)
    document.clear()
    document.setPlainText(text)
    everything = QTextCursor(document)
    everything.select(QTextCursor.SelectionType.Document)
    everything.setBlockFormat(block_format(0))
    document.setUndoRedoEnabled(True)


def selected(cursor: QTextCursor) -> RichText:
    """What is selected, wherever it stands; nothing of how it looks there but what can be sent."""
    document = QTextDocument()
    QTextCursor(document).insertFragment(cursor.selection())
    return read(document)


def insert(cursor: QTextCursor, lines: Sequence[Line]) -> None:
    """Put lines where the cursor is, as one step that can be undone."""
    lists = _Lists()
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    first = not cursor.block().text() and cursor.currentList() is None
    for count, line in enumerate(lines):
        if count:
            cursor.insertBlock(block_format(line.quote), QTextCharFormat())
        elif first:
            cursor.setBlockFormat(block_format(line.quote))
        if count or first:
            lists.take(cursor, line)
        for run in line.runs:
            _insert_run(cursor, run)
    cursor.endEditBlock()


def block_format(quote: int) -> QTextBlockFormat:
    """How a line stands that is quoted so many times."""
    wanted = QTextBlockFormat()
    wanted.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if quote:
        wanted.setProperty(QUOTE, quote)
        wanted.setLeftMargin(quote * QUOTE_STEP)
    return wanted


def quote_of(block: QTextBlock) -> int:
    """How many quotes a line stands in."""
    return block.blockFormat().intProperty(QUOTE)


def list_format(kind: Kind, level: int) -> QTextListFormat:
    """How a list of this kind looks so deep inside others."""
    wanted = QTextListFormat()
    bullet = _BULLETS[min(level, len(_BULLETS) - 1)]
    wanted.setStyle(_NUMBERED if kind is Kind.NUMBER else bullet)
    wanted.setIndent(level + 1)
    return wanted


def list_place(block: QTextBlock) -> tuple[Kind, int]:
    """What a line is, and how deep in lists."""
    listed = block.textList()
    if listed is None:
        return Kind.TEXT, 0
    kind = Kind.NUMBER if listed.format().style() == _NUMBERED else Kind.BULLET
    return kind, max(listed.format().indent() - 1, 0)


def image_format(run: Run) -> QTextImageFormat:
    """How a picture stands in a document, by its content id."""
    wanted = QTextImageFormat()
    wanted.setName(f"cid:{run.picture}")
    wanted.setProperty(QTextFormat.Property.ImageAltText, run.text)
    if run.link:
        wanted.setAnchor(True)
        wanted.setAnchorHref(run.link)
    return wanted


class _Lists:
    """The lists that lines come into while they are written one after another."""

    def __init__(self) -> None:
        self._quote = 0
        self._open: list[tuple[Kind, QTextList | None]] = []  # None: a level was skipped

    def take(self, cursor: QTextCursor, line: Line) -> None:
        """Put the cursor's line into its list, a new one where none goes on."""
        if line.quote != self._quote or line.kind is Kind.TEXT:
            self._open.clear()
            self._quote = line.quote
        if line.kind is Kind.TEXT:
            return
        del self._open[line.level + 1 :]
        kind, known = self._open[-1] if len(self._open) == line.level + 1 else (line.kind, None)
        if known is not None and kind is line.kind:
            known.add(cursor.block())
            return
        del self._open[line.level :]
        while len(self._open) < line.level:
            self._open.append((line.kind, None))
        created = cursor.createList(list_format(line.kind, line.level))
        self._open.append((line.kind, created))


def _insert_run(cursor: QTextCursor, run: Run) -> None:
    if run.picture:
        cursor.insertImage(image_format(run))
        return
    cursor.insertText(run.text.replace("\n", "\N{LINE SEPARATOR}"), char_format(run))


def char_format(run: Run) -> QTextCharFormat:
    """How text of this look stands in a document; its colours are the view's business."""
    wanted = QTextCharFormat()
    if run.bold:
        wanted.setFontWeight(QFont.Weight.Bold)
    if run.italic:
        wanted.setFontItalic(True)
    if run.underline:
        wanted.setFontUnderline(True)
    if run.link:
        wanted.setAnchor(True)
        wanted.setAnchorHref(run.link)
    return wanted


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    """The pieces of a line that look alike."""
    position = block.begin()
    while not position.atEnd():
        yield position.fragment()
        position += 1


def _line(block: QTextBlock) -> Line:
    kind, level = list_place(block)
    runs = tuple(run for piece in fragments(block) for run in _runs(piece))
    return Line(runs=runs, kind=kind, level=level, quote=quote_of(block))


def _runs(piece: QTextFragment) -> Iterator[Run]:
    look = piece.charFormat()
    link = look.anchorHref() if look.isAnchor() else ""
    if look.isImageFormat():
        image = look.toImageFormat()
        words = image.property(QTextFormat.Property.ImageAltText) or ""
        name = image.name().removeprefix("cid:")
        yield from [Run(text=str(words), picture=name, link=link)] * piece.text().count(PICTURE)
        return
    yield Run(
        text=piece.text().replace("\N{LINE SEPARATOR}", "\n"),
        bold=look.fontWeight() >= QFont.Weight.DemiBold,
        italic=look.fontItalic(),
        underline=look.fontUnderline(),
        link=link,
    )
