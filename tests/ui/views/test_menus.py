"""Which tags: a menu that stays open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.tag_menu import TagMenu

TAGS = (
    TagRow(id=1, uid="a", name="order", hue=10),
    TagRow(id=2, uid="b", name="İade & refund", hue=200),
)


@pytest.fixture
def tags(qtbot: QtBot, theme: Theme) -> TagMenu:
    menu = TagMenu(theme, tags=TAGS, chosen={1})
    qtbot.addWidget(menu)
    return menu


def test_typing_filters_without_accents_and_offers_a_new_tag(tags: TagMenu) -> None:
    tags.field.setText("iade")
    assert tags.shown() == ["İade & refund"]
    tags.field.setText("order")
    assert not tags._create.isVisible()
    tags.field.setText("orders")
    assert tags._create.isVisible()


def test_enter_creates_what_does_not_exist(qtbot: QtBot, tags: TagMenu) -> None:
    tags.field.setText("  wholesale ")
    with qtbot.waitSignal(tags.created) as created:
        QTest.keyClick(tags.field, Qt.Key.Key_Return)
    assert created.args == ["wholesale"]


def test_unchecking_takes_the_tag_off(qtbot: QtBot, tags: TagMenu) -> None:
    with qtbot.waitSignal(tags.toggled) as toggled:
        tags._entries[0][1].setChecked(False)
    assert toggled.args == [TAGS[0], False]
