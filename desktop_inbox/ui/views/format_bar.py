"""The buttons for the layout of what is written; folded away until somebody wants them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from desktop_inbox.domain.rich_text import Kind
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import Actions
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import icon_button
from desktop_inbox.ui.views.key_cap import follow_key, with_key
from desktop_inbox.ui.views.rich_commands import Look


class FormatBar(QWidget):
    """Shows how the text at the caret looks, and changes it."""

    wanted = Signal(str)  # an action

    def __init__(self, theme: Theme, *, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        for group in (
            (
                ("format.bold", "bold", _("Bold")),
                ("format.italic", "italic", _("Italic")),
                ("format.underline", "underline", _("Underline")),
                ("format.link", "link", _("Link")),
            ),
            (
                ("format.bullets", "list", _("Bullets")),
                ("format.numbers", "list-ordered", _("Numbers")),
                ("format.quote", "text-quote", _("Quote")),
            ),
        ):
            for name, icon, words in group:
                row.addWidget(self._button(name, icon, words))
            row.addSpacing(8)
        row.addStretch(1)
        self.setAccessibleName(_("Formatting"))
        self.hide()

    def show_look(self, look: Look) -> None:
        """Press the buttons of what holds at the caret."""
        pressed = {
            "format.bold": look.bold,
            "format.italic": look.italic,
            "format.underline": look.underline,
            "format.link": bool(look.link),
            "format.bullets": look.kind is Kind.BULLET,
            "format.numbers": look.kind is Kind.NUMBER,
            "format.quote": look.quote,
        }
        for name, on in pressed.items():
            self._buttons[name].setChecked(on)

    def button(self, name: str) -> QToolButton:
        """The button of an action."""
        return self._buttons[name]

    def _button(self, name: str, icon: str, words: str) -> QToolButton:
        button = icon_button(self._theme, icon, words, parent=self)
        button.setIcon(icons.icon(self._theme, icon, colour="muted", checked="accent"))
        follow_key(self._actions, name, button, lambda key: button.setToolTip(with_key(words, key)))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.wanted.emit(name))
        self._buttons[name] = button
        return button
