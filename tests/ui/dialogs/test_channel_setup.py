"""A channel that is no e-mail account is added by what its connector asks for, and really tried."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store import accounts
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.channel_setup import ChannelSetup
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.pages import Pages
from tests.support.feed_service import PASSWORD, FeedService
from tests.support.http_service import serving
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def site() -> AsyncIterator[FeedService]:
    async with serving(FeedService(private=True)) as site:
        yield site


@pytest_asyncio.fixture
async def page(qtbot: QtBot, context: AppContext) -> ChannelSetup:
    page = ChannelSetup(context, Accounts(context), kind="feed")
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    page.start()
    return page


def enter(page: ChannelSetup, **values: str) -> None:
    for name, value in values.items():
        editor = page.rows[name].editor
        assert isinstance(editor, QLineEdit)
        editor.setText(value)


def press_return(page: ChannelSetup, name: str) -> None:
    QTest.keyClick(page.rows[name].editor, Qt.Key.Key_Return)


async def test_what_is_missing_is_said_at_its_field(page: ChannelSetup) -> None:
    press_return(page, "address")
    assert page.rows["address"].wrong
    enter(page, address="https://forum.example/feed")
    assert not page.rows["address"].wrong


async def test_a_channel_that_answers_is_kept_with_its_secret(
    context: AppContext, page: ChannelSetup, site: FeedService
) -> None:
    enter(page, address=site.address, user="reader", password=PASSWORD)
    press_return(page, "password")

    await until(lambda: any(state == "ok" for state, _words in page.lines))
    await until(lambda: bool(context.workspace.db.read(accounts.list_all).result()))
    [row] = context.workspace.db.read(accounts.list_all).result()
    assert (row.kind, row.address) == ("feed", site.address)
    assert PASSWORD not in str(row.settings)
    password = page.rows["password"].editor
    assert isinstance(password, QLineEdit)
    await until(lambda: not password.text())


async def test_a_refused_sign_in_is_said_and_nothing_is_kept(
    context: AppContext, page: ChannelSetup, site: FeedService
) -> None:
    enter(page, address=site.address, user="reader", password="wrong")
    press_return(page, "password")

    await until(lambda: any(state == "bad" for state, _words in page.lines))
    [(_state, words)] = page.lines
    assert "signing in" in words
    assert context.workspace.db.read(accounts.list_all).result() == []
    assert page.entered().secrets == {"password": "wrong"}, "what was typed is still there"


async def test_what_cannot_be_an_address_is_no_refusal_of_a_server(page: ChannelSetup) -> None:
    enter(page, address="forum")
    press_return(page, "address")

    await until(lambda: any(state == "bad" for state, _words in page.lines))
    [(_state, words)] = page.lines
    assert words.startswith("Something entered above cannot be right.")


async def test_every_kind_can_be_chosen_from_the_page_of_any_other(
    qtbot: QtBot, context: AppContext
) -> None:
    pages = Pages(context, Accounts(context), QWidget(), with_sample=False)
    qtbot.addWidget(pages)
    pages.resize(1000, 700)
    pages.show()
    pages.add_account()
    assert pages.setup is not None
    for kind in [*pages.setup.tiles.tiles, "email"]:
        if pages.setup.tiles.tiles[kind].isChecked():
            continue
        QTest.mouseClick(pages.setup.tiles.tiles[kind], Qt.MouseButton.LeftButton)
        chosen = [key for key, tile in pages.setup.tiles.tiles.items() if tile.isChecked()]
        assert chosen == [kind]
    pages.close_setup()
