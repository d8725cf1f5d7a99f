"""What closing the window means: the program ends, or goes on in the tray. UI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.tray import Tray


class Closing(QObject):
    """Decides what a person's close means, and asks once where both are possible."""

    def __init__(
        self, context: AppContext, window: QWidget, tray: Tray, *, leave: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._tray = tray
        self._leave = leave
        self.box: QMessageBox | None = None

    def holds_back(self) -> bool:
        """Tell whether the window, just closed by a person, does not end the program now.

        Without a tray nothing could bring it back, and the end of a session waits for nobody.
        """
        application = QGuiApplication.instance()
        ending = isinstance(application, QGuiApplication) and application.isSavingSession()
        settings = self._context.settings
        if ending or not self._tray.is_there:
            return False
        if not settings.close_explained:
            self._ask()
            return True
        if settings.close_to_tray:
            self._window.hide()
        return settings.close_to_tray

    def _ask(self) -> None:
        if self.box is not None:
            return
        box = self.box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(_("Close the window"))
        box.setText(_("Closing the window quits Desktop Inbox."))
        box.setInformativeText(
            _(
                "Then no mail comes in and nothing is sent until it is started again. It can also "
                "go on in the tray, where its icon brings the window back. The settings keep what "
                "you choose, under Notifications."
            )
        )
        leave = box.addButton(_("Quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(_("Go on in the tray"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(leave)
        box.finished.connect(self._forget)
        box.buttonClicked.connect(
            lambda pressed: (
                self._choose(to_tray=pressed is stay) if pressed in (leave, stay) else None
            )
        )
        box.open()

    def _choose(self, *, to_tray: bool) -> None:
        settings = self._context.settings
        settings.close_explained = True
        settings.close_to_tray = to_tray
        if to_tray:
            self._window.hide()
        else:
            self._leave()

    def _forget(self) -> None:
        self.box = None
