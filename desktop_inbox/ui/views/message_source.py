"""Shows a message as it came over the wire, headers and all."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.dialog import Dialog
from desktop_inbox.ui.views.message_body import copy_text

_SHOWN = 2_000_000  # bytes; the saved .eml has all of it


class SourceDialog(Dialog):
    """The raw message in a fixed-width font."""

    def __init__(self, raw: bytes, *, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Source of {subject}").format(subject=visible(title) or "…"))
        self.resize(820, 620)
        text = raw[:_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n")
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setStyleSheet("font-family: monospace;")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(_("Source"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Copy"), clicked=lambda: copy_text(text)))
        self.default = button(_("Close"), kind="primary", clicked=self.accept)
        row.addWidget(self.default)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.text)
        column.addLayout(row)


def readable_json(raw: bytes) -> bytes:
    """What a service sent, with a line for each value; as it is where it is no JSON."""
    try:
        return json.dumps(json.loads(raw[:_SHOWN]), indent=2, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return raw
