"""What completes a search while it is typed. Made when somebody first goes to the search field.

UI thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.search_offers import Offer, offers
from desktop_inbox.ui.views.search_popup import SearchPopup

if TYPE_CHECKING:
    from desktop_inbox.store.search_beside import Names


class SearchCompletion(QObject):
    """Offers what may be meant below a field, and puts what is taken into it."""

    search_taken = Signal(str)  # a search of before: to be run at once

    def __init__(self, context: AppContext, field: QLineEdit, *, below: QWidget) -> None:
        super().__init__(below)
        self._context = context
        self._field = field
        self._names: Names | None = None  # read when somebody begins to search
        self.popup = SearchPopup(context.theme, below)
        self.popup.chosen.connect(self._take)

    def begin(self) -> None:
        """Learn the names of now: somebody begins to search."""
        self._context.start(self._learn_names())

    def offer(self) -> None:
        """Offer what may be meant by what stands before the cursor."""
        recent = self._context.settings.recent_searches
        caret = self._field.cursorPosition()
        self.popup.show_offers(offers(self._field.text(), caret, names=self._names, recent=recent))

    def press(self, key: int) -> bool:
        """Move among the offers and take one over; False for a key that goes to the field."""
        if not self.popup.isVisible():
            return False
        match key:
            case Qt.Key.Key_Down:
                self.popup.step(1)
            case Qt.Key.Key_Up:
                self.popup.step(-1)
            case Qt.Key.Key_Escape:
                self.popup.hide()
            case Qt.Key.Key_Tab:
                return self.popup.take(first=True)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self.popup.take()
            case _:
                return False
        return True

    def _take(self, offer: Offer) -> None:
        text = self._field.text()
        self._field.setText(text[: offer.start] + offer.insert + text[offer.end :])
        self._field.setCursorPosition(offer.start + len(offer.insert))
        if offer.whole:
            self.search_taken.emit(offer.insert)
        else:
            self.offer()  # after a field, its values

    async def _learn_names(self) -> None:
        self._names = await self._context.read(_names)


def _names(conn: Any) -> Names:
    from desktop_inbox.store import search_beside

    return search_beside.names(conn)
