"""The search field above the list. UI thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import IconMark, icon_button, restyle
from desktop_inbox.ui.views.key_cap import KeyCap

if TYPE_CHECKING:
    from desktop_inbox.ui.views.search_completion import SearchCompletion
    from desktop_inbox.ui.views.search_popup import SearchPopup

DEBOUNCE_MS = 120


class SearchBar(QFrame):
    """Announces what is searched for shortly after the typing pauses."""

    query_changed = Signal(str)
    left_downwards = Signal()  # Down or Enter: to the results

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._context = context
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
        self.field.textEdited.connect(lambda _text: self._completion.offer())
        self.field.installEventFilter(self)
        self._completed_by: SearchCompletion | None = None
        self._key = KeyCap(context.actions, "search")
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

    @property
    def popup(self) -> SearchPopup:
        """The list of what completes the typing."""
        return self._completion.popup

    @property
    def _completion(self) -> SearchCompletion:
        if self._completed_by is None:  # not on the first frame
            from desktop_inbox.ui.views.search_completion import SearchCompletion

            self._completed_by = SearchCompletion(self._context, self.field, below=self)
            self._completed_by.search_taken.connect(self.search_for)
        return self._completed_by

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
        self._completion.offer()

    def search_for(self, text: str) -> None:
        """Search for something at once, as if it had been typed."""
        self.field.setText(text)
        self._timer.stop()
        self._announce()
        self.remember()

    def remember(self) -> None:
        """Keep what is searched for among the searches of before."""
        from desktop_inbox.ui.views.search_offers import remembered

        kept = remembered(self._context.settings.recent_searches, self.text())
        self._context.settings.recent_searches = kept

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            begins = event.type() == QEvent.Type.FocusIn
            restyle(self, focused="true" if begins else "false")
            if begins:
                self._completion.begin()
            else:
                self.popup.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key_pressed(event)
        return super().eventFilter(watched, event)

    def _key_pressed(self, event: QKeyEvent) -> bool:
        if self._completion.press(event.key()):
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

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._key.setVisible(not text and self._key.has_key)
        self._timer.start()

    def _announce(self) -> None:
        if self.text() != self._announced:
            self._announced = self.text()
            self.query_changed.emit(self._announced)
