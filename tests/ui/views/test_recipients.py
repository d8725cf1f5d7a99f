"""Recipients as they are typed, pasted, completed and taken off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.recipient_kinds import Offered, by_channel
from desktop_inbox.ui.views.recipients import RecipientField, parse_typed


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> RecipientField:
    field = RecipientField("To", theme=theme)
    qtbot.addWidget(field)
    field.resize(400, 30)
    field.show()
    return field


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("a@b.example", [Address(address="a@b.example")]),
        ("Ayşe Kaya <ayse@b.example>", [Address(name="Ayşe Kaya", address="ayse@b.example")]),
        ('"Kaya, Ayşe" <ayse@b.example>', [Address(name="Kaya, Ayşe", address="ayse@b.example")]),
        (
            "a@b.example; c@d.example,\n",
            [Address(address="a@b.example"), Address(address="c@d.example")],
        ),
        (" , ;", []),
    ],
)
def test_what_is_typed_becomes_addresses(typed: str, expected: list[Address]) -> None:
    assert parse_typed(typed) == expected


def test_enter_makes_a_chip_and_the_same_address_counts_once(
    qtbot: QtBot, field: RecipientField
) -> None:
    field.field.setText("mina@orders.example, MINA@orders.example")
    with qtbot.waitSignal(field.changed):
        QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert field.addresses() == (Address(address="mina@orders.example"),)
    assert field.field.text() == ""


def test_what_is_no_address_is_marked_and_reported(field: RecipientField) -> None:
    field.field.setText("mina, ok@orders.example")
    field.commit()
    assert field.invalid() == ["mina"]


def test_backspace_takes_the_last_one_off(field: RecipientField) -> None:
    field.set_addresses((Address(address="a@b.example"), Address(address="c@d.example")))
    QTest.keyClick(field.field, Qt.Key.Key_Backspace)
    assert [a.address for a in field.addresses()] == ["a@b.example"]


def test_many_recipients_take_more_lines_and_none_is_cut_off(field: RecipientField) -> None:
    one = field.minimumHeight()
    field.set_addresses(tuple(Address(address=f"person{n}@orders.example") for n in range(12)))
    assert field.minimumHeight() > 3 * one
    assert all(
        chip.geometry().right() <= field.width() and chip.geometry().bottom() <= field.height()
        for chip in field._chips
    )


def test_an_offer_that_is_taken_becomes_a_chip(field: RecipientField) -> None:
    offer = Address(name="Mina Okafor", address="mina@orders.example")
    field.offer([Offered(address=offer)])
    field._completer.activated.emit(str(offer))
    assert field.addresses() == (offer,)


def test_on_another_channel_what_is_there_is_looked_at_again(field: RecipientField) -> None:
    field.set_addresses((Address(address="0532 111 22 33"), Address(address="p7")))
    assert field.invalid() == ["0532 111 22 33", "p7"]
    field.accept(by_channel("phone", region="TR", known=()))
    assert [one.address for one in field.addresses()] == ["+905321112233", "p7"]
    assert field.invalid() == ["p7"]
    field.accept(by_channel("pager", region="TR", known={"p7"}))
    assert field.invalid() == ["+905321112233"]
