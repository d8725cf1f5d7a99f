"""The search field above the list, with what completes it. UI thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import IconMark, PlainLabel, icon_button, restyle
from desktop_inbox.ui.views.search_offers import Offer, offers, remembered
from desktop_inbox.ui.views.search_popup import SearchPopup

if TYPE_CHECKING:
    from desktop_inbox.store.search_beside import Names

DEBOUNCE_MS = 120


class SearchBar(QFrame):
    """Announces what is searched for shortly after the typing pauses."""

    query_changed = Signal(str)
    left_downwards = Signal()  # Down or Enter: to the results

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._context = context
        self._names: Names | None = None  # read when somebody begins to search
        self._announced = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._announce)
        self._symbol = IconMark(context.theme, "search")
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(_("Search"))
        self.field.setAccessibleName(_("Search conversations"))
        self.field.setToolTip(
            _(
                'Words, "a phrase", -without, from:elif, subject:order, tag:refund, is:unread, '
                "has:attachment"
            )
        )
        self.field.textChanged.connect(self._changed)
        self.field.textEdited.connect(lambda _text: self._offer())
        self.field.installEventFilter(self)
        self.popup = SearchPopup(context.theme, self)
        self.popup.chosen.connect(self._take)
        self._key = PlainLabel(context.actions.key_text("search"), kind="keycap")
        self._clear: QToolButton = icon_button(
            context.theme, "x", _("Clear search"), clicked=self.clear
        )
        self._clear.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 1, 4, 1)
        row.setSpacing(8)
        row.addWidget(self._symbol)
        row.addWidget(self.field, 1)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._clear)
        row.addSpacing(2)
        self.setMinimumHeight(context.theme.px(34))

    def text(self) -> str:
        return self.field.text().strip()

    def clear(self) -> None:
        self.field.clear()
        self._timer.stop()
        self._announce()

    def start(self) -> None:
        """Put the cursor into the field, and offer what was searched for lately."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._offer()

    def search_for(self, text: str) -> None:
        """Search for something at once, as if it had been typed."""
        self.field.setText(text)
        self._timer.stop()
        self._announce()
        self.remember()

    def remember(self) -> None:
        """Keep what is searched for among the searches of before."""
        kept = remembered(self._context.settings.recent_searches, self.text())
        self._context.settings.recent_searches = kept

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            begins = event.type() == QEvent.Type.FocusIn
            restyle(self, focused="true" if begins else "false")
            if begins:
                self._context.start(self._learn_names())
            else:
                self.popup.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key_pressed(event)
        return super().eventFilter(watched, event)

    def _key_pressed(self, event: QKeyEvent) -> bool:
        if self.popup.isVisible() and self._key_for_popup(event.key()):
            return True
        if event.key() == Qt.Key.Key_Escape:
            if self.field.text():
                self.clear()
            else:
                self.left_downwards.emit()
            return True
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._timer.stop()
            self._announce()
            self.remember()
            self.popup.hide()
            self.left_downwards.emit()
            return True
        return False

    # --- what completes the typing ---

    def _key_for_popup(self, key: int) -> bool:
        """Move among the offers and take one over; other keys go to the field."""
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

    def _offer(self) -> None:
        recent = self._context.settings.recent_searches
        caret = self.field.cursorPosition()
        self.popup.show_offers(offers(self.field.text(), caret, names=self._names, recent=recent))

    def _take(self, offer: Offer) -> None:
        text = self.field.text()
        self.field.setText(text[: offer.start] + offer.insert + text[offer.end :])
        self.field.setCursorPosition(offer.start + len(offer.insert))
        if offer.whole:
            self.search_for(offer.insert)
        else:
            self._offer()  # after a field, its values

    async def _learn_names(self) -> None:
        self._names = await self._context.read(_names)

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._key.setVisible(not text)
        self._timer.start()

    def _announce(self) -> None:
        if self.text() != self._announced:
            self._announced = self.text()
            self.query_changed.emit(self._announced)


def _names(conn: Any) -> Names:
    from desktop_inbox.store import search_beside

    return search_beside.names(conn)
