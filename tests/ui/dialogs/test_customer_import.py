"""A file of customers is tried first, brought in on request, and what was left out can be saved."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import customers
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.customer_import import CustomerImport
from tests.support import builders
from tests.support.qt_waits import until

_FILE = """name,email,company,phone
Mina Aydın,mina@example.org,Aydın Seramik,
Ömer Kaya,omer@example.net,,0532 111 22 33
Nobody,,,
Broken,broken@,,
"""


async def _opened(qtbot: QtBot, context: AppContext, path: Path) -> CustomerImport:
    window = QWidget()
    window.resize(900, 700)
    qtbot.addWidget(window)
    window.show()
    card = CustomerImport(context, window, path)
    card.open()
    await until(lambda: "Reading" not in card.summary.text())
    return card


def _cells(card: CustomerImport) -> list[list[str]]:
    cells = []
    for row in range(card.table.rowCount()):
        items = [card.table.item(row, column) for column in range(4)]
        cells.append([item.text() if item is not None else "" for item in items])
    return cells


async def test_nothing_is_stored_before_somebody_agrees_and_then_it_can_be_undone(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(_FILE, encoding="utf-8")
    who = Address(name="Mina", address="mina@example.org")
    await context.write(lambda tx: builders.conversation(tx, who=who))
    card = await _opened(qtbot, context, path)

    assert card.summary.text() == "Left out: 2, New: 1, Completed: 1"
    assert [row[1] for row in _cells(card)] == ["Left out", "Left out", "New", "Completed"]
    assert _cells(card)[0][3] == "No e-mail address and no phone number"
    assert _cells(card)[1][3] == "Not an address: broken@"
    assert len(await context.read(customers.list_all)) == 1

    said: list[Notice] = []
    context.notice.connect(said.append)
    assert card.import_button.text() == "Import 2 customers"
    card.import_button.click()
    await until(lambda: said)
    found = {row.name: row for row in await context.read(customers.list_all)}
    assert found["Mina"].company == "Aydın Seramik"
    assert {one.address for one in found["Ömer Kaya"].identities} >= {"omer@example.net"}

    action = said[0].action
    assert action is not None
    action()
    async with asyncio.timeout(5):
        while (await context.read(customers.list_all))[0].company:
            pass
    assert card.isVisible()  # what was left out can still be saved
    card._save_errors(tmp_path / "left out.csv")
    await until(lambda: (tmp_path / "left out.csv").exists())
    assert "broken@" in (tmp_path / "left out.csv").read_text(encoding="utf-8-sig")


async def test_a_file_that_is_no_table_says_so(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    path = tmp_path / "cat.vcf"
    path.write_bytes(b"\x00\x01\x02")
    card = await _opened(qtbot, context, path)
    assert str(path) in card.summary.text() or "cat.vcf" in card.summary.text()
    assert not card.import_button.isEnabled()
