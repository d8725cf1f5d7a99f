"""Up to three answers that might fit, one click away below the text. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.suggestions import Suggestion
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import IconMark, tooltip

_HEIGHT = 24
_PAD = 8
_LEAST, _MOST = 60, 240  # pixels of a chip
_SHOWN = 60  # characters of an answer given before


class SuggestionChip(QAbstractButton):
    """One answer, in a dashed frame; gives way where there is no room."""

    def __init__(self, theme: Theme, suggestion: Suggestion, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.suggestion = suggestion
        self.setText(_words(suggestion))
        self.setToolTip(tooltip(suggestion.text))
        self.setAccessibleName(_("Insert {answer}").format(answer=self.text()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        width = QFontMetrics(self._theme.font(12)).horizontalAdvance(self.text()) + 2 * px(_PAD)
        return QSize(min(width + 2, px(_MOST)), px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(_LEAST), self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = theme.colour("accent" if self.hasFocus() else "line")
        painter.setPen(QPen(frame, 1, Qt.PenStyle.DashLine))
        painter.setBrush(theme.colour("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, 6, 6)
        font = theme.font(12)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        inner = rect.adjusted(theme.px(_PAD), 0, -theme.px(_PAD), 0)
        line = QFontMetrics(font).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, round(inner.width()) + 1
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, line)
        painter.end()


class SuggestionRow(QWidget):
    """The chips in one line; not there while there are none."""

    chosen = Signal(object)  # Suggestion

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips: list[SuggestionChip] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 2, 14, 4)
        self._row.setSpacing(6)
        self._row.addWidget(IconMark(theme, "sparkles", size=14))
        self._row.addStretch(1)
        self.setAccessibleName(_("Suggestions"))
        self.hide()

    def show_suggestions(self, found: Sequence[Suggestion]) -> None:
        """Offer these instead of what was offered."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [SuggestionChip(self._theme, one, parent=self) for one in found]
        for place, chip in enumerate(self._chips, start=1):
            chip.clicked.connect(lambda _checked=False, one=chip.suggestion: self.chosen.emit(one))
            self._row.insertWidget(place, chip)
        self.setVisible(bool(found))

    def suggestions(self) -> list[Suggestion]:
        """What is offered."""
        return [chip.suggestion for chip in self._chips]

    def chips(self) -> list[SuggestionChip]:
        return list(self._chips)


def _words(suggestion: Suggestion) -> str:
    row = suggestion.canned
    if row is not None:
        return f"/{row.shortcut} {visible(row.title)}"
    return _("“{text}”").format(text=visible(suggestion.text)[:_SHOWN])
