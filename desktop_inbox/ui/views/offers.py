"""Lines that say something and offer what can be done about it. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop_inbox.ui.views.controls import PlainLabel, link_button

_GAP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A sentence, and what can be done about it as (action, words)."""

    text: str
    actions: tuple[tuple[str, str], ...] = ()


class OfferLine(QWidget):
    """One sentence with its buttons beside it, or below it where there is no room."""

    acted = Signal(str)

    def __init__(self, offer: Offer, *, parent: QWidget, centred: bool = False) -> None:
        super().__init__(parent)
        self.offer = offer
        self._centred = centred
        self._text = PlainLabel(offer.text, kind="caption", wrap=True, parent=self)
        self.buttons = [
            link_button(words, clicked=partial(self.acted.emit, action), parent=self)
            for action, words in offer.actions
        ]
        if centred:
            self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(offer.text)

    def measure(self, width: int) -> QSize:
        """The size it takes where it may be `width` wide."""
        text, buttons, beside = self._sizes(width)
        if not self.buttons:
            return text
        if beside:
            return QSize(
                text.width() + _GAP + buttons.width(), max(text.height(), buttons.height())
            )
        return QSize(max(text.width(), buttons.width()), text.height() + buttons.height())

    def _sizes(self, width: int) -> tuple[QSize, QSize, bool]:
        metrics = QFontMetrics(self._text.font())
        natural = metrics.horizontalAdvance(self._text.text()) + 4
        hints = [one.sizeHint() for one in self.buttons]
        buttons = QSize(
            sum(hint.width() + _GAP for hint in hints) - (_GAP if hints else 0),
            max((hint.height() for hint in hints), default=0),
        )
        taken = min(natural, width)
        text = QSize(taken, self._text.heightForWidth(taken))
        return text, buttons, natural + _GAP + buttons.width() <= width

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = self.width()
        text, buttons, beside = self._sizes(width)
        used = self.measure(width).width()
        left = (width - used) // 2 if self._centred else 0
        if beside:
            line = max(text.height(), buttons.height())
            self._place(self._text, left, (line - text.height()) // 2, text)
            self._place_buttons(left + text.width() + _GAP, (line - buttons.height()) // 2)
            return
        self._place(self._text, (width - text.width()) // 2 if self._centred else 0, 0, text)
        below = (width - buttons.width()) // 2 if self._centred else 0
        self._place_buttons(max(below, 0), text.height())

    def _place_buttons(self, left: int, top: int) -> None:
        for one in self.buttons:
            hint = one.sizeHint()
            self._place(one, left, top, hint)
            left += hint.width() + _GAP

    def _place(self, part: QWidget, left: int, top: int, size: QSize) -> None:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = self.width() - left - size.width()
        part.setGeometry(left, top, size.width(), size.height())


class OfferLines(QWidget):
    """Several of them under each other; hidden while there is none."""

    acted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[OfferLine] = []
        self.hide()

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Show these instead of what was there."""
        if [line.offer for line in self.lines] == list(offers):
            return
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = [OfferLine(offer, parent=self) for offer in offers]
        for line in self.lines:
            line.acted.connect(self.acted)
            line.show()
        self.setVisible(bool(offers))

    def measure(self, width: int) -> QSize:
        """The size they take where they may be `width` wide."""
        sizes = [line.measure(width) for line in self.lines]
        return QSize(
            max((size.width() for size in sizes), default=0), sum(size.height() for size in sizes)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        top = 0
        for line in self.lines:
            height = line.measure(self.width()).height()
            line.setGeometry(0, top, self.width(), height)
            top += height
