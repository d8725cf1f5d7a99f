"""One message of the timeline: heading, bubble with text, quoted history, files, and its state.

The bubble spans the timeline's width and places its own parts, so that the timeline can ask for
its height before it is shown. Collapsed it is a single line and has no text widget at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop_inbox.domain.messages import Direction
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import SIZES, Theme
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.attachments import AttachmentStrip
from desktop_inbox.ui.views.avatar import ChannelBadge, paint_badge
from desktop_inbox.ui.views.controls import (
    ElidedLabel,
    IconMark,
    PlainLabel,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.formats import absolute, moment
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.message_readings import PICTURE_WIDTH, Readings
from desktop_inbox.ui.views.message_text import Reading

COLLAPSED_HEIGHT = 36
_SHARE = 0.78  # of the timeline's width that a bubble may take
_NARROW = 460  # below this a bubble may take all of it
_PAD_X, _PAD_Y = 13, 9
_GAP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BubbleStyle:
    """What a bubble needs to know besides its message."""

    theme: Theme
    me: str  # the name of whoever sits here
    now: Callable[[], datetime]
    menu: Callable[[int, QMenu], None]  # fills the menu of a message
    readings: Readings


class MessageBubble(QWidget):
    """Shows one message, expanded or collapsed."""

    acted = Signal(object, str)  # message, what: undo, retry, check, again, edit, reply
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
        self._head: _Head | None = None
        self._card: _Card | None = None
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
        self._describe()
        self.update()

    def show_message(self, message: MessageRow) -> None:
        """Take over a newer state; the text stays, with its selection, where it is the same."""
        before, self.message = self.message, message
        self._describe()
        if self._head is not None and self._card is not None:
            self._head.show_message(message)
            self._card.show_message(message, before=before)
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

    def set_current(self, *, current: bool) -> None:
        """Mark it as the message that keys work on."""
        if current != self.current:
            self.current = current
            self.update()

    def toggle_quoted(self) -> None:
        """Show or fold the quoted history."""
        if self._card is not None:
            self._card.toggle_quoted()

    # --- measures ---

    def measure(self, width: int) -> int:
        """The height it needs in a timeline of this width."""
        if not self.expanded or self._head is None or self._card is None:
            return self._style.theme.px(COLLAPSED_HEIGHT)
        return self._head.sizeHint().height() + 3 + self._card.measure(self._limit(width)).height()

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

    def _build(self) -> None:
        self._head = _Head(self.message, style=self._style, parent=self)
        self._head.menu_requested.connect(self._show_menu)
        self._head.acted.connect(lambda what: self.acted.emit(self.message.id, what))
        self._head.pressed.connect(self.toggle)
        self._card = _Card(self.message, style=self._style, parent=self)
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
        painter.setBrush(theme.colour("hover" if self._hovered else _background(message)))
        painter.drawRoundedRect(rect, 8, 8)
        badge = theme.px(15)
        top = (self.height() - badge) / 2
        paint_badge(painter, self._mirror(QRectF(12, top, badge, badge)), channel=message.channel)
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
        self._write(
            painter, QRect(left, 0, right - left - 8, self.height()), message.snippet, 12.5, "muted"
        )

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


def _background(message: MessageRow) -> str:
    return {Direction.OUT: "outgoing", Direction.NOTE: "note"}.get(message.direction, "panel")


class _Head(QWidget):
    """The line above a bubble: channel, author, time, state, menu."""

    menu_requested = Signal(QPoint)
    acted = Signal(str)
    pressed = Signal()

    def __init__(self, message: MessageRow, *, style: BubbleStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._style = style
        theme = style.theme
        self._author = PlainLabel(kind="heading", parent=self)
        self._time = PlainLabel(kind="caption", parent=self)
        self._state_icon = PlainLabel(parent=self)
        self._state = PlainLabel(kind="caption", parent=self)
        self._actions = QWidget(self)
        self._action_row = QHBoxLayout(self._actions)
        self._action_row.setContentsMargins(0, 0, 0, 0)
        self._action_row.setSpacing(4)
        self._shown_actions: tuple[tuple[str, str], ...] = ()
        self._menu = icon_button(theme, "ellipsis", _("Message menu"), parent=self)
        self._menu.setStyleSheet("min-width: 20px; max-width: 20px; min-height: 18px;"
                                 " max-height: 18px;")  # fmt: skip
        policy = self._menu.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._menu.setSizePolicy(policy)
        self._menu.hide()
        self._menu.clicked.connect(
            lambda: self.menu_requested.emit(self._menu.mapToGlobal(QPoint(0, self._menu.height())))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if message.direction is Direction.NOTE:
            row.addWidget(IconMark(theme, "lock", colour="text", size=14, parent=self))
        else:
            row.addWidget(ChannelBadge(message.channel, size=15, parent=self))
        for part in (self._author, self._time, self._state_icon, self._state, self._actions):
            row.addWidget(part)
        # On the inner side, so that what belongs to the bubble's edge stands at it.
        row.insertWidget(0 if message.direction is Direction.OUT else row.count(), self._menu)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_message(message)

    def show_message(self, message: MessageRow) -> None:
        theme, now = self._style.theme, self._style.now()
        self._author.setText(words.author(message, me=self._style.me))
        self._author.setToolTip(tooltip(words.people(message)))
        self._time.setText(moment(message.at, now=now))
        self._time.setToolTip(tooltip(absolute(message.at)))
        state = words.delivery(message, now=now)
        for part in (self._state, self._state_icon, self._actions):
            part.setVisible(state is not None)
        if state is None:
            return
        self._state.setText(state.text)
        self._state.setStyleSheet(f"color: {theme.colour(state.tone).name()};")
        self._state_icon.setPixmap(
            icons.icon(theme, state.icon, colour=state.tone).pixmap(
                QSize(14, 14), self.devicePixelRatioF()
            )
        )
        self._show_actions(() if state.detail else state.actions)

    def show_menu_button(self, *, shown: bool) -> None:
        self._menu.setVisible(shown)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def _show_actions(self, actions: tuple[tuple[str, str], ...]) -> None:
        if actions == self._shown_actions:
            return
        self._shown_actions = actions
        _fill(self._action_row, actions, self.acted)
        self._actions.setVisible(bool(actions))
        self.updateGeometry()


def _fill(row: QHBoxLayout, actions: tuple[tuple[str, str], ...], acted: SignalInstance) -> None:
    """Put one link button per action into `row`, in place of what was there."""
    while row.count():
        item = row.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    for action, text in actions:
        row.addWidget(link_button(text, clicked=partial(acted.emit, action)))


class _Card(QWidget):
    """The bubble itself: notices, text, quoted history and files under each other."""

    resized = Signal()
    acted = Signal(str)
    link_hovered = Signal(str)

    def __init__(self, message: MessageRow, *, style: BubbleStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._message = message
        self._style = style
        self._quoted_shown = False
        self.reading = style.readings.now(message)
        theme = style.theme
        self._notice = PlainLabel(kind="caption", wrap=True, parent=self)
        self._others = ElidedLabel(kind="caption", parent=self)
        self.body = MessageBody(self)
        self.body.link_hovered.connect(self.link_hovered)
        self.body.height_changed.connect(self.resized)
        self._fold = link_button("•••", clicked=self.toggle_quoted, parent=self)
        self._fold.setAccessibleName(_("Show quoted text"))
        self._fold.setToolTip(_("Show quoted text"))
        self._blocked = PlainLabel(kind="caption", wrap=True, parent=self)
        self.attachments = AttachmentStrip(theme, parent=self)
        self.attachments.resized.connect(self.resized)
        self._trouble = _Trouble(theme, parent=self)
        self._trouble.acted.connect(self.acted)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_parts()

    def show_message(self, message: MessageRow, *, before: MessageRow) -> None:
        self._message = message
        if _words_of(message) != _words_of(before):
            self.reading = self._style.readings.now(message)
            self._show_text()
        self._show_parts()

    def show_reading(self, reading: Reading) -> None:
        if reading == self.reading:
            return
        self.reading = reading
        self._show_text()
        self._show_parts()
        self.resized.emit()

    def show_state(self, message: MessageRow) -> bool:
        """Show the delivery state; returns whether the height may have changed."""
        self._message = message
        state = words.delivery(message, now=self._style.now())
        return self._trouble.show_state(state)

    def toggle_quoted(self) -> None:
        self._quoted_shown = not self._quoted_shown
        name = _("Hide quoted text") if self._quoted_shown else _("Show quoted text")
        self._fold.setAccessibleName(name)
        self._fold.setToolTip(name)
        self._show_text()
        self.resized.emit()

    # --- measures ---

    def measure(self, limit: int) -> QSize:
        """The size it takes where it may be `limit` wide."""
        inner = limit - 2 * _PAD_X
        widest, height = 0, 0
        for _part, size in self._sizes(inner):
            widest = max(widest, size.width())
            height += size.height() + (_GAP if height else 0)
        width = max(min(widest + 2 * _PAD_X, limit), 56)
        return QSize(width, height + 2 * _PAD_Y)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()

    def arrange(self) -> None:
        inner = self.width() - 2 * _PAD_X
        top = _PAD_Y
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for part, size in self._sizes(inner):
            stretched = part in (self.body, self.attachments, self._notice, self._trouble)
            width = inner if stretched else min(size.width(), inner)
            left = self.width() - _PAD_X - width if mirrored else _PAD_X
            part.setGeometry(left, top, width, size.height())
            top += size.height() + _GAP

    def _sizes(self, inner: int) -> list[tuple[QWidget, QSize]]:
        return [(part, _size_of(part, inner)) for part in self._shown()]

    def _shown(self) -> list[QWidget]:
        parts: tuple[QWidget, ...] = (
            self._others,
            self._notice,
            self.body,
            self._fold,
            self._blocked,
            self.attachments,
            self._trouble,
        )
        return [part for part in parts if not part.isHidden()]

    # --- contents ---

    def _show_parts(self) -> None:
        told = words.troubles(self._message)
        if self.reading.cut:
            told.append(_("Only the beginning of this long text is shown."))
        if self.reading.lost:
            told.append(_("The layout of this message is not here any more; this is its text."))
        self._notice.setText("\n".join(told))
        self._notice.setVisible(bool(told))
        others = words.others(self._message)
        self._others.setText(others)
        self._others.setToolTip(tooltip(words.people(self._message)))
        self._others.setVisible(bool(others))
        self._fold.setVisible(self.reading.has_quoted)
        blocked = words.blocked(self.reading.remote)
        self._blocked.setText(blocked)
        self._blocked.setVisible(bool(blocked))
        self.attachments.show_attachments(self._message.attachments)
        self.attachments.setVisible(self.attachments.count() > 0)
        self.body.setVisible(not self.reading.empty or self.attachments.count() == 0)
        self.show_state(self._message)

    def _show_text(self) -> None:
        theme = self._style.theme
        html = self.reading.html(quoted=self._quoted_shown, dark=theme.dark, width=PICTURE_WIDTH)
        self.body.show_html(html, pictures=self.body.pictures)

    def _restyle(self) -> None:
        tokens = self._style.theme.tokens
        self.body.set_text_colour(
            text=tokens.text, link=tokens.accent, selection=_selection(tokens.accent)
        )
        self._show_text()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._style.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        border = {Direction.OUT: "outgoing", Direction.NOTE: "note_line"}.get(
            self._message.direction, "line"
        )
        painter.setPen(theme.colour(border))
        painter.setBrush(theme.colour(_background(self._message)))
        sharp_end = self._message.direction is Direction.OUT
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            sharp_end = not sharp_end
        painter.drawPath(_bubble(rect, SIZES.radius_large, sharp_right=sharp_end))
        painter.end()


def _words_of(message: MessageRow) -> tuple[object, ...]:
    return message.html, message.has_html, message.raw_sha256, message.text, message.visible_text


def _size_of(part: QWidget, inner: int) -> QSize:
    if isinstance(part, MessageBody | AttachmentStrip | _Trouble):
        return part.measure(inner)
    if isinstance(part, PlainLabel) and part.wordWrap():
        return QSize(min(part.sizeHint().width(), inner), part.heightForWidth(inner))
    hint = part.sizeHint()
    return QSize(min(hint.width(), inner), hint.height())


def _selection(accent: str) -> str:
    colour = QColor(accent)
    colour.setAlpha(80)
    return colour.name(QColor.NameFormat.HexArgb)


def _bubble(rect: QRectF, radius: float, *, sharp_right: bool) -> QPainterPath:
    """A rounded rectangle with one upper corner that points at whoever speaks."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    corner = QRectF(rect.topLeft(), QSize(round(radius), round(radius)))
    if sharp_right:
        corner.moveRight(rect.right())
    square = QPainterPath()
    square.addRoundedRect(corner, 4, 4)
    return path.united(square).simplified()


