"""Adding a channel: what is found, what fails at which step, and on to the first sync."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors.email.discovery import Reach
from desktop_inbox.connectors.setup import Check
from desktop_inbox.connectors.web.client import Web
from desktop_inbox.store import accounts
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.dialogs.account_words import check_words
from desktop_inbox.ui.models.accounts import Accounts
from tests.support import builders
from tests.support.dovecot import Mailbox
from tests.support.mail_accounts import PASSWORD
from tests.support.ports import free_ports
from tests.support.qt_waits import until
from tests.support.smtp_server import SmtpServer
from tests.ui.dialogs.setup_desk import (
    Nowhere,
    Records,
    enter,
    go_on,
    nowhere,
    press,
    states,
    unconnected,
    words,
)
from tests.ui.dialogs.setup_desk import page as page


async def test_a_known_provider_is_found_while_the_address_is_typed(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "elif@gmail.com")
    await until(lambda: page.lines)
    assert page.lines[0] == ("ok", "Settings found for gmail.com – IMAP imap.gmail.com:993")
    assert "app password" in words(page)


async def test_nobody_is_asked_while_an_address_is_typed(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "info@kaya.example")
    await until(lambda: not page._look_up.isActive())
    assert page.lines == []


async def test_where_nothing_is_found_the_usual_names_are_filled_in_and_looked_at_first(
    page: AccountSetup, context: AppContext
) -> None:
    QTest.keyClicks(page.address, "info@kaya.example")
    QTest.keyClicks(page.password, "secret")
    go_on(page)
    await until(lambda: "Nothing was found for kaya.example" in words(page))
    await until(page._continue.isEnabled)
    assert page.manual.isVisible()
    assert page.manual.settings()["imap_host"] == "imap.kaya.example"
    assert "Signing in" not in words(page)
    assert await context.read(accounts.list_all) == []


async def test_without_a_network_nothing_is_said_of_the_address_and_it_is_tried_again(
    page: AccountSetup, context: AppContext
) -> None:
    page._reach = unconnected()
    QTest.keyClicks(page.address, "info@kaya.example")
    QTest.keyClicks(page.password, "secret")
    go_on(page)
    await until(lambda: "no connection to the internet" in words(page))
    assert "Nothing was found" not in words(page)
    await until(page._continue.isEnabled)
    assert (page.address.text(), page.password.text()) == ("info@kaya.example", "secret")
    assert not page.manual.isVisible()
    page._show_manual.click()  # the usual names are there to be corrected
    assert page.manual.settings()["imap_host"] == "imap.kaya.example"
    page._reach = nowhere()  # the network is back
    await press(page, "Try again")
    await until(lambda: "Nothing was found for kaya.example" in words(page))


async def test_servers_that_only_the_dns_names_are_confirmed_before_a_password_goes_there(
    qtbot: QtBot, context: AppContext, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    reach = Reach(
        resolver=lambda: Records({
            "_imaps._tcp.desk.example": f"0 1 {mailbox.server.imaps_port} localhost.",
            "_submissions._tcp.desk.example": f"0 1 {smtp_server.tls_port} localhost.",
        }),  # type: ignore[arg-type,return-value]
        web=Web(places=Nowhere()),
    )  # fmt: skip
    page = AccountSetup(context, Accounts(context), reach=reach)
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    QTest.keyClicks(page.address, mailbox.address)
    QTest.keyClicks(page.password, PASSWORD)
    before = mailbox.server.log
    go_on(page)
    await until(lambda: "Is localhost where your mailbox is?" in words(page))
    await until(page._continue.isEnabled)
    assert mailbox.server.log == before  # nobody was even connected to
    assert smtp_server.commands == []
    assert page._continue.text() == "Yes, use it"
    go_on(page)
    await until(lambda: "localhost" in words(page) and "bad" in states(page))
    # The authority of the tests is none of the system's: nothing was said without proof.
    assert "no valid certificate" in words(page)
    assert PASSWORD not in mailbox.server.log


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("closed_before", "closed_before"), ("since", "since"), ("", "")],
)
async def test_what_becomes_of_older_mail_is_chosen(
    page: AccountSetup, choice: str, kept: str
) -> None:
    QTest.keyClicks(page.address, "elif@gmail.com")
    page.older.choice.setCurrentIndex(page.older.choice.findData(choice))
    page.older.day.setDate(QDate(2026, 3, 1))
    settings = page.entered().settings
    found = {name: settings[name] for name in ("closed_before", "since") if name in settings}
    assert found == ({kept: "2026-03-01"} if kept else {})
    assert page.older.day.isVisible() is bool(kept)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the e-mail address"),
        ("info", "from the @ on is missing"),
        ("info@", "from the @ on is missing"),
        ("@kaya.example", "before the @ is missing"),
        ("info kaya@kaya.example", "Before the @ stands something"),
        ("a@kaya.example, b@kaya.example", "Before the @ stands something"),
        ("info@kaya", "“kaya” is not whole"),
        ("info@kaya..example", "“kaya..example” is no domain"),
        ("x" * 70 + "@kaya.example", "too long"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_where_it_is_typed(
    page: AccountSetup, typed: str, said: str
) -> None:
    QTest.keyClicks(page.address, typed)
    page.password.setFocus()
    go_on(page)
    complaint = page.complaints[page.address]
    assert complaint.isVisible()
    assert said in complaint.text()
    assert page.address.accessibleDescription() == complaint.text()
    assert page.address.property("invalid") == "true"
    assert page.focusWidget() is page.address
    assert page.lines == []
    QTest.keyClicks(page.address, "info@kaya.example")
    assert complaint.isHidden()
    assert page.address.accessibleDescription() == ""
    assert page.address.property("invalid") == "false"


async def test_a_missing_password_is_asked_for_in_words(page: AccountSetup) -> None:
    QTest.keyClicks(page.address, "info@kaya.example")
    QTest.keyClick(page.address, Qt.Key.Key_Return)
    complaint = page.complaints[page.password]
    assert "Type the password of this mailbox" in complaint.text()
    assert page.focusWidget() is page.password
    QTest.keyClicks(page.password, "s")
    assert complaint.isHidden()


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
    labels = [label for line in page._lines.all() for label in line.findChildren(QLabel)]
    details = [label.text() for label in labels if label.property("kind") == "caption"]
    assert details == ["Connection refused"] * 2, "in words, and without Python's number"
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
        assert page.focusWidget() is page.password, "that is what has to be typed again"
        assert page.password.selectedText()
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


async def test_in_a_small_window_what_went_wrong_and_the_button_come_into_sight(
    page: AccountSetup,
) -> None:
    page.resize(1000, 560)
    imap, smtp = free_ports(2)
    QTest.keyClicks(page.address, "elif@shop.example")
    QTest.keyClicks(page.password, "secret")
    enter(page, imap_host="127.0.0.1", imap_port=str(imap), imap_security="none")
    enter(page, smtp_host="127.0.0.1", smtp_port=str(smtp), smtp_security="none")
    go_on(page)
    await until(lambda: states(page).count("bad") == 2 and page._continue.isEnabled())
    await until(lambda: not page._continue.visibleRegion().isEmpty())
    assert all(not line.visibleRegion().isEmpty() for line in page._lines.all())


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
