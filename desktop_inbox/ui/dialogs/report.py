"""A text for whoever helps: every line can be read, copied and saved; nothing is sent by itself.

UI thread only.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, button

_SIZE = (680, 460)


class ReportDialog(QDialog):
    """Shows a report under a heading and a sentence on what it is."""

    def __init__(
        self,
        *,
        title: str,
        heading: str,
        words: str,
        report: str,
        leave: str,
        parent: QWidget | None = None,
    ) -> None:
        """`leave` is what the button says that takes it away."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(*_SIZE)
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(_("Report"))
        self._said = PlainLabel(kind="small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(button(_("Copy report"), clicked=self._copy))
        row.addWidget(button(_("Save report…"), clicked=self._ask_where))
        row.addWidget(self._said, 1)
        self.go_on = button(leave, kind="primary", clicked=self.accept)
        self.go_on.setDefault(True)
        row.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel(heading, kind="title"))
        column.addWidget(PlainLabel(words, kind="muted", wrap=True))
        column.addWidget(self.text, 1)
        column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._say(_("Copied"))

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = f"desktop-inbox-report-{datetime.now().astimezone():%Y-%m-%d-%H%M}.txt"
        dialog = QFileDialog(self, _("Save report"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Text files") + " (*.txt)")
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(str(Path(folder) / name))
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, name: str) -> None:
        """Write exactly what is shown."""
        try:
            Path(name).write_text(self.text.toPlainText() + "\n", encoding="utf-8")
        except OSError as error:
            words = _("{path} could not be written: {why}")
            self._say(words.format(path=name, why=error.strerror or error))
        else:
            self._say(_("Saved to {path}").format(path=name))

    def _say(self, words: str) -> None:
        self._said.setText(words)
        announce(self, words)