class _Trouble(QWidget):
    """Why a message did not go out, in the server's words, and what to do about it."""

    acted = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = PlainLabel(wrap=True, parent=self)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QWidget(self)
        self._row = QHBoxLayout(self._buttons)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._shown: words.DeliveryWords | None = None
        self.hide()

    def show_state(self, state: words.DeliveryWords | None) -> bool:
        wanted = state if state is not None and state.detail else None
        if wanted == self._shown:
            return False
        self._shown = wanted
        self.setVisible(wanted is not None)
        if wanted is not None:
            colour = self._theme.colour(wanted.tone).name()
            self._text.setText(wanted.detail)
            self._text.setStyleSheet(f"color: {colour};")
            _fill(self._row, wanted.actions, self.acted)
            self._row.addStretch(1)
        return True

    def measure(self, width: int) -> QSize:
        height = self._text.heightForWidth(width)
        if self._shown is not None and self._shown.actions:
            height += 4 + self._buttons.sizeHint().height()
        lines = self._text.text().splitlines()
        metrics = QFontMetrics(self._text.font())
        natural = max((metrics.horizontalAdvance(line) for line in lines), default=0) + 4
        return QSize(min(width, max(natural, self._buttons.sizeHint().width())), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        height = self._text.heightForWidth(self.width())
        self._text.setGeometry(0, 0, self.width(), height)
        self._buttons.setGeometry(0, height + 4, self.width(), self._buttons.sizeHint().height())
