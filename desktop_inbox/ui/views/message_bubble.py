"""One message of the timeline: its heading and its card, or a single line while collapsed.

The bubble spans the timeline's width and places its own parts, so that the timeline can ask for
its height before it is shown. Collapsed it is a single line and has no text widget at all.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.attachments import AttachmentStrip
from desktop_inbox.ui.views.avatar import paint_badge
from desktop_inbox.ui.views.bubble_style import BubbleStyle, background
from desktop_inbox.ui.views.channel_marks import said
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.message_card import MessageCard
from desktop_inbox.ui.views.message_head import MessageHead
from desktop_inbox.ui.views.message_text import Reading
from desktop_inbox.ui.views.piece_reactions import Reactions

COLLAPSED_HEIGHT = 36
_SHARE = 0.78  # of the timeline's width that a bubble may take
_UNDER = 4  # pixels between a card and the reactions under it
_NARROW = 460  # below this a bubble may take all of it


class MessageBubble(QWidget):
    """Shows one message, expanded or collapsed."""

    acted = Signal(object, str)  # message, what: a button's action (see message_words)
    toggled = Signal(object, bool)  # message, whether it is now expanded
    resized = Signal(object)  # its height may have changed
    link_hovered = Signal(str)

    def __init__(
        self, message: MessageRow, *, style: BubbleStyle, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.message = message
        self.expanded = False
        self.current = False
        self._style = style
        self._hovered = False
        self._head: MessageHead | None = None
        self._card: MessageCard | None = None
        self._reactions: Reactions | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._describe()

    # --- what it shows ---

    def expand(self, *, expanded: bool) -> None:
        """Show all of the message, or its first line only."""
        if expanded == self.expanded:
            return
        self.expanded = expanded
        if expanded and self._card is None:
            self._build()
        for part in (self._head, self._card):
            if part is not None:
                part.setVisible(expanded)
        self._show_reactions()
        self._describe()
        self.update()

    def show_message(self, message: MessageRow) -> None:
        """Take over a newer state; the text stays, with its selection, where it is the same."""
        before, self.message = self.message, message
        self._describe()
        if self._head is not None and self._card is not None:
            self._head.show_message(message)
            self._card.show_message(message, before=before)
            self._show_reactions()
        self.update()

    def tick(self) -> bool:
        """Refresh a countdown; returns whether the height may have changed."""
        if self._head is None or self._card is None:
            return False
        self._head.show_message(self.message)
        return self._card.show_state(self.message)

    @property
    def attachments(self) -> AttachmentStrip | None:
        """Its files, once it has been expanded."""
        return self._card.attachments if self._card is not None else None

    @property
    def body(self) -> MessageBody | None:
        """Its text, once it has been expanded."""
        return self._card.body if self._card is not None else None

    @property
    def reading(self) -> Reading | None:
        return self._card.reading if self._card is not None else None

    def show_reading(self, reading: Reading) -> None:
        """Show the text in the form that took time to make."""
        if self._card is not None:
            self._card.show_reading(reading)

    @property
    def on_paper(self) -> bool:
        """Whether its text stands on white although the window is dark."""
        return self._card is not None and self._card.on_paper

    def put_on_paper(self, *, on: bool) -> None:
        """Show the text in the colours its sender chose, on white."""
        if self._card is not None:
            self._card.put_on_paper(on=on)

    def set_current(self, *, current: bool) -> None:
        """Mark it as the message that keys work on."""
        if current != self.current:
            self.current = current
            self.update()

    @property
    def has_hidden_text(self) -> bool:
        """Whether quoted history is folded away."""
        return self._card is not None and self._card.has_hidden_text

    def toggle_quoted(self) -> None:
        """Show or fold the quoted history."""
        if self._card is not None:
            self._card.toggle_quoted()

    # --- measures ---

    def measure(self, width: int) -> int:
        """The height it needs in a timeline of this width."""
        if not self.expanded or self._head is None or self._card is None:
            return self._style.theme.px(COLLAPSED_HEIGHT)
        limit = self._limit(width)
        height = self._head.sizeHint().height() + 3 + self._card.measure(limit).height()
        under = self._under(limit).height()
        return height + (_UNDER + under if under else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _limit(self, width: int) -> int:
        if self.message.direction is Direction.NOTE or width < _NARROW:
            return width
        return max(round(width * _SHARE), _NARROW)

    def place(self) -> None:
        """Lay its parts out again, after one of them changed its size."""
        self._place()

    def _place(self) -> None:
        if not self.expanded or self._head is None or self._card is None:
            return
        width = self.width()
        head = self._head.sizeHint()
        size = self._card.measure(self._limit(width))
        head_width = min(head.width(), width)
        if self.message.direction is Direction.NOTE:
            size.setWidth(width)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        at_end = (self.message.direction is Direction.OUT) != mirrored
        left = width - size.width() if at_end else 0
        self._head.setGeometry(width - head_width if at_end else 0, 0, head_width, head.height())
        self._card.setGeometry(left, head.height() + 3, size.width(), size.height())
        if self._reactions is not None:
            under = self._under(self._limit(width))
            left = width - under.width() if at_end else 0
            top = self._card.geometry().bottom() + 1 + _UNDER
            self._reactions.setGeometry(left, top, under.width(), under.height())

    def _under(self, limit: int) -> QSize:
        return QSize() if self._reactions is None else self._reactions.measure(limit)

    def _show_reactions(self) -> None:
        """Show what people think of it; most messages have no such row at all."""
        found = self.message.reactions if self.expanded else ()
        if self._reactions is None:
            if not found:
                return
            self._reactions = Reactions(self._style.theme, parent=self)
            self._reactions.acted.connect(lambda what: self.acted.emit(self.message.id, what))
        self._reactions.show_reactions(found, may=self._style.may_react(self.message))

    def _build(self) -> None:
        self._head = MessageHead(self.message, style=self._style, parent=self)
        self._head.menu_requested.connect(self._show_menu)
        self._head.acted.connect(lambda what: self.acted.emit(self.message.id, what))
        self._head.pressed.connect(self.toggle)
        self._card = MessageCard(self.message, style=self._style, parent=self)
        self._card.resized.connect(lambda: self.resized.emit(self.message.id))
        self._card.acted.connect(lambda what: self.acted.emit(self.message.id, what))
        self._card.link_hovered.connect(self.link_hovered)

    # --- what a person does to it ---

    def toggle(self) -> None:
        """Expand it where it is collapsed, and the other way round."""
        self.expand(expanded=not self.expanded)
        self.toggled.emit(self.message.id, self.expanded)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.expanded:
            self.toggle()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.toggle()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._show_menu(event.globalPos())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self._style_cursor()
        self._offer_menu()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self._offer_menu()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._offer_menu()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._offer_menu()

    def _offer_menu(self) -> None:
        """The button of the menu is there for whoever points at or stands on the message."""
        if self._head is not None:
            self._head.show_menu_button(shown=self._hovered or self.hasFocus())
        self.update()

    def _style_cursor(self) -> None:
        shape = Qt.CursorShape.ArrowCursor if self.expanded else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._style.menu(self.message.id, menu)
        menu.popup(at)

    def _describe(self) -> None:
        """One useful sentence for a screen reader."""
        message = self.message
        said = f"{words.author(message, me=self._style.me)}, {absolute(message.at)}: "
        self.setAccessibleName(said + (message.snippet or message.subject))
        self.setAccessibleDescription("" if self.expanded else _("Collapsed"))

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.expanded:
            self._paint_collapsed(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._style.theme.colour("accent"), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()

    def _paint_collapsed(self, painter: QPainter) -> None:
        theme, message = self._style.theme, self.message
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("hover" if self._hovered else background(message)))
        painter.drawRoundedRect(rect, 8, 8)
        badge = theme.px(15)
        top = (self.height() - badge) / 2
        place = self._mirror(QRectF(12, top, badge, badge))
        paint_badge(painter, place, channel=words.badge(message))
        left = 12 + badge + 8
        time = moment(message.at, now=self._style.now())
        time_width = QFontMetrics(theme.font(11.5)).horizontalAdvance(time) + 2
        right = self.width() - 12 - time_width
        self._write(painter, QRect(right, 0, time_width, self.height()), time, 11.5, "muted")
        if message.attachments:
            right -= 22
            icons.paint(
                painter,
                self._mirror(QRectF(right, (self.height() - 14) / 2, 14, 14)),
                "paperclip",
                theme.colour("muted"),
            )
        name = words.author(message, me=self._style.me)
        metrics = QFontMetrics(theme.font(12, 600))
        name_width = min(metrics.horizontalAdvance(name) + 2, max((right - left) // 3, 60))
        self._write(painter, QRect(left, 0, name_width, self.height()), name, 12, "text", 600)
        left += name_width + 8
        room = QRect(left, 0, right - left - 8, self.height())
        self._write(painter, room, said(message.snippet), 12.5, "muted")

    def _mirror(self, rect: QRectF) -> QRectF:
        if self.layoutDirection() == Qt.LayoutDirection.LeftToRight:
            return rect
        return QRectF(self.width() - rect.right(), rect.top(), rect.width(), rect.height())

    def _write(
        self, painter: QPainter, rect: QRect, text: str, size: float, colour: str, weight: int = 400
    ) -> None:
        theme = self._style.theme
        font = theme.font(size, weight)
        painter.setFont(font)
        painter.setPen(theme.colour(colour))
        room = max(rect.width(), 0)
        elided = QFontMetrics(font).elidedText(
            " ".join(text.split()), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(
            self._mirror(QRectF(rect)),
            Qt.AlignmentFlag.AlignVCenter
            | Qt.AlignmentFlag.AlignLeading
            | Qt.TextFlag.TextSingleLine,
            elided,
        )
