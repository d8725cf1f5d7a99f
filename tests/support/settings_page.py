"""A page of the settings by itself, over a window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.settings_form import SettingsDesk
from desktop_inbox.ui.models.accounts import Accounts


def settings_desk(qtbot: QtBot, context: AppContext) -> SettingsDesk:
    """Return what a page is made with; its window is shown, and goes with the test."""
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    context.commands = Commands(context, window)
    return SettingsDesk(
        context=context,
        accounts=Accounts(context),
        window=window,
        dismiss=lambda: None,
        sign_in=lambda row: None,
    )
