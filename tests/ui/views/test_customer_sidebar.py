"""The pane on the right: who the customer is, and what is saved by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.services import customers as services
from desktop_inbox.store import customer_search, customers, suppression
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import ElidedLabel
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import LENA


@pytest_asyncio.fixture
async def sidebar(qtbot: QtBot, context: AppContext) -> AsyncIterator[CustomerSidebar]:
    """Mina's first conversation of two, with a file."""

    def fill(tx: Tx) -> int:
        account = builders.account(tx)
        now = utc_now()
        other = builders.conversation(tx, subject="Blue mug", at=now - timedelta(days=9))
        builders.message(tx, other, Mail(at=now - timedelta(days=9)), account_id=account)
        first = builders.conversation(tx, at=now)
        builders.message(tx, first, Mail(at=now, attachments=("list.pdf",)), account_id=account)
        return first

    first = await context.write(fill)
    sidebar = CustomerSidebar(context)
    qtbot.addWidget(sidebar)
    sidebar.resize(288, 700)
    sidebar.show()
    sidebar.show_conversation(first)
    await until(lambda: sidebar.data is not None)
    yield sidebar


async def stored(context: AppContext, sidebar: CustomerSidebar) -> CustomerRow:
    assert sidebar.data is not None
    key = sidebar.data.known.customer.id
    row = await context.read(lambda conn: customers.row(conn, key))
    assert row is not None
    return row


async def test_it_shows_the_person_their_history_and_their_files(
    sidebar: CustomerSidebar,
) -> None:
    assert sidebar.editor.person.name.text() == MINA.name
    assert len(sidebar.editor.identities.lines()) == 1
    assert [line.row.subject for line in sidebar.history.lines()] == ["Blue mug"]  # type: ignore[attr-defined]
    assert len(sidebar.files.lines()) == 1


async def test_a_click_on_the_history_asks_for_that_conversation(
    qtbot: QtBot, sidebar: CustomerSidebar, context: AppContext
) -> None:
    asked: list[int] = []
    context.conversation_requested.connect(asked.append)
    (line,) = sidebar.history.lines()
    assert isinstance(line, QAbstractButton)
    line.click()
    assert asked == [line.row.id]  # type: ignore[attr-defined]


async def test_an_address_is_copied_with_one_press(sidebar: CustomerSidebar) -> None:
    (identity,) = sidebar.editor.identities.lines()
    button = identity.findChild(QAbstractButton)
    assert button is not None
    button.click()
    assert QApplication.clipboard().text() == MINA.address


