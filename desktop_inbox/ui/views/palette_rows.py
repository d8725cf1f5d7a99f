"""How a line of a finder looks: an icon, the words, and its key or what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme

ROW = 38
EntryRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a finder."""

    text: str
    run: Callable[[], object]
    detail: str = ""
    icon: str = ""
    key: str = ""


class PaletteDelegate(QStyledItemDelegate):
    """Paints an `Entry`."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, self._theme.px(ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, entry = self._theme, index.data(EntryRole)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_bg"))
            painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 7, 7)
        side = theme.px(16)
        place = QRect(rect.left() + theme.px(16), rect.center().y() - side // 2 + 1, side, side)
        if entry.icon:
            icons.paint(painter, QRectF(place), entry.icon, theme.colour("muted"))
        right = rect.right() - theme.px(16)
        small = theme.font(11.5)
        aside = entry.key or entry.detail
        aside_width = min(QFontMetrics(small).horizontalAdvance(aside) + 2, rect.width() // 2)
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            QRect(right - aside_width, rect.top(), aside_width, rect.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            QFontMetrics(small).elidedText(aside, Qt.TextElideMode.ElideRight, aside_width),
        )
        left = place.right() + theme.px(12)
        text_rect = QRect(left, rect.top(), right - aside_width - 12 - left, rect.height())
        font = theme.font(13)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(
            text_rect,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            QFontMetrics(font).elidedText(
                entry.text, Qt.TextElideMode.ElideRight, text_rect.width()
            ),
        )
        painter.restore()
