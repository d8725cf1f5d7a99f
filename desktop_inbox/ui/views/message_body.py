"""The text of one message: a reading view that fetches nothing, runs nothing and opens no file.

A QTextBrowser asks `loadResource` for everything its document names. Where that answers with
nothing Qt goes on to open a *local file* of that name, so here every image it asks for is answered:
with a picture of the message itself, or with an empty one.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QDesktopServices,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QPalette,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QMessageBox,
    QSizePolicy,
    QTextBrowser,
    QTextEdit,
    QToolTip,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.mime.html.links import link_warnings, links
from desktop_inbox.mime.html.pieces import cid_of
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.message_words import link_doubts
from desktop_inbox.ui.views.pictures import decode
from desktop_inbox.ui.views.plain_text import SAFE_SCHEMES, longest_run
from desktop_inbox.ui.views.utf16 import in_utf16, utf16_length

LONGEST_RUN = 1500  # characters without a place to break
MOST_PICTURES = 300
_WEB = re.compile(r"https?://", re.IGNORECASE)
_PICTURE_TAG = re.compile(r"<img[^>]*>?")


class MessageBody(QTextBrowser):
    """Shows one message's text at exactly the height it needs; the timeline scrolls, not it."""

    link_hovered = Signal(str)  # the target, '' when the pointer leaves it
    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.requested: list[str] = []  # what the document asked for and did not get
        self._html = ""
        self._links: dict[str, list[str]] | None = None  # their words, once somebody points at one
        self._room = 0
        self._pictures: Mapping[str, QImage] = {}
        self._shown: dict[str, QImage] = {}
        self._measured: tuple[int, int, int] | None = None  # width asked, width needed, height
        self.setProperty("kind", "message")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setAccessibleName(_("Message text"))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.viewport().setAutoFillBackground(False)
        self.anchorClicked.connect(self._on_link)
        self.highlighted.connect(self._on_pointed)

    @property
    def pictures(self) -> Mapping[str, QImage]:
        """The images of this message that are here, by content id or web address."""
        return self._pictures

    @property
    def has_pictures(self) -> bool:
        """Whether the text shows any image, here or not."""
        return "<img" in self._html

    def show_html(
        self, html: str, *, pictures: Mapping[str, QImage] | None = None, room: int = 0
    ) -> None:
        """Show a reading view, its images at most `room` pixels wide; 0 for as they are.

        `pictures` are those that may be shown, by content id or web address.
        """
        self._html = html
        self._links = None
        self._room = room
        self._pictures = pictures or {}
        self._shown = self._addressed()
        self._measured = None
        self.clear()
        self.setWordWrapMode(wrap_mode(html))
        self.setHtml(_fewer_pictures(html))
        self.updateGeometry()

    def set_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """Put in images that were decoded after the text was shown."""
        self._pictures = {**self._pictures, **pictures}
        self._shown = self._addressed()
        self._measured = None
        document = self.document()
        for address, picture in self._shown.items():
            document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(address), picture)
        document.markContentsDirty(0, document.characterCount())
        self.updateGeometry()
        self.height_changed.emit()

    def _addressed(self) -> dict[str, QImage]:
        """The images as the document names them, fitted into the pane."""
        return {
            QUrl(name if _WEB.match(name) else f"cid:{name}").toString(): _fitted(image, self._room)
            for name, image in self._pictures.items()
        }

    def set_text_colour(self, *, text: str, link: str, selection: str) -> None:
        """Adapt to the theme."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, text)
        palette.setColor(QPalette.ColorRole.Link, link)
        palette.setColor(QPalette.ColorRole.LinkVisited, link)
        palette.setColor(QPalette.ColorRole.Highlight, selection)
        palette.setColor(QPalette.ColorRole.HighlightedText, text)
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)

    def measure(self, width: int) -> QSize:
        """The size this text takes within `width`: no wider than its longest line."""
        if self._measured is None or not self._measured[1] <= width <= self._measured[0]:
            self._lay_out(width)
            document = self.document()
            needed = min(width, math.ceil(document.idealWidth()) + 1)
            self._measured = (width, needed, math.ceil(document.size().height()))
        return QSize(self._measured[1], self._measured[2])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(self.width())

    def _lay_out(self, width: int) -> None:
        """Break lines at `width`, which takes longer than anything else about a message."""
        if self.lineWrapColumnOrWidth() != width:
            # Not the document's own text width: the widget would set it back to the viewport's.
            self.setLineWrapColumnOrWidth(width)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.measure(width).height()

    def sizeHint(self) -> QSize:
        return self.measure(max(self.width(), 80))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 16)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answer only with pictures of this message; never look anywhere else."""
        address = QUrl(name).toString()
        if address in self._shown:
            return self._shown[address]
        if address.startswith("cid:"):
            return self._shown.get(f"cid:{cid_of(address)}", EMPTY_IMAGE)
        if address.startswith("data:") and kind == QTextDocument.ResourceType.ImageResource.value:
            return _embedded(address) or EMPTY_IMAGE
        self.requested.append(address)
        return EMPTY_IMAGE if kind == QTextDocument.ResourceType.ImageResource.value else b""

    def doSetSource(
        self,
        name: QUrl | str,
        type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,  # noqa: A002
    ) -> None:
        """A message is never replaced by what it links to."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the timeline scrolls

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy as text: colours adapted to this theme would be unreadable elsewhere."""
        copied = QMimeData()
        copied.setText(self.textCursor().selection().toPlainText())
        return copied

    def select_none(self) -> None:
        """Forget the selection, for instance because another message has one now."""
        cursor: QTextCursor = self.textCursor()
        cursor.clearSelection()
        self.setTextCursor(cursor)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._measured = None
        return super().event(event)

    # --- hits of a search within the conversation ---

    def mark(self, places: list[tuple[int, int]], *, current: int = -1) -> None:
        """Mark these stretches of the text, the current one more strongly."""
        counted = in_utf16(self.toPlainText(), places)
        marks = [self._marked(place, strong=at == current) for at, place in enumerate(counted)]
        self.setExtraSelections(marks)

    def _marked(self, place: tuple[int, int], *, strong: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(place[0])
        cursor.setPosition(place[1], QTextCursor.MoveMode.KeepAnchor)
        mark.cursor = cursor
        look = mark.format
        look.setBackground(_HIT_NOW if strong else _HIT)
        look.setForeground(Qt.GlobalColor.black)
        mark.format = look
        return mark

    def place_of(self, position: int) -> int:
        """How far below the upper edge a character stands."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(utf16_length(self.toPlainText()[:position]))
        return int(self.cursorRect(cursor).top())

    # --- links: where they lead is told before anybody goes there ---

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002
        """Tab goes from link to link; each tells its target as it does under the pointer."""
        moved: bool = super().focusNextPrevChild(next)
        cursor = self.textCursor()
        url = QUrl(cursor.charFormat().anchorHref() if self.hasFocus() else "")
        self._tell_target(url, at=self.viewport().mapToGlobal(self.cursorRect().bottomLeft()))
        return moved

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.link_hovered.emit("")

    def _on_pointed(self, url: QUrl) -> None:
        self._tell_target(url, at=QCursor.pos())

    def _tell_target(self, url: QUrl, *, at: QPoint) -> None:
        target = readable_target(url)
        self.link_hovered.emit(target)
        if target:
            doubts = link_doubts(self.warnings_of(url))
            QToolTip.showText(at, tooltip("\n".join([target, *doubts])), self)
        else:
            QToolTip.hideText()

    def _on_link(self, url: QUrl) -> None:
        doubts = link_doubts(self.warnings_of(url))
        if doubts and url.scheme().lower() in SAFE_SCHEMES:
            self._ask(url, doubts)
        else:
            open_link(url)

    def _ask(self, url: QUrl, doubts: list[str]) -> None:
        """Have a person look at a doubtful target before it opens."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("This link may not lead where you think."))
        box.setInformativeText("\n".join([readable_target(url), "", *doubts]))
        box.addButton(_("Open link"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        box.accepted.connect(lambda: open_link(url))
        box.open()

    def warnings_of(self, url: QUrl) -> tuple[str, ...]:
        """What is doubtful about the links to `url`, whatever words they bear."""
        address = url.toString()
        texts = self._link_texts().get(address, [""])
        found = [code for text in texts for code in link_warnings(text, address)]
        return tuple(dict.fromkeys(found))

    def _link_texts(self) -> dict[str, list[str]]:
        """The words of every link, by its target."""
        texts: dict[str, list[str]] = {}
        if self._links is None:
            for link in links(self._html):
                texts.setdefault(QUrl(link.url).toString(), []).append(link.text)
            self._links = texts
        return self._links


def _fewer_pictures(html: str) -> str:
    """Leave out pictures beyond a number no message needs; Qt asks for each of them many times."""
    pieces = html.split("<img", MOST_PICTURES + 1)
    if len(pieces) <= MOST_PICTURES + 1:
        return html
    return "<img".join(pieces[:-1]) + _PICTURE_TAG.sub("", f"<img{pieces[-1]}")


def _fitted(image: QImage, room: int) -> QImage:
    """The same image, dense enough to take no more than `room`; sharp where the screen is."""
    if not room or image.width() <= room:
        return image
    fitted = image.copy()
    fitted.setDevicePixelRatio(image.width() / room)
    return fitted


def wrap_mode(html: str) -> QTextOption.WrapMode:
    """Break at words, but anywhere in what has a run that would take Qt minutes to look through."""
    if longest_run(html) > LONGEST_RUN:
        return QTextOption.WrapMode.WrapAnywhere
    return QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


def open_link(url: QUrl) -> bool:
    """Open a link of a message in the system's program for it; refuse every other scheme."""
    if url.scheme().lower() not in SAFE_SCHEMES:
        return False
    return bool(QDesktopServices.openUrl(url))


def readable_target(url: QUrl) -> str:
    """A link's target as it really is: the host in its ASCII form, so that look-alikes show."""
    if url.isEmpty():
        return ""
    shown: str = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
    return shown if len(shown) <= 300 else f"{shown[:299]}…"


def _embedded(address: str) -> QImage | None:
    """A picture that lies in the document itself; only small ones are decoded."""
    head, _comma, data = address[: _LARGEST_EMBEDDED + 1].partition(",")
    if len(address) > _LARGEST_EMBEDDED or not head.endswith(";base64"):
        return None
    try:
        return decode(base64.b64decode(data), box=_EMBEDDED_BOX)
    except binascii.Error:
        return None


def _empty_image() -> QImage:
    image = QImage(1, 1, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    return image


EMPTY_IMAGE = _empty_image()
_HIT = QColor("#ffe58a")  # as a text marker, in either theme
_HIT_NOW = QColor("#ffb020")
_EMBEDDED_BOX = QSize(1200, 2400)
_LARGEST_EMBEDDED = 700_000  # characters; about 500 kB


def copy_text(text: str) -> None:
    """Put plain text on the clipboard."""
    QGuiApplication.clipboard().setText(text)