async def test_an_address_that_mail_comes_back_from_says_since_when_and_why(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    words = "5.1.1 No such user"

    def refuse(tx: Tx) -> None:
        suppression.suppress(tx, MINA.address, words=words)
        tx.touch(conversation=[sidebar.conversation_id or 0])

    await context.write(refuse)
    await until(lambda: sidebar.data is not None and bool(sidebar.data.known.undeliverable))
    (line,) = sidebar.editor.identities.lines()
    (told,) = [
        one for one in line.findChildren(ElidedLabel) if one.full_text().startswith("Undeliverable")
    ]
    assert told.full_text().startswith("Undeliverable since ")
    assert words in line.toolTip()


async def test_notes_are_saved_when_they_are_left(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    sidebar.editor.notes.field.setPlainText("Prefers WhatsApp")
    sidebar.editor.notes.flush()
    await until(lambda: sidebar.data is not None and sidebar.data.known.customer.notes)
    assert (await stored(context, sidebar)).notes == "Prefers WhatsApp"


async def test_a_name_is_changed_behind_the_pencil(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    sidebar.editor.person.pencil.click()
    sidebar.editor.person.name_field.setText("Mina O.")
    QTest.keyClick(sidebar.editor.person.name_field, Qt.Key.Key_Return)
    await until(lambda: sidebar.editor.person.name.text() == "Mina O.")
    assert (await stored(context, sidebar)).name == "Mina O."


async def test_what_is_typed_is_saved_for_the_customer_it_was_typed_for(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    sidebar.editor.notes.field.setPlainText("quick")
    first = sidebar.data
    assert first is not None
    sidebar.show_conversation(None)
    row: CustomerRow | None = None
    for _ in range(100):
        row = await context.read(lambda conn: customers.row(conn, first.known.customer.id))
        if row is not None and row.notes:
            break
    assert row is not None
    assert row.notes == "quick"


async def test_without_a_customer_nothing_is_shown(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    key = await context.write(lambda tx: builders.conversation(tx, who=None))
    sidebar.show_conversation(key)
    await until(lambda: sidebar.data is None)
    assert not sidebar._body.isVisible()


async def test_files_of_all_conversations_are_there_and_lead_to_their_message(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    def fill(tx: Tx) -> tuple[int, int]:
        old = builders.conversation(tx, subject="Invoices", at=utc_now() - timedelta(days=30))
        names = tuple(f"invoice {number}.pdf" for number in range(9))
        mail = Mail(at=utc_now() - timedelta(days=30), attachments=names)
        return old, builders.message(tx, old, mail)

    conversation, message = await context.write(fill)
    await until(lambda: sidebar.data is not None and sidebar.data.file_count == 10)
    assert len(sidebar.files.lines()) == 7  # six, and the way to the others
    (more,) = (line for line in sidebar.files.lines() if isinstance(line, QPushButton))
    more.click()
    await until(lambda: len(sidebar.files.lines()) == 10)
    asked: list[tuple[int, int]] = []
    context.message_requested.connect(lambda *what: asked.append(what))
    last = sidebar.files.lines()[-1]
    assert isinstance(last, QAbstractButton)
    last.click()
    assert asked == [(conversation, message)]


async def test_a_name_without_a_space_pushes_nothing_out_of_sight(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    assert sidebar.data is not None
    key = sidebar.data.known.customer.id
    await context.write(lambda tx: services.edit(tx, key, name="Wolfeschlegel" * 9))
    await until(lambda: sidebar.editor.person.name.text().startswith("Wolfe"))
    assert sidebar._body.width() <= sidebar.width()
    assert (
        sidebar.editor.person.name.heightForWidth(240)
        > 3 * sidebar.editor.person.name.fontMetrics().height()
    )
    assert sidebar.editor.person.name.accessibleName() == "Wolfeschlegel" * 9


async def _beside(context: AppContext) -> int:
    """A conversation with somebody else."""

    def fill(tx: Tx) -> int:
        account = builders.account(tx, address="second@shop.example")
        key = builders.conversation(tx, who=LENA, at=utc_now())
        builders.message(tx, key, Mail(who=LENA, at=utc_now()), account_id=account)
        return key

    return await context.write(fill)


async def test_a_name_that_is_being_edited_never_becomes_that_of_the_next_customer(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    other = await _beside(context)
    sidebar.editor.person.pencil.setChecked(True)
    sidebar.editor.person.company_field.setText("Mina's shop")
    sidebar.show_conversation(other)
    sidebar.editor.person.company_field.setText("Mina's shops")  # before the next is read
    await until(lambda: sidebar.editor.person.name.text() == LENA.name)
    assert await _names(context) >= {(MINA.name, "Mina's shops"), (LENA.name, "")}


async def _names(context: AppContext) -> set[tuple[str, str]]:
    await context.write(lambda _tx: None)  # behind whatever is being written
    rows = await context.read(lambda conn: customer_search.find(conn, "", limit=9))
    return {(row.name, row.company) for row in rows}


async def test_notes_typed_while_the_next_customer_is_read_are_kept(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    other = await _beside(context)
    mina = sidebar.data.known.customer.id  # type: ignore[union-attr]
    sidebar.show_conversation(other)
    sidebar.editor.notes.field.setPlainText("Prefers WhatsApp")
    await until(lambda: sidebar.editor.person.name.text() == LENA.name)
    await context.write(lambda _tx: None)
    row = await context.read(lambda conn: customers.row(conn, mina))
    assert row is not None
    assert row.notes == "Prefers WhatsApp"
    assert sidebar.editor.notes.field.toPlainText() == ""


async def test_notes_written_elsewhere_are_not_taken_back_by_whoever_only_looked(
    sidebar: CustomerSidebar, context: AppContext
) -> None:
    mina = sidebar.data.known.customer.id  # type: ignore[union-attr]
    notes = sidebar.editor.notes
    sidebar.activateWindow()
    notes.field.setFocus()
    await context.write(lambda tx: services.edit(tx, mina, notes="From the other desk"))
    await until(lambda: sidebar.data and sidebar.data.known.customer.notes)
    assert notes.field.toPlainText() == "From the other desk"
    notes.field.clearFocus()
    notes.flush()
    assert (await stored(context, sidebar)).notes == "From the other desk"
