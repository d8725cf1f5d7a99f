"""What the keys and the bar of a composer do to the layout of its text. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextEdit

from desktop_inbox.domain.rich_text import MAX_LEVEL, Kind, Run
from desktop_inbox.ui.views import rich_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How text looks that is typed next, for the buttons of a bar."""

    bold: bool
    italic: bool
    underline: bool
    link: str
    kind: Kind
    quote: bool


def look(editor: QTextEdit) -> Look:
    """How what is typed next, or what is selected, looks."""
    shape, block = editor.currentCharFormat(), editor.textCursor().block()
    return Look(
        bold=shape.fontWeight() >= QFont.Weight.DemiBold,
        italic=shape.fontItalic(),
        underline=shape.fontUnderline(),
        link=link_at(editor.textCursor()),
        kind=rich_document.list_place(block)[0],
        quote=rich_document.quote_of(block) > 0,
    )


def toggle_bold(editor: QTextEdit) -> None:
    wanted = QTextCharFormat()
    bold = editor.currentCharFormat().fontWeight() >= QFont.Weight.DemiBold
    wanted.setFontWeight(QFont.Weight.Normal if bold else QFont.Weight.Bold)
    editor.mergeCurrentCharFormat(wanted)


def toggle_italic(editor: QTextEdit) -> None:
    wanted = QTextCharFormat()
    wanted.setFontItalic(not editor.currentCharFormat().fontItalic())
    editor.mergeCurrentCharFormat(wanted)


def toggle_underline(editor: QTextEdit) -> None:
    wanted = QTextCharFormat()
    wanted.setFontUnderline(not editor.currentCharFormat().fontUnderline())
    editor.mergeCurrentCharFormat(wanted)


# Links


def link_at(cursor: QTextCursor) -> str:
    """The link that the caret stands in or behind, '' for none."""
    probe = QTextCursor(cursor)
    probe.setPosition(cursor.selectionStart())
    here = probe.charFormat()
    probe.movePosition(QTextCursor.MoveOperation.Right)
    following = probe.charFormat()
    shape = following if cursor.hasSelection() or following.isAnchor() else here
    return shape.anchorHref() if shape.isAnchor() else ""


def whole_link(cursor: QTextCursor) -> QTextCursor:
    """The selection, or the whole link around the caret; without either the caret alone."""
    found = QTextCursor(cursor)
    url = link_at(cursor)
    if cursor.hasSelection() or not url:
        return found
    block = cursor.block()
    for piece in rich_document.fragments(block):
        end = piece.position() + piece.length()
        if piece.position() <= cursor.position() <= end and piece.charFormat().anchorHref() == url:
            found.setPosition(piece.position())
            found.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return found


def set_link(cursor: QTextCursor, url: str, *, text: str) -> None:
    """Make the selection a link, or put one with these words where the caret is; '' undoes it."""
    if not url:
        wanted = QTextCharFormat()
        wanted.setAnchor(False)
        wanted.setAnchorHref("")
        cursor.mergeCharFormat(wanted)
        return
    if cursor.hasSelection() and cursor.selectedText() == text:
        cursor.mergeCharFormat(rich_document.char_format(Run(link=url)))
        return
    look = cursor.charFormat()
    look.setAnchor(True)
    look.setAnchorHref(url)
    cursor.insertText(text, look)


def end_link(editor: QTextEdit) -> None:
    """Have what is typed behind a link not belong to it."""
    cursor = editor.textCursor()
    if cursor.hasSelection() or not editor.currentCharFormat().isAnchor():
        return
    probe = QTextCursor(cursor)
    inside = probe.movePosition(QTextCursor.MoveOperation.Right) and probe.charFormat().isAnchor()
    if not inside:
        shape = editor.currentCharFormat()
        shape.clearProperty(QTextFormat.Property.IsAnchor)
        shape.clearProperty(QTextFormat.Property.AnchorHref)
        editor.setCurrentCharFormat(shape)


# Lists and quotes


