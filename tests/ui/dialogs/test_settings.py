"""The settings: what they show of the channels and the copies, and where they lead."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_settings import AccountSettings
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.models.accounts import Accounts
from tests.support import builders
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def dialog(qtbot: QtBot, context: AppContext) -> AsyncIterator[SettingsDialog]:
    """The settings over a window, with one account."""
    await context.write(builders.account)
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    accounts = Accounts(context)
    accounts.reload()
    await until(lambda: accounts.known)
    dialog = SettingsDialog(context, accounts, window, sign_in=lambda row: None)
    dialog.open()
    yield dialog


def press(widget: QWidget, words: str) -> None:
    found = [one for one in widget.findChildren(QPushButton) if one.text() == words]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


async def test_editing_a_channel_opens_all_its_settings(dialog: SettingsDialog) -> None:
    window = dialog.parentWidget()
    dialog.open_page(2)
    press(dialog, "Edit")
    (card,) = window.findChildren(AccountSettings)
    assert card.isVisible()
    assert not dialog.isVisible()
