"""The list under the search field: what completes the typing. The cursor stays in the field.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import restyle
from desktop_inbox.ui.views.search_offers import Offer

_ROW = 28
_EDGE = 4


class SearchPopup(QFrame):
    """Shows offers below a field; which one is meant is told by `current`."""

    chosen = Signal(object)  # Offer

    def __init__(self, theme: Theme, below: QWidget) -> None:
        super().__init__(below)
        self._theme = theme
        self._below = below
        self._offers: list[Offer] = []
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Search suggestions"))
        self.list.itemClicked.connect(lambda _item: self.take())
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        column.addWidget(self.list)
        self.hide()

    @property
    def offers(self) -> list[Offer]:
        """What is shown, the likeliest first."""
        return list(self._offers) if self.isVisible() else []

    @property
    def current(self) -> Offer | None:
        """The offer somebody has gone to; None while they only type."""
        row = self.list.currentRow()
        return self._offers[row] if self.isVisible() and 0 <= row < len(self._offers) else None

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Show these in place of those before; hides where there are none."""
        if list(offers) == self._offers and self.isVisible() == bool(offers):
            return
        self._offers = list(offers)
        self.list.clear()
        for offer in self._offers:
            item = QListWidgetItem(f"{offer.words}   {offer.detail}".rstrip())
            item.setSizeHint(QSize(0, self._theme.px(_ROW)))
            self.list.addItem(item)
        self.list.setCurrentRow(-1)
        if self._offers:
            self._place()
        self.setVisible(bool(self._offers))

    def step(self, step: int) -> None:
        """Go to the next or the previous offer, from the last one back into the field."""
        row = self.list.currentRow() + step
        count = len(self._offers)
        self.list.setCurrentRow(row if 0 <= row < count else (-1 if step > 0 else count - 1))

    def take(self, *, first: bool = False) -> bool:
        """Choose the current offer, or with `first` the first one; False where there is none."""
        if first and self.isVisible() and self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        offer = self.current
        if offer is None:
            return False
        self.hide()
        self.chosen.emit(offer)
        return True

    def _place(self) -> None:
        """Lie over the window, below the field and as wide."""
        window = self._below.window()
        if self.parentWidget() is not window:
            self.setParent(window)
            restyle(self)
        corner = self._below.mapTo(window, QPoint(0, self._below.height() + 2))
        rows = len(self._offers) * self._theme.px(_ROW)
        self.setGeometry(corner.x(), corner.y(), self._below.width(), rows + 2 * _EDGE + 2)
        self.raise_()
