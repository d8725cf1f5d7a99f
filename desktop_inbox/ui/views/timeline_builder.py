"""Makes and measures the widgets of a timeline's rows. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.bubble_style import BubbleStyle
from desktop_inbox.ui.views.formats import absolute, day_title, local_day
from desktop_inbox.ui.views.message_bubble import COLLAPSED_HEIGHT, MessageBubble
from desktop_inbox.ui.views.offers import OfferLine
from desktop_inbox.ui.views.timeline_days import LABEL_HEIGHT, DayMark
from desktop_inbox.ui.views.timeline_entries import DayEntry, EventEntry, MessageEntry
from desktop_inbox.ui.views.timeline_rows import Row

_LEAST_LINE = 18
_UNKNOWN_WIDTH = 500  # before there is one


class RowBuilder(QObject):
    """Builds rows of one timeline, all of the same width."""

    acted = Signal(object, str)  # message, what a person wants done
    followed = Signal(str)  # what a person wants done about a line of the history
    toggled = Signal(object, bool)  # message, whether it is now expanded
    resized = Signal(object)  # message whose height may have changed
    focused = Signal(object)  # message
    link_hovered = Signal(str)

    def __init__(self, style: BubbleStyle, *, content: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self.style = style
        self.width = 0
        self._content = content

    def build(self, row: Row, *, current: int | None) -> QWidget:
        """Give a row its widget; `current` is the message that keys work on."""
        entry = row.entry
        if isinstance(entry, MessageEntry):
            row.widget = self._bubble(entry.message, expanded=row.expanded, current=current)
        elif isinstance(entry, DayEntry):
            row.widget = self._day(entry)
        else:
            row.widget = self._event(entry)
        self.measure(row)
        return row.widget

    def measure(self, row: Row) -> None:
        """Find out how high a row is, as well as can be told before it is built."""
        widget = row.widget
        if isinstance(widget, MessageBubble):
            row.height = widget.measure(self.width)
        elif isinstance(widget, OfferLine):
            least = self.style.theme.px(_LEAST_LINE)
            row.height = max(widget.measure(self.width).height(), least)
        elif widget is not None:
            row.height = widget.sizeHint().height()
        else:
            row.height = self._guess(row)

    def _guess(self, row: Row) -> int:
        """A height for what has not been built: exact for single lines."""
        px = self.style.theme.px
        if not isinstance(row.entry, MessageEntry):
            return px(LABEL_HEIGHT)
        if not row.expanded:
            return px(COLLAPSED_HEIGHT)
        message = row.entry.message
        characters = len(message.visible_text or message.text)
        lines = characters * 7 // max(self.width or _UNKNOWN_WIDTH, 200)
        lines += message.visible_text.count("\n")
        return px(60 + 20 * min(lines, 400) + (40 if message.attachments else 0))

    def _bubble(self, message: MessageRow, *, expanded: bool, current: int | None) -> MessageBubble:
        bubble = MessageBubble(message, style=self.style, parent=self._content)
        bubble.resize(self.width, 40)
        bubble.expand(expanded=expanded)
        bubble.set_current(current=message.id == current)
        bubble.acted.connect(self.acted)
        bubble.toggled.connect(self.toggled)
        bubble.resized.connect(self.resized)
        bubble.link_hovered.connect(self.link_hovered)
        bubble.installEventFilter(self)
        return bubble

    def _day(self, entry: DayEntry) -> QWidget:
        title = day_title(entry.day, today=local_day(self.style.now()))
        return DayMark(title, theme=self.style.theme, parent=self._content)

    def _event(self, entry: EventEntry) -> QWidget:
        line = OfferLine(entry.offer, parent=self._content, centred=True)
        line.setToolTip(absolute(entry.at))
        line.acted.connect(self.followed)
        return line

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, MessageBubble):
            self.focused.emit(watched.message.id)
        return False
