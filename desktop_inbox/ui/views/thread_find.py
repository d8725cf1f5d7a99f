"""Finding words in the conversation that is open: a bar above it, hits marked in the messages.

Lives on the UI thread. Looks through the text of every message, also of those that are folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.ui.views.controls import PlainLabel, icon_button
from desktop_inbox.ui.views.find_text import find

if TYPE_CHECKING:
    from desktop_inbox.ui.views.message_bubble import MessageBubble
    from desktop_inbox.ui.views.thread_view import ThreadView

_AFTER_MS = 120  # since the last key


@dataclass(frozen=True, slots=True)
class _Hit:
    message_id: int
    number: int  # which one of its message, from 0


class FindBar(QFrame):
    """What to look for, how often it is there, and the way from one hit to the next."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._hits: list[_Hit] = []
        self._at = -1
        self._searched: re.Pattern[str] | None = None  # what the list is searched for
        view.context.search_changed.connect(self._follow_search)
        self.setProperty("kind", "panel")
        self.setAccessibleName(_("Find in this conversation"))
        theme = view.context.theme
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self.look)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Find in this conversation"))
        self.field.setAccessibleName(_("Find in this conversation"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(lambda: self._timer.start())
        self.field.installEventFilter(self)
        self.count = PlainLabel(kind="caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addWidget(icon_button(theme, "chevron-up", _("Previous hit"), clicked=self.previous))
        row.addWidget(icon_button(theme, "chevron-down", _("Next hit"), clicked=self.next))
        row.addWidget(icon_button(theme, "x", _("Close"), clicked=self.close_bar))
        self.hide()

    def open_bar(self) -> None:
        """Show the bar with what was looked for last, ready to be typed over."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        if self.field.text():
            self.look()

    def close_bar(self) -> None:
        """Take the marks away and go back to the conversation."""
        self._timer.stop()
        self.hide()
        self._hits, self._at = [], -1
        self._mark()
        self._view.timeline.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Look for what is typed, from the newest message back."""
        self._timer.stop()
        wanted = self.field.text().strip()
        data = self._view.data
        messages = data.messages if data is not None else ()
        self._hits = [
            _Hit(message.id, number)
            for message in messages
            for number in range(len(find(message.text, wanted)))
        ]
        self._at = len(self._hits) - 1
        self._go()

    def next(self) -> None:
        """Go to the next hit, after the last one to the first."""
        self._step(1)

    def previous(self) -> None:
        """Go to the hit before."""
        self._step(-1)

    def mark(self, bubble: MessageBubble) -> None:
        """Mark the hits of a message that has just been shown."""
        if bubble.body is not None:
            bubble.body.mark(self._places(bubble.body.toPlainText()))

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Return where what is looked for stands; without a look, what the list is searched for."""
        if self.isVisible():
            return find(text, self.field.text().strip())
        pattern = self._searched
        return [hit.span() for hit in pattern.finditer(text)] if pattern else []

    def _follow_search(self, typed: str) -> None:
        from desktop_inbox.domain.query import parse_query
        from desktop_inbox.store.excerpts import pattern_of

        self._searched = pattern_of(parse_query(typed))
        if not self.isVisible():
            self._mark()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._timer.isActive():
                self.look()
            elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.previous()
            else:
                self.next()
        else:
            return False
        return True

    def _step(self, step: int) -> None:
        if self._timer.isActive():
            self.look()
        elif self._hits:
            self._at = (self._at + step) % len(self._hits)
            self._go()

    def _go(self) -> None:
        self._tell()
        if 0 <= self._at < len(self._hits):
            self._reveal(self._hits[self._at])
        self._mark()

    def _reveal(self, hit: _Hit) -> None:
        """Bring the message of a hit into view, with its quoted history if the hit lies in it."""
        timeline = self._view.timeline
        timeline.reveal(hit.message_id, focus=False)
        bubble = timeline.bubble(hit.message_id)
        if bubble is None or bubble.body is None:
            return
        wanted = self.field.text().strip()
        places = find(bubble.body.toPlainText(), wanted)
        if hit.number >= len(places) and bubble.has_hidden_text:
            bubble.toggle_quoted()
            places = find(bubble.body.toPlainText(), wanted)
        if places:
            start, _end = places[min(hit.number, len(places) - 1)]
            timeline.show_point(bubble, bubble.body.place_of(start))

    def _mark(self) -> None:
        current = self._hits[self._at] if 0 <= self._at < len(self._hits) else None
        for bubble in self._view.timeline.bubbles():
            if bubble.body is None:
                continue
            number = current.number if current and current.message_id == bubble.message.id else -1
            bubble.body.mark(self._places(bubble.body.toPlainText()), current=number)

    def _tell(self) -> None:
        total = len(self._hits)
        if not self.field.text().strip():
            self.count.setText("")
        elif total:
            self.count.setText(
                ngettext("{at} of {count}", "{at} of {count}", total).format(
                    at=self._at + 1, count=total
                )
            )
        else:
            self.count.setText(_("Not found"))
