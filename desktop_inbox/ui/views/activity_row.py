"""How an action is drawn: what was done, where, and when. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_inbox.i18n import _
from desktop_inbox.store.activity import ActivityRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.models.activity import ActivityModel
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import activity_words
from desktop_inbox.ui.views.formats import moment

HEIGHT = 48
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class ActivityDelegate(QStyledItemDelegate):
    """Two lines: the deed, and below it the conversation or customer it was done to."""

    def __init__(self, theme: Theme, model: ActivityModel, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, self._theme.px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, row = self._theme, index.data(RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_bg"))
            painter.drawRoundedRect(option.rect.adjusted(6, 1, -6, -1), 7, 7)
        if isinstance(row, ActivityRow):
            self._paint_row(painter, option.rect, row)
        painter.restore()

    def _paint_row(self, painter: QPainter, rect: QRect, row: ActivityRow) -> None:
        theme, px = self._theme, self._theme.px
        inside = rect.adjusted(px(20), px(5), -px(20), -px(5))
        half = inside.height() // 2
        where = activity_words.about(row)
        if not where and not row.undone:
            inside.translate(0, half // 2)  # one line stands in the middle
        upper = QRect(inside.left(), inside.top(), inside.width(), half)
        lower = QRect(inside.left(), inside.top() + half, inside.width(), half)
        small, font = theme.font(11.5), theme.font(13, 500)
        font.setStrikeOut(row.undone)
        aside = self._write(
            painter, upper, moment(row.at, now=utc_now()), font=small, colour="muted", right=True
        )
        room = upper.adjusted(0, 0, -aside - px(12), 0)
        colour = "muted" if row.undone else "text"
        self._write(painter, room, self._model.told(row), font=font, colour=colour)
        state = _("Taken back") if row.undone else ""
        aside = self._write(painter, lower, state, font=small, colour="muted", right=True)
        room = lower.adjusted(0, 0, -aside - px(12), 0)
        self._write(painter, room, where, font=small, colour="muted")

    def _write(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        *,
        font: QFont,
        colour: str,
        right: bool = False,
    ) -> int:
        """Write a line that gives way, and return how wide it is."""
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(self._theme.colour(colour))
        painter.drawText(rect, _RIGHT if right else _LEFT, shown)
        return metrics.horizontalAdvance(shown)
