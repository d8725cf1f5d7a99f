"""What people think of a message, under it: a pill for each sign, with how many and who.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import ReactionRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.flow import FlowLayout

REACT = "react"  # begins the name of a wish to give a sign, or to take it back: "react:👍"
_GAP = 4
_PAD = 8
_HEIGHT = 24
_LONGEST = 12  # characters of a sign; a name between colons may be longer


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign and who gave it."""

    emoji: str
    names: tuple[str, ...]
    ours: bool


def signs(reactions: Sequence[ReactionRow]) -> list[Sign]:
    """What everybody thinks, by sign, in the order the signs first came."""
    names: dict[str, list[str]] = {}
    ours: set[str] = set()
    for one in reactions:
        for emoji in dict.fromkeys(one.emojis):
            names.setdefault(emoji, []).append(_("You") if one.ours else visible(one.name))
            if one.ours:
                ours.add(emoji)
    return [Sign(emoji, tuple(who), emoji in ours) for emoji, who in names.items()]


class Reactions(QWidget):
    """The pills of one message; hidden while there is none."""

    acted = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._flow = FlowLayout(spacing=_GAP, parent=self)
        self.pills: list[SignPill] = []
        self.hide()

    def show_reactions(self, reactions: Sequence[ReactionRow], *, may: bool) -> None:
        """Show these; `may` says whether a press gives the same sign, or takes ours back."""
        found = signs(reactions)
        if [(pill.sign, pill.isEnabled()) for pill in self.pills] == [(s, may) for s in found]:
            return
        for pill in self.pills:
            self._flow.removeWidget(pill)
            pill.hide()
            pill.deleteLater()
        self.pills = [SignPill(sign, theme=self._theme, parent=self) for sign in found]
        for pill in self.pills:
            self._flow.addWidget(pill)
            pill.setEnabled(may)
            pill.clicked.connect(
                lambda _checked=False, emoji=pill.sign.emoji: self.acted.emit(f"{REACT}:{emoji}")
            )
            pill.show()
        self.setVisible(bool(self.pills))

    def measure(self, width: int) -> QSize:
        """The size they take where they may be `width` wide."""
        wanted = min(self._flow.sizeHint().width(), width)
        return QSize(wanted, self._flow.heightForWidth(wanted))


class SignPill(QAbstractButton):
    """One sign, with how many gave it; its tooltip says who."""

    def __init__(self, sign: Sign, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.sign = sign
        self._theme = theme
        who = ", ".join(sign.names)
        self.setAccessibleName(_("{sign} from {names}").format(sign=sign.emoji, names=who))
        self.setToolTip(tooltip(who))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def text_shown(self) -> str:
        """The sign, and how many gave it where it is not one alone."""
        sign = visible(self.sign.emoji)[:_LONGEST]
        count = len(self.sign.names)
        return f"{sign} {count}" if count > 1 else sign

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self._theme.font(12)).horizontalAdvance(self.text_shown)
        return QSize(width + 2 * _PAD + 2, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, ours = self._theme, self.sign.ours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent" if ours or self.hasFocus() else "line"))
        painter.setBrush(theme.colour("accent_bg" if ours else "panel"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text_shown)
        painter.end()
