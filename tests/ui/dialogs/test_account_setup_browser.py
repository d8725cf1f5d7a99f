"""Adding a channel by signing in in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors import oauth
from desktop_inbox.store import accounts
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import found_lines
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.models.accounts import Accounts
from tests.support.authorisation import CLIENT, AuthorisationServer, Browser
from tests.support.dovecot import Mailbox
from tests.support.mail_accounts import token
from tests.support.qt_waits import until
from tests.support.smtp_server import SmtpServer
from tests.ui.dialogs.setup_desk import (
    enter,
    press,
    words,
)
from tests.ui.dialogs.setup_desk import page as page


@pytest.fixture
def provider() -> Iterator[AuthorisationServer]:
    with AuthorisationServer() as server:
        yield server


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    browser = Browser()
    monkeypatch.setattr(found_lines, "browse", browser.open)
    yield browser
    browser.close()


@pytest.fixture
def google(
    provider: AuthorisationServer, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AuthorisationServer:
    """The authorisation server in the place of Google's."""
    monkeypatch.setitem(oauth.SERVICES, "google", replace(provider.service, id="google"))
    context.settings.google_client_id = CLIENT
    return provider


async def test_without_a_client_id_it_is_said_what_is_missing(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "elif@gmail.com")
    await until(lambda: page.lines)
    assert "needs a client id" in words(page)
    assert "Settings, Advanced" in words(page)


async def test_a_channel_is_added_by_signing_in_in_the_browser(
    page: AccountSetup,
    context: AppContext,
    google: AuthorisationServer,
    browser: Browser,
    mailbox: Mailbox,
    smtp_server: SmtpServer,
) -> None:
    """The tokens are JWTs here, which the Dovecot of the tests reads by itself."""
    google.who = mailbox.address
    google.mint = lambda: token(mailbox.address)
    smtp_server.token_owner = google.access.get
    QTest.keyClicks(page.address, mailbox.address)
    enter(
        page,
        imap_host="127.0.0.1", imap_port=str(mailbox.server.imap_port), imap_security="none",
        smtp_host="127.0.0.1", smtp_port=str(smtp_server.plain_port), smtp_security="none",
    )  # fmt: skip
    page._use_browser(oauth.SERVICES["google"])
    await until(lambda: page._saved_id is not None, timeout_seconds=15)
    (account,) = await context.read(accounts.list_all)
    assert account.settings["oauth"] == "google"
    assert account.settings["oauth_client_id"] == CLIENT
    kept = json.loads(context.secrets.get(secrets_name(account.uid)) or "{}")
    assert kept["refresh_token"] in google.refresh
    assert kept["access_token"] not in str(account.settings)


async def test_signing_in_in_the_browser_can_be_given_up(
    page: AccountSetup, google: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(found_lines, "browse", opened.append)
    QTest.keyClicks(page.address, "elif@gmail.com")
    await until(lambda: page.lines)
    await press(page, "Sign in with Local")
    await until(lambda: opened)
    await until(lambda: "has opened in your browser" in words(page))
    await press(page, "Copy its address")
    assert QGuiApplication.clipboard().text() == opened[0]
    await press(page, "Cancel")
    await until(page._continue.isEnabled)
    await until(lambda: "Settings found" in words(page))
    assert "has opened in your browser" not in words(page)


async def test_who_says_no_in_the_browser_is_told_what_to_do(
    page: AccountSetup, google: AuthorisationServer, browser: Browser
) -> None:
    google.refuses = "access_denied"
    QTest.keyClicks(page.address, "elif@gmail.com")
    await until(lambda: page.lines)
    await press(page, "Sign in with Local")
    await until(lambda: "did not work (access_denied)" in words(page))
    await until(page._continue.isEnabled)


async def test_an_account_that_signed_in_in_the_browser_does_so_again(
    qtbot: QtBot,
    context: AppContext,
    google: AuthorisationServer,
    browser: Browser,
    mailbox: Mailbox,
    smtp_server: SmtpServer,
) -> None:
    google.who = mailbox.address
    google.mint = lambda: token(mailbox.address)
    smtp_server.token_owner = google.access.get
    settings = {
        **mailbox.config(smtp_server).settings,
        "oauth": "google",
        "oauth_client_id": CLIENT,
        "oauth_token_url": google.service.token_url,
    }
    await context.write(
        lambda tx: accounts.create(
            tx, kind="email", title="Shop", address=mailbox.address, settings=settings
        )
    )
    (account,) = await context.read(accounts.list_all)
    page = AccountSetup(context, Accounts(context), account=account)
    qtbot.addWidget(page)
    page.show()
    page.start()
    await until(lambda: page._where.text())
    await press(page, "Sign in with Local")
    await until(lambda: page._saved_id is not None, timeout_seconds=15)
    kept = json.loads(context.secrets.get(secrets_name(account.uid)) or "{}")
    assert kept["access_token"] in google.access
    (account,) = await context.read(accounts.list_all)
    assert account.settings["oauth"] == "google"
