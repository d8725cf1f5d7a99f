"""The message that another one answers, in short above it; a press goes there. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views.controls import tooltip

_BAR = 3
_PAD = 9


class QuotedMessage(QAbstractButton):
    """Who said what; '' where the answered message is not here."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.target: int | None = None  # the message a press goes to
        self.author = ""
        self.said = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    def show_answered(self, answered: MessageRow | None, *, missing: bool, me: str) -> None:
        """Show the message that is answered; `missing` where there is one that is not here."""
        self.target = answered.id if answered is not None else None
        if answered is not None:
            self.author = words.author(answered, me=me)
            self.said = " ".join(visible(answered.snippet).split())
        else:
            self.author, self.said = "", _("Answers a message that is not here")
        self.setEnabled(answered is not None)
        shape = Qt.CursorShape.PointingHandCursor if answered else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        told = _("Answers {author}: {said}").format(author=self.author, said=self.said)
        self.setAccessibleName(told if answered is not None else self.said)
        self.setToolTip(tooltip(self.said))
        self.setVisible(answered is not None or missing)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        name, said = self._metrics()
        width = max(name.horizontalAdvance(self.author), said.horizontalAdvance(self.said))
        height = said.height() + (name.height() if self.author else 0)
        return QSize(_BAR + 2 * _PAD + width + 2, height + 8)

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        return QFontMetrics(self._theme.font(11.5, 600)), QFontMetrics(self._theme.font(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent" if self.hasFocus() else "line"))
        painter.setBrush(theme.colour("hover" if self.underMouse() and self.target else "bg"))
        painter.drawRoundedRect(rect, 6, 6)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        bar = QRectF(
            rect.right() - _BAR if mirrored else rect.left(), rect.top(), _BAR, rect.height()
        )
        painter.fillRect(bar, theme.colour("accent"))
        name, said = self._metrics()
        room = self.width() - _BAR - 2 * _PAD
        left = _PAD if mirrored else _BAR + _PAD
        place = QRectF(left, 4, room, name.height() if self.author else 0)
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideRight
        if self.author:
            painter.setFont(theme.font(11.5, 600))
            painter.setPen(theme.colour("accent"))
            painter.drawText(place, start, name.elidedText(self.author, elide, room))
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("muted"))
        below = QRectF(left, place.bottom(), room, said.height())
        painter.drawText(below, start, said.elidedText(self.said, elide, room))
        painter.end()
