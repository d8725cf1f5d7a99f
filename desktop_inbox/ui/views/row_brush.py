"""Draws the parts of one line of the conversation list. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.mirrored import mirrored
from desktop_inbox.ui.theme import Face, Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.avatar import paint_avatar
from desktop_inbox.ui.views.channel_marks import mark, said, subject
from desktop_inbox.ui.views.chips import HEIGHT as CHIP_HEIGHT
from desktop_inbox.ui.views.chips import ChipStyle, chip_width, paint_chip, paint_ground
from desktop_inbox.ui.views.row_words import RowWords
from desktop_inbox.ui.views.utf16 import utf16_length

_LEFT = 16
_TEXT_LEFT = 64
_RIGHT = 14
_LINES = ((10, 18), (29, 18), (48, 18), (69, CHIP_HEIGHT))  # top and height of each line
_ONE_LINE = (
    Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
)
_TO_LEFT = _ONE_LINE | Qt.AlignmentFlag.AlignLeft
_TO_RIGHT = _ONE_LINE | Qt.AlignmentFlag.AlignRight


class RowBrush:
    """Draws one row. Positions count from the left and are mirrored where needed."""

    def __init__(
        self,
        painter: QPainter,
        theme: Theme,
        rect: QRect,
        *,
        direction: Qt.LayoutDirection,
        background: QColor,
        outlined: bool = False,
    ) -> None:
        """`outlined` where the background is as pale as the chips, which keep their shapes then."""
        self.painter = painter
        self.theme = theme
        self.rect = rect
        self.direction = direction
        self.background = background
        self.outlined = outlined
        self.left = rect.left() + theme.px(_TEXT_LEFT)
        self.right = rect.right() + 1 - theme.px(_RIGHT)

    def paint(
        self,
        row: ConversationRow,
        words: RowWords,
        *,
        checked: bool,
        buttons_width: int,
    ) -> None:
        """Draw a row; buttons take `buttons_width` of its first line, in place of the time."""
        self._avatar(row, checked=checked)
        self._first_line(row, words.time, buttons_width=buttons_width)
        self._subject(row)
        self._snippet(row)
        self._chips(words.chips, right=self._marks(row))

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
        return mirrored(self.direction, self.rect, rect)

    def _text(self, rect: QRect, text: str, *, face: Face, colour: str) -> int:
        """Draw one elided line; return the width it took."""
        shown = face.metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        self.painter.setFont(face.font)
        self.painter.setPen(self.theme.colour(colour))
        mirrored = self.direction == Qt.LayoutDirection.RightToLeft
        self.painter.drawText(self._mirrored(rect), _TO_RIGHT if mirrored else _TO_LEFT, shown)
        return min(rect.width(), face.metrics.horizontalAdvance(shown))

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
            channel=mark(row.channel, row.chat),
            ring=self.background,
        )

    def _first_line(self, row: ConversationRow, time: str, *, buttons_width: int) -> None:
        theme = self.theme
        right = self.right
        if buttons_width:
            right -= buttons_width
        else:
            face = theme.face(11.5, 600 if row.unread else 400, tabular=True)
            width = face.metrics.horizontalAdvance(time) + 2
            self._text(
                self._line(0, right - width, right),
                time,
                face=face,
                colour="accent" if row.unread else "muted",
            )
            right -= width + theme.px(8)
        count = str(row.message_count) if row.message_count > 1 else ""
        count_width = theme.face(11, tabular=True).metrics.horizontalAdvance(count) + theme.px(10)
        name_right = right - (count_width + theme.px(6) if count else 0)
        used = self._text(
            self._line(0, self.left, name_right),
            row.customer_name or _("Unknown sender"),
            face=theme.face(13, 600 if row.unread else 400),
            colour="text",
        )
        if count:
            self._count(count, self.left + used + theme.px(6), count_width)

    def _count(self, count: str, left: int, width: int) -> None:
        theme = self.theme
        rect = self._mirrored(QRect(left, self._top(0) + theme.px(1), width, theme.px(16)))
        line = theme.colour("muted") if self.outlined else None
        paint_ground(self.painter, QRectF(rect), theme.colour("ok_bg"), line=line)
        self.painter.setFont(theme.face(11, tabular=True).font)
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
            subject(row),
            face=self.theme.face(13, 600 if row.unread else 400),
            colour="text",
        )

    def _snippet(self, row: ConversationRow) -> None:
        left = self.left
        if row.marks:
            self._found(row)
            return
        if row.draft_snippet:
            used = self._text(
                self._line(2, left, self.right),
                _("Draft"),
                face=self.theme.face(13, 600),
                colour="bad",
            )
            left += used + self.theme.px(5)
        self._text(
            self._line(2, left, self.right),
            row.draft_snippet or said(row.snippet),
            face=self.theme.face(13),
            colour="muted",
        )

    def _found(self, row: ConversationRow) -> None:
        """Draw the line that has what was searched for, and mark it."""
        from PySide6.QtGui import QTextCharFormat, QTextLayout  # no first frame has a search

        face, line = self.theme.face(13), self._mirrored(self._line(2, self.left, self.right))
        shown = face.metrics.elidedText(row.snippet, Qt.TextElideMode.ElideRight, line.width())
        look = QTextCharFormat()
        look.setBackground(self.theme.colour("warn_bg"))
        look.setForeground(self.theme.colour("text"))
        marks = []
        for start, end in row.marks:
            mark = QTextLayout.FormatRange()
            before, hit = utf16_length(shown[:start]), utf16_length(shown[start:end])
            mark.start, mark.length, mark.format = before, hit, look
            marks.append(mark)
        layout = QTextLayout(shown, face.font)
        layout.setFormats([mark for mark in marks if mark.length > 0])
        layout.beginLayout()
        laid = layout.createLine()
        laid.setLineWidth(line.width())
        layout.endLayout()
        self.painter.setPen(self.theme.colour("muted"))
        top = line.top() + (line.height() - laid.height()) / 2
        layout.draw(self.painter, QPointF(line.left(), top))

    def _marks(self, row: ConversationRow) -> int:
        """Draw the star and the clip of a row; return where the room beside them ends."""
        theme, right = self.theme, self.right
        shown = (("paperclip", "muted", row.has_attachment), ("star-filled", "warn", row.starred))
        for icon, colour, holds in shown:
            if holds:
                side = theme.px(13)
                place = self._mirrored(QRect(right - side, self._top(3) + theme.px(2), side, side))
                icons.paint(self.painter, QRectF(place), icon, theme.colour(colour))
                right -= side + theme.px(6)
        return right

    def _chips(self, chips: tuple[ChipStyle, ...], *, right: int) -> None:
        theme = self.theme
        left = self.left
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
                outlined=self.outlined,
            )
            left += round(width) + theme.px(6)

    def _more(self, count: int, left: int, right: int) -> None:
        self._text(
            self._line(3, left, right),
            f"+{count}",
            face=self.theme.face(11, tabular=True),
            colour="muted",
        )
