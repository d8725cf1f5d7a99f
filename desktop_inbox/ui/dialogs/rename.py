"""Asks what a conversation is to be called. UI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.dialog import Dialog

_LONGEST = 500  # characters; no list shows more


class RenameDialog(Dialog):
    """Shows the subject to be typed over; `renamed` gets the new one."""

    def __init__(self, subject: str, renamed: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._subject = subject
        self._renamed = renamed
        self.setWindowTitle(_("Change the subject"))
        self.setMinimumWidth(460)
        self.field = QLineEdit(subject)
        self.field.setMaxLength(_LONGEST)
        self.field.setAccessibleName(_("Subject"))
        self.field.selectAll()
        self.save = button(_("Save"), kind="primary", clicked=self._save)
        self.default = self.save
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), kind="ghost", clicked=self.reject))
        row.addWidget(self.save)
        words = _("Only you see it. Your answers keep the subject of the message they answer.")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(PlainLabel(_("Change the subject"), kind="title"))
        column.addWidget(PlainLabel(words, kind="muted", wrap=True))
        column.addWidget(self.field)
        column.addLayout(row)
        self.field.textChanged.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        typed = self.field.text().strip()
        self.save.setEnabled(bool(typed) and typed != self._subject)

    def _save(self) -> None:
        self._renamed(self.field.text().strip())
        self.accept()
