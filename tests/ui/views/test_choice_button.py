"""A button that says what is ticked, and lets several be ticked in one go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.views.choice_button import ChoiceButton

CHOICES = [("a", "Ann & Co"), ("b", "Bea"), ("c", "Cem"), ("d", "Dil")]


def test_it_says_what_is_ticked_and_that_nothing_matters(qtbot: QtBot) -> None:
    button = ChoiceButton()
    qtbot.addWidget(button)
    button.offer(CHOICES, chosen=())
    assert button.text() == "Any"
    button.offer(CHOICES, chosen={"a", "b", "c", "d"})
    assert button.text() == "Ann && Co, Bea, Cem and 1 more"


def test_several_are_ticked_with_keys_while_the_menu_stays(qtbot: QtBot) -> None:
    button = ChoiceButton()
    qtbot.addWidget(button)
    button.offer(CHOICES, chosen={"b"})
    menu = button.menu()
    assert isinstance(menu, QMenu)
    for place, key in ((0, Qt.Key.Key_Space), (1, Qt.Key.Key_Return)):
        menu.setActiveAction(menu.actions()[place])
        with qtbot.assertNotEmitted(menu.triggered), qtbot.waitSignal(button.edited):
            QTest.keyClick(menu, key)
    assert button.chosen() == {"a"}


def test_what_is_chosen_but_gone_stays_until_it_is_unticked(qtbot: QtBot) -> None:
    button = ChoiceButton()
    qtbot.addWidget(button)
    button.offer(CHOICES, chosen={"gone"})
    assert button.text() == "Removed"
    assert button.chosen() == {"gone"}
