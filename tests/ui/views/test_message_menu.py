"""The menu of a message: rows of the one table, about the message it was opened on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from desktop_inbox.domain.states import Direction
from desktop_inbox.services import remote_images
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.theme import Choice
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_source import SourceDialog
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until

LETTER = b"From: mina@orders.example\r\nContent-Type: text/html\r\n\r\n<p>See <b>this</b>.</p>"
OF_THE_TABLE = {spec.id: spec for spec in TABLE}


@pytest_asyncio.fixture
async def bubbles(window: MainWindow, context: AppContext) -> AsyncIterator[list[MessageBubble]]:
    """What is said in the conversation shown: a plain mail, a letter in HTML and a note."""
    shown = window.thread_view.conversation_id
    assert shown is not None

    def write(tx: Tx) -> None:
        for number, direction in enumerate((Direction.IN, Direction.IN, Direction.NOTE)):
            mail = Mail(
                text=f"Words {number}",
                direction=direction,
                at=builders.NOON + timedelta(days=30, minutes=number),
                who=MINA,
            )
            key = builders.message(tx, shown, mail, account_id=1)
            if number == 1:
                sha256 = context.workspace.files.put(LETTER)
                body = messages.NewBody(
                    message_id=key, text=mail.text, has_html=True, raw_sha256=sha256
                )
                messages.insert_bodies(tx, [body])

    await context.write(write)
    timeline = window.thread_view.timeline
    await until(lambda: len(timeline.message_ids()) >= 4)
    timeline.expand_all(expanded=True)
    await until(lambda: {"Words 0", "Words 2"} <= {one.message.text for one in timeline.bubbles()})
    yield timeline.bubbles()
    window.let_go()


def _said(bubbles: list[MessageBubble], number: int) -> MessageBubble:
    return next(one for one in bubbles if one.message.text == f"Words {number}")


def _menu(window: MainWindow, bubble: MessageBubble) -> list[str]:
    """The ids of what a message's menu offers."""
    menu = QMenu(window)
    window.thread_view.message_menu.fill(bubble.message.id, menu)
    return [action.objectName() for action in menu.actions() if not action.isSeparator()]


async def test_whatever_the_menu_offers_is_in_the_palette_and_the_help_as_well(
    window: MainWindow, context: AppContext, bubbles: list[MessageBubble]
) -> None:
    remote_images.allow_sender(context.settings, MINA.address)
    context.theme.choose(Choice.DARK)
    try:
        offered = _menu(window, _said(bubbles, 1))
        assert offered == [
            "reply", "reply_all", "forward", "message.copy", "message.print", "conversation.split",
            "message.original", "message.paper", "message.ask_pictures",
            "message.source", "message.save",
        ]  # fmt: skip
        window.palette_overlay.open()
        window.palette_overlay.field.setText("")
        words = {OF_THE_TABLE[one].text for one in offered}
        assert words <= set(window.palette_overlay.texts())
        window.palette_overlay.dismiss()
        window.shortcuts.open()
        for text in words:
            window.shortcuts.search.setText(text)
            assert text in window.shortcuts.listed()
    finally:
        context.theme.choose(Choice.LIGHT)


async def test_what_does_not_fit_a_message_is_offered_nowhere(
    window: MainWindow, context: AppContext, bubbles: list[MessageBubble]
) -> None:
    assert _menu(window, _said(bubbles, 2)) == [
        "message.copy", "message.print", "conversation.split",
    ]  # fmt: skip
    window.palette_overlay.open()
    offered = window.palette_overlay.texts()
    assert "Copy message text" in offered
    assert not {"View source", "Save as .eml…", "Show original", "React"} & set(offered)
    window.palette_overlay.dismiss()
    window.thread_view.timeline.go_to(_said(bubbles, 1).message.id)
    assert context.actions["message.source"].isEnabled()
    assert not context.actions["message.paper"].isEnabled()  # the window is light already
    window.thread_view.show_conversation(None)
    assert not context.actions["message.copy"].isEnabled()
    assert not context.actions["message.source"].isEnabled()


async def test_an_action_is_about_the_message_whose_menu_was_opened(
    window: MainWindow, context: AppContext, bubbles: list[MessageBubble]
) -> None:
    earlier, later = _said(bubbles, 0), _said(bubbles, 1)
    window.thread_view.timeline.reveal(later.message.id)
    _menu(window, earlier)
    context.actions["message.copy"].trigger()
    assert QApplication.clipboard().text() == "Words 0"
    context.actions["reply"].trigger()
    assert window.thread_view.composer.answers_id == earlier.message.id


async def test_an_answer_from_a_menu_quotes_nothing_of_another_message(
    window: MainWindow, context: AppContext, bubbles: list[MessageBubble]
) -> None:
    earlier, letter = _said(bubbles, 0), _said(bubbles, 1)
    await until(lambda: letter.body is not None and "this" in letter.body.toPlainText())
    assert letter.body is not None
    cursor = letter.body.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    letter.body.setTextCursor(cursor)
    _menu(window, earlier)
    context.actions["reply"].trigger()
    composer = window.thread_view.composer
    assert composer.answers_id == earlier.message.id
    assert "See this" not in composer.quoted_text()


async def test_the_source_and_the_file_are_those_of_the_message(
    window: MainWindow, context: AppContext, bubbles: list[MessageBubble]
) -> None:
    _menu(window, _said(bubbles, 1))
    context.actions["message.source"].trigger()
    await until(lambda: window.findChildren(SourceDialog))
    (source,) = window.findChildren(SourceDialog)
    source.close()
    context.actions["message.save"].trigger()
    (dialog,) = window.findChildren(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("Cracked glaze.eml")
    dialog.close()
