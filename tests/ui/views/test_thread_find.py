"""Finding words in the open conversation, and putting it on paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest

from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.views.message_print import Paper
from desktop_inbox.ui.views.message_text import of_text
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk, desk
from tests.ui.views.sample import attachment, message

__all__ = ["desk"]  # the fixture


async def _talk(desk: Desk) -> list[int]:
    """Forty messages; the fifth and the thirtieth speak of a kiln, the thirtieth in its history."""

    def write(tx: Tx) -> list[int]:
        keys = []
        for number in range(40):
            text = "The KİLN is cold." if number == 5 else f"Message {number}."
            mail = Mail(text=text, at=builders.NOON + timedelta(days=1, minutes=number))
            keys.append(builders.message(tx, desk.first, mail, account_id=desk.account))
        body = messages.NewBody(
            message_id=keys[30], text="Thanks!\n> about the kiln\n", visible_text="Thanks!"
        )
        messages.insert_bodies(tx, [body])
        return keys

    keys = await desk.context.write(write)
    await desk.open(desk.first)
    return keys


async def test_hits_are_gone_through_from_the_newest_and_marked(desk: Desk) -> None:
    keys = await _talk(desk)
    desk.context.select(desk.first)
    desk.context.actions["thread.find"].trigger()
    finder = desk.view.finder
    assert finder.isVisible()
    finder.field.setText("kiln")
    await until(lambda: finder.count.text() == "2 of 2")
    assert desk.view.timeline.current == keys[30]
    quoting = desk.view.timeline.bubble(keys[30])
    assert quoting is not None
    assert quoting.body is not None
    assert "about the kiln" in quoting.body.toPlainText()  # unfolded, for the hit lies in it
    assert len(quoting.body.extraSelections()) == 1
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert finder.count.text() == "1 of 2"
    assert desk.view.timeline.current == keys[5]
    first = desk.view.timeline.bubble(keys[5])
    assert first is not None
    assert not first.visibleRegion().isEmpty()
    assert finder.field.hasFocus() or not desk.view.isActiveWindow()


async def test_what_is_not_there_is_said_and_escape_takes_the_marks_away(desk: Desk) -> None:
    await _talk(desk)
    finder = desk.view.finder
    finder.open_bar()
    finder.field.setText("porcelain")
    finder.look()
    assert finder.count.text() == "Not found"
    finder.field.setText("message 3")
    finder.look()
    QTest.keyClick(finder.field, Qt.Key.Key_Escape)
    assert finder.isHidden()
    assert not any(b.body and b.body.extraSelections() for b in desk.view.timeline.bubbles())


async def test_another_conversation_is_shown_without_the_bar(desk: Desk) -> None:
    await _talk(desk)
    desk.view.finder.open_bar()
    await desk.open(desk.second)
    assert desk.view.finder.isHidden()


@pytest.mark.parametrize("name", ["<b>bold</b>.pdf", "<img src='file:///etc/hostname'>.pdf"])
def test_paper_shows_foreign_words_as_they_are_and_fetches_nothing(
    qtbot: object, name: str
) -> None:
    row = message(
        1, subject="<h1>Big</h1>", text="Hello <i>you</i>", attachments=(attachment(1, name),)
    )
    paper = Paper([(row, of_text(row))], me="", pictures={})
    told = paper.toPlainText()
    for words in ("<h1>Big</h1>", "Hello <i>you</i>", name, "Mina Okafor"):
        assert words in told
    shown = paper.loadResource(
        QTextDocument.ResourceType.ImageResource.value, QUrl("file:///etc/hostname")
    )
    assert isinstance(shown, QImage)
    assert shown.width() == 1


async def test_what_the_list_is_searched_for_is_marked_until_it_is_not(desk: Desk) -> None:
    keys = await _talk(desk)
    bubble = desk.view.timeline.bubble(keys[39])
    assert bubble is not None
    assert bubble.body is not None
    desk.context.note_search("message 39")
    assert [one.cursor.selectedText() for one in bubble.body.extraSelections()] == ["Message", "39"]
    desk.view.finder.open_bar()
    desk.view.finder.field.setText("nothing such")
    desk.view.finder.look()
    assert bubble.body.extraSelections() == []
    desk.view.finder.close_bar()
    assert len(bubble.body.extraSelections()) == 2
    desk.context.note_search("")
    assert bubble.body.extraSelections() == []
