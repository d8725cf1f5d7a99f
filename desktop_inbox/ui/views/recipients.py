"""To, Cc and Bcc: addresses as chips, checked as they are typed, completed from the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from desktop_inbox.domain.customers import display_name, normalise_email, visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, RemovableChip, tooltip
from desktop_inbox.ui.views.recipient_kinds import Acceptance, Offered, by_mail

_SEPARATORS = ",;\n\t"
_CHIP = 22
_GAP = 4


def parse_typed(text: str) -> list[Address]:
    """Split what was typed or pasted into addresses; what is none keeps its words as address."""
    return [address for piece in _pieces(text) if (address := _address(piece)) is not None]


def _pieces(text: str) -> list[str]:
    """Split at separators that stand neither in quotes nor in angle brackets."""
    pieces, current, quoted, angled = [], "", False, False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character in "<>" and not quoted:
            angled = character == "<"
        if character in _SEPARATORS and not quoted and not angled:
            pieces.append(current)
            current = ""
        else:
            current += character
    return [*pieces, current]


def _address(piece: str) -> Address | None:
    piece = piece.strip()
    if not piece:
        return None
    if piece.endswith(">") and "<" in piece:
        name, _angle, address = piece[:-1].rpartition("<")
        return Address(name=name.strip().strip('"').strip(), address=address.strip())
    return Address(address=piece)


def _left(event: QFocusEvent) -> bool:
    return event.lostFocus() and event.reason() != Qt.FocusReason.PopupFocusReason


class RecipientField(QWidget):
    """One line (or more) of recipients."""

    changed = Signal()
    way_taken = Signal(object)  # Offered, of another channel
    completion_wanted = Signal(str)
    resized = Signal()

    def __init__(self, title: str, *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips: list[_Chip] = []
        self._acceptance = by_mail()
        self._title = PlainLabel(title, kind="caption", parent=self)
        self.field = QLineEdit(self)
        self.field.setProperty("kind", "bare")
        self.field.setAccessibleName(title)
        self.field.setFrame(False)
        self.field.textEdited.connect(self._on_typed)
        self.field.returnPressed.connect(self.commit)
        self.field.installEventFilter(self)
        self._offers: dict[str, Offered] = {}
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.activated.connect(self._take_offer)
        self._completer.setWidget(self.field)
        self._popup = QListView()
        self._popup.setProperty("kind", "offers")
        self._completer.setPopup(self._popup)
        self.setAccessibleName(title)

    # --- what it holds ---

    def addresses(self) -> tuple[Address, ...]:
        """The recipients, without what is still being typed."""
        return tuple(chip.address for chip in self._chips)

    def set_addresses(self, addresses: Sequence[Address]) -> None:
        """Show these recipients; nothing is announced."""
        self.field.clear()
        self._show(addresses)

    def _show(self, addresses: Sequence[Address]) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for address in addresses:
            self._add(address)
        self._arrange()

    def accept(self, acceptance: Acceptance) -> None:
        """Take recipients of another kind; those that are there are looked at again."""
        self._acceptance = acceptance
        self._show(self.addresses())

    def invalid(self) -> list[str]:
        """What was entered and names nobody."""
        return [chip.address.address for chip in self._chips if not chip.ok]

    def commit(self) -> None:
        """Turn what is typed into chips."""
        text = self.field.text()
        found = parse_typed(text)
        if not text.strip():
            return
        self.field.clear()
        for address in found:
            if not self._holds(address):
                self._add(address)
        self._arrange()
        self.changed.emit()

    def offer(self, people: Sequence[Offered]) -> None:
        """Offer these to complete what is being typed."""
        self._offers = {one.words or str(one.address): one for one in people}
        self._model.setStringList(list(self._offers))
        if self.field.hasFocus() and self._offers and self.field.text().strip():
            self._completer.setCompletionPrefix("")
            self._popup.setMinimumWidth(min(420, self.window().width() // 2))
            self._completer.complete()
            self._popup.setCurrentIndex(self._completer.completionModel().index(0, 0))
        else:
            self._popup.hide()

    def focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events ---

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and self._on_key(event):
                return True
        elif watched is self.field and isinstance(event, QFocusEvent) and _left(event):
            self.commit()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(200, self._flow(max(self.width(), 120))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._theme.px(_CHIP) + 6)

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Backspace and not self.field.text() and self._chips:
            self._remove(self._chips[-1])
            return True
        if event.key() == Qt.Key.Key_Tab and self.field.text().strip():
            self.commit()
            return True
        return False

    def _on_typed(self, text: str) -> None:
        complete = text and text[-1] in ",;" and "@" in text
        if complete or "\n" in text:
            self.commit()
            return
        self.completion_wanted.emit(text.strip())
        self._arrange()
        self.changed.emit()

    def _take_offer(self, text: str) -> None:
        offered = self._offers.get(text)
        if offered is None:
            return
        self.field.clear()
        if offered.way is not None:
            self.way_taken.emit(offered)
            return
        if not self._holds(offered.address):
            self._add(offered.address)
        self._arrange()
        self.changed.emit()

    # --- chips ---

    def _holds(self, address: Address) -> bool:
        wanted = normalise_email(address.address)
        return any(normalise_email(chip.address.address) == wanted for chip in self._chips)

    def _add(self, address: Address) -> None:
        named = self._acceptance.named(address.address)
        refused = "" if named else self._acceptance.refused
        kept = replace(address, address=named) if named else address
        shown = display_name(kept)
        if self._acceptance.by_address and shown != kept.address:
            shown = f"{shown} · {kept.address}"
        chip = _Chip(kept, shown, refused=refused, theme=self._theme, parent=self)
        chip.removed.connect(lambda: self._remove(chip))
        self._chips.append(chip)
        chip.show()
        QWidget.setTabOrder(chip, self.field)

    def _remove(self, chip: _Chip) -> None:
        self._chips.remove(chip)
        chip.hide()
        chip.deleteLater()
        self._arrange()
        self.focus()
        self.changed.emit()

    def _arrange(self) -> None:
        places, height = self._flow(max(self.width(), 120))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for widget, place in places:
            if mirrored:
                place.moveRight(self.width() - place.left() - 1)
            widget.setGeometry(place)
        if height != self.minimumHeight():
            self.setFixedHeight(height)
            self.resized.emit()

    def _flow(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        row = self._theme.px(_CHIP)
        title = self._title.sizeHint()
        places: list[tuple[QWidget, QRect]] = [
            (self._title, QRect(0, 3, title.width(), row)),
        ]
        indent = title.width() + 8
        left, top = indent, 3
        for chip in self._chips:
            size = min(chip.sizeHint().width(), width - indent)
            if left > indent and left + size > width:
                left, top = indent, top + row + _GAP
            places.append((chip, QRect(left, top, size, row)))
            left += size + _GAP
        typed = QFontMetrics(self.field.font()).horizontalAdvance(self.field.text()) + 20
        wanted = max(80, typed)
        if left + wanted > width and left > indent:
            left, top = indent, top + row + _GAP
        places.append((self.field, QRect(left, top, max(width - left, 40), row)))
        return places, top + row + 3


class _Chip(RemovableChip):
    """One recipient. Delete, Backspace or a click on its cross removes it."""

    def __init__(
        self, address: Address, shown: str, *, refused: str, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.address = address
        self.ok = not refused
        self._theme = theme
        self._name = shown
        told = refused.format(address=address) if refused else str(address)
        self.setToolTip(tooltip(told))
        self.setAccessibleName(visible(told))

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self._theme.font(12)).horizontalAdvance(self._name)
        return QSize(min(text, self._theme.px(240)) + self._theme.px(38), self._theme.px(_CHIP))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("ok_bg" if self.ok else "bad_bg"))
        painter.drawRoundedRect(rect, 6, 6)
        cross = self._cross()
        icons.paint(painter, cross.adjusted(3, 3, -3, -3), "x", theme.colour("muted"))
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("text" if self.ok else "bad"))
        room = rect.adjusted(8, 0, -cross.width() - 2, 0)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            room = rect.adjusted(cross.width() + 2, 0, -8, 0)
        text = QFontMetrics(painter.font()).elidedText(
            self._name, Qt.TextElideMode.ElideRight, round(room.width()) + 1
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)
        painter.end()

    def _cross(self) -> QRectF:
        side = self.height()
        right = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        return QRectF(self.width() - side if right else 0, 0, side, side)
