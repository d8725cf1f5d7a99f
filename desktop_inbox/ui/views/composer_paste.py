"""What comes into a composer by paste and drop, and what is copied out of it. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QMimeDatabase
from PySide6.QtGui import QGuiApplication, QImage, QTextCursor

from desktop_inbox.domain.rich_text import Line, normalised, to_html, to_text
from desktop_inbox.ui.views import rich_document

if TYPE_CHECKING:
    from desktop_inbox.ui.views.composer_editor import ComposerEditor

INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Longer HTML comes in as its text: taking it apart would hold the window up.
MOST_HTML = 1_000_000


def take(editor: ComposerEditor, source: QMimeData) -> None:
    """Put in what was pasted or dropped, each kind where it belongs."""
    paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
    if paths:
        editor.give(paths)
    elif editor.layouts and source.hasHtml() and (lines := _lines(editor, source.html())):
        editor.insert_lines(lines)
    elif source.hasText() and source.text():
        _insert_plain(editor, source.text())
    elif source.hasImage():
        editor.image_given.emit(QImage(source.imageData()))


def paste_plain(editor: ComposerEditor) -> None:
    """Put in only the characters of what was copied."""
    text = QGuiApplication.clipboard().text()
    if text and not editor.isReadOnly():
        _insert_plain(editor, text)


def copied(cursor: QTextCursor) -> QMimeData:
    """The selection as text and as the HTML that would be sent, without colours of the screen."""
    lines = rich_document.selected(cursor)
    data = QMimeData()
    data.setText(to_text(lines))
    data.setHtml(to_html(lines))
    return data


def apart(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Tell pictures that every mail program shows from other files, by their names."""
    types = QMimeDatabase()
    inline: list[Path] = []
    beside: list[Path] = []
    for path in paths:
        name = types.mimeTypeForFile(path.name, QMimeDatabase.MatchMode.MatchExtension).name()
        (inline if name in INLINE_TYPES else beside).append(path)
    return inline, beside


def _insert_plain(editor: ComposerEditor, text: str) -> None:
    editor.textCursor().insertText(text)
    editor.ensureCursorVisible()


def _lines(editor: ComposerEditor, html: str) -> tuple[Line, ...]:
    if len(html) > MOST_HTML:
        return ()
    from desktop_inbox.mime.rich import read  # with a parser that most drafts never need

    lines = read(html, pictures=frozenset(editor.pictures.known))
    empty = normalised(())
    return () if lines == empty else lines
