"""A conversation's messages under each other, built as they scroll into view.

Only rows near the viewport have a widget; the others are a height. Where a height changes, the
first built row that is visible stays where it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.actions import MESSAGE, SCOPE
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.formats import absolute, day_title, local_day
from desktop_inbox.ui.views.message_bubble import COLLAPSED_HEIGHT, MessageBubble
from desktop_inbox.ui.views.offers import OfferLine
from desktop_inbox.ui.views.timeline_days import LABEL_HEIGHT, DayMark
from desktop_inbox.ui.views.timeline_entries import (
    DayEntry,
    Entry,
    EventEntry,
    MessageEntry,
    ids_of,
    initially_expanded,
    neighbour,
)

_MARGIN = 20
_GAP = 10
_COLLAPSED_GAP = 4
_AT_BOTTOM = 6  # pixels from the end that still count as being there
_TICK_MS = 500
_CALM_MS = 10  # without a move before more is built than is seen: painting comes first
_SLICE_SECONDS = 0.005  # after which no further row is begun, so that keys are answered meanwhile


@dataclass(slots=True)
class _Row:
    entry: Entry
    expanded: bool = False
    widget: QWidget | None = None
    top: int = 0
    height: int = 0

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def bottom(self) -> int:
        return self.top + self.height


class Timeline(QScrollArea):
    """Shows the entries of one conversation."""

    acted = Signal(object, str)  # message, what a person wants done
    followed = Signal(str)  # what a person wants done about a line of the history
    bubble_built = Signal(object)  # MessageBubble whose pictures may now be loaded
    current_changed = Signal(object)  # message id or None
    link_hovered = Signal(str)

    def __init__(self, style: BubbleStyle, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._rows: list[_Row] = []
        self._by_key: dict[str, _Row] = {}
        self._current: int | None = None
        self._width = 0
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
        self._news = button(_("New message"), kind="primary", clicked=self._show_news, parent=self)
        self._news.hide()
        self._ahead = QTimer(self)
        self._ahead.setInterval(_CALM_MS)
        self._ahead.setSingleShot(True)
        self._ahead.timeout.connect(self._build_ahead)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)

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
        rows: list[_Row] = []
        for entry in listed:
            row = known.pop(entry.key, None)
            if row is None:
                row = self._new_row(entry, new_ids)
            else:
                self._renew(row, entry)
            rows.append(row)
        for gone in known.values():
            _drop(gone)
        self._rows = rows
        self._index()
        if self._current not in self.message_ids():
            self._set_current(neighbour(self.message_ids(), None, step=0))
        self._settle(at_bottom=at_bottom, anchor=anchor)
        self._offer_news(len(new_ids) if not at_bottom else 0)
        self._watch_countdowns()

    def set_style(self, style: BubbleStyle) -> None:
        """Build what comes from now on in another style."""
        self._style = style

    def clear(self) -> None:
        """Show nothing."""
        self._forget()
        self._current = None
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
        self._settle(anchor=(row, 12))
        if focus and row.widget is not None:
            row.widget.setFocus(Qt.FocusReason.OtherFocusReason)

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
            self._settle(anchor=(self._rows[0], _GAP) if self._rows else None)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        else:
            super().keyPressEvent(event)

    # --- rows ---

    def _new_row(self, entry: Entry, expanded: set[int]) -> _Row:
        row = _Row(entry)
        row.expanded = isinstance(entry, MessageEntry) and entry.message.id in expanded
        row.height = self._guess(row)
        return row

    def _renew(self, row: _Row, entry: Entry) -> None:
        changed = row.entry != entry
        row.entry = entry
        if not changed:
            return
        if isinstance(entry, MessageEntry) and isinstance(row.widget, MessageBubble):
            before = row.widget.message
            row.widget.show_message(entry.message)
            self._measure(row)
            row.widget.place()
            if row.expanded and before.attachments != entry.message.attachments:
                self.bubble_built.emit(row.widget)  # a file of a chat has come meanwhile
        elif row.widget is not None:
            _drop(row)  # built anew where it is in view

    def _set_expanded(self, row: _Row, *, expanded: bool) -> None:
        if row.expanded == expanded:
            return
        row.expanded = expanded
        if isinstance(row.widget, MessageBubble):
            row.widget.expand(expanded=expanded)
            if expanded:
                self.bubble_built.emit(row.widget)
            self._measure(row)
        else:
            row.height = self._guess(row)

    def _guess(self, row: _Row) -> int:
        """A height for what has not been built: exact for single lines."""
        px = self._style.theme.px
        if not isinstance(row.entry, MessageEntry):
            return px(LABEL_HEIGHT)
        if not row.expanded:
            return px(COLLAPSED_HEIGHT)
        message = row.entry.message
        characters = len(message.visible_text or message.text)
        lines = characters * 7 // max(self._width or 500, 200) + message.visible_text.count("\n")
        return px(60 + 20 * min(lines, 400) + (40 if message.attachments else 0))

    def _build(self, row: _Row) -> bool:
        """Give a row its widget; returns whether it did not have one."""
        if row.widget is not None:
            return False
        entry = row.entry
        if isinstance(entry, MessageEntry):
            row.widget = self._build_bubble(entry.message, expanded=row.expanded)
        elif isinstance(entry, DayEntry):
            row.widget = self._build_day(entry)
        else:
            row.widget = self._build_event(entry)
        self._measure(row)
        row.widget.setGeometry(_MARGIN, row.top, self._width, row.height)
        self._keep_tab_order(row)
        row.widget.show()
        if isinstance(row.widget, MessageBubble) and row.expanded:
            self.bubble_built.emit(row.widget)
        return True

    def _build_bubble(self, message: MessageRow, *, expanded: bool) -> MessageBubble:
        bubble = MessageBubble(message, style=self._style, parent=self._content)
        bubble.resize(self._width, 40)
        bubble.expand(expanded=expanded)
        bubble.set_current(current=message.id == self._current)
        bubble.acted.connect(self.acted)
        bubble.toggled.connect(self._on_toggled)
        bubble.resized.connect(self._on_resized)
        bubble.link_hovered.connect(self.link_hovered)
        bubble.installEventFilter(self)
        return bubble

    def _build_day(self, entry: DayEntry) -> QWidget:
        title = day_title(entry.day, today=local_day(self._style.now()))
        return DayMark(title, theme=self._style.theme, parent=self._content)

    def _build_event(self, entry: EventEntry) -> QWidget:
        line = OfferLine(entry.offer, parent=self._content, centred=True)
        line.setToolTip(absolute(entry.at))
        line.acted.connect(self.followed)
        return line

    def _measure(self, row: _Row) -> None:
        widget = row.widget
        if isinstance(widget, MessageBubble):
            row.height = widget.measure(self._width)
        elif isinstance(widget, OfferLine):
            row.height = max(widget.measure(self._width).height(), self._style.theme.px(18))
        elif widget is not None:
            row.height = widget.sizeHint().height()

    def _keep_tab_order(self, row: _Row) -> None:
        """Tab goes down the conversation, whichever row was built first."""
        index = next(i for i, other in enumerate(self._rows) if other is row)
        before = next((r.widget for r in reversed(self._rows[:index]) if r.widget), None)
        if before is not None and row.widget is not None:
            QWidget.setTabOrder(before, row.widget)

    # --- layout ---

    def _settle(self, *, at_bottom: bool = False, anchor: tuple[_Row, int] | None = None) -> None:
        """Build what is visible, place everything, and keep `anchor` (row, offset) in place."""
        if self._settling:
            return
        self._settling = True
        try:
            self._width = max(self.viewport().width() - 2 * _MARGIN, 120)
            for _attempt in range(6):
                self._stack()
                self._scroll(at_bottom=at_bottom, anchor=anchor)
                if not self._build_visible():
                    break
            self._place()
        finally:
            self._settling = False
        self._pinned = self._is_at_bottom()
        self._ahead.start()

    def _stack(self) -> None:
        top = 12
        previous: _Row | None = None
        for row in self._rows:
            if previous is not None:
                tight = _is_collapsed(previous) and _is_collapsed(row)
                top += _COLLAPSED_GAP if tight else _GAP
            row.top = top
            top = row.bottom
            previous = row
        bottom = top + 12
        spare = self.viewport().height() - bottom
        if spare > 0:  # short conversations lie at the bottom, beside the composer
            for row in self._rows:
                row.top += spare
            bottom += spare
        self._resize_content(bottom)

    def _resize_content(self, height: int) -> None:
        self._content.resize(self.viewport().width(), max(height, self.viewport().height()))

    def _scroll(self, *, at_bottom: bool, anchor: tuple[_Row, int] | None) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(self._content.height() - self.viewport().height(), 0))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(40)
        if at_bottom:
            bar.setValue(bar.maximum())
        elif anchor is not None:
            bar.setValue(anchor[0].top - anchor[1])

    def _build_visible(self) -> bool:
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        wanted = [row for row in self._rows if row.bottom >= top and row.top <= bottom]
        built = False
        for row in wanted:
            built = self._build(row) or built
        return built

    def _place(self) -> None:
        for row in self._rows:
            if row.widget is not None:
                row.widget.setGeometry(_MARGIN, row.top, self._width, row.height)

    def _build_ahead(self) -> None:
        """Build rows near the viewport while nothing else happens, a few at a time."""
        page = self.viewport().height()
        top = self.verticalScrollBar().value()
        until = time.perf_counter() + _SLICE_SECONDS
        at_bottom, anchor = self._is_at_bottom(), self._anchor()
        near = (
            row
            for row in self._rows
            if row.widget is None and row.bottom >= top - page and row.top <= top + 2 * page
        )
        built = False
        for row in near:
            built = self._build(row) or built
            if time.perf_counter() >= until:
                break
        if built:
            self._settle(at_bottom=at_bottom, anchor=anchor)

    def _anchor(self) -> tuple[_Row, int] | None:
        """The first built row that begins in view, and how far below the upper edge it begins."""
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        visible = [
            row
            for row in self._rows
            if row.widget is not None and row.bottom > top and row.top < bottom
        ]
        chosen = next((row for row in visible if row.top >= top), visible[0] if visible else None)
        return (chosen, chosen.top - top) if chosen is not None else None

    def _is_at_bottom(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _AT_BOTTOM

    def _show_start(self) -> None:
        """Where the last message is taller than the view, begin at its beginning."""
        last = next((r for r in reversed(self._rows) if isinstance(r.entry, MessageEntry)), None)
        if last is not None and last.height > self.viewport().height() - 24:
            self._settle(anchor=(last, 12))

    def _on_scroll(self) -> None:
        if self._settling or self._resizing:
            return
        self._settle(anchor=self._anchor())
        if self._pinned:
            self._news.hide()

    def _on_toggled(self, message_id: int, expanded: bool) -> None:
        row = self._by_key[f"message:{message_id}"]
        anchor = (row, row.top - self.verticalScrollBar().value())
        row.expanded = expanded
        self._measure(row)
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
        self._measure(row)
        if isinstance(row.widget, MessageBubble):
            row.widget.place()
        self._settle(at_bottom=at_bottom, anchor=anchor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_bottom = self._pinned  # Qt has moved the scroll bar's range already
        anchor = self._anchor()
        self._resizing = True
        super().resizeEvent(event)
        self._resizing = False
        self._width = max(self.viewport().width() - 2 * _MARGIN, 120)
        for row in self._rows:
            if row.widget is not None:
                self._measure(row)
            else:
                row.height = self._guess(row)
        self._settle(at_bottom=at_bottom, anchor=anchor)
        self._place_news()

    # --- the current message, news, countdowns ---

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, MessageBubble):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusIn:
            self._set_current(watched.message.id)
        return super().eventFilter(watched, event)

    def _set_current(self, message_id: int | None) -> None:
        if message_id == self._current:
            return
        self._current = message_id
        for bubble in self.bubbles():
            bubble.set_current(current=bubble.message.id == message_id)
        self.current_changed.emit(message_id)

    def _offer_news(self, count: int) -> None:
        if not count:
            return
        self._news.setText(
            ngettext("{count} new message", "{count} new messages", count).format(count=count)
        )
        self._place_news()
        self._news.show()
        self._news.raise_()

    def _show_news(self) -> None:
        self._news.hide()
        self.scroll_to_end()

    def _place_news(self) -> None:
        size = self._news.sizeHint()
        left = (self.viewport().width() - size.width()) // 2
        self._news.setGeometry(
            left, self.viewport().height() - size.height() - 10, size.width(), size.height()
        )

    def _watch_countdowns(self) -> None:
        counting = any(_counts_down(row.entry) for row in self._rows)
        if counting:
            self._tick.start()
        else:
            self._tick.stop()

    def _on_tick(self) -> None:
        for row in self._rows:
            if _counts_down(row.entry) and isinstance(row.widget, MessageBubble):
                if row.widget.tick():
                    self._on_resized(row.widget.message.id)
                row.widget.place()

    def _index(self) -> None:
        self._by_key = {row.key: row for row in self._rows}

    def _forget(self) -> None:
        if any(bubble.hasFocus() for bubble in self.bubbles()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would give it to a text field
        self._news.hide()
        for row in self._rows:
            _drop(row)
        self._rows = []
        self._by_key = {}


def _messages(listed: Sequence[Entry]) -> list[MessageRow]:
    return [entry.message for entry in listed if isinstance(entry, MessageEntry)]


def _is_collapsed(row: _Row) -> bool:
    return isinstance(row.entry, MessageEntry) and not row.expanded


def _counts_down(entry: Entry) -> bool:
    return isinstance(entry, MessageEntry) and entry.message.not_before is not None


def _drop(row: _Row) -> None:
    if row.widget is not None:
        row.widget.hide()
        row.widget.deleteLater()
        row.widget = None
