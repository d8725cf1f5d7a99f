"""Tells about a fault of the program itself, with a report that can be read and copied.

UI thread only.
"""

from __future__ import annotations

import platform
import traceback

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

import desktop_inbox
from desktop_inbox import log
from desktop_inbox.i18n import _
from desktop_inbox.ui.views.controls import PlainLabel, button


def report(error: BaseException) -> str:
    """Return what a developer needs: versions, the traceback, the last of the log."""
    trace = "".join(traceback.format_exception(error))
    return "\n".join(
        (
            f"Desktop Inbox {desktop_inbox.__version__}",
            f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
            "",
            log.redact(trace),
            *log.recent(),
        )
    )


class CrashDialog(QDialog):
    """Shown once at a time; the program goes on behind it."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("A fault in Desktop Inbox"))
        self.resize(640, 420)
        self._report = QPlainTextEdit(report(error))
        self._report.setReadOnly(True)
        self._report.setAccessibleName(_("Report"))
        row = QHBoxLayout()
        row.addWidget(button(_("Copy report"), clicked=self._copy))
        row.addStretch(1)
        go_on = button(_("Go on"), kind="primary", clicked=self.accept)
        go_on.setDefault(True)
        row.addWidget(go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel(_("Something went wrong inside the program"), kind="title"))
        column.addWidget(
            PlainLabel(
                _(
                    "Your mail is safe: everything that was stored stays stored. You can go on. "
                    "The report below holds no passwords and no messages."
                ),
                kind="muted",
                wrap=True,
            )
        )
        column.addWidget(self._report, 1)
        column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
