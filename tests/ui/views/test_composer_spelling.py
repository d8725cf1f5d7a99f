"""What is misspelt is underlined while one writes, and the menu offers what was meant."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_inbox.settings import Settings
from desktop_inbox.ui.spelling import Speller
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_spelling import Spelling

_WAVE = QTextCharFormat.UnderlineStyle.SpellCheckUnderline


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def spelling(editor: ComposerEditor, settings: Settings) -> Iterator[Spelling]:
    spelling = Spelling(editor, settings, Speller(settings, editor))
    yield spelling
    spelling.stop()


def underlined(editor: ComposerEditor) -> list[str]:
    found = []
    block = editor.document().begin()
    while block.isValid():
        for span in block.layout().formats():
            if span.format.underlineStyle() == _WAVE:
                text = block.text()[span.start : span.start + span.length]
                found.append(text)
        block = block.next()
    return "".join(found).split() if found else []


def whole(editor: ComposerEditor) -> str:
    return "".join(underlined(editor))


def test_misspelt_words_are_underlined_in_the_language_of_the_text(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling
) -> None:
    changes: list[bool] = []
    editor.edited.connect(lambda: changes.append(True))
    editor.set_text("Merhaba, kargonuz yarın gelcek, için teşekkürler ve selamlar bir iyi günler.")
    changes.clear()
    qtbot.waitUntil(lambda: whole(editor) == "gelcek", timeout=15_000)
    assert spelling.language == "tr"
    assert changes == []  # a mark is no change of the text
    editor.set_text(
        "Thank you for the order, we have not recieved the parcel and you will be told."
    )
    qtbot.waitUntil(lambda: whole(editor) == "recieved", timeout=15_000)


def test_the_word_that_is_being_typed_is_no_mistake_yet(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling
) -> None:
    editor.setFocus()
    QTest.keyClicks(editor, "Thank you for the wrld")
    qtbot.waitUntil(lambda: spelling.mistakes("wrld", -1) != [], timeout=15_000)
    assert whole(editor) == ""
    QTest.keyClicks(editor, " ")
    qtbot.waitUntil(lambda: whole(editor) == "wrld")


def test_the_menu_offers_what_was_meant_and_takes_new_words(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling, settings: Settings
) -> None:
    editor.set_text("Thank you for the order, we recieved it, Kayra.")
    qtbot.waitUntil(lambda: "recieved" in whole(editor), timeout=15_000)
    menus: list[QMenu] = []
    editor.menu_made.connect(lambda menu, _at: menus.append(menu))

    def open_menu(word: str) -> QMenu:
        cursor = editor.textCursor()
        cursor.setPosition(editor.toPlainText().index(word) + 2)
        at: QPoint = editor.cursorRect(cursor).center()
        menu = editor.createStandardContextMenu(at)
        editor.menu_made.emit(menu, at)
        return menu

    menu = open_menu("recieved")
    qtbot.waitUntil(lambda: any(one.text() == "received" for one in menu.actions()), timeout=15_000)
    next(one for one in menu.actions() if one.text() == "received").trigger()
    assert "received" in editor.toPlainText()
    editor.undo()
    assert "recieved" in editor.toPlainText()

    qtbot.waitUntil(lambda: "Kayra" in whole(editor), timeout=15_000)
    menu = open_menu("Kayra")
    next(one for one in menu.actions() if "Kayra" in one.text()).trigger()
    qtbot.waitUntil(lambda: "Kayra" not in whole(editor))
    assert settings.spelling_words == ["Kayra"]
    settings.spelling = False
    qtbot.waitUntil(lambda: whole(editor) == "")


def test_without_the_process_everything_counts_as_right(qtbot: QtBot, settings: Settings) -> None:
    speller = Speller(settings, command=["/nowhere/at all"])
    assert speller.wrong("en", ["wrld"]) == set()
    said: list[list[str]] = []
    speller.suggest("en", "wrld", said.append)
    qtbot.waitUntil(lambda: said == [[]])
    assert speller.wrong("en", ["wrld"]) == set()


def test_a_process_that_ends_at_once_is_not_started_for_ever(
    qtbot: QtBot, settings: Settings, tmp_path: object
) -> None:
    speller = Speller(settings, command=[sys.executable, "-c", "pass"])
    for _time in range(6):
        said: list[list[str]] = []
        speller.suggest("en", "wrld", said.append)
        qtbot.waitUntil(lambda said=said: said == [[]], timeout=10_000)  # type: ignore[misc]
    assert speller._starts <= 3
    speller.stop()


def test_a_caret_inside_moves_on_and_leaves_the_mark(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling
) -> None:
    editor.set_text("Thank you for the wrld and the order")
    editor.setFocus()
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    editor.setTextCursor(cursor)
    qtbot.waitUntil(lambda: whole(editor) == "wrld", timeout=15_000)
