"""Everybody who writes is found as one types, and shown with all their conversations."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.services import customers as service
from desktop_inbox.store import customers
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.customer_lines import HistoryLine
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from desktop_inbox.ui.views.customers_page import CustomersPage
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until


async def test_typing_finds_a_customer_and_a_click_opens_what_was_said(
    qtbot: QtBot, context: AppContext
) -> None:
    def fill(tx: Tx) -> None:
        account = builders.account(tx)
        for who in (MINA, MINA, Address(name="Şule Güneş", address="sule@example.com")):
            key = builders.conversation(tx, who=who)
            builders.message(tx, key, Mail(), account_id=account)

    await context.write(fill)
    window = QWidget()
    qtbot.addWidget(window)
    page = CustomersPage(context, parent=window)
    page.show()
    await until(lambda: page.list.count() == 2)
    page.search.setText("sule gun")
    await until(lambda: page.list.count() == 1)
    await until(lambda: page.name.text() == "Şule Güneş")
    page.search.setText("mina")
    await until(lambda: len(page.talks.lines()) == 2)
    asked: list[int] = []
    context.conversation_requested.connect(asked.append)
    line = page.talks.lines()[0]
    assert isinstance(line, HistoryLine)
    line.click()
    assert asked == [line.row.id]


async def test_up_and_down_walk_through_what_was_found_while_one_types(
    qtbot: QtBot, context: AppContext
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    await until(page.name.text)
    before = page.name.text()
    assert page.how_to_merge.isVisible()
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    await until(lambda: page.name.text() != before)
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    QTest.keyClick(page.search, Qt.Key.Key_Up)
    await until(lambda: page.name.text() == before)


async def test_two_are_merged_and_separated_again(qtbot: QtBot, context: AppContext) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    assert not page.merge_button.isVisible()
    page.list.selectAll()
    assert page.merge_button.isVisible()
    page.merge_button.click()
    await until(lambda: getattr(page, "merging", None) is not None)
    page.merging.merge_button.click()
    await until(lambda: page.list.count() == 1)
    await until(page.separate_button.isVisible)
    page.separate_button.click()
    await until(lambda: page.list.count() == 2)


async def test_the_company_of_others_at_the_same_domain_is_offered(
    qtbot: QtBot, context: AppContext
) -> None:
    def fill(tx: Tx) -> int:
        keys = []
        for name in ("ali", "veli", "deli"):
            who = Address(name=name, address=f"{name}@atolye.example")
            keys.append(builders.conversation(tx, who=who))
        for row in customers.list_all(tx.conn)[:2]:
            service.edit(tx, row.id, company="Atölye & Oğulları")
        return keys[-1]

    key = await context.write(fill)
    sidebar = CustomerSidebar(context)
    qtbot.addWidget(sidebar)
    sidebar.show()
    sidebar.show_conversation(key)
    await until(lambda: sidebar.person.guess.isVisible())
    assert sidebar.person.guess.accessibleName() == "Company: Atölye & Oğulları?"
    sidebar.person.guess.click()
    await until(lambda: sidebar.person.company.text() == "Atölye & Oğulları")
    assert not sidebar.person.guess.isVisible()


async def _page_of_two(window: QWidget, context: AppContext) -> CustomersPage:
    """Two customers who may be one person."""

    def fill(tx: Tx) -> None:
        for who in (MINA, Address(name="Mina A.", address="mina.a@example.com")):
            builders.conversation(tx, who=who)

    await context.write(fill)
    page = CustomersPage(context, parent=window)
    page.show()
    await until(lambda: page.list.count() == 2)
    return page
