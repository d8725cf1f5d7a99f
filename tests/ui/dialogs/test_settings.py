"""The settings: what they show of the channels and the copies, and where they lead."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_inbox.store import backup, suppression
from desktop_inbox.store.database import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_settings import AccountSettings
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.dialogs.settings_advanced import AdvancedPage
from desktop_inbox.ui.dialogs.settings_form import FoundLabel
from desktop_inbox.ui.dialogs.settings_safety import BackupPage
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
    await until(lambda: not context.tasks._running)  # every page has read what it shows
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
        press(dialog.page("channels"), "Pause")
        await until(lambda: words_of(dialog) >= {"Resume"})
    window = dialog.parentWidget()
    assert window is not None
    dialog.open("channels")
    press(dialog.page("channels"), "Edit")
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
    copies = dialog.page("backup")
    assert isinstance(copies, BackupPage)
    await until(lambda: "The last one" in copies.last_copy.text())
    assert clock(taken.at) in copies.last_copy.text()
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
    copies = dialog.page("backup")
    assert isinstance(copies, BackupPage)
    await until(lambda: copies.last_copy.text() == "There is none yet.")
    press(dialog, "Back up now…")
    assert asked == [True]


async def test_answers_that_were_left_off_are_let_go_on_there(
    dialog: SettingsDialog, context: AppContext
) -> None:
    page = dialog.page("advanced")
    assert isinstance(page, AdvancedPage)
    assert not page.resume.isEnabled()
    await context.write(suppression.stop)
    await context.write(suppression.leave_off)
    dialog.open()
    await until(page.resume.isEnabled)
    assert "Stopped since" in page.stopped.text()
    press(dialog, "Let them leave again")
    await until(lambda: context.workspace.db.read(suppression.stopped_at).result() is None)
    assert not page.resume.isEnabled()


def shown_rows(dialog: SettingsDialog) -> set[str]:
    """The titles that are seen on the page that is shown."""
    page = dialog.pages[dialog.shown_page]
    labels = page.findChildren(FoundLabel)
    return {_plain(one) for one in labels if one.isVisible() and one.buddy() is not None}


def _plain(label: FoundLabel) -> str:
    return label._plain


def tabs(dialog: SettingsDialog) -> list[str]:
    return [one.text() for one in dialog._group.buttons() if one.isVisible()]


@pytest.mark.parametrize(
    ("typed", "page", "row"),
    [
        ("language", "appearance", "Language"),
        ("türkçe", "appearance", "Language"),  # a choice is found, accents or not
        ("turkce", "appearance", "Language"),
        ("undo send", "work", "Undo send within"),
        ("SEND UNDO", "work", "Undo send within"),
        ("another disk", "backup", "A backup in one file"),  # the note is found as well
    ],
)
async def test_a_setting_is_found_by_its_words(
    dialog: SettingsDialog, typed: str, page: str, row: str
) -> None:
    dialog.search.setText(typed)
    assert type(dialog.pages[dialog.shown_page]).id == page
    assert shown_rows(dialog) >= {row}
    assert len(tabs(dialog)) < len(dialog.pages)
    marked = [
        one for one in dialog.pages[dialog.shown_page].findChildren(FoundLabel)
        if one.isVisible() and "background-color" in one.text()
    ]  # fmt: skip
    assert marked or typed in {"türkçe", "turkce"}


async def test_a_page_that_is_called_so_comes_first_and_the_card_keeps_its_place(
    dialog: SettingsDialog,
) -> None:
    before = dialog.card.geometry()
    dialog.search.setText("hours")  # the first page has a note about them
    assert type(dialog.pages[dialog.shown_page]).id == "business-hours"
    await until(lambda: len(tabs(dialog)) < len(dialog.pages))
    QApplication.sendPostedEvents()
    assert dialog.card.geometry() == before


async def test_words_that_no_setting_has_are_said_to_be_none_and_escape_shows_all_again(
    dialog: SettingsDialog,
) -> None:
    every = tabs(dialog)
    QTest.keyClicks(dialog.search, "xyzzy")
    assert dialog._nothing.text() == "No setting has these words."
    assert tabs(dialog) == every
    QTest.keyClick(dialog.search, Qt.Key.Key_Escape)
    assert dialog.search.text() == ""
    assert dialog.isVisible()
    assert dialog._nothing.isHidden()


async def test_a_page_can_be_asked_for_by_name(dialog: SettingsDialog) -> None:
    dialog.open("privacy")
    assert type(dialog.pages[dialog.shown_page]).id == "privacy"


async def test_words_looked_for_are_never_read_as_html(dialog: SettingsDialog) -> None:
    label = FoundLabel(dialog._context.theme, "a <b>bold</b> & word")
    label.mark(("bold", "old", "word"))
    assert "&lt;b&gt;" in label.text()
    assert "<b>" not in label.text()
    label.mark(())
    assert label.text() == "a <b>bold</b> & word"


async def test_another_language_is_offered_at_once(
    dialog: SettingsDialog, context: AppContext
) -> None:
    asked: list[bool] = []
    context.restart_requested.connect(lambda: asked.append(True))
    page = dialog.page("appearance")
    again = next(b for b in page.findChildren(QPushButton) if b.text() == "Start again now")
    assert not again.isEnabled()
    box = next(b for b in page.findChildren(QComboBox) if b.accessibleName() == "Language")
    box.setCurrentIndex(box.findData("tr"))
    box.activated.emit(box.currentIndex())
    assert context.settings.language == "tr"
    again.click()
    assert asked == [True]
    assert not dialog.isVisible()


async def test_a_sender_whose_pictures_are_shown_can_be_forgotten(
    qtbot: QtBot, context: AppContext
) -> None:
    context.settings.picture_senders = ["elif@shop.example", "news@shop.example"]
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = SettingsDialog(context, Accounts(context), window, sign_in=lambda row: None)
    dialog.open("privacy")
    await until(lambda: not context.tasks._running)
    (cross,) = [
        one
        for one in dialog.page("privacy").findChildren(QToolButton)
        if "elif@shop.example" in one.accessibleName()
    ]
    cross.click()
    assert context.settings.picture_senders == ["news@shop.example"]


async def test_what_the_program_is_called_at_google_is_kept_and_its_secret_with_the_passwords(
    dialog: SettingsDialog, context: AppContext
) -> None:
    page = dialog.page("advanced")
    fields = {one.accessibleName(): one for one in page.findChildren(QLineEdit)}
    fields["Client id at Google"].setText(" 123.apps.googleusercontent.com ")
    fields["Client secret at Google"].setText("marker-secret")
    dialog.dismiss()
    await until(lambda: context.secrets.get("oauth-client:google") == "marker-secret")
    fields["Client id at Google"].editingFinished.emit()
    assert context.settings.google_client_id == "123.apps.googleusercontent.com"
    assert "marker-secret" not in str(context.settings.values)


async def test_what_the_business_is_called_is_kept_when_the_settings_are_left(
    dialog: SettingsDialog, context: AppContext
) -> None:
    (field,) = [
        one
        for one in dialog.page("you").findChildren(QLineEdit)
        if one.accessibleName() == "Name of the business"
    ]
    QTest.keyClicks(field, "Kaya Ceramics")
    dialog.dismiss()
    await until(lambda: dialog.pages[0].desk.accounts.business == "Kaya Ceramics")
