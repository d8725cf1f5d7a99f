"""The files of a draft as chips, each with a cross to take it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.attachments import icon_of
from desktop_inbox.ui.views.controls import PlainLabel, RemovableChip, tooltip
from desktop_inbox.ui.views.formats import file_size

_LINES = 2.6  # seen at once: that the last is cut says that there are more

DraftFile = Mapping[str, object]  # name, media_type, size, sha256


class DraftFiles(QScrollArea):
    """The files that will go out, each with a cross to take it off; of many a few lines at once."""

    changed = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._files: list[DraftFile] = []
        self._chips: list[_FileChip] = []
        self._inside = QWidget()
        self._hint = PlainLabel(_("Drop here to attach"), kind="caption", parent=self._inside)
        self._hint.hide()
        self.setWidget(self._inside)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(_("Files"))
        for ground in (self.viewport(), self._inside):
            ground.setAutoFillBackground(False)
        self.hide()

    def files(self) -> tuple[DraftFile, ...]:
        return tuple(self._files)

    def set_files(self, files: Sequence[DraftFile]) -> None:
        """Show these files; nothing is announced."""
        self._files = [dict(file) for file in files]
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [self._chip(file) for file in self._files]
        self.setVisible(bool(self._files))
        self._arrange()

    def add(self, files: Sequence[DraftFile]) -> None:
        """Put more files beside those that are there."""
        if files:
            self.set_files([*self._files, *files])
            self._show_end()
            self.changed.emit()

    def show_hint(self, *, shown: bool) -> None:
        """Say that files dropped here are attached, while some are dragged over the sheet."""
        self._hint.setVisible(shown)
        self.setVisible(shown or bool(self._files))
        self._arrange()
        if shown:
            self._show_end()

    def total(self) -> int:
        """All of them together, in bytes."""
        return sum(size for file in self._files if isinstance(size := file.get("size"), int))

    def _show_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _chip(self, file: DraftFile) -> _FileChip:
        chip = _FileChip(file, theme=self._theme, parent=self._inside)
        chip.removed.connect(lambda: self._remove(file))
        chip.show()
        return chip

    def _remove(self, file: DraftFile) -> None:
        self.set_files([other for other in self._files if other is not file])
        self.changed.emit()

    def _arrange(self) -> None:
        left, top, width = 0, 0, max(self.viewport().width(), 120)
        height = self._theme.px(28)
        for chip in self._chips:
            size = min(chip.sizeHint().width(), width)
            if left and left + size > width:
                left, top = 0, top + height + 6
            shown = QRect(left, top, size, height)
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                shown.moveRight(width - left - 1)
            chip.setGeometry(shown)
            left += size + 6
        if not self._hint.isHidden():
            top = top + height + 6 if self._chips else 0
            self._hint.setGeometry(0, top, width, height)
        wanted = top + height if self._chips or not self._hint.isHidden() else 0
        self._inside.resize(width, wanted)
        shown_at_once = min(wanted, round((height + 6) * _LINES))
        if shown_at_once != self.minimumHeight():
            self.setFixedHeight(shown_at_once)
            self.resized.emit()


class _FileChip(RemovableChip):
    """One file of a draft."""

    def __init__(self, file: DraftFile, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = visible(str(file.get("name", "")))
        size = file.get("size")
        self._size = file_size(size) if isinstance(size, int) else ""
        self._icon = icon_of(str(file.get("media_type", "")))
        told = f"{self._name}, {self._size}"
        self.setToolTip(tooltip(told))
        self.setAccessibleName(told)
        self.setAccessibleDescription(_("Delete takes it off"))

    def sizeHint(self) -> QSize:
        px = self._theme.px
        text = QFontMetrics(self._theme.font(12)).horizontalAdvance(self._name)
        size = QFontMetrics(self._theme.font(11)).horizontalAdvance(self._size)
        return QSize(min(text + size + px(66), px(300)), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent" if self.hasFocus() else "line"))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "panel"))
        painter.drawRoundedRect(rect, 7, 7)
        side = theme.px(15)
        icons.paint(
            painter,
            QRectF(8, (self.height() - side) / 2, side, side),
            self._icon,
            theme.colour("text"),
        )
        cross = self._cross()
        icons.paint(painter, cross.adjusted(7, 7, -7, -7), "x", theme.colour("muted"))
        small = theme.font(11)
        size_width = QFontMetrics(small).horizontalAdvance(self._size) + 2
        start, end = 8 + side + 6, cross.left()
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        painter.drawText(QRectF(end - size_width, 0, size_width, self.height()), middle, self._size)
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("text"))
        room = end - size_width - 6 - start
        name = QFontMetrics(painter.font()).elidedText(
            self._name, Qt.TextElideMode.ElideMiddle, round(room) + 1
        )
        painter.drawText(QRectF(start, 0, room + 2, self.height()), middle, name)
        painter.end()

    def _cross(self) -> QRectF:
        return QRectF(self.width() - self.height(), 0, self.height(), self.height())
