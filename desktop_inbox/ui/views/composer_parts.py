"""Pieces of the composer: the send button, the files of a draft, and the question strip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import key_text
from desktop_inbox.ui.theme import SIZES, Theme
from desktop_inbox.ui.views.attachments import icon_of
from desktop_inbox.ui.views.controls import PlainLabel, RemovableChip, button, tooltip
from desktop_inbox.ui.views.formats import file_size

DraftFile = Mapping[str, object]  # name, media_type, size, sha256


class SendButton(QAbstractButton):
    """Send, with its key, and a menu of other ways to send behind the arrow."""

    def __init__(self, theme: Theme, *, menu: Callable[[], QMenu], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._menu = menu
        self._compact = False
        self.has_menu = True
        self.setText(_("Send"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(_("Send ({key})").format(key=self._key()))
        theme.changed.connect(self.update)

    def set_words(self, text: str, *, has_menu: bool) -> None:
        """Say what pressing it does."""
        self.has_menu = has_menu
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({self._key()})")
        self.updateGeometry()
        self.update()

    def set_compact(self, *, compact: bool) -> None:
        """Leave the key out where there is no room for it."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        width = px(14) + self._text_width() + px(12)
        if not self._compact:
            width += px(8) + self._key_width()
        return QSize(width + (self._arrow() if self.has_menu else 0), px(31))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def open_menu(self) -> None:
        """Show the other ways to send."""
        menu = self._menu()
        corner = self.mapToGlobal(QPoint(self.width(), -4))
        size = menu.sizeHint()
        menu.popup(corner - QPoint(size.width(), size.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        in_arrow = self.has_menu and self._arrow_rect().contains(event.position().toPoint())
        if in_arrow and event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.open_menu()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.has_menu:
            self.open_menu()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(rect, SIZES.radius, SIZES.radius)
        fill = theme.colour("accent" if self.isEnabled() else "ok_bg")
        if self.underMouse() and self.isEnabled():
            fill = fill.lighter(108) if theme.dark else fill.darker(110)
        painter.fillPath(path, fill)
        ink = theme.colour("on_accent" if self.isEnabled() else "muted")
        painter.setPen(ink)
        painter.setFont(theme.font(13, 600))
        left = px(14)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        text = QRectF(left, 0, self._text_width() + 2, rect.height())
        painter.drawText(self._mirrored(text), middle, self.text())
        left += self._text_width() + px(8)
        if not self._compact:
            self._paint_key(painter, left)
        if self.has_menu:
            arrow = QRectF(self._arrow_rect())
            side = px(14)
            icons.paint(
                painter,
                QRectF(arrow.center().x() - side / 2, arrow.center().y() - side / 2, side, side),
                "chevron-down",
                ink,
            )
        if self.hasFocus():
            painter.setPen(theme.colour("text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()

    def _paint_key(self, painter: QPainter, left: float) -> None:
        px = self._theme.px
        ink = painter.pen().color()
        ink.setAlphaF(0.85)
        box = self._mirrored(QRectF(left, (self.height() - px(17)) / 2, self._key_width(), px(17)))
        frame = painter.pen().color()
        frame.setAlphaF(0.35)
        painter.setPen(frame)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(ink)
        painter.setFont(self._theme.font(11))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key())

    def _mirrored(self, rect: QRectF) -> QRectF:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            rect.moveRight(self.width() - rect.left())
        return rect

    def _arrow(self) -> int:
        return self._theme.px(26)

    def _arrow_rect(self) -> QRect:
        left = self.width() - self._arrow()
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = 0
        return QRect(left, 0, self._arrow(), self.height())

    def _text_width(self) -> int:
        return QFontMetrics(self._theme.font(13, 600)).horizontalAdvance(self.text())

    def _key_width(self) -> int:
        return QFontMetrics(self._theme.font(11)).horizontalAdvance(self._key()) + self._theme.px(
            11
        )

    def _key(self) -> str:
        return key_text("Ctrl+Return").replace("+", " ")


class DraftFiles(QWidget):
    """The files that will go out, each with a cross to take it off."""

    changed = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._files: list[DraftFile] = []
        self._chips: list[_FileChip] = []
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
            self.changed.emit()

    def total(self) -> int:
        """All of them together, in bytes."""
        return sum(size for file in self._files if isinstance(size := file.get("size"), int))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _chip(self, file: DraftFile) -> _FileChip:
        chip = _FileChip(file, theme=self._theme, parent=self)
        chip.removed.connect(lambda: self._remove(file))
        chip.show()
        return chip

    def _remove(self, file: DraftFile) -> None:
        self.set_files([other for other in self._files if other is not file])
        self.changed.emit()

    def _arrange(self) -> None:
        left, top, width = 0, 0, max(self.width(), 120)
        height = self._theme.px(28)
        for chip in self._chips:
            size = min(chip.sizeHint().width(), width)
            if left and left + size > width:
                left, top = 0, top + height + 6
            shown = QRect(left, top, size, height)
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                shown.moveRight(self.width() - left - 1)
            chip.setGeometry(shown)
            left += size + 6
        wanted = top + height if self._chips else 0
        if wanted != self.minimumHeight():
            self.setFixedHeight(wanted)
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


class QuestionStrip(QFrame):
    """A question or a refusal above the send button; it does not take the focus by force."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = PlainLabel(wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._buttons.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.changed.connect(self._restyle)
        self._tone = "warn"
        self.hide()

    @property
    def text(self) -> str:
        """What it says; '' while it says nothing."""
        return "" if self.isHidden() else self._text.text()

    def ask(
        self, text: str, *actions: tuple[str, Callable[[], object]], tone: str = "warn"
    ) -> None:
        """Say something and offer answers; the first is the likely one."""
        self._clear_buttons()
        self._tone = tone
        self._text.setText(text)
        for words, act in actions:
            self._buttons.addWidget(button(words, clicked=act))
        self._buttons.addStretch(1)
        self._restyle()
        self.setAccessibleName(text)
        self.show()

    def buttons(self) -> list[QWidget]:
        """The answers it offers."""
        found = (self._buttons.itemAt(i) for i in range(self._buttons.count()))
        return [w for item in found if item is not None and (w := item.widget()) is not None]

    def dismiss(self) -> None:
        """Say nothing any more."""
        self.hide()
        self._clear_buttons()

    def _clear_buttons(self) -> None:
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        colours = {
            "warn": (tokens.warn_bg, tokens.warn),
            "bad": (tokens.bad_bg, tokens.bad),
        }
        background, ink = colours[self._tone]
        self.setStyleSheet(f"QuestionStrip {{ background: {background}; border-radius: 8px; }}")
        self._text.setStyleSheet(f"color: {ink};")