def toggle_list(editor: QTextEdit, kind: Kind) -> None:
    """Make the selected lines a list, or lines again where all of them are one."""
    blocks = list(_selected(editor.textCursor()))
    listed = all(rich_document.list_place(block)[0] is kind for block in blocks)
    with _step(editor) as cursor:
        if listed:
            for block in blocks:
                _leave_list(block)
        else:
            _make_list(cursor, blocks, kind)


def indent(editor: QTextEdit, *, by: int) -> None:
    """Move list items deeper into their list, or out of it."""
    with _step(editor):
        for block in _selected(editor.textCursor()):
            kind, level = rich_document.list_place(block)
            if kind is Kind.TEXT:
                continue
            if level + by < 0:
                _leave_list(block)
            elif level + by <= MAX_LEVEL:
                QTextCursor(block).createList(rich_document.list_format(kind, level + by))


def toggle_quote(editor: QTextEdit) -> None:
    """Quote the selected lines, or no longer."""
    blocks = list(_selected(editor.textCursor()))
    quoted = all(rich_document.quote_of(block) for block in blocks)
    with _step(editor):
        for block in blocks:
            _set_quote(block, 0 if quoted else max(rich_document.quote_of(block), 1))


def leave(editor: QTextEdit) -> bool:
    """Go out of the list or the quote of an empty line, as Enter there means; else do nothing."""
    cursor = editor.textCursor()
    block = cursor.block()
    if cursor.hasSelection() or block.text():
        return False
    return _step_out(editor, block)


def step_back(editor: QTextEdit) -> bool:
    """Go out of the list or the quote, as Backspace at the beginning of a line means."""
    cursor = editor.textCursor()
    if cursor.hasSelection() or not cursor.atBlockStart():
        return False
    return _step_out(editor, cursor.block())


def _step_out(editor: QTextEdit, block: QTextBlock) -> bool:
    quote = rich_document.quote_of(block)
    if rich_document.list_place(block)[0] is not Kind.TEXT:
        indent(editor, by=-1)
        return True
    if quote:
        with _step(editor):
            _set_quote(block, quote - 1)
        return True
    return False


def _make_list(cursor: QTextCursor, blocks: list[QTextBlock], kind: Kind) -> None:
    before = blocks[0].previous()
    goes_on = before.isValid() and rich_document.list_place(before) == (kind, 0)
    listed = before.textList() if goes_on else None
    for block in blocks:
        if listed is None:
            listed = QTextCursor(block).createList(rich_document.list_format(kind, 0))
        else:
            listed.add(block)


def _leave_list(block: QTextBlock) -> None:
    listed = block.textList()
    if listed is not None:
        listed.remove(block)
        QTextCursor(block).setBlockFormat(rich_document.block_format(rich_document.quote_of(block)))


def _set_quote(block: QTextBlock, quote: int) -> None:
    wanted = block.blockFormat()
    wanted.setLeftMargin(quote * rich_document.QUOTE_STEP)
    wanted.setProperty(rich_document.QUOTE, quote)
    QTextCursor(block).setBlockFormat(wanted)


def _selected(cursor: QTextCursor) -> Iterator[QTextBlock]:
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    last = document.findBlock(cursor.selectionEnd())
    while block.isValid():
        yield block
        if block == last:
            return
        block = block.next()


@contextmanager
def _step(editor: QTextEdit) -> Iterator[QTextCursor]:
    """Everything inside is one step that can be undone."""
    cursor = editor.textCursor()
    cursor.beginEditBlock()
    try:
        yield cursor
    finally:
        cursor.endEditBlock()


COMMANDS: dict[str, Callable[[QTextEdit], None]] = {
    "format.bold": toggle_bold,
    "format.italic": toggle_italic,
    "format.underline": toggle_underline,
    "format.bullets": lambda editor: toggle_list(editor, Kind.BULLET),
    "format.numbers": lambda editor: toggle_list(editor, Kind.NUMBER),
    "format.quote": toggle_quote,
    "format.deeper": lambda editor: indent(editor, by=1),
    "format.shallower": lambda editor: indent(editor, by=-1),
}
