"""Everybody who writes is found as one types, and shown with all their conversations."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import Connection

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customer_merge import Side
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import customers as service
from desktop_inbox.store import customers
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.customer_lines import HistoryLine
from desktop_inbox.ui.views.customer_picker import CustomerPicker
from desktop_inbox.ui.views.customer_same import called
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
    await until(lambda: page.editor.person.name.text() == "Şule Güneş")
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
    await until(page.editor.person.name.text)
    before = page.editor.person.name.text()
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    await until(lambda: page.editor.person.name.text() != before)
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    QTest.keyClick(page.search, Qt.Key.Key_Up)
    await until(lambda: page.editor.person.name.text() == before)


async def test_two_are_merged_and_separated_again(qtbot: QtBot, context: AppContext) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    await until(page.merge_button.isVisible)
    page.list.selectAll()
    assert page.merge_button.text() == "Merge these two…"
    page.merge_button.click()
    await until(lambda: hasattr(page.editor, "merging"))
    page.editor.merging.merge_button.click()
    await until(lambda: page.list.count() == 1)
    await until(page.separate_button.isVisible)
    page.separate_button.click()
    await until(lambda: page.list.count() == 2)


async def test_a_customer_is_merged_with_one_who_is_searched_for_and_ctrl_z_takes_it_back(
    qtbot: QtBot, context: AppContext
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    await until(lambda: page.editor.known is not None)
    assert page.editor.known is not None
    stays = page.editor.known.customer
    (other,) = (row for row in await context.read(customers.list_all) if row.id != stays.id)
    page.merge_button.click()
    await until(lambda: page.findChild(CustomerPicker) is not None)
    picker = page.findChild(CustomerPicker)
    assert isinstance(picker, CustomerPicker)
    await until(picker.isVisible)
    QTest.keyClicks(picker.field, other.identities[0].address)
    await until(lambda: picker.texts() == [called(other)])
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    await until(lambda: hasattr(page.editor, "merging"))
    page.editor.merging.choices["name"][Side.SOURCE].click()
    page.editor.merging.merge_button.click()
    await until(lambda: page.list.count() == 1)
    await until(lambda: page.editor.person.name.text() == other.name)
    await until(page.toast.isVisible)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: page.list.count() == 2)
    await until(lambda: page.editor.person.name.text() == stays.name)


async def test_what_is_known_of_a_customer_is_edited_where_they_are_found(
    qtbot: QtBot, context: AppContext
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    editor = page.editor
    await until(lambda: editor.known is not None)
    assert editor.known is not None
    first = editor.known.customer
    editor.details.vip.click()
    await until(lambda: editor.known is not None and editor.known.customer.vip)
    editor.details.tag_field.setText("Wholesale")
    editor.details.tag_field.returnPressed.emit()
    await until(lambda: editor.known is not None and editor.known.details.tags)
    editor.notes.field.setPlainText("Wraps gifts")
    QTest.keyClick(page.search, Qt.Key.Key_Down)  # to the other one, while this is not saved yet
    await until(lambda: editor.known is not None and editor.known.customer.id != first.id)
    assert not editor.notes.field.toPlainText()
    assert not editor.details.vip.isChecked()
    editor.notes.field.setPlainText("Comes by bicycle")
    changed: list[Changes] = []
    context.bridge.changed.connect(changed.append)
    page.close()
    await until(lambda: any(one.customers - {first.id} for one in changed))

    def notes(conn: Connection) -> dict[str, str]:
        return {row.name: row.notes for row in customers.list_all(conn)}

    kept = await context.read(notes)
    assert sorted(kept.values()) == ["Comes by bicycle", "Wraps gifts"]
    assert kept[first.name] == "Wraps gifts"


async def test_a_refused_edit_is_said_where_it_was_made(qtbot: QtBot, context: AppContext) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    page = await _page_of_two(window, context)
    await until(lambda: page.editor.known is not None)
    zone = page.editor.details.editors["time_zone"]
    zone.setFocus()
    QTest.keyClicks(zone, "Narnia")
    QTest.keyClick(zone, Qt.Key.Key_Return)
    await until(lambda: page.bar.isVisible() and "Narnia" in (page.bar.accessibleName()))


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
    await until(lambda: sidebar.editor.person.guess.isVisible())
    assert sidebar.editor.person.guess.accessibleName() == "Company: Atölye & Oğulları?"
    sidebar.editor.person.guess.click()
    await until(lambda: sidebar.editor.person.company.text() == "Atölye & Oğulları")
    assert not sidebar.editor.person.guess.isVisible()


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
