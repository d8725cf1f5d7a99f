"""The settings of a channel that is no mailbox: its own fields, its own words, its own link."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.connectors.contract import Device
from desktop_inbox.connectors.matrix.device import note
from desktop_inbox.services import accounts as service
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.channel_files import folder_of
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_settings import AccountSettings
from desktop_inbox.ui.views.device_card import DeviceCard
from desktop_inbox.ui.views.link_card import LinkCard, QrCode
from tests.support.http_service import serving
from tests.support.qt_waits import until
from tests.support.telegram_service import BOT, TOKEN, TelegramService


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[TelegramService]:
    async with serving(TelegramService()) as telegram:
        yield telegram


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """What the settings lie over."""
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    return window


async def added(context: AppContext, kind: str, address: str, **secrets: str) -> AccountRow:
    """An account that was set up before, whatever its service says of it."""
    await service.add(
        context.workspace,
        context.secrets,
        kind=kind,
        settings={"address": address},
        secret_values=secrets,
        really_check=False,
    )
    (row,) = await context.read(accounts.list_all)
    return row


@pytest_asyncio.fixture
async def card(window: QWidget, context: AppContext, telegram: TelegramService) -> AccountSettings:
    """The settings of a bot that was added before."""
    row = await added(context, "telegram", f"@{BOT['username']}", token=TOKEN)
    here = {**row.settings, "api_url": telegram.url}
    await context.write(lambda tx: accounts.change(tx, row.id, settings=here))
    (row,) = await context.read(accounts.list_all)
    card = AccountSettings(context, row, window)
    card.open()
    return card


def save(card: AccountSettings, token: str) -> None:
    editor = card.rows["token"].editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, token)
    QTest.mouseClick(card._save, Qt.MouseButton.LeftButton)


async def test_only_pages_that_ask_for_something_are_offered(card: AccountSettings) -> None:
    tabs = [tab.text() for tab in card._group.buttons()]
    assert tabs == ["Account", "Conversations"]


async def test_a_wrong_token_is_said_at_the_token_and_a_right_one_is_kept(
    card: AccountSettings, context: AppContext
) -> None:
    save(card, "1:wrong")
    await until(lambda: card.rows["token"].wrong)
    assert "signing in" in card.rows["token"].wrong
    save(card, TOKEN)
    await until(lambda: not card.isVisible())


async def test_it_says_where_customers_write_and_a_phone_can_read_it(
    card: AccountSettings,
) -> None:
    shown = card.findChild(LinkCard)
    assert isinstance(shown, LinkCard)
    assert shown.link == f"https://t.me/{BOT['username']}"
    shown._copy()
    assert QGuiApplication.clipboard().text() == shown.link


def test_the_code_is_painted_module_by_module_dark_on_white(qtbot: QtBot) -> None:
    code = QrCode("https://t.me/kaya_shop_bot", side=200)
    qtbot.addWidget(code)
    picture = code.grab().toImage()
    module = picture.width() / (len(code.rows) + 8)

    def dark(x: int, y: int) -> bool:
        middle = picture.pixelColor(int((x + 4.5) * module), int((y + 4.5) * module))
        assert middle in (QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white))
        return middle == QColor(Qt.GlobalColor.black)

    side = range(len(code.rows))
    assert [[dark(x, y) for x in side] for y in side] == [list(map(bool, row)) for row in code.rows]
    assert not any(dark(x, -2) for x in side), "phones need white around it"


@pytest.mark.parametrize(
    ("kind", "address", "link"),
    [
        ("telegram", "@our_shop_bot", "https://t.me/our_shop_bot"),
        ("instagram", "@your_shop", "https://ig.me/m/your_shop"),
        ("twilio", "whatsapp:+90 532 111 22 33", "https://wa.me/905321112233"),
        ("twilio", "+15551234567", "sms:+15551234567"),
        ("twilio", "KAYA", ""),
        ("matrix", "@shop:example.org", "https://matrix.to/#/@shop:example.org"),
        ("xmpp", "shop@example.org", "xmpp:shop@example.org?message"),
        ("telegram", "../x?y#z", "https://t.me/..%2Fx%3Fy%23z"),
    ],
)
def test_an_address_leads_to_where_customers_write(kind: str, address: str, link: str) -> None:
    (info,) = (one for one in CONNECTORS if one.kind == kind)
    assert info.link_of is not None
    assert info.link_of(address) == link


async def test_which_device_this_is_can_be_compared_once_it_has_signed_in(
    window: QWidget, context: AppContext
) -> None:
    row = await added(context, "matrix", "@shop:example.org", password="x")
    folder = folder_of(context.workspace.data_dir, row.uid)
    folder.mkdir(parents=True)
    (folder / "device.json").write_text("no device [")
    assert service.device(context.workspace, row) is None
    note(folder, Device(id="KWLNRXZQ", key="a1b2c3d4e5"))
    card = AccountSettings(context, row, window)
    card.open()
    await until(lambda: card.findChild(DeviceCard) is not None)
    told = card.findChild(DeviceCard)
    assert isinstance(told, DeviceCard)
    shown = " ".join(one.text() for one in told.findChildren(QLabel))
    assert "KWLNRXZQ" in shown
    assert "a1b2 c3d4 e5" in shown
