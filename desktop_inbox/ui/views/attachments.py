"""The files of a message: picture thumbnails and chips that open, save and drag out.

Only shows and asks; `file_desk` fetches, decodes and writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.formats import file_size
from desktop_inbox.ui.views.pictures import SHOWN_TYPES

THUMBNAIL = QSize(120, 84)
_CHIP_HEIGHT = 34
_CHIP_MAX = 260
_GAP = 8


_ICONS = {"image": "image", "audio": "play", "video": "video"}


class Wish(StrEnum):
    """What a person wants of a file."""

    OPEN = "open"
    SAVE = "save"
    SAVE_ALL = "save-all"
    PREPARE = "prepare"  # have it on disk, so that it can be dragged out
    PLAY = "play"  # here, or no further
    SEEK = "seek"  # go on playing from elsewhere
    SPEED = "speed"  # play faster, or as slowly as it was spoken
    SHAPE = "shape"  # see how loud it is along its way


def icon_of(media_type: str) -> str:
    """The icon for a kind of file."""
    kind = media_type.partition("/")[0]
    if kind in _ICONS:
        return _ICONS[kind]
    if media_type.startswith("text/") or media_type == "application/pdf":
        return "file-text"
    return "file"


def listed(rows: Sequence[AttachmentRow]) -> list[AttachmentRow]:
    """Return the files that stand below a message: not the pictures that its text shows."""
    return [row for row in rows if not (row.inline and row.content_id)]


class AttachmentStrip(QWidget):
    """The files of one message in rows."""

    wished = Signal(object, str)  # AttachmentRow, Wish
    focused = Signal(object)  # AttachmentRow
    menu_wanted = Signal(object, QPoint)  # AttachmentRow, where on the screen
    resized = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        make: Callable[..., AttachmentChip] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`make(row, theme=, parent=)` builds the chips where they are not the plain ones."""
        super().__init__(parent)
        self._theme = theme
        self._make = make
        self._rows: tuple[AttachmentRow, ...] = ()
        self._chips: list[AttachmentChip] = []
        theme.changed.connect(self._restyle)

    def count(self) -> int:
        return len(self._chips)

    def chips(self) -> list[AttachmentChip]:
        return list(self._chips)

    def show_attachments(self, rows: Sequence[AttachmentRow]) -> None:
        """Show these files; pictures that the text itself shows are not listed again."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        known = {chip.row.id: chip for chip in self._chips}
        self._chips = [self._chip(row, known.pop(row.id, None)) for row in listed(rows)]
        for gone in known.values():
            gone.hide()
            gone.deleteLater()
        self._arrange()
        self.updateGeometry()

    def pictures_wanted(self) -> list[AttachmentRow]:
        """The files whose thumbnail is still missing and can be had without the server."""
        return [
            chip.row
            for chip in self._chips
            if chip.row.media_type in SHOWN_TYPES and not chip.has_picture and not chip.on_server
        ]

    def set_picture(self, attachment_id: int, picture: QImage) -> None:
        """Show a thumbnail."""
        for chip in self._chips:
            if chip.row.id == attachment_id:
                chip.set_picture(picture)
        self._arrange()
        self.resized.emit()

    def chip(self, attachment_id: int) -> AttachmentChip | None:
        """The chip of one file."""
        return next((chip for chip in self._chips if chip.row.id == attachment_id), None)

    def measure(self, width: int) -> QSize:
        """The room its rows take within `width`."""
        return self._flow(width)[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _chip(self, row: AttachmentRow, known: AttachmentChip | None) -> AttachmentChip:
        if known is not None:
            known.show_row(row)
            return known
        chip = (self._make or AttachmentChip)(row, theme=self._theme, parent=self)
        chip.wished.connect(lambda wish: self.wished.emit(chip.row, wish))
        chip.focused.connect(lambda: self.focused.emit(chip.row))
        chip.menu_wanted.connect(lambda at: self.menu_wanted.emit(chip.row, at))
        chip.show()
        return chip

    def _arrange(self) -> None:
        places, _size = self._flow(max(self.width(), 80))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for chip, place in zip(self._chips, places, strict=True):
            if mirrored:
                place.moveRight(self.width() - place.left() - 1)
            chip.setGeometry(place)

    def _flow(self, width: int) -> tuple[list[QRect], QSize]:
        """Places from left to right, lower edges of a row in line, as in the drafts."""
        places: list[QRect] = []
        row_start, left, top, row_height, widest = 0, 0, 0, 0, 0

        def finish_row() -> None:
            for place in places[row_start:]:
                place.moveBottom(top + row_height - 1)

        for chip in self._chips:
            size = chip.sizeHint()
            size.setWidth(min(size.width(), width))
            if left and left + size.width() > width:
                finish_row()
                top += row_height + _GAP
                row_start, left, row_height = len(places), 0, 0
            places.append(QRect(QPoint(left, top), size))
            row_height = max(row_height, size.height())
            widest = max(widest, left + size.width())
            left += size.width() + _GAP
        finish_row()
        return places, QSize(widest, top + row_height if self._chips else 0)

    def _restyle(self) -> None:
        for chip in self._chips:
            chip.update()


class AttachmentChip(QAbstractButton):
    """One file: a thumbnail where there is a picture, else icon, name and size."""

    wished = Signal(str)  # Wish
    focused = Signal()
    menu_wanted = Signal(QPoint)  # where on the screen

    def __init__(self, row: AttachmentRow, *, theme: Theme, parent: AttachmentStrip) -> None:
        super().__init__(parent)
        self.row = row
        self._theme = theme
        self._picture: QImage | None = None
        self._progress: int | None = None  # per cent, while it is being fetched
        self._fault = ""
        self._local: Path | None = None
        self._pressed_at: QPoint | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: self.wished.emit(self._pressing()))
        self.show_row(row)

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    @property
    def on_server(self) -> bool:
        return self.row.state == "server"

    @property
    def fault(self) -> str:
        return self._fault

    def show_row(self, row: AttachmentRow) -> None:
        self.row = row
        self._describe()
        self.updateGeometry()
        self.update()

    def set_picture(self, picture: QImage) -> None:
        self._picture = picture
        self.updateGeometry()
        self.update()

    def set_progress(self, percent: int | None) -> None:
        """Show how far fetching has come; None when it is over."""
        self._progress = percent
        self._describe()
        self.update()

    def set_fault(self, words: str) -> None:
        """Say why the file could not be had."""
        self._fault = words
        self._progress = None
        self._describe()
        self.update()

    def set_local(self, path: Path) -> None:
        """The file lies here now, so it can be dragged out."""
        self._local = path

    def sizeHint(self) -> QSize:
        if self._picture is not None:
            return QSize(self._theme.px(THUMBNAIL.width()), self._theme.px(THUMBNAIL.height()))
        name = QFontMetrics(self._theme.font(12)).horizontalAdvance(self._name())
        size = QFontMetrics(self._theme.font(11)).horizontalAdvance(self._second())
        width = min(name + size + self._theme.px(54), self._theme.px(_CHIP_MAX))
        return QSize(width, self._theme.px(_CHIP_HEIGHT))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.wished.emit(self._pressing())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
            if not self.on_server and self._local is None:
                self.wished.emit(Wish.PREPARE)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        far = QApplication.startDragDistance()
        moved = event.position().toPoint()
        if start is None or self._local is None or (moved - start).manhattanLength() < far:
            super().mouseMoveEvent(event)
            return
        self._pressed_at = None
        self.setDown(False)
        self._drag(self._local)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._picture is not None:
            self._paint_picture(painter, rect)
        else:
            self._paint_chip(painter, rect)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(rect, SIZES.radius, SIZES.radius)
        painter.end()

    def _pressing(self) -> Wish:
        """What a press on it means."""
        return Wish.OPEN

    def _drag(self, path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)

    def _paint_picture(self, painter: QPainter, rect: QRectF) -> None:
        assert self._picture is not None
        path = QPainterPath()
        path.addRoundedRect(rect, SIZES.radius, SIZES.radius)
        painter.save()
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        source = QRectF(self._picture.rect())
        shape = rect.size().scaled(source.size(), Qt.AspectRatioMode.KeepAspectRatio)
        crop = QRectF(0, 0, shape.width(), shape.height())
        crop.moveCenter(source.center())
        painter.drawImage(rect, self._picture, crop)
        painter.restore()
        painter.setPen(self._theme.colour("line"))
        painter.drawPath(path)

    def _paint_chip(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theme
        painter.setPen(theme.colour("bad" if self._fault else "line"))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "panel"))
        painter.drawRoundedRect(rect, SIZES.radius, SIZES.radius)
        side = theme.px(16)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        icon_left = rect.right() - 10 - side if mirrored else rect.left() + 10
        icon = "circle-alert" if self._fault else icon_of(self.row.media_type)
        icons.paint(
            painter,
            QRectF(icon_left, rect.center().y() - side / 2, side, side),
            icon,
            theme.colour("bad" if self._fault else "text"),
        )
        second = self._second()
        small = theme.font(11)
        second_width = QFontMetrics(small).horizontalAdvance(second) + 2
        start, end = rect.left() + 16 + side, rect.right() - 10
        room = max(end - start - second_width - 6, 20)
        name = QFontMetrics(theme.font(12)).elidedText(
            self._name(), Qt.TextElideMode.ElideMiddle, round(room)
        )
        name_rect = QRectF(start, rect.top(), room, rect.height())
        second_rect = QRectF(end - second_width, rect.top(), second_width, rect.height())
        if mirrored:
            for placed in (name_rect, second_rect):
                placed.moveRight(self.width() - placed.left())
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("text"))
        painter.drawText(name_rect, middle, name)
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        painter.drawText(second_rect, middle, second)
        if self._progress is not None:
            done = QRectF(rect.left() + 8, rect.bottom() - 4, (rect.width() - 16), 2)
            done.setWidth(done.width() * self._progress / 100)
            painter.fillRect(done, theme.colour("accent"))

    def _name(self) -> str:
        return visible(self.row.name) or self.row.safe_name

    def _second(self) -> str:
        if self._progress is not None:
            return _("fetching…")
        return file_size(self.row.size)

    def _describe(self) -> None:
        told = f"{self._name()}, {file_size(self.row.size)}"
        if self.on_server:
            told = _("{file}, still on the server").format(file=told)
        if self._fault:
            told = f"{told}\n{self._fault}"
        self.setAccessibleName(told)
        self.setToolTip(tooltip(told))
