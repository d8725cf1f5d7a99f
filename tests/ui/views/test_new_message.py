"""A new message on every channel: whom it is to, what is honest about it, and that it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import takewhile

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import Person
from desktop_inbox.connectors.contract import Template
from desktop_inbox.services import customers as people
from desktop_inbox.store import accounts, chat_ways, customers, drafts, messages, outbox
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import DraftRow, MessageRow
from desktop_inbox.sync import chat_templates
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.composer_menus import reply_menu
from desktop_inbox.ui.views.composer_parts import QuestionStrip
from desktop_inbox.ui.views.customer_parts import Person as Head
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from desktop_inbox.ui.views.customers_page import CustomersPage
from desktop_inbox.ui.views.thread_view import ThreadView
from desktop_inbox.ui.views.write_button import WriteButton
from tests.support.qt_waits import until
from tests.support.scripted_chat import ELIF, INFOS, also, said

# Offscreen, lists and menus that pop up cannot hold the keyboard.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

SMS, WHATSAPP = "+905550001111", "whatsapp:+905550001111"
TALKER = also(ELIF, attested=(("email", "elif@example.org"),))
PAGED = Person(
    kind="pager", address="p7", name="Elif", scoped=True, attested=(("phone", ELIF.address),)
)
HELLO = Template(name="HX1", title="Hello", language="en", text="Hello {{1}}:")


class Shop:
    """A thread pane of a shop with mail, SMS and WhatsApp, and a pager that waits to be called."""

    def __init__(self, context: AppContext, qtbot: QtBot) -> None:
        self.context = context
        self._qtbot = qtbot
        self.mail = self.twilio = self.pager = 0
        self.view: ThreadView
        self.host: QWidget  # of what is shown beside it

    async def set_up(self) -> None:
        await self.context.write(self._fill)

    def _fill(self, tx: Tx) -> None:
        def add(kind: str, address: str, **settings: object) -> int:
            return accounts.create(
                tx, kind=kind, title=kind.title(), address=address, settings=settings
            )

        self.mail = add("email", "shop@example.org")
        self.twilio = add("twilio", SMS, senders=WHATSAPP)
        self.pager = add("pager", "shop")
        add("phone", "the shop")  # which only writes down, and is never offered
        self.bring(tx, self.twilio, TALKER, f"{SMS}|{ELIF.address}")

    def bring(self, tx: Tx, account_id: int, author: Person, chat: str) -> None:
        rows = accounts.list_all(tx.conn)
        (row,) = (one for one in rows if one.id == account_id)
        item = said(chat, at=utc_now() - timedelta(hours=1), author=author, chat=chat)
        store_chat(tx, mailbox_of(row, rows), [item], raw={}, reply_window=None, cursor={})

    def open(self) -> None:
        self.view = ThreadView(self.context)
        self._qtbot.addWidget(self.view)
        self.view.resize(620, 760)
        self.view.show()

    async def begin(self) -> None:
        self.view.new_message()
        await until(lambda: self.view.composer.mode == "new" and self.view.composer.isVisible())

    def offered(self, *, after_line: bool = False) -> dict[str, str]:
        """What the menu offers, with what stands beside each."""
        actions = reply_menu(self.view.composer).actions()
        if after_line:
            first = next(at for at, one in enumerate(actions) if one.isSeparator())
            actions = actions[first + 1 :]
        ways = takewhile(lambda one: not one.isSeparator(), actions)
        return dict(one.text().partition("\t")[::2] for one in ways)

    def choose(self, words: str) -> None:
        menu = reply_menu(self.view.composer)
        next(one for one in menu.actions() if words in one.text()).trigger()

    async def name(self, typed: str) -> None:
        """Type somebody, and go on to the next field."""
        composer = self.view.composer
        QTest.keyClicks(composer.to.field, typed)
        composer.to.commit()
        await until(lambda: composer.surroundings is not None and composer.surroundings.ways)

    async def take(self, typed: str, words: str) -> None:
        """Type the beginning of a name, and take an offer."""
        to = self.view.composer.to
        to.field.setFocus()
        QTest.keyClicks(to.field, typed)
        await until(lambda: words in to._offers)
        to._completer.activated.emit(words)

    def type(self, text: str) -> None:
        self.view.composer.editor.setFocus()
        QTest.keyClicks(self.view.composer.editor, text)

    def send(self) -> None:
        key, ctrl = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(self.view.composer.editor, key, ctrl)

    async def sent(self) -> tuple[MessageRow, str]:
        """What was queued, and the chat that it leaves through."""
        await until(lambda: self.view.composer.is_empty)
        (waiting,) = await self.context.read(outbox.list_all)
        key = waiting.message_id
        row = await self.context.read(lambda conn: messages.row(conn, key))
        way = await self.context.read(lambda conn: chat_ways.way_out(conn, key))
        assert row is not None
        return row, way.chat if way is not None else ""

    async def draft(self) -> DraftRow:
        await self.view.flush()
        (row,) = await self.context.read(drafts.list_all)
        return row


def words_of(strip: QuestionStrip) -> list[str]:
    return [one.text() for one in strip.buttons() if isinstance(one, QPushButton)]


def press(strip: QuestionStrip, words: str) -> None:
    found = (one for one in strip.buttons() if isinstance(one, QPushButton))
    next(one for one in found if one.text() == words).click()


@pytest_asyncio.fixture
async def shop(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
    one = Shop(context, qtbot)
    await one.set_up()
    one.open()
    yield one
    one.view.close_desk()


# Through what


async def test_every_channel_is_offered_with_what_is_honest_about_it(shop: Shop) -> None:
    await shop.begin()
    assert shop.offered() == {
        "shop@example.org": "",
        "SMS": "",
        "WhatsApp": "begins with a template",
        "Pager": "the customer has to write first",
    }


async def test_a_typed_number_gets_an_sms_by_keys(shop: Shop) -> None:
    await shop.begin()
    composer = shop.view.composer
    shop.choose("SMS")
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    assert not composer.subject.isVisible()
    assert not composer.fields.cc.isVisible()
    assert not composer.fields.from_line.isVisible()
    assert composer.to.field.hasFocus()
    QTest.keyClicks(composer.to.field, "0532 999 88 77")
    QTest.keyClick(composer.to.field, Qt.Key.Key_Return)
    assert [one.address for one in composer.to.addresses()] == ["+905329998877"]
    shop.type("Your mug is here")
    shop.send()
    row, chat = await shop.sent()
    assert (row.channel, row.text, chat) == (
        "twilio",
        "Your mug is here",
        f"{SMS}|+905329998877",
    )


async def test_whatsapp_asks_for_a_template_and_offers_what_is_open(shop: Shop) -> None:
    await shop.context.write(lambda tx: chat_templates.keep(tx, shop.twilio, [HELLO]))
    await shop.begin()
    composer, strip = shop.view.composer, shop.view.composer.sheet.channel_strip
    shop.choose("WhatsApp")
    assert strip.text == ""  # nobody is named yet
    await shop.name("+905329998877")
    assert "only a template may begin" in strip.text
    assert words_of(strip) == ["Use a template", "Write on SMS"]
    shop.type("Hi")
    shop.send()
    assert "only a template may begin" in composer.strip.text
    press(strip, "Use a template")
    await until(lambda: composer.template.template == HELLO)
    QTest.keyClicks(composer.template.fields[0], "Elif")
    composer.request_send()
    row, chat = await shop.sent()
    assert (row.text, chat) == ("Hello Elif:", f"{WHATSAPP}|whatsapp:+905329998877")


async def test_what_is_no_number_is_said_and_nobody_else_is_written_to(shop: Shop) -> None:
    await shop.begin()
    composer = shop.view.composer
    shop.choose("SMS")
    shop.type("Hello")
    shop.send()
    assert "Nobody to send it to" in composer.strip.text
    composer.to.field.setText("elif")
    shop.send()
    assert "elif is no phone number" in composer.strip.text
    composer.to.set_addresses(())
    composer.to.field.setText("+905329998877, +905329998866")
    shop.send()
    assert "goes to one person" in composer.strip.text
    assert await shop.context.read(outbox.list_all) == []


async def test_where_customers_write_first_it_says_so_and_leads_elsewhere(shop: Shop) -> None:
    await shop.context.write(lambda tx: shop.bring(tx, shop.pager, PAGED, "p7"))
    await shop.begin()
    composer, strip = shop.view.composer, shop.view.composer.sheet.channel_strip
    shop.choose("Pager")
    await until(lambda: "customers write first" in strip.text)
    composer.to.field.setText("somebody")
    shop.type("Hello")
    shop.send()
    assert "not known there" in composer.strip.text
    composer.to.set_addresses(())
    await shop.take("Elif", "Elif Kaya · Pager · p7")
    assert strip.text == ""
    shop.send()
    row, chat = await shop.sent()
    assert (row.channel, chat) == ("pager", "p7")


async def test_a_customer_who_never_wrote_there_is_not_reached_first(shop: Shop) -> None:
    """They have an address there, by hand or by import, and no talk."""
    await shop.context.write(
        lambda tx: tx.conn.exec_driver_sql(
            "UPDATE identity SET kind = 'pager' WHERE kind = 'email'"
        )
    )
    await shop.begin()
    shop.choose("SMS")
    await shop.name(ELIF.address)
    assert shop.offered()["Pager · elif@example.org"] == "the customer has to write first"
    shop.choose("Pager · elif")
    strip = shop.view.composer.sheet.channel_strip
    await until(lambda: "has to write first there" in strip.text)
    assert words_of(strip) == ["Write on SMS"]
    shop.type("Hello")
    shop.send()
    assert "has to write first there" in shop.view.composer.strip.text


# Whom


async def test_whoever_is_typed_is_offered_on_every_channel_and_brings_it_along(
    shop: Shop,
) -> None:
    await shop.begin()
    composer = shop.view.composer
    await shop.take("Elif", f"Elif Kaya · SMS · {ELIF.address}")
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    assert [str(one) for one in composer.to.addresses()] == [f"Elif Kaya <{ELIF.address}>"]
    await until(lambda: "still open" in composer.sheet.channel_strip.text)
    shop.type("Your mug is here")
    shop.send()
    row, chat = await shop.sent()
    assert (row.conversation_id, chat) == (1, f"{SMS}|{ELIF.address}")


async def test_by_mail_the_mailboxes_come_first_and_a_number_leads_to_sms(shop: Shop) -> None:
    await shop.begin()
    composer, strip = shop.view.composer, shop.view.composer.sheet.channel_strip
    QTest.keyClicks(composer.to.field, "Elif")
    await until(lambda: composer.to._offers)
    assert list(composer.to._offers) == [
        "Elif Kaya <elif@example.org>",
        f"Elif Kaya · SMS · {ELIF.address}",
        f"Elif Kaya · WhatsApp · {ELIF.address} (begins with a template)",
    ]
    composer.to.field.clear()
    QTest.keyClicks(composer.to.field, "0532 999 88 77")
    await until(lambda: "SMS · +905329998877" in composer.to._offers)
    composer.to.commit()  # and yet nobody chose one
    await until(lambda: "Write on SMS" in words_of(strip))
    assert "+905329998877 is a phone number" in strip.text
    press(strip, "Write on SMS")
    assert [one.address for one in composer.to.addresses()] == ["+905329998877"]
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    assert strip.text == ""


async def test_from_a_mailbox_to_the_number_of_the_same_customer_and_back(shop: Shop) -> None:
    await shop.begin()
    composer = shop.view.composer
    await shop.name("elif@example.org")
    assert f"SMS · {ELIF.address}" in shop.offered()
    shop.type("Half a sentence")
    shop.choose("SMS")
    assert [one.address for one in composer.to.addresses()] == [ELIF.address]
    shop.choose("shop@example.org")
    assert [one.address for one in composer.to.addresses()] == ["elif@example.org"]
    assert composer.subject.isVisible()
    assert composer.editor.toPlainText() == "Half a sentence"


async def test_a_blocked_customer_and_a_paused_channel_are_told_of(shop: Shop) -> None:
    await shop.context.write(lambda tx: people.edit(tx, 1, blocked=True))
    await shop.context.write(lambda tx: accounts.change(tx, shop.pager, enabled=False))
    await shop.begin()
    strip = shop.view.composer.sheet.channel_strip
    shop.choose("SMS")
    await shop.name(ELIF.address)
    assert "is blocked" in strip.text
    press(strip, "Unblock")
    await until(lambda: "blocked" not in strip.text)
    shop.choose("Pager")
    assert "is paused" in strip.text


# Kept


async def test_the_draft_keeps_channel_and_person_and_goes_on_after_a_restart(
    shop: Shop,
) -> None:
    await shop.begin()
    shop.choose("WhatsApp")
    await shop.name("+905329998877")
    shop.type("half")
    keeper = shop.view.keeper  # within a second, and nobody asks
    await until(lambda: keeper.draft_id is not None and not keeper.dirty)
    kept = await shop.draft()
    assert (kept.mode, kept.account_id, kept.to[0].address) == (
        "new",
        shop.twilio,
        "+905329998877",
    )
    shop.view.close_desk()
    shop.open()
    shop.view.new_message(draft_id=kept.id)
    composer = shop.view.composer
    await until(lambda: composer.editor.toPlainText() == "half")
    assert composer.sheet.reply_tab.text() == "New message on WhatsApp"
    assert not composer.fields.invalid()
    assert "only a template may begin" in composer.sheet.channel_strip.text
    shop.choose("SMS")
    shop.send()
    _row, chat = await shop.sent()
    assert chat == f"{SMS}|+905329998877"
    assert await shop.context.read(drafts.list_all) == []


async def test_a_channel_that_was_chosen_before_anybody_is_named_is_kept(shop: Shop) -> None:
    await shop.begin()
    shop.choose("WhatsApp")
    shop.type("half")
    kept = await shop.draft()
    shop.view.new_message(draft_id=kept.id)
    tab = shop.view.composer.sheet.reply_tab
    await until(lambda: shop.view.composer.editor.toPlainText() == "half")
    assert tab.text() == "New message on WhatsApp"


async def test_taken_back_it_stands_in_the_editor_as_it_was(shop: Shop) -> None:
    await shop.begin()
    shop.choose("SMS")
    await shop.name("+905329998877")
    shop.type("Your mug")
    shop.send()
    await shop.sent()
    shop.view.acts.sending.undo()
    composer = shop.view.composer
    await until(lambda: composer.editor.toPlainText() == "Your mug")
    assert [one.address for one in composer.to.addresses()] == ["+905329998877"]
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    assert await shop.context.read(outbox.list_all) == []


async def test_the_next_message_begins_with_nobody(shop: Shop) -> None:
    await shop.begin()
    shop.choose("SMS")
    await shop.name(ELIF.address)
    shop.type("Hello")
    shop.send()
    await shop.sent()
    await shop.begin()
    assert shop.view.composer.to.addresses() == ()
    assert shop.view.composer.sheet.reply_tab.text() == "New e-mail"
    assert "SMS" in shop.offered()


async def test_a_forward_goes_on_as_a_new_message_on_another_channel(shop: Shop) -> None:
    shop.view.show_conversation(1)
    await until(lambda: shop.view.row is not None)
    shop.view.keys.forward()
    shop.type("For you to look at")
    await shop.draft()
    assert set(shop.offered(after_line=True)) >= {"SMS", "WhatsApp", "Pager"}
    shop.choose("SMS")
    composer = shop.view.composer
    await until(lambda: composer.mode == "new")
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    await shop.name("+905329998877")
    shop.send()
    row, chat = await shop.sent()
    assert chat == f"{SMS}|+905329998877"
    assert row.conversation_id != 1
    assert row.text.startswith("For you to look at\n\n")
    assert "Is the blue mug still there?" in row.text
    assert await shop.context.read(drafts.list_all) == []


# From a customer


@pytest.fixture(params=["page", "pane"])
def shown(request: pytest.FixtureRequest, shop: Shop, qtbot: QtBot) -> CustomersPage | Head:
    """Elif, where customers are shown."""
    shop.host = QWidget()
    qtbot.addWidget(shop.host)
    if request.param == "page":
        page = CustomersPage(shop.context, parent=shop.host)
        page.show()
        return page
    pane = CustomerSidebar(shop.context, parent=shop.host)
    shop.host.show()
    pane.show_conversation(1)
    return pane.editor.person


async def test_from_a_customer_every_way_is_a_press_away(
    shop: Shop, shown: CustomersPage | Head
) -> None:
    person = shown.editor.person if isinstance(shown, CustomersPage) else shown
    write = person.write
    await until(lambda: write.isVisible())
    QTest.keyClick(write, Qt.Key.Key_Space)
    await until(lambda: write.findChildren(QMenu))
    (menu,) = write.findChildren(QMenu)
    assert [one.text() for one in menu.actions()] == [
        "E-mail · elif@example.org",
        f"SMS · {ELIF.address}",
        f"WhatsApp · {ELIF.address}\tbegins with a template",
    ]
    menu.actions()[1].trigger()
    menu.close()
    composer = shop.view.composer
    await until(lambda: composer.mode == "new" and composer.isVisible())
    assert [str(one) for one in composer.to.addresses()] == [f"Elif Kaya <{ELIF.address}>"]
    assert composer.sheet.reply_tab.text() == "New message on SMS"
    shop.type("Your mug is here")
    shop.send()
    row, _chat = await shop.sent()
    assert row.conversation_id == 1
    if isinstance(shown, CustomersPage):
        await until(lambda: not isValid(shown))


async def test_somebody_without_an_address_cannot_be_written_to(shop: Shop, qtbot: QtBot) -> None:
    new = customers.NewCustomer(uid="x", name="Elif", first_seen_at=utc_now())
    keys = await shop.context.write(lambda tx: customers.create(tx, [new]))
    row = await shop.context.read(lambda conn: customers.row(conn, keys["x"]))
    assert row is not None
    button = WriteButton(shop.context)
    qtbot.addWidget(button)
    button.show_customer(row, called="Elif")
    button.click()
    await until(lambda: button.findChildren(QMenu))
    (menu,) = button.findChildren(QMenu)
    assert [one.isEnabled() for one in menu.actions()] == [False]
    menu.close()
