"""Paints one line of the conversation list. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import ConversationRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.models.conversations import snooze_words, when
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.theme import SIZES, Theme
from desktop_inbox.ui.views.avatar import paint_avatar
from desktop_inbox.ui.views.chips import HEIGHT as CHIP_HEIGHT
from desktop_inbox.ui.views.chips import ChipStyle, chip_width, paint_chip

_LEFT = 16
_TEXT_LEFT = 64
_RIGHT = 14
_BUTTON = 26
_LINES = ((10, 18), (29, 18), (48, 18), (69, CHIP_HEIGHT))  # top and height of each line
_ONE_LINE = Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter

# What the buttons that show up under the pointer do, from the right: action id and icon.
HOVER_ACTIONS = (
    ("conversation.close", "circle-check"),
    ("conversation.snooze", "alarm-clock"),
)


def chips_of(row: ConversationRow, *, now: datetime) -> list[ChipStyle]:
    """Return the chips of a row, the most urgent first."""
    chips: list[ChipStyle] = []
    if row.failed:
        chips.append(ChipStyle(text=_("Not sent"), tone="bad", icon="circle-alert"))
    if row.priority is Priority.URGENT:
        chips.append(ChipStyle(text=_("Urgent"), tone="warn", icon="flame"))
    elif row.priority is Priority.HIGH:
        chips.append(ChipStyle(text=_("High"), tone="warn"))
    chips.extend(_state_chip(row, now=now))
    if row.assignee_name:
        chips.append(ChipStyle(text=row.assignee_name, icon="user"))
    chips.extend(ChipStyle(text=tag.name, hue=tag.hue) for tag in row.tags)
    return chips


def _state_chip(row: ConversationRow, *, now: datetime) -> list[ChipStyle]:
    if row.status is Status.SNOOZED:
        return [ChipStyle(text=snooze_words(row, now=now), tone="plain", icon="alarm-clock")]
    if row.status is Status.CLOSED:
        return [ChipStyle(text=_("Closed"), tone="plain", icon="circle-check")]
    if row.status is Status.OPEN and row.waiting_since is None:
        if row.last_direction is Direction.OUT:
            return [ChipStyle(text=_("Waiting for customer"), tone="plain", icon="pause")]
        return []
    if row.waiting_since is not None and now - row.waiting_since >= timedelta(hours=1):
        words = _("Waits {time}").format(time=duration(now - row.waiting_since))
        return [ChipStyle(text=words, icon="clock")]
    return []


def duration(length: timedelta) -> str:
    """Return a length of time in its largest unit: 41 min, 3 h, 2 d."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 24 * 60:
        return _("{count} h").format(count=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{count} d", "{count} d", days).format(count=days)


@dataclass(frozen=True, slots=True)
class _Fonts:
    plain: QFont
    strong: QFont
    time: QFont
    time_strong: QFont
    count: QFont
    draft: QFont


class ConversationDelegate(QStyledItemDelegate):
    """Draws rows as in the mock-up; knows where its hover buttons are."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.marking = False  # several rows are being chosen: show it on the avatars
        self.hovered_button = -1
        self._refresh()
        theme.changed.connect(self._refresh)

    def _refresh(self) -> None:
        theme = self._theme
        self._fonts = _Fonts(
            plain=theme.font(13),
            strong=theme.font(13, 600),
            time=theme.tabular(11.5),
            time_strong=theme.tabular(11.5, 600),
            count=theme.tabular(11),
            draft=theme.font(13, 600),
        )

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self._theme.px(SIZES.list), self._theme.px(SIZES.row))

    def buttons(self, row: QRect) -> list[QRect]:
        """Return where the hover buttons of a row are, in the order of HOVER_ACTIONS."""
        side = self._theme.px(_BUTTON)
        right, top = row.right() - self._theme.px(10), row.top() + self._theme.px(6)
        return [
            QRect(right - side * (place + 1) - 2 * place, top, side, side)
            for place in range(len(HOVER_ACTIONS))
        ]

    def button_at(self, row: QRect, point: QPoint) -> int:
        """Return which hover button is under a point, -1 for none."""
        for place, rect in enumerate(self.buttons(row)):
            if rect.contains(point):
                return place
        return -1

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        direction: Qt.LayoutDirection = option.direction
        row = index.data(RowRole)
        painter.save()
        painter.setClipRect(rect)
        # Foreign words run as they are written, whichever way the window runs.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        background = self._paint_background(painter, rect, state, direction)
        brush = _Brush(painter, self._theme, self._fonts, rect, direction, background)
        if isinstance(row, ConversationRow):
            selected = bool(state & QStyle.StateFlag.State_Selected)
            hovered = bool(state & QStyle.StateFlag.State_MouseOver)
            brush.paint(row, checked=self.marking and selected, room_for_buttons=hovered)
            if hovered:
                self._paint_buttons(painter, rect, background)
        else:
            brush.paint_placeholder()
        painter.restore()

    def _paint_background(
        self,
        painter: QPainter,
        rect: QRect,
        state: QStyle.StateFlag,
        direction: Qt.LayoutDirection,
    ) -> QColor:
        theme = self._theme
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        background = theme.colour("selection" if selected else "hover" if hovered else "panel")
        painter.fillRect(rect, background)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.colour("line"))
        if selected:
            bar = QRect(rect.left(), rect.top(), 3, rect.height())
            painter.fillRect(QStyle.visualRect(direction, rect, bar), theme.colour("accent"))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Active:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if not selected or self.marking:
                painter.drawRoundedRect(rect.adjusted(4, 1, -2, -3), 6, 6)
        return background

    def _paint_buttons(self, painter: QPainter, rect: QRect, background: QColor) -> None:
        theme = self._theme
        for place, button in enumerate(self.buttons(rect)):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.colour("line"))
            active = place == self.hovered_button
            painter.setBrush(theme.colour("accent_bg" if active else "panel"))
            painter.drawRoundedRect(QRectF(button).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            inset = (button.width() - theme.px(15)) / 2
            icons.paint(
                painter,
                QRectF(button).adjusted(inset, inset, -inset, -inset),
                HOVER_ACTIONS[place][1],
                theme.colour("accent" if active else "muted"),
            )


class _Brush:
    """Draws the parts of one row. Positions count from the left and are mirrored where needed."""

    def __init__(
        self,
        painter: QPainter,
        theme: Theme,
        fonts: _Fonts,
        rect: QRect,
        direction: Qt.LayoutDirection,
        background: QColor,
    ) -> None:
        self.painter = painter
        self.theme = theme
        self.fonts = fonts
        self.rect = rect
        self.direction = direction
        self.background = background
        self.left = rect.left() + theme.px(_TEXT_LEFT)
        self.right = rect.right() + 1 - theme.px(_RIGHT)

    def paint(self, row: ConversationRow, *, checked: bool, room_for_buttons: bool) -> None:
        now = utc_now()
        self._avatar(row, checked=checked)
        self._first_line(row, now=now, room_for_buttons=room_for_buttons)
        self._subject(row)
        self._snippet(row)
        self._chips(row, now=now)

    def paint_placeholder(self) -> None:
        """Draw grey bars where the words will be."""
        theme, painter = self.theme, self.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("ok_bg"))
        side = theme.px(SIZES.avatar)
        painter.drawEllipse(
            self._mirrored(QRect(self.rect.left() + theme.px(_LEFT), self._top(0), side, side))
        )
        for line, share in ((0, 0.4), (1, 0.7), (2, 0.9)):
            width = int((self.right - self.left) * share)
            bar = QRect(self.left, self._top(line) + theme.px(4), width, theme.px(9))
            painter.drawRoundedRect(self._mirrored(bar), 4, 4)

    def _top(self, line: int) -> int:
        return self.rect.top() + self.theme.px(_LINES[line][0])

    def _line(self, line: int, left: int, right: int) -> QRect:
        height = self.theme.px(_LINES[line][1])
        return QRect(left, self._top(line), max(0, right - left), height)

    def _mirrored(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.direction, self.rect, rect)

    def _text(self, rect: QRect, text: str, *, font: QFont, colour: str) -> int:
        """Draw one elided line; return the width it took."""
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        self.painter.setFont(font)
        self.painter.setPen(self.theme.colour(colour))
        side = (
            Qt.AlignmentFlag.AlignRight
            if self.direction == Qt.LayoutDirection.RightToLeft
            else Qt.AlignmentFlag.AlignLeft
        )
        self.painter.drawText(
            self._mirrored(rect), _ONE_LINE | side | Qt.AlignmentFlag.AlignAbsolute, shown
        )
        return min(rect.width(), metrics.horizontalAdvance(shown))

    def _avatar(self, row: ConversationRow, *, checked: bool) -> None:
        theme = self.theme
        side = theme.px(SIZES.avatar)
        rect = self._mirrored(QRect(self.rect.left() + theme.px(_LEFT), self._top(0), side, side))
        if checked:
            self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(theme.colour("accent"))
            self.painter.drawEllipse(rect)
            inset = side // 4
            icons.paint(
                self.painter,
                QRectF(rect).adjusted(inset, inset, -inset, -inset),
                "check",
                theme.colour("on_accent"),
            )
            return
        paint_avatar(
            self.painter,
            QRectF(rect),
            theme=theme,
            name=row.customer_name,
            channel=row.channel,
            ring=self.background,
        )

    def _first_line(self, row: ConversationRow, *, now: datetime, room_for_buttons: bool) -> None:
        theme = self.theme
        right = self.right
        if room_for_buttons:
            right -= theme.px(_BUTTON * len(HOVER_ACTIONS) + 4)
        else:
            font = self.fonts.time_strong if row.unread else self.fonts.time
            text = when(row.last_at, now=now)
            width = QFontMetrics(font).horizontalAdvance(text) + 2
            self._text(
                self._line(0, right - width, right),
                text,
                font=font,
                colour="accent" if row.unread else "muted",
            )
            right -= width + theme.px(8)
        count = str(row.message_count) if row.message_count > 1 else ""
        count_width = QFontMetrics(self.fonts.count).horizontalAdvance(count) + theme.px(10)
        name_right = right - (count_width + theme.px(6) if count else 0)
        used = self._text(
            self._line(0, self.left, name_right),
            row.customer_name or _("Unknown sender"),
            font=self.fonts.strong if row.unread else self.fonts.plain,
            colour="text",
        )
        if count:
            self._count(count, self.left + used + theme.px(6), count_width)

    def _count(self, count: str, left: int, width: int) -> None:
        theme = self.theme
        rect = self._mirrored(QRect(left, self._top(0) + theme.px(1), width, theme.px(16)))
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(theme.colour("ok_bg"))
        self.painter.drawRoundedRect(rect, SIZES.radius_small, SIZES.radius_small)
        self.painter.setFont(self.fonts.count)
        self.painter.setPen(theme.colour("muted"))
        self.painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, count)

    def _subject(self, row: ConversationRow) -> None:
        right = self.right
        if row.unread:
            side = self.theme.px(8)
            self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(self.theme.colour("accent"))
            dot = QRect(right - side, self._top(1) + self.theme.px(5), side, side)
            self.painter.drawEllipse(self._mirrored(dot))
            right -= side + self.theme.px(8)
        self._text(
            self._line(1, self.left, right),
            row.subject or _("(no subject)"),
            font=self.fonts.strong if row.unread else self.fonts.plain,
            colour="text",
        )

    def _snippet(self, row: ConversationRow) -> None:
        left = self.left
        if row.draft_snippet:
            used = self._text(
                self._line(2, left, self.right), _("Draft"), font=self.fonts.draft, colour="bad"
            )
            left += used + self.theme.px(5)
        self._text(
            self._line(2, left, self.right),
            row.draft_snippet or row.snippet,
            font=self.fonts.plain,
            colour="muted",
        )

    def _chips(self, row: ConversationRow, *, now: datetime) -> None:
        theme = self.theme
        right = self.right
        if row.has_attachment:
            side = theme.px(13)
            clip = self._mirrored(QRect(right - side, self._top(3) + theme.px(2), side, side))
            icons.paint(self.painter, QRectF(clip), "paperclip", theme.colour("muted"))
            right -= side + theme.px(6)
        left = self.left
        chips = chips_of(row, now=now)
        for number, chip in enumerate(chips):
            room = right - left
            width = chip_width(theme, chip)
            hidden = len(chips) - number
            if width > room and number > 0:
                self._more(hidden, left, right)
                return
            width = min(width, room)
            if number + 1 < len(chips) and room - width < theme.px(30) and number > 0:
                self._more(hidden, left, right)
                return
            place = self._mirrored(QRect(left, self._top(3), round(width), theme.px(CHIP_HEIGHT)))
            paint_chip(
                self.painter,
                QPointF(place.left(), place.top()),
                theme=theme,
                style=chip,
                max_width=room,
            )
            left += round(width) + theme.px(6)

    def _more(self, count: int, left: int, right: int) -> None:
        self._text(
            self._line(3, left, right),
            f"+{count}",
            font=self.fonts.count,
            colour="muted",
        )
