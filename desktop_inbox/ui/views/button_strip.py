"""Where the buttons of a message are made: their words as chips, and a line for one more.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.buttons import Room, worded
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, RemovableChip, restyle, tooltip
from desktop_inbox.ui.views.flow import FlowLayout

_HEIGHT, _AIR, _CROSS = 30, 12, 12
_WIDEST = 260
_LINE = 190


class ButtonStrip(QWidget):
    """Asks for words; Enter adds a button, a click on one changes it, Escape goes back."""

    changed = Signal()
    left = Signal()  # whoever was here goes on with the text

    def __init__(self, theme: Theme, room: Room, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._room = room
        self.chips: list[ButtonChip] = []
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("Words on a button"))
        self.line.setAccessibleName(_("Words on a button"))
        self.line.setFixedSize(theme.px(_LINE), theme.px(_HEIGHT))
        self.told = PlainLabel(kind="caption", wrap=True)
        self._flow = FlowLayout(spacing=6)
        self._flow.addWidget(self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(4)
        column.addLayout(self._flow)
        column.addWidget(self.told)
        self.line.textEdited.connect(lambda _text: restyle(self.line, invalid=False))
        self.line.returnPressed.connect(self._enter)
        self.line.editingFinished.connect(self.commit)
        theme.changed.connect(self.update)
        self.hide()

    def labels(self) -> tuple[str, ...]:
        """What stands on them, in order."""
        return tuple(chip.label for chip in self.chips)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Show these; nothing is announced."""
        for chip in self.chips:
            self._take_off(chip)
        self.chips = [self._chip(label) for label in labels]
        self._arrange()
        self.line.clear()
        restyle(self.line, invalid=False)
        self._tell()

    def show_room(self, room: Room) -> None:
        """Take as much as a channel does."""
        self._room = room
        self._tell()

    def ask(self) -> None:
        """Have the words of one more typed."""
        self.show()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def commit(self) -> None:
        """Make a button of what is typed."""
        label = worded(self.line.text())
        if not label:
            self.line.clear()
        elif label in self.labels():
            restyle(self.line, invalid=True)
        elif len(self.chips) < self._room.most:
            self.line.clear()
            self.chips.append(self._chip(label))
            self._arrange()
            self._tell()
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        if not self.line.text().strip():
            self._leave()  # Enter where nothing was typed: that is all of them

    def _leave(self) -> None:
        self.line.clear()
        self.setVisible(bool(self.chips))
        self.left.emit()

    # --- chips ---

    def _chip(self, label: str) -> ButtonChip:
        chip = ButtonChip(label, theme=self._theme, parent=self)
        chip.removed.connect(partial(self._remove, chip))
        chip.clicked.connect(partial(self._change, chip))
        return chip

    def _remove(self, chip: ButtonChip) -> None:
        self.chips.remove(chip)
        self._take_off(chip)
        self._tell()
        self.ask()
        self.changed.emit()

    def _change(self, chip: ButtonChip) -> None:
        """Have the words of one typed anew."""
        self.commit()
        self._remove(chip)
        self.line.setText(chip.label)
        self.line.selectAll()

    def _take_off(self, chip: ButtonChip) -> None:
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _arrange(self) -> None:
        """The line stands behind all chips."""
        self._flow.removeWidget(self.line)
        for chip in self.chips:
            if self._flow.indexOf(chip) < 0:
                self._flow.addWidget(chip)
                chip.show()
        self._flow.addWidget(self.line)
        self.updateGeometry()

    def _tell(self) -> None:
        room, count = self._room, len(self.chips)
        self.line.setMaxLength(room.longest)
        self.line.setVisible(count < room.most)
        if room.drawn:
            words = _("{count} of {most} buttons. Enter adds one.")
            self.told.setText(words.format(count=count, most=room.most))
        else:
            self.told.setText(_("There are no buttons on this channel: they leave as a list."))


class ButtonChip(RemovableChip):
    """One button, as its reader will see it, with a cross to take it off."""

    def __init__(self, label: str, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = label
        self._theme = theme
        self.setToolTip(tooltip(label))
        self.setAccessibleName(_("Button: {text}").format(text=label))
        self.setAccessibleDescription(_("Delete takes it off"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        words = QFontMetrics(self._theme.font(12)).horizontalAdvance(self.label)
        return QSize(min(words + px(2 * _AIR + _CROSS + 8), px(_WIDEST)), px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent"))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "panel"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        if self.hasFocus():
            inner = rect.adjusted(2, 2, -2, -2)
            painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        cross = self._cross()
        side = theme.px(_CROSS)
        mark = QRectF(0, 0, side, side)
        mark.moveCenter(cross.center())
        icons.paint(painter, mark, "x", theme.colour("muted"))
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("accent"))
        air = theme.px(_AIR)
        words = QRectF(self.rect()).adjusted(air, 0, -cross.width(), 0)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            words = QRectF(self.rect()).adjusted(cross.width(), 0, -air, 0)
        told = QFontMetrics(painter.font()).elidedText(
            self.label, Qt.TextElideMode.ElideRight, round(words.width()) + 1
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, told)
        painter.end()

    def _cross(self) -> QRectF:
        side = self.height()
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return QRectF(0 if mirrored else self.width() - side, 0, side, side)
