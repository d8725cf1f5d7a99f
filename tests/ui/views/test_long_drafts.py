"""Writing in a long text costs what is typed, not what stands there already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.rich_text import Line
from desktop_inbox.settings import Settings
from desktop_inbox.ui.spelling import Speller
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import rich_document
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_spelling import Spelling
from desktop_inbox.ui.views.rich_commands import COMMANDS
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk
from tests.ui.views.mail_desk import desk as desk

LONG = "\n".join(["Thank you for your order, it leaves today."] * 1500)

_PLACES = st.integers(0, 60)
_PASTED = ("<b>bold</b><br>line", "<ul><li>a<li>b</ul>", "<p>x<blockquote>q</blockquote><p>y")
_STEPS = st.one_of(
    st.tuples(st.just("insert"), _PLACES, st.text("ab \n😀", max_size=12)),
    st.tuples(st.just("paste"), _PLACES, st.sampled_from(_PASTED)),
    st.tuples(st.just("delete"), _PLACES, _PLACES),
    st.tuples(st.sampled_from(sorted(COMMANDS)), _PLACES, _PLACES),
    st.tuples(st.sampled_from(["undo", "redo"]), st.just(0), st.just(0)),
)


@example([("paste", 0, _PASTED[1]), ("delete", 1, 11), ("undo", 0, 0)])
@given(st.lists(_STEPS, max_size=14))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
def test_what_is_read_again_only_where_it_changed_is_what_stands_there(
    qapp: object, theme: Theme, steps: list[tuple[str, int, int | str]]
) -> None:
    editor = ComposerEditor(theme)
    editor.set_text("one\ntwo\n\nthree\nfour")
    for what, start, more in steps:
        length = editor.document().characterCount()
        cursor = editor.textCursor()
        cursor.setPosition(start % length)
        if what == "paste":
            pasted = QMimeData()
            pasted.setHtml(str(more))
            editor.setTextCursor(cursor)
            editor.insertFromMimeData(pasted)
        elif isinstance(more, str):
            cursor.insertText(more)
        elif what in ("undo", "redo"):
            getattr(editor, what)()
        else:
            cursor.setPosition(more % length, QTextCursor.MoveMode.KeepAnchor)
            editor.setTextCursor(cursor)
            if what == "delete":
                cursor.removeSelectedText()
            else:
                COMMANDS[what](editor)
        assert editor.lines() == rich_document.read(editor.document()), (what, start, more)
    editor.deleteLater()


async def test_a_key_in_a_long_reply_looks_at_nothing_but_its_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.open(desk.first)
    composer = desk.view.composer
    composer.editor.set_text(LONG)
    assert composer.content().body == LONG
    read: list[object] = []
    read_line, plain = rich_document.read_line, ComposerEditor.toPlainText

    def reading(block: QTextBlock) -> Line:
        read.append(block)
        return read_line(block)

    def saying(editor: ComposerEditor) -> str:
        read.append(editor)
        return plain(editor)

    monkeypatch.setattr(rich_document, "read_line", reading)
    monkeypatch.setattr(ComposerEditor, "toPlainText", saying)
    desk.press(Qt.Key.Key_X)
    assert not composer.is_empty
    assert read == []
    monkeypatch.setattr(ComposerEditor, "toPlainText", plain)
    assert composer.editor.lines()[-1].runs[0].text.endswith("today.x")
    assert len(read) == 1
    desk.press(Qt.Key.Key_Return)
    assert len(composer.editor.lines()) == 1501
    assert len(read) == 3  # the two lines that Enter made of one
    await until(lambda: composer.saved.text() == "Draft saved")
    stored = await desk.draft(desk.first)
    assert stored is not None
    assert stored.body == f"{LONG}x\n"


@pytest.fixture
def spelling(editor: ComposerEditor) -> Iterator[Spelling]:
    chosen = Settings()
    spelling = Spelling(editor, chosen, Speller(chosen, editor, command=["/nowhere/at all"]))
    yield spelling
    spelling.stop()


def test_words_of_a_long_text_are_looked_up_where_it_is_read(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling
) -> None:
    looked_at: set[str] = set()
    mistakes = editor.looks.mistakes

    def noting(text: str, caret: int) -> object:
        looked_at.add(text.partition(" ")[0])
        return mistakes(text, caret)

    editor.looks.mistakes = noting  # type: ignore[assignment]
    editor.set_text("\n".join(f"line{number} of an order" for number in range(2000)), caret=0)
    qtbot.waitUntil(lambda: not spelling._later.isActive())
    assert "line0" in looked_at
    assert "line1990" not in looked_at
    looked_at.clear()
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(lambda: "line1999" in looked_at)
    assert len(looked_at) < 100


def test_a_text_that_nobody_touches_is_left_in_peace(
    qtbot: QtBot, editor: ComposerEditor, spelling: Spelling
) -> None:
    QTest.keyClicks(editor, "Thank you")
    qtbot.waitUntil(lambda: not spelling._later.isActive())
    spelling._look()  # what it marks is no change that would have it look again
    assert not spelling._later.isActive()
