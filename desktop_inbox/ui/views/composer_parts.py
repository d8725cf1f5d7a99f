"""The sheet a composer is written on, and the question strip above its send button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.flow import FlowLayout


class Card(QWidget):
    """The rounded sheet the composer is written on; yellow for notes."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._note = False
        self._focused = False

    def set_focused(self, focused: bool) -> None:
        self._focused = focused
        self.update()

    def set_note(self, *, note: bool) -> None:
        self._note = note
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = "accent" if self._focused else "note_line" if self._note else "line"
        painter.setPen(theme.colour(border))
        painter.setBrush(theme.colour("note" if self._note else "panel"))
        radius = SIZES.radius_large
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class QuestionStrip(QFrame):
    """A question or a refusal above the send button; it does not take the focus by force."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = PlainLabel(wrap=True)
        self._buttons = FlowLayout(spacing=6)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.changed.connect(self._restyle)
        self._tone = "warn"
        self.hide()

    @property
    def text(self) -> str:
        """What it says; '' while it says nothing."""
        return "" if self.isHidden() else self._text.text()

    def ask(
        self, text: str, *actions: tuple[str, Callable[[], object]], tone: str = "warn"
    ) -> None:
        """Say something and offer answers; the first is the likely one."""
        self._clear_buttons()
        self._tone = tone
        self._text.setText(text)
        for words, act in actions:
            self._buttons.addWidget(button(words, clicked=act))
        self._restyle()
        self.setAccessibleName(text)
        self.show()
        announce(self, text)

    def buttons(self) -> list[QWidget]:
        """The answers it offers."""
        found = (self._buttons.itemAt(i) for i in range(self._buttons.count()))
        return [w for item in found if item is not None and (w := item.widget()) is not None]

    def dismiss(self) -> None:
        """Say nothing any more."""
        self.hide()
        self._clear_buttons()

    def _clear_buttons(self) -> None:
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        colours = {
            "warn": (tokens.warn_bg, tokens.warn),
            "bad": (tokens.bad_bg, tokens.bad),
            "plain": (tokens.ok_bg, tokens.text),
        }
        background, ink = colours[self._tone]
        self.setStyleSheet(f"QuestionStrip {{ background: {background}; border-radius: 8px; }}")
        self._text.setStyleSheet(f"color: {ink};")
