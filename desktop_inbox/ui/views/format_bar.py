"""The buttons for the layout of what is written; folded away until somebody wants them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from desktop_inbox.domain.rich_text import Kind
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.actions import key_text
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import composer_keys
from desktop_inbox.ui.views.controls import icon_button
from desktop_inbox.ui.views.rich_commands import Look


class FormatBar(QWidget):
    """Shows how the text at the caret looks, and changes it."""

    wanted = Signal(str)  # see rich_commands.COMMANDS, and "link"

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        for group in (
            (
                ("bold", "bold", _("Bold")),
                ("italic", "italic", _("Italic")),
                ("underline", "underline", _("Underline")),
                ("link", "link", _("Link")),
            ),
            (
                ("bullets", "list", _("Bullets")),
                ("numbers", "list-ordered", _("Numbers")),
                ("quote", "text-quote", _("Quote")),
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
            "bold": look.bold,
            "italic": look.italic,
            "underline": look.underline,
            "link": bool(look.link),
            "bullets": look.kind is Kind.BULLET,
            "numbers": look.kind is Kind.NUMBER,
            "quote": look.quote,
        }
        for name, on in pressed.items():
            self._buttons[name].setChecked(on)

    def button(self, name: str) -> QToolButton:
        """The button of a command."""
        return self._buttons[name]

    def _button(self, name: str, icon: str, words: str) -> QToolButton:
        button = icon_button(self._theme, icon, words, parent=self)
        button.setIcon(icons.icon(self._theme, icon, colour="muted", checked="accent"))
        button.setToolTip(f"{words} ({key_text(composer_keys.usual_key(name))})")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.wanted.emit(name))
        self._buttons[name] = button
        return button
