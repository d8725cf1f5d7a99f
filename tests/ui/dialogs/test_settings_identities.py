"""The page of identities: what it lists, and the card in which one is written."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from desktop_inbox.services import identities
from desktop_inbox.store import accounts
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.identity_editor import IdentityEditor
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.views.controls import ElidedLabel
from tests.support.builders import SHOP
from tests.support.qt_waits import until
from tests.ui.dialogs.test_settings import dialog, press, words_of

__all__ = ["dialog"]

CONTROL = Qt.KeyboardModifier.ControlModifier


def editor(dialog: SettingsDialog) -> IdentityEditor:
    window = dialog.parentWidget()
    assert window is not None
    return [one for one in window.findChildren(IdentityEditor) if one.isVisible()][-1]


def listed(dialog: SettingsDialog) -> list[str]:
    labels = dialog.page("identities").findChildren(ElidedLabel)
    shown = [one for one in labels if one.isVisibleTo(dialog.page("identities"))]
    return [one.full_text() for one in shown if one.property("kind") == "strong"]


async def enter(dialog: SettingsDialog, address: str, *, name: str = "Sales") -> None:
    press(dialog.page("identities"), "Add an identity")
    card = editor(dialog)
    card.address.setText(address)
    card.name.setText(name)
    QTest.keyClick(card.signature, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(card.signature, "Sales")
    press(card, "Save")


async def test_one_that_is_entered_is_listed_with_its_signature(
    dialog: SettingsDialog, context: AppContext
) -> None:
    dialog.open("identities")
    assert listed(dialog) == [SHOP.address]
    assert "Make default" not in words_of(dialog.page("identities"))
    await enter(dialog, "sales@shop.example")
    await until(lambda: listed(dialog) == [SHOP.address, "Sales <sales@shop.example>"])
    row = await context.read(lambda conn: accounts.row(conn, 1))
    assert row is not None
    _, sales = identities.identities(row)
    assert (sales.signature, sales.signature_html) == ("Sales", "<div><b>Sales</b></div>")


async def test_another_is_made_the_default_and_removed(dialog: SettingsDialog) -> None:
    dialog.open("identities")
    await enter(dialog, "sales@shop.example")
    await until(lambda: len(listed(dialog)) == 2)
    press(dialog.page("identities"), "Make default")
    await until(lambda: listed(dialog)[0] == "Sales <sales@shop.example>")
    [remove] = [
        one
        for one in dialog.page("identities").findChildren(QToolButton)
        if one.accessibleName() == f"Remove {SHOP.address}"
    ]
    remove.click()
    await until(lambda: listed(dialog) == ["Sales <sales@shop.example>"])


async def test_what_is_no_address_is_said_where_it_was_typed(dialog: SettingsDialog) -> None:
    dialog.open("identities")
    await enter(dialog, "nobody")
    card = editor(dialog)
    await until(lambda: "nobody" in card.error.text())
    card.dismiss()
    assert card.isVisible(), "what is written is not thrown away by a click beside it"
    card.leave()
