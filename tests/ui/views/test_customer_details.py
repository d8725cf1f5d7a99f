"""The customer pane: what is known is edited in place, and two who are one are merged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.customer_merge import Side
from desktop_inbox.services import customers as service
from desktop_inbox.store import customer_fields
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.customer_details import local_time
from desktop_inbox.ui.views.customer_editor import Known
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until

TWIN = replace(MINA, name="Mina O", address="mina+orders@orders.example")


@pytest_asyncio.fixture
async def pane(qtbot: QtBot, context: AppContext) -> AsyncIterator[CustomerSidebar]:
    """Mina, who wrote from two addresses, and a field of each kind that differs."""

    def fill(tx: Tx) -> int:
        account = builders.account(tx)
        service.add_field(tx, "Size", kind=FieldKind.NUMBER)
        service.add_field(tx, "Colour", kind=FieldKind.CHOICE, choices=("Blue", "Red"))
        made = [builders.conversation(tx, who=who) for who in (TWIN, MINA)]
        for key in made:
            builders.message(tx, key, Mail(), account_id=account)
        return made[-1]

    key = await context.write(fill)
    pane = CustomerSidebar(context)
    qtbot.addWidget(pane)
    pane.resize(300, 900)
    pane.show()
    pane.show_conversation(key)
    await until(lambda: pane.data is not None)
    yield pane


def _data(pane: CustomerSidebar) -> Known:
    assert pane.data is not None
    return pane.data.known


def _press(pane: CustomerSidebar, text: str) -> None:
    (found,) = (one for one in pane.editor.same.findChildren(QPushButton) if one.text() == text)
    found.click()


async def test_marks_and_fields_are_saved_as_they_are_edited_and_undone(
    pane: CustomerSidebar, context: AppContext
) -> None:
    notices: list[Notice] = []
    context.notice.connect(notices.append)
    pane.editor.details.vip.click()
    await until(lambda: _data(pane).customer.vip)
    await until(lambda: notices)
    undo = notices[-1].action
    assert undo is not None
    undo()
    await until(lambda: not _data(pane).customer.vip)
    editors = pane.editor.details.editors
    size, colour = (editors[f"field:{one.uid}"] for one in _data(pane).details.fields)
    assert isinstance(size, QLineEdit)
    assert isinstance(colour, QComboBox)
    size.setFocus()
    QTest.keyClicks(size, "38,5")
    size.editingFinished.emit()
    await until(lambda: list(_data(pane).details.values.values()) == ["38.5"])


async def test_a_tag_is_added_and_taken_off(pane: CustomerSidebar, context: AppContext) -> None:
    pane.editor.details.tag_field.setText("Wholesale")
    pane.editor.details.tag_field.returnPressed.emit()
    await until(lambda: [one.name for one in _data(pane).details.tags] == ["Wholesale"])
    pane.editor.details.untagged.emit("Wholesale")
    await until(lambda: not _data(pane).details.tags)
    key = _data(pane).customer.id
    assert await context.read(lambda conn: customer_fields.tags_of(conn, [key])) == {}


async def test_a_no_to_the_same_person_is_kept(pane: CustomerSidebar) -> None:
    assert pane.editor.same.isVisibleTo(pane)
    _press(pane, "Somebody else")
    await until(lambda: not _data(pane).same)
    assert not pane.editor.same.isVisibleTo(pane)


async def test_comparing_shows_both_and_merging_makes_them_one(pane: CustomerSidebar) -> None:
    _press(pane, "Compare")
    await until(lambda: hasattr(pane.editor, "merging"))
    choices = pane.editor.merging.choices["name"]
    assert {side: mark.text() for side, mark in choices.items()} == {
        Side.TARGET: MINA.name,
        Side.SOURCE: TWIN.name,
    }
    choices[Side.TARGET].click()
    pane.editor.merging.merge_button.click()
    await until(lambda: len(_data(pane).customer.identities) == 2)
    assert _data(pane).customer.name == MINA.name
    assert not _data(pane).same


def test_an_unknown_time_zone_shows_no_time() -> None:
    assert local_time("Europe/Istanbul")
    assert local_time("Mars/Base") == local_time("") == ""
