"""A conversation's messages under each other, built as they scroll into view.

Only rows near the viewport have a widget; the others are a height. Where a height changes, the
first built row that is visible stays where it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.action_table import MESSAGE, SCOPE
from desktop_inbox.ui.views import timeline_rows as rows
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.timeline_builder import RowBuilder
from desktop_inbox.ui.views.timeline_entries import (
    Entry,
    MessageEntry,
    ids_of,
    initially_expanded,
    neighbour,
)
from desktop_inbox.ui.views.timeline_news import News
from desktop_inbox.ui.views.timeline_rows import GAP, Anchor, Row

_MARGIN = 20
_AT_BOTTOM = 6  # pixels from the end that still count as being there
_TICK_MS = 500
_CALM_MS = 10  # without a move before more is built than is seen: painting comes first
_SLICE_SECONDS = 0.005  # after which no further row is begun, so that keys are answered meanwhile


class Timeline(QScrollArea):
    """Shows the entries of one conversation."""

    acted = Signal(object, str)  # message, what a person wants done
    followed = Signal(str)  # what a person wants done about a line of the history
    bubble_built = Signal(object)  # MessageBubble whose pictures may now be loaded
    current_changed = Signal(object)  # message id or None
    link_hovered = Signal(str)

    def __init__(self, style: BubbleStyle, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._by_key: dict[str, Row] = {}
        self._current: int | None = None
        self._settling = False
        self._resizing = False
        self._pinned = True  # whether the end is in view; a resize must not lose it
        self._content = QWidget()
        self._content.setObjectName("timeline-content")
        self._content.setAccessibleName(_("Messages"))
        self.setWidget(self._content)
        self.setWidgetResizable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Conversation"))
        self.setProperty(SCOPE, MESSAGE)
        self._builder = self._follow(RowBuilder(style, content=self._content, parent=self))
        self._news = News(self, follow=self.scroll_to_end)
        self._ahead = QTimer(self)
        self._ahead.setInterval(_CALM_MS)
        self._ahead.setSingleShot(True)
        self._ahead.timeout.connect(self._build_ahead)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)

    def _follow(self, builder: RowBuilder) -> RowBuilder:
        builder.acted.connect(self.acted)
        builder.followed.connect(self.followed)
        builder.link_hovered.connect(self.link_hovered)
        builder.toggled.connect(self._on_toggled)
        builder.resized.connect(self._on_resized)
        builder.focused.connect(self._set_current)
        return builder

    # --- what it shows ---

    def show_entries(self, listed: Sequence[Entry]) -> None:
        """Show another conversation from its end."""
        self._forget()
        expanded = initially_expanded(_messages(listed))
        self._rows = [self._new_row(entry, expanded) for entry in listed]
        self._index()
        ids = ids_of(listed)
        self._current = ids[-1] if ids else None
        self._settle(at_bottom=True)
        self._show_start()
        self._watch_countdowns()
        self.current_changed.emit(self._current)

    def update_entries(self, listed: Sequence[Entry]) -> None:
        """Take over a newer state of the same conversation without moving what is read."""
        at_bottom = self._is_at_bottom()
        anchor = self._anchor()
        known = self._by_key
        new_ids = {
            entry.message.id
            for entry in listed
            if isinstance(entry, MessageEntry) and entry.key not in known
        }
        listed_rows: list[Row] = []
        for entry in listed:
            row = known.pop(entry.key, None)
            if row is None:
                row = self._new_row(entry, new_ids)
            else:
                self._renew(row, entry)
            listed_rows.append(row)
        for gone in known.values():
            gone.drop()
        self._rows = listed_rows
        self._index()
        if self._current not in self.message_ids():
            self._set_current(neighbour(self.message_ids(), None, step=0))
        self._settle(at_bottom=at_bottom, anchor=anchor)
        self._news.offer(len(new_ids) if not at_bottom else 0)
        self._watch_countdowns()

    def set_style(self, style: BubbleStyle) -> None:
        """Build what comes from now on in another style."""
        self._builder.style = style

    def clear(self) -> None:
        """Show nothing."""
        self._forget()
        self._set_current(None)
        self._resize_content(0)
        self._watch_countdowns()

    def message_ids(self) -> list[int]:
        """The messages shown, in order."""
        return ids_of([row.entry for row in self._rows])

    def bubble(self, message_id: int) -> MessageBubble | None:
        """The bubble of a message, where it has been built."""
        row = self._by_key.get(f"message:{message_id}")
        return row.widget if row and isinstance(row.widget, MessageBubble) else None

    def bubbles(self) -> list[MessageBubble]:
        """Every bubble that has been built, in order."""
        return [row.widget for row in self._rows if isinstance(row.widget, MessageBubble)]

    def built(self) -> int:
        """How many rows have a widget."""
        return sum(row.widget is not None for row in self._rows)

    @property
    def current(self) -> int | None:
        """The message that keys work on."""
        return self._current

    # --- moving and folding ---

    def step(self, step: int) -> None:
        """Make the next (+1) or previous (-1) message current, expanded and visible."""
        wanted = neighbour(self.message_ids(), self._current, step=step)
        if wanted is not None:
            self.reveal(wanted)

    def reveal(self, message_id: int, *, focus: bool = True) -> None:
        """Expand a message, scroll to it and make it current."""
        row = self._by_key.get(f"message:{message_id}")
        if row is None:
            return
        self._set_expanded(row, expanded=True)
        self._set_current(message_id)
        self._build(row)
        self._settle(anchor=Anchor(row, 12))
        if focus and row.widget is not None:
            row.widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to(self, message_id: int) -> None:
        """Make a message that is in view current, as a person does who points at it."""
        self._set_current(message_id)
        bubble = self.bubble(message_id)
        if bubble is not None:
            bubble.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_point(self, bubble: MessageBubble, below: int) -> None:
        """Scroll so that what stands `below` the upper edge of a bubble's text is in view."""
        if bubble.body is None:
            return
        top = bubble.body.mapTo(self._content, QPoint(0, below)).y()
        self.ensureVisible(0, top, 0, self.viewport().height() // 3)

    def expand_all(self, *, expanded: bool) -> None:
        """Expand every message, or collapse them all."""
        anchor = self._anchor()
        for row in self._rows:
            if isinstance(row.entry, MessageEntry):
                self._set_expanded(row, expanded=expanded)
        self._settle(anchor=anchor)

    def expanded_ids(self) -> list[int]:
        """The messages that are expanded."""
        return [
            row.entry.message.id
            for row in self._rows
            if isinstance(row.entry, MessageEntry) and row.expanded
        ]

    def scroll_to_end(self) -> None:
        """Show the newest message."""
        self._settle(at_bottom=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self._settle(anchor=Anchor(self._rows[0], GAP) if self._rows else None)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        else:
            super().keyPressEvent(event)

    # --- rows ---

    def _new_row(self, entry: Entry, expanded: set[int]) -> Row:
        row = Row(entry)
        row.expanded = isinstance(entry, MessageEntry) and entry.message.id in expanded
        self._builder.measure(row)
        return row

    def _renew(self, row: Row, entry: Entry) -> None:
        changed = row.entry != entry
        row.entry = entry
        if not changed:
            return
        if isinstance(entry, MessageEntry) and isinstance(row.widget, MessageBubble):
            before = row.widget.message
            row.widget.show_message(entry.message)
            self._builder.measure(row)
            row.widget.place()
            if row.expanded and before.attachments != entry.message.attachments:
                self.bubble_built.emit(row.widget)  # a file of a chat has come meanwhile
        elif row.widget is not None:
            row.drop()  # built anew where it is in view

    def _set_expanded(self, row: Row, *, expanded: bool) -> None:
        if row.expanded == expanded:
            return
        row.expanded = expanded
        if isinstance(row.widget, MessageBubble):
            row.widget.expand(expanded=expanded)
            if expanded:
                self.bubble_built.emit(row.widget)
        self._builder.measure(row)

    def _build(self, row: Row) -> bool:
        """Give a row its widget; returns whether it did not have one."""
        if row.widget is not None:
            return False
        widget = self._builder.build(row, current=self._current)
        widget.setGeometry(_MARGIN, row.top, self._builder.width, row.height)
        self._keep_order(row, widget)
        widget.show()
        if isinstance(widget, MessageBubble) and row.expanded:
            self.bubble_built.emit(widget)
        return True

    def _keep_order(self, row: Row, widget: QWidget) -> None:
        """Keys and screen readers go down the conversation, whichever row was built first."""
        before, after = rows.neighbours(self._rows, row)
        if before is not None:
            QWidget.setTabOrder(before, widget)
        if after is not None:
            widget.stackUnder(after)

    # --- layout ---

    def _settle(self, *, at_bottom: bool = False, anchor: Anchor | None = None) -> None:
        """Build what is visible, place everything, and keep `anchor` (row, offset) in place."""
        if self._settling:
            return
        self._settling = True
        try:
            self._builder.width = max(self.viewport().width() - 2 * _MARGIN, 120)
            for _attempt in range(6):
                self._resize_content(rows.stack(self._rows, room=self.viewport().height()))
                self._scroll(at_bottom=at_bottom, anchor=anchor)
                if not self._build_visible():
                    break
            self._place()
        finally:
            self._settling = False
        self._pinned = self._is_at_bottom()
        self._ahead.start()

    def _resize_content(self, height: int) -> None:
        self._content.resize(self.viewport().width(), max(height, self.viewport().height()))

    def _scroll(self, *, at_bottom: bool, anchor: Anchor | None) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(self._content.height() - self.viewport().height(), 0))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(40)
        if at_bottom:
            bar.setValue(bar.maximum())
        elif anchor is not None:
            bar.setValue(anchor.row.top - anchor.below)

    def _build_visible(self) -> bool:
        top, bottom = self._seen()
        built = False
        for row in rows.seen(self._rows, top, bottom):
            built = self._build(row) or built
        return built

    def _seen(self) -> tuple[int, int]:
        """The stretch of the timeline that is in view."""
        top = self.verticalScrollBar().value()
        return top, top + self.viewport().height()

    def _place(self) -> None:
        for row in self._rows:
            if row.widget is not None:
                row.widget.setGeometry(_MARGIN, row.top, self._builder.width, row.height)

    def _build_ahead(self) -> None:
        """Build rows near the viewport while nothing else happens, a few at a time."""
        top, bottom = self._seen()
        page = bottom - top
        until = time.perf_counter() + _SLICE_SECONDS
        at_bottom, anchor = self._is_at_bottom(), self._anchor()
        near = rows.seen(self._rows, top - page, bottom + page)
        built = False
        for row in near:
            built = self._build(row) or built
            if time.perf_counter() >= until:
                break
        if built:
            self._settle(at_bottom=at_bottom, anchor=anchor)

    def _anchor(self) -> Anchor | None:
        return rows.anchor(self._rows, *self._seen())

    def _is_at_bottom(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _AT_BOTTOM

    def _show_start(self) -> None:
        """Where the last message is taller than the view, begin at its beginning."""
        last = next((r for r in reversed(self._rows) if isinstance(r.entry, MessageEntry)), None)
        if last is not None and last.height > self.viewport().height() - 24:
            self._settle(anchor=Anchor(last, 12))

    def _on_scroll(self) -> None:
        if self._settling or self._resizing:
            return
        self._settle(anchor=self._anchor())
        if self._pinned:
            self._news.hide()

    def _on_toggled(self, message_id: int, expanded: bool) -> None:
        row = self._by_key[f"message:{message_id}"]
        anchor = Anchor(row, row.top - self.verticalScrollBar().value())
        row.expanded = expanded
        self._builder.measure(row)
        self._set_current(message_id)
        if expanded and isinstance(row.widget, MessageBubble):
            self.bubble_built.emit(row.widget)
        self._settle(anchor=anchor)

    def _on_resized(self, message_id: int) -> None:
        row = self._by_key.get(f"message:{message_id}")
        if row is None or row.widget is None:
            return
        at_bottom = self._is_at_bottom()
        anchor = self._anchor()
        self._builder.measure(row)
        if isinstance(row.widget, MessageBubble):
            row.widget.place()
        self._settle(at_bottom=at_bottom, anchor=anchor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_bottom = self._pinned  # Qt has moved the scroll bar's range already
        anchor = self._anchor()
        self._resizing = True
        super().resizeEvent(event)
        self._resizing = False
        self._builder.width = max(self.viewport().width() - 2 * _MARGIN, 120)
        for row in self._rows:
            self._builder.measure(row)
        self._settle(at_bottom=at_bottom, anchor=anchor)
        self._news.place()

    # --- the current message, news, countdowns ---

    def _set_current(self, message_id: int | None) -> None:
        if message_id == self._current:
            return
        self._current = message_id
        for bubble in self.bubbles():
            bubble.set_current(current=bubble.message.id == message_id)
        self.current_changed.emit(message_id)

    def _watch_countdowns(self) -> None:
        counting = any(row.counts_down for row in self._rows)
        if counting:
            self._tick.start()
        else:
            self._tick.stop()

    def _on_tick(self) -> None:
        for row in self._rows:
            if row.counts_down and isinstance(row.widget, MessageBubble):
                if row.widget.tick():
                    self._on_resized(row.widget.message.id)
                row.widget.place()

    def _index(self) -> None:
        self._by_key = {row.key: row for row in self._rows}

    def _forget(self) -> None:
        held = QApplication.focusWidget()
        if held is not None and self._content.isAncestorOf(held):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would give it to a text field
        self._news.hide()
        for row in self._rows:
            row.drop()
        self._rows = []
        self._by_key = {}


def _messages(listed: Sequence[Entry]) -> list[MessageRow]:
    return [entry.message for entry in listed if isinstance(entry, MessageEntry)]
