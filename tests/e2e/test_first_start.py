"""A new owner: from the first start to a sent answer, with what the screen says alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store import accounts
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.tips import Tips
from tests.e2e.conftest import started
from tests.e2e.keys import CONTROL, has_focus, press, type_in, walk_to
from tests.e2e.letters import question
from tests.support.desk import Desk
from tests.support.mail_accounts import PASSWORD
from tests.support.qt_waits import until
from tests.support.smtp_server import SmtpServer


@pytest.fixture
async def first(qtbot: QtBot, desk: Desk) -> AsyncIterator[MainWindow]:
    """The program on a folder where nobody ever was."""
    async with started(desk) as window:
        yield window


def click(inside: QWidget, words: str) -> None:
    """Press the button that a person sees with these words on it."""
    (found,) = [
        one
        for one in inside.findChildren(QPushButton)
        if one.text() == words and one.isVisible() and one.isEnabled()
    ]
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def fill(inside: QWidget, label: str, value: str, *, number: int = 0) -> None:
    """Type into a field as it is called, the first or a later one of that name."""
    fields = [
        one
        for one in inside.findChildren(QLineEdit)
        if one.accessibleName() == label and one.isVisible()
    ]
    fields[number].setFocus()
    fields[number].selectAll()
    QTest.keyClicks(fields[number], value)


def choose(inside: QWidget, label: str, words: str, *, number: int) -> None:
    box = [one for one in inside.findChildren(QComboBox) if one.accessibleName() == label][number]
    box.setCurrentIndex(box.findText(words))
    box.activated.emit(box.currentIndex())


@pytest.mark.expects_log("This plugin does not support")  # said by the off-screen platform
async def test_from_the_first_start_to_a_sent_answer(
    first: MainWindow, desk: Desk, smtp_server: SmtpServer
) -> None:
    customer = desk.mailbox.server.mailbox("customer")
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))

    await until(lambda: first.pages.welcoming)
    click(first, "Add an e-mail account")
    page = first.pages.setup
    assert isinstance(page, AccountSetup)
    fill(page, "E-mail address", desk.mailbox.address)
    fill(page, "Your name", "Kaya Ceramics")
    fill(page, "Password", PASSWORD)
    choose(page, "Older mail", "Comes in like new mail", number=0)
    click(page, "Enter settings by hand")  # this mailbox lies on the computer itself
    await until(lambda: page.manual.isVisible())
    for number, port in enumerate((desk.mailbox.server.imap_port, smtp_server.plain_port)):
        fill(page, "Server", "127.0.0.1", number=number)
        fill(page, "Port", str(port), number=number)
        choose(page, "Security", "None (this computer)", number=number)
    click(page, "Continue")

    await until(lambda: first.pages.setup is None, timeout_seconds=20)
    await until(lambda: first.list.model.rowCount() == 1, timeout_seconds=20)
    assert await first._context.read(accounts.list_all)
    await until(lambda: first.findChild(Tips) is not None)
    click(first, "Skip the tour")
    first.list.focus_list()
    await walk_to(first, desk, desk.conversation_about("Glasur der Schale"))
    press(Qt.Key.Key_R)
    await has_focus(first.thread_view.composer.editor)
    type_in("Ja, bis 70 °C.")
    press(Qt.Key.Key_Return, CONTROL)
    await until(customer.uids, timeout_seconds=20)
    (uid,) = customer.uids()
    received = customer.raw(uid)
    assert re.search(rb"^From: .*Kaya Ceramics", received, re.MULTILINE)
    assert desk.mailbox.address.encode() in received
