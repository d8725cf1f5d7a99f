"""The servers of an e-mail account, entered by hand. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.dialogs.setup_parts import add_line, entry, form
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel

_SECURITY = (("tls", N_("TLS")), ("starttls", N_("STARTTLS")), ("none", N_("None (this computer)")))


class ManualServers(QWidget):
    """Receiving, sending and the user name."""

    edited = Signal()
    entered = Signal()  # Return was pressed

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        inside, grid = form()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(inside)
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        for side, words in (("imap", _("Receiving (IMAP)")), ("smtp", _("Sending (SMTP)"))):
            host, port, security = entry(_("Server")), entry(_("Port")), QComboBox()
            port.setMaximumWidth(theme.px(80))
            security.setAccessibleName(_("Security"))
            for value, title in _SECURITY:
                security.addItem(_(title), value)
            together = QHBoxLayout()
            together.setContentsMargins(0, 0, 0, 0)
            together.setSpacing(8)
            together.addWidget(host, 1)
            for name, field in (("host", host), ("port", port), ("security", security)):
                self.fields[f"{side}_{name}"] = field
                if field is not host:
                    together.addWidget(field)
            line = grid.rowCount()
            grid.addWidget(PlainLabel(words), line, 0)
            grid.addLayout(together, line, 1)
        username = entry(_("User name"))
        username.setPlaceholderText(_("The e-mail address"))
        self.fields["username"] = username
        add_line(grid, _("User name"), username)
        for field in self.fields.values():
            if isinstance(field, QLineEdit):
                field.textEdited.connect(self.edited)
                field.returnPressed.connect(self.entered)
            else:
                field.activated.connect(self.edited)

    def fill(self, settings: Mapping[str, str]) -> None:
        """Show what was found, or is known."""
        for name, field in self.fields.items():
            value = settings.get(name, "")
            if isinstance(field, QComboBox):
                field.setCurrentIndex(max(0, field.findData(value or "tls")))
            else:
                field.setText(value)

    def settings(self) -> dict[str, str]:
        """Return what is entered, by the names of the account's fields."""
        return {
            name: str(field.currentData()) if isinstance(field, QComboBox) else field.text().strip()
            for name, field in self.fields.items()
        }
