"""Changing a channel after it was added: kept at once or tried first, errors at their fields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.services import accounts as service
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.credentials import config_of
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.account_fields import DayEdit
from desktop_inbox.ui.dialogs.account_settings import AccountSettings
from tests.support.dovecot import Mailbox
from tests.support.mail_accounts import PASSWORD
from tests.support.ports import free_ports
from tests.support.qt_waits import until
from tests.support.smtp_server import SmtpServer

Opened = Callable[..., Awaitable[AccountSettings]]


@pytest_asyncio.fixture
async def opened(qtbot: QtBot, context: AppContext) -> AsyncIterator[Opened]:
    """Open the settings of a new account over a window."""
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()

    async def open_(password: str = "hunter2", **settings: object) -> AccountSettings:
        values = {
            "address": "shop@example.com",
            "imap_host": "imap.example.com",
            "smtp_host": "smtp.example.com",
            **settings,
        }
        await service.add(
            context.workspace,
            context.secrets,
            kind="email",
            settings=values,
            secret_values={"password": password},
            really_check=False,
        )
        card = AccountSettings(context, await stored(context), window)
        card.open()
        return card

    yield open_


async def stored(context: AppContext) -> AccountRow:
    (row,) = await context.read(accounts.list_all)
    return row


def enter(card: AccountSettings, name: str, value: str) -> None:
    match card.rows[name].editor:
        case QComboBox() as box:
            box.setCurrentIndex(box.findData(value))
        case QCheckBox() as box:
            box.setChecked(value == "yes")
        case QSpinBox() as box:
            box.setValue(int(value))
        case QPlainTextEdit() as text:
            text.setPlainText(value)
        case DayEdit() as day:
            day.set_text(value)
        case QLineEdit() as line:
            line.clear()
            QTest.keyClicks(line, value)


def press_save(card: AccountSettings) -> None:
    QTest.mouseClick(card._save, Qt.MouseButton.LeftButton)


async def test_what_a_connector_declares_can_be_changed_except_the_address(
    opened: Opened,
) -> None:
    card = await opened()
    assert set(card.rows) >= {
        "name", "password", "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port",
        "smtp_security", "sent_copy", "since", "mark_read", "on_close", "deleted_elsewhere",
        "idle_minutes", "joining", "same_subject_days", "reply_token", "subject_token",
        "server_drafts", "auto_answer", "auto_answer_text", "auto_answer_until",
    }  # fmt: skip
    assert "address" not in card.rows
    assert not card.is_edited
    assert not card._save.isEnabled()


async def test_every_kind_of_field_is_kept_without_asking_a_server(
    opened: Opened, context: AppContext
) -> None:
    card = await opened()
    said: list[Notice] = []
    context.notice.connect(said.append)
    entered = {
        "name": "Kaya Ceramics",
        "mark_read": "close",
        "server_drafts": "yes",
        "same_subject_days": "14",
        "since": "2026-01-02",
        "auto_answer": "away",
        "auto_answer_text": "Back on Monday.",
        "auto_answer_until": "2026-12-31",
    }
    for name, value in entered.items():
        enter(card, name, value)
    press_save(card)
    await until(lambda: said)
    assert not card.isVisible()
    settings = (await stored(context)).settings
    assert {name: settings[name] for name in entered} == entered


async def test_an_answer_without_a_text_is_said_at_the_text(
    opened: Opened, context: AppContext
) -> None:
    card = await opened()
    enter(card, "auto_answer", "new")
    press_save(card)
    await until(lambda: card.rows["auto_answer_text"].wrong)
    assert card._pages.currentIndex() == 3
    assert "auto_answer" not in (await stored(context)).settings
    enter(card, "auto_answer_text", "Thank you.")
    assert card.rows["auto_answer_text"].wrong == ""


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("smtp_port", "70000", "“SMTP port” cannot be 70000."), ("imap_host", " ", "“IMAP server”")],
)
async def test_what_cannot_be_is_said_at_its_field(
    opened: Opened, context: AppContext, name: str, value: str, words: str
) -> None:
    card = await opened()
    enter(card, name, value)
    press_save(card)
    await until(lambda: card.rows[name].wrong)
    assert words in card.rows[name].wrong
    assert card.rows[name].editor.property("invalid") == "true"
    assert card._save.isEnabled()


async def test_a_server_that_does_not_answer_is_said_at_the_server(
    opened: Opened, context: AppContext, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    (nobody,) = free_ports(1)
    card = await opened(PASSWORD, **working(mailbox, smtp_server))
    enter(card, "smtp_port", str(nobody))
    press_save(card)
    await until(lambda: card.rows["smtp_host"].wrong)
    assert f"127.0.0.1:{nobody}" in card.rows["smtp_host"].wrong
    assert (await stored(context)).settings["smtp_port"] == str(smtp_server.plain_port)


async def test_a_new_password_is_tried_and_said_to_be_wrong_at_the_password(
    opened: Opened, context: AppContext, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    card = await opened("old", **working(mailbox, smtp_server))
    enter(card, "password", "mud")
    press_save(card)
    await until(lambda: card.rows["password"].wrong)
    enter(card, "password", PASSWORD)
    press_save(card)
    await until(lambda: not card.isVisible())
    row = await stored(context)
    assert config_of(row, context.secrets).secrets == {"password": PASSWORD}


async def test_what_is_entered_is_not_lost_by_a_click_beside_it(opened: Opened) -> None:
    card = await opened()
    enter(card, "name", "Kaya")
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert card.isVisible()
    assert "Not saved" in card.said
    QTest.mouseClick(card._cancel, Qt.MouseButton.LeftButton)
    assert not card.isVisible()


def working(mailbox: Mailbox, smtp_server: SmtpServer) -> dict[str, object]:
    return {
        "address": mailbox.address,
        "imap_host": "127.0.0.1",
        "imap_port": str(mailbox.server.imap_port),
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(smtp_server.plain_port),
        "smtp_security": "none",
    }
