"""Adding a channel: what is found, what fails at which step, and on to the first sync."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors.setup import Check
from desktop_inbox.store import accounts
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_setup import AccountSetup, check_words
from desktop_inbox.ui.models.accounts import Accounts
from tests.support import builders
from tests.support.mail_servers import PASSWORD, Mailbox, SmtpServer, free_ports
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def page(qtbot: QtBot, context: AppContext) -> AsyncIterator[AccountSetup]:
    """The page as it stands when somebody wants to add a channel."""
    page = AccountSetup(context, Accounts(context))
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    page.start()
    await until(lambda: page._where.text())
    yield page


def states(page: AccountSetup) -> list[str]:
    return [state for state, _words in page.lines]


def words(page: AccountSetup) -> str:
    return "\n".join(text for _state, text in page.lines)


def enter(page: AccountSetup, **settings: str) -> None:
    """Fill the form for settings by hand as a person would."""
    page._open_manual()
    for name, value in settings.items():
        field = page._manual_fields[name]
        if isinstance(field, QLineEdit):
            field.clear()
            QTest.keyClicks(field, value)
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(value))
            field.activated.emit(field.currentIndex())


def go_on(page: AccountSetup) -> None:
    QTest.mouseClick(page._continue, Qt.MouseButton.LeftButton)


async def test_a_known_provider_is_found_while_the_address_is_typed(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "elif@gmail.com")
    await until(lambda: page.lines)
    assert page.lines[0] == ("ok", "Settings found for gmail.com – IMAP imap.gmail.com:993")
    assert "app password" in words(page)


async def test_an_unknown_domain_is_guessed_and_said_to_be(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "info@kaya.example")
    await until(lambda: page.lines)
    assert page.lines[0][0] == "hint"
    assert "kaya.example is not in our list" in words(page)


async def test_an_address_that_is_none_is_marked_and_nothing_is_tried(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "info")
    go_on(page)
    assert page.address.property("invalid") == "true"
    assert page.lines == []


async def test_servers_that_do_not_answer_are_named_with_the_step(
    page: AccountSetup, context: AppContext
) -> None:
    imap, smtp = free_ports(2)
    QTest.keyClicks(page.address, "elif@shop.example")
    QTest.keyClicks(page.password, "secret")
    enter(page, imap_host="127.0.0.1", imap_port=str(imap), imap_security="none")
    enter(page, smtp_host="127.0.0.1", smtp_port=str(smtp), smtp_security="none")
    go_on(page)
    await until(lambda: states(page).count("bad") == 2)
    assert f"Receiving: no connection to 127.0.0.1:{imap}" in words(page)
    assert f"Sending: no connection to 127.0.0.1:{smtp}" in words(page)
    await until(page._continue.isEnabled)
    assert await context.read(accounts.list_all) == []


@pytest.mark.parametrize("wrong", [True, False], ids=["wrong password", "right password"])
async def test_a_real_server_is_signed_in_to_and_the_channel_kept_only_if_it_works(
    page: AccountSetup,
    context: AppContext,
    mailbox: Mailbox,
    smtp_server: SmtpServer,
    wrong: bool,
) -> None:
    QTest.keyClicks(page.address, mailbox.address)
    QTest.keyClicks(page.name, "Kaya Ceramics")
    QTest.keyClicks(page.password, "wrong" if wrong else PASSWORD)
    enter(
        page,
        imap_host="127.0.0.1",
        imap_port=str(mailbox.server.imap_port),
        imap_security="none",
        smtp_host="127.0.0.1",
        smtp_port=str(smtp_server.plain_port),
        smtp_security="none",
    )
    go_on(page)
    if wrong:
        await until(lambda: "bad" in states(page) and page._continue.isEnabled())
        assert "Receiving: sign-in refused" in words(page)
        assert "Check user name and password" in words(page)
        assert await context.read(accounts.list_all) == []
        return
    await until(lambda: page._saved_id is not None, timeout_seconds=15)
    await until(lambda: "Signed in, receiving works" in words(page))
    await until(lambda: "Sending works" in words(page))
    (account,) = await context.read(accounts.list_all)
    assert account.settings["name"] == "Kaya Ceramics"
    kept = context.secrets.get(secrets_name(account.uid))
    assert kept is not None
    assert PASSWORD in kept
    assert page.password.text() == ""


async def test_signing_in_again_keeps_the_address_and_knows_the_servers(
    qtbot: QtBot, context: AppContext
) -> None:
    await context.write(
        lambda tx: accounts.create(
            tx,
            kind="email",
            title="Shop",
            address=builders.SHOP.address,
            settings={"imap_host": "imap.claykiln.example", "imap_port": "993", "name": "Clay"},
        )
    )
    (account,) = await context.read(accounts.list_all)
    page = AccountSetup(context, Accounts(context), account=account)
    qtbot.addWidget(page)
    page.show()
    page.start()
    assert page.address.isReadOnly()
    assert page.entered().settings["imap_host"] == "imap.claykiln.example"
    assert page.name.text() == "Clay"
    await until(lambda: page._where.text())


def test_every_failing_step_has_a_sentence_of_its_own() -> None:
    found = {
        check_words(Check(step=step, ok=False, cause="network"), where="mail.example:993")
        for side in ("receive", "send")
        for step in (f"{side}:connect", f"{side}:tls", f"{side}:sign-in", f"{side}:folders")
    }
    assert len(found) == 8
    assert all("mail.example:993" in sentence for sentence in found)
