"""What is typed in the thread pane is never lost: stored, kept apart, found again."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from desktop_inbox.services import drafts, joining, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import drafts as stored_drafts
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import Notice
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk
from tests.ui.views.mail_desk import desk as desk


async def test_what_is_typed_is_stored_within_a_second_with_its_caret(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Dear 😀 Mina")
    desk.press(Qt.Key.Key_Left)
    await until(lambda: desk.view.composer.saved.text() == "Draft saved", timeout_seconds=1.5)
    draft = await desk.draft(desk.first)
    assert draft is not None
    assert (draft.body, draft.caret) == ("Dear 😀 Mina", 10)
    assert draft.to == (MINA,)


async def test_a_draft_waits_for_its_conversation(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("half a sentence")
    await desk.open(desk.second)
    assert desk.text == ""
    desk.type("other words")
    await desk.open(desk.first)
    assert desk.text == "half a sentence"
    await desk.open(desk.second)
    assert desk.text == "other words"


async def test_changes_from_elsewhere_never_overwrite_a_focused_editor(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.activateWindow()
    desk.type("mine")
    await desk.view.flush()

    def elsewhere(tx: Tx) -> None:
        drafts.save(tx, DraftContent(conversation_id=desk.first, body="theirs", to=(MINA,)))
        builders.message(
            tx, desk.first, Mail(text="Any news?", at=utc_now()), account_id=desk.account
        )

    await desk.context.write(elsewhere)
    await until(lambda: len(desk.view.timeline.message_ids()) == 2)
    assert desk.text == "mine"
    desk.type("!")
    await desk.view.flush()
    draft = await desk.draft(desk.first)
    assert draft is not None
    assert draft.body == "theirs", "neither is overwritten unasked"
    desk.answer("Go on here")
    await until(lambda: not desk.view.keeper.dirty)
    assert desk.text == "mine!"
    assert await desk.bodies() == {"mine!", "theirs"}


async def test_what_another_window_wrote_can_be_shown_instead(desk: Desk) -> None:
    await _write_against_each_other(desk)
    desk.type("!")
    await desk.view.flush()
    desk.view.composer.editor.clearFocus()
    desk.answer("Show the other")
    await until(lambda: desk.text == "theirs")
    assert await desk.bodies() == {"mine!", "theirs"}


async def test_closing_before_that_is_decided_keeps_both(desk: Desk) -> None:
    await _write_against_each_other(desk)
    desk.type("!")
    await desk.view.flush()
    await desk.view.flush()
    assert await desk.bodies() == {"mine!", "theirs"}


async def test_a_save_that_is_due_in_the_moment_of_sending_leaves_no_draft(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("only once")
    desk.send()
    desk.view.keeper._save_now()  # its turn comes while the message is being queued
    await until(lambda: desk.text == "")
    await desk.view.keeper.flush()
    assert await desk.bodies() == set()
    assert len(await desk.messages(desk.first)) == 2, "the customer's and one answer"


async def test_a_draft_sent_in_another_window_is_not_sent_again_from_here(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("only once")
    await desk.view.flush()
    draft = await desk.draft(desk.first)
    assert draft is not None
    files = desk.context.workspace.files
    content = drafts.content_of(draft)
    await desk.context.write(
        lambda tx: replies.queue_reply(tx, files, draft=content, draft_id=draft.id, revision=1)
    )
    desk.send()
    await until(lambda: bool(desk.view.composer.strip.text))
    assert desk.text == "only once"
    assert len(await desk.messages(desk.first)) == 2, "the customer's and one answer"


async def test_the_caret_and_a_quote_left_out_are_part_of_a_draft(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("One two")
    desk.view.composer._leave_quote_out()
    await desk.view.flush()
    for _ in range(4):
        desk.press(Qt.Key.Key_Left)
    await desk.view.flush()
    draft = await desk.draft(desk.first)
    assert draft is not None
    assert (draft.caret, draft.quote) == (3, False)
    await desk.open(desk.second)
    await desk.open(desk.first)
    assert desk.view.composer.editor.caret() == 3
    assert desk.view.composer.quoted_text() == ""


async def test_a_draft_written_elsewhere_shows_where_nobody_is_writing(desk: Desk) -> None:
    await desk.open(desk.first)
    await desk.context.write(
        lambda tx: drafts.save(
            tx, DraftContent(conversation_id=desk.first, body="from the command line", to=(MINA,))
        )
    )
    await until(lambda: desk.text == "from the command line")


async def test_a_new_message_survives_as_a_draft(desk: Desk) -> None:
    desk.view.new_message()
    composer = desk.view.composer
    await until(lambda: composer.mode == "new" and composer.isVisible())
    composer.subject.setText("Begun")
    composer.subject.textEdited.emit("Begun")
    desk.type("not finished")
    await desk.open(desk.first)
    (draft,) = await desk.context.read(stored_drafts.list_all)
    assert (draft.subject, draft.body) == ("Begun", "not finished")
    desk.context.draft_requested.emit(draft.id)
    await until(lambda: desk.text == "not finished")
    assert composer.subject.text() == "Begun"


async def test_a_throw_away_can_be_taken_back(desk: Desk) -> None:
    notices: list[Notice] = []
    desk.context.notice.connect(notices.append)
    await desk.open(desk.first)
    desk.type("never mind")
    desk.view.composer.discard_wanted.emit()
    await until(lambda: notices)
    assert desk.text == ""
    assert await desk.draft(desk.first) is None
    assert notices[0].action is not None
    notices[0].action()
    await until(lambda: desk.text == "never mind")


async def test_whoever_throws_a_new_message_away_is_back_where_it_was_begun(desk: Desk) -> None:
    desk.context.conversation_requested.connect(desk.view.show_conversation)
    await desk.open(desk.first)
    for leave in (desk.view.composer.discard_wanted.emit, desk.view.composer.left.emit):
        desk.view.new_message()
        await until(lambda: desk.view.drafts.begins)
        leave()
        await until(lambda: desk.view.conversation_id == desk.first)
        await until(lambda: desk.view.data is not None)


async def test_each_draft_of_a_merged_conversation_can_be_gone_on_with(desk: Desk) -> None:
    """Rule P4: two drafts stay two; the head of the composer leads from one to the other."""
    for key, words in ((desk.second, "the invoice"), (desk.first, "the glaze")):
        content = DraftContent(conversation_id=key, account_id=desk.account, body=words)
        await desk.context.write(lambda tx, content=content: drafts.save(tx, content))  # type: ignore[misc]
    await desk.open(desk.first)
    other = desk.view.composer.sheet.other_draft
    assert other.isHidden()
    await desk.context.write(lambda tx: joining.merge(tx, [desk.second], desk.first))
    await until(lambda: not other.isHidden())
    assert desk.text == "the glaze"
    desk.view.composer.editor.moveCursor(QTextCursor.MoveOperation.End)
    desk.type("!")
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    await until(lambda: desk.text == "the invoice")
    assert await desk.bodies() == {"the glaze!", "the invoice"}
    desk.view.reload()
    await asyncio.sleep(0)
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    await until(lambda: desk.text == "the glaze!")
    assert await desk.bodies() == {"the glaze!", "the invoice"}


async def _write_against_each_other(desk: Desk) -> None:
    """We have a draft, and another window writes over it."""
    await desk.open(desk.first)
    desk.type("mine")
    await desk.view.flush()
    theirs = DraftContent(conversation_id=desk.first, body="theirs", to=(MINA,))
    await desk.context.write(lambda tx: drafts.save(tx, theirs))
