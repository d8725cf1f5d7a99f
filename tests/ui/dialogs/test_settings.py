"""The settings: what they show of the channels and the copies, and where they lead."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store import backup, suppression
from desktop_inbox.store.database import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_settings import AccountSettings
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.formats import clock
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


def words_of(widget: QWidget) -> set[str]:
    return {one.text() for one in widget.findChildren(QPushButton)}


def press(widget: QWidget, words: str) -> None:
    found = [one for one in widget.findChildren(QPushButton) if one.text() == words]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("paused", [False, True])
async def test_editing_a_channel_opens_all_its_settings(
    dialog: SettingsDialog, context: AppContext, paused: bool
) -> None:
    if paused:
        press(dialog, "Pause")
        await until(lambda: words_of(dialog) >= {"Resume"})
    window = dialog.parentWidget()
    assert window is not None
    dialog.open_page(2)
    press(dialog, "Edit")
    (card,) = window.findChildren(AccountSettings)
    assert card.isVisible()
    assert not dialog.isVisible()


async def test_the_last_copy_is_named_and_copies_can_be_switched_off(
    qtbot: QtBot, context: AppContext
) -> None:
    taken = backup.take(context.workspace.db.path, now=utc_now())
    window = QWidget()
    qtbot.addWidget(window)
    dialog = SettingsDialog(context, Accounts(context), window, sign_in=lambda row: None)
    dialog.open()
    await until(lambda: "The last one" in dialog._last_copy.text())
    assert clock(taken.at) in dialog._last_copy.text()
    (box,) = [
        one
        for one in dialog.findChildren(QCheckBox)
        if one.accessibleName() == "Keep daily copies of the workspace"
    ]
    assert box.isChecked()
    box.click()
    assert context.settings.daily_backup is False


async def test_a_backup_can_be_asked_for(dialog: SettingsDialog, context: AppContext) -> None:
    asked: list[bool] = []
    context.actions.on("backup", lambda: asked.append(True))
    await until(lambda: dialog._last_copy.text() == "There is none yet.")
    press(dialog, "Back up now…")
    assert asked == [True]


async def test_answers_that_were_left_off_are_let_go_on_there(
    dialog: SettingsDialog, context: AppContext
) -> None:
    assert not dialog._resume.isEnabled()
    await context.write(suppression.stop)
    await context.write(suppression.leave_off)
    dialog.open()
    await until(dialog._resume.isEnabled)
    assert "Stopped since" in dialog._stopped.text()
    press(dialog, "Let them leave again")
    await until(lambda: context.workspace.db.read(suppression.stopped_at).result() is None)
    assert not dialog._resume.isEnabled()
