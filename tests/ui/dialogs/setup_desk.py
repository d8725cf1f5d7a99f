"""What tests of adding a channel share: the page, a hand on it, a world that knows nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import dns.asyncresolver
import dns.resolver
import dns.rrset
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors.email.discovery import Reach
from desktop_inbox.connectors.web.client import Web
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.models.accounts import Accounts
from tests.support.qt_waits import until


def nowhere() -> Reach:
    """A world in which nobody knows anything."""
    resolver = cast("dns.asyncresolver.Resolver", Records({}))
    return Reach(resolver=lambda: resolver, web=Web(places=Nowhere()))


def unconnected() -> Reach:
    """No network at all."""

    def resolver() -> dns.asyncresolver.Resolver:
        knows_nobody = dns.asyncresolver.Resolver(configure=False)
        knows_nobody.nameservers = []
        return knows_nobody

    return Reach(resolver=resolver, web=Web(places=Nowhere()))


@pytest_asyncio.fixture
async def page(qtbot: QtBot, context: AppContext) -> AsyncIterator[AccountSetup]:
    """The page as it stands when somebody wants to add a channel."""
    page = AccountSetup(context, Accounts(context), reach=nowhere())
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
        field = page.manual.fields[name]
        if isinstance(field, QLineEdit):
            field.clear()
            QTest.keyClicks(field, value)
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(value))
            field.activated.emit(field.currentIndex())


def go_on(page: AccountSetup) -> None:
    QTest.mouseClick(page._continue, Qt.MouseButton.LeftButton)


class Records:
    """Answers for a resolver, without a server."""

    def __init__(self, records: dict[str, str]) -> None:
        self._records = records

    async def resolve(self, name: str, kind: object, **_options: object) -> object:
        found = self._records.get(name)
        if found is None:
            raise dns.resolver.NXDOMAIN
        return dns.rrset.from_text(name, 60, "IN", "SRV", found)


class Nowhere(dict[tuple[str, int], tuple[str, int]]):
    """Leads whoever asks for any host to a port where nobody listens."""

    def get(self, place: tuple[str, int], default: object = None) -> tuple[str, int]:
        return ("127.0.0.1", 9)


async def press(page: AccountSetup, text: str) -> None:
    def offered() -> list[QPushButton]:
        buttons = page.findChildren(QPushButton)
        return [one for one in buttons if one.text() == text and one.isVisible()]

    await until(offered)
    (found,) = offered()
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)
