"""A conversation on paper: heads, texts and pictures, black on white. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.pieces import in_words
from desktop_inbox.i18n import _
from desktop_inbox.mime.html.pieces import cid_of
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.message_body import EMPTY_IMAGE
from desktop_inbox.ui.views.message_text import PICTURE_WIDTH, Reading

_HEAD = "font-size: 9pt; color: #555"


class Paper(QTextDocument):
    """Messages as they are printed. Like on the screen it asks nobody but us for pictures."""

    def __init__(
        self,
        said: Sequence[tuple[MessageRow, Reading]],
        *,
        me: str,
        pictures: Mapping[str, QImage],
    ) -> None:
        super().__init__()
        self._pictures = pictures
        subject = visible(said[0][0].subject) if said else ""
        head = f"<h2>{escape(subject or _('(no subject)'))}</h2>"
        self.setHtml(head + "<hr>".join(_entry(row, reading, me=me) for row, reading in said))

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        address = QUrl(name).toString()
        return self._pictures.get(cid_of(address) or address, EMPTY_IMAGE)


def preview(paper: Paper, parent: QWidget) -> QPrintPreviewDialog:
    """A preview to `open()`, which prints, or writes a PDF, when told to."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintPreviewDialog(printer, parent)
    dialog.setWindowTitle(_("Print"))
    paper.setParent(dialog)
    dialog.paintRequested.connect(paper.print_)
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _entry(message: MessageRow, reading: Reading, *, me: str) -> str:
    people = escape(words.people(message)).replace("\n", "<br>")
    files = "".join(
        f"<br>{escape(visible(file.name))}"
        for file in message.attachments
        if not (file.inline and file.content_id)
    )
    text = reading.html(quoted=False, dark=False, width=PICTURE_WIDTH)
    text += escape(in_words(message.pieces)).replace("\n", "<br>")
    return (
        f"<p><b>{escape(words.author(message, me=me))}</b></p>"
        f'<p style="{_HEAD}">{people}</p>{text}<p style="{_HEAD}">{files}</p>'
    )
