"""Writing with layout: keys, paste, drop, and what a document keeps of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage, QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.rich_text import (
    Kind,
    Line,
    Run,
    from_plain,
    normalised,
    to_html,
    to_text,
)
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import rich_document
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.link_bar import completed
from tests.mime.test_rich import LINES

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(
    editor: ComposerEditor,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.keyClick(editor, key, modifiers)


def html(editor: ComposerEditor) -> str:
    return to_html(editor.lines())


@given(LINES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_document_gives_back_what_was_put_into_it(qapp: object, lines: list[Line]) -> None:
    written = normalised(lines)
    document = QTextDocument()
    rich_document.fill(document, written)
    assert rich_document.read(document) == written


@pytest.mark.parametrize(
    ("key", "tag"), [(Qt.Key.Key_B, "b"), (Qt.Key.Key_I, "i"), (Qt.Key.Key_U, "u")]
)
def test_a_key_changes_how_the_next_words_look_and_changes_it_back(
    editor: ComposerEditor, key: Qt.Key, tag: str
) -> None:
    QTest.keyClicks(editor, "Dear ")
    press(editor, key, CONTROL)
    QTest.keyClicks(editor, "Mina")
    press(editor, key, CONTROL)
    QTest.keyClicks(editor, " Okafor")
    assert html(editor) == f"<div>Dear <{tag}>Mina</{tag}> Okafor</div>"


def test_a_list_goes_on_with_enter_and_ends_with_enter_on_an_empty_item(
    editor: ComposerEditor,
) -> None:
    press(editor, Qt.Key.Key_8, CONTROL | SHIFT)
    for word in ("Mug", "Bowl", ""):
        QTest.keyClicks(editor, word)
        press(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "Done")
    assert html(editor) == "<ul><li>Mug</li><li>Bowl</li></ul><div>Done</div>"


def test_backspace_at_the_beginning_of_an_item_ends_the_list(editor: ComposerEditor) -> None:
    press(editor, Qt.Key.Key_7, CONTROL | SHIFT)
    QTest.keyClicks(editor, "Mug")
    assert editor.lines()[0].kind is Kind.NUMBER
    press(editor, Qt.Key.Key_Home)
    press(editor, Qt.Key.Key_Backspace)
    assert html(editor) == "<div>Mug</div>"


def test_an_item_goes_deeper_and_comes_back(editor: ComposerEditor) -> None:
    press(editor, Qt.Key.Key_8, CONTROL | SHIFT)
    QTest.keyClicks(editor, "Mug")
    press(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "blue")
    press(editor, Qt.Key.Key_BracketRight, CONTROL)
    assert [line.level for line in editor.lines()] == [0, 1]
    press(editor, Qt.Key.Key_BracketLeft, CONTROL)
    assert [line.level for line in editor.lines()] == [0, 0]


def test_a_quote_is_left_by_enter_on_its_empty_line(editor: ComposerEditor) -> None:
    press(editor, Qt.Key.Key_9, CONTROL | SHIFT)
    QTest.keyClicks(editor, "old")
    press(editor, Qt.Key.Key_Return)
    press(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "new")
    assert to_text(editor.lines()) == "> old\nnew"


def test_undo_takes_back_the_layout_too(editor: ComposerEditor) -> None:
    QTest.keyClicks(editor, "Mug")
    press(editor, Qt.Key.Key_8, CONTROL | SHIFT)
    assert editor.lines()[0].kind is Kind.BULLET
    press(editor, Qt.Key.Key_Z, CONTROL)
    assert editor.lines()[0].kind is Kind.TEXT


def test_words_typed_behind_a_link_do_not_belong_to_it(editor: ComposerEditor) -> None:
    editor.set_lines((Line(runs=(Run(text="shop", link="https://shop.example/"),)),))
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, " and more")
    assert html(editor) == '<div><a href="https://shop.example/">shop</a> and more</div>'


def test_text_put_in_after_bold_text_was_taken_away_is_not_bold(editor: ComposerEditor) -> None:
    press(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, "loud")
    editor.set_text("")
    QTest.keyClicks(editor, "calm")
    assert html(editor) == "<div>calm</div>"


def test_what_comes_from_the_web_keeps_its_layout_and_nothing_else(editor: ComposerEditor) -> None:
    data = QMimeData()
    data.setText("Big words")
    data.setHtml(
        '<style>p{color:red}</style><p style="color:#fff;background:#000">Big <b>words</b>'
        '<img src="https://tracker.example/x.png" onerror="x()"></p><script>x()</script>'
    )
    editor.insertFromMimeData(data)
    assert html(editor) == "<div>Big <b>words</b></div>"


def test_what_is_copied_out_carries_no_colours_and_comes_back_as_it_was(
    editor: ComposerEditor,
) -> None:
    lines = (
        Line(runs=(Run(text="a", bold=True), Run(text=" b", link="https://shop.example/"))),
        Line(runs=(Run(text="item"),), kind=Kind.BULLET),
        Line(runs=(Run(text="old"),), quote=1),
        *from_plain("end"),
    )
    editor.set_lines(lines)
    editor.selectAll()
    editor.copy()
    copied = QGuiApplication.clipboard().mimeData()
    assert "color" not in copied.html().replace("border-left:2px solid #bbb", "")
    editor.set_text("")
    editor.paste()
    assert editor.lines() == lines


def test_a_key_puts_in_only_the_characters_of_what_was_copied(editor: ComposerEditor) -> None:
    data = QMimeData()
    data.setText("Big words")
    data.setHtml("<p>Big <b>words</b></p>")
    QGuiApplication.clipboard().setMimeData(data)
    press(editor, Qt.Key.Key_V, CONTROL | SHIFT)
    assert html(editor) == "<div>Big words</div>"


def test_where_nothing_of_it_arrives_keys_and_paste_make_no_layout(editor: ComposerEditor) -> None:
    editor.layouts = False
    data = QMimeData()
    data.setText("Big words")
    data.setHtml("<p>Big <b>words</b></p>")
    editor.insertFromMimeData(data)
    press(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, "!")
    assert html(editor) == "<div>Big words!</div>"


def test_html_too_long_to_take_apart_comes_in_as_its_text(editor: ComposerEditor) -> None:
    data = QMimeData()
    data.setText("short")
    data.setHtml(f"<p>{'x' * 1_000_001}</p>")
    editor.insertFromMimeData(data)
    assert editor.toPlainText() == "short"


def test_a_picture_stands_where_the_caret_is_and_counts_as_one_character(
    editor: ComposerEditor,
) -> None:
    QTest.keyClicks(editor, "ab")
    press(editor, Qt.Key.Key_Left)
    picture = QImage(2000, 1000, QImage.Format.Format_RGB32)
    editor.insert_picture("1@picture", "a mug.png", picture)
    assert editor.lines() == (
        Line(runs=(Run(text="a"), Run(text="a mug.png", picture="1@picture"), Run(text="b"))),
    )
    assert editor.caret() == 2
    assert editor.document().size().width() <= editor.viewport().width()


def test_a_picture_gives_way_where_there_is_less_room(editor: ComposerEditor, qtbot: QtBot) -> None:
    editor.insert_picture("1@picture", "a mug", QImage(2000, 1000, QImage.Format.Format_RGB32))
    written = editor.lines()
    editor.resize(220, 200)
    qtbot.waitUntil(lambda: editor.document().size().width() <= editor.viewport().width())
    assert editor.lines() == written


def test_colours_of_the_screen_are_no_change_of_the_text(
    editor: ComposerEditor, theme: Theme, qtbot: QtBot
) -> None:
    editor.set_lines((Line(runs=(Run(text="shop", link="https://shop.example/"),)),))
    heard: list[bool] = []
    editor.edited.connect(lambda: heard.append(True))
    theme.changed.emit()
    editor.looks.recolour()
    assert not heard


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("shop.example", "https://shop.example"),
        (" https://shop.example/a ", "https://shop.example/a"),
        ("ada@shop.example", "mailto:ada@shop.example"),
        ("tel:+90532", "tel:+90532"),
        ("javascript:alert(1)", ""),
        ("no link", ""),
        ("", ""),
    ],
)
def test_a_link_is_completed_and_one_that_could_run_is_refused(typed: str, url: str) -> None:
    assert completed(typed) == url
