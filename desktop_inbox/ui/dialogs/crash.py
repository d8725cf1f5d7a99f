"""Tells about a fault of the program itself, with a report that can be read, copied and saved.

UI thread only.
"""

from __future__ import annotations

import platform
import traceback

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

import desktop_inbox
from desktop_inbox import log
from desktop_inbox.i18n import _
from desktop_inbox.ui.dialogs.report import ReportDialog


def report(error: BaseException) -> str:
    """Return what a developer needs: versions, the traceback, the last of the log."""
    return _with_surroundings("".join(traceback.format_exception(error)))


def _with_surroundings(trace: str) -> str:
    return log.for_others(
        "\n".join(
            (
                f"Desktop Inbox {desktop_inbox.__version__}",
                f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
                "",
                trace,
                *log.recent(),
            )
        )
    )


class CrashDialog(ReportDialog):
    """Shown once at a time; the program goes on behind it."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(
            title=_("A fault in Desktop Inbox"),
            heading=_("Something went wrong inside the program"),
            words=_(
                "Your mail is safe: everything that was stored stays stored. You can go on. "
                "The report below holds no passwords and no messages, and nothing is sent by "
                "itself: save it, and give it to whoever helps you."
            ),
            report=report(error),
            leave=_("Go on"),
            parent=parent,
        )


class Ended(ReportDialog):
    """After a start: what is known of how the program ended the last time."""

    def __init__(self, trace: str, parent: QWidget | None = None) -> None:
        super().__init__(
            title=_("A fault in Desktop Inbox"),
            heading=_("Desktop Inbox ended in the middle last time"),
            words=_(
                "A part of the program failed so badly that it could not go on. The report holds "
                "no passwords and no messages, and nothing is sent by itself: save it, and give "
                "it to whoever helps you."
            ),
            report=_with_surroundings(trace),
            leave=_("Close"),
            parent=parent,
        )
