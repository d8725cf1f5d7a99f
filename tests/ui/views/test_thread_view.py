"""The thread pane on a real store: reading, answering, taking back, and losing nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
)
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import (
    canned,
    conversations,
    drafts,
    joining,
    profile,
    remote_images,
    replies,
)
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import drafts as stored_drafts
from desktop_inbox.store import messages, outbox
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.rows import DraftRow, MessageRow
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.keyboard import Keyboard
from desktop_inbox.ui.theme import LIGHT, Choice
from desktop_inbox.ui.views.file_desk import FileDesk
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_notices import PicturesOffer
from desktop_inbox.ui.views.thread_view import ThreadView
from desktop_inbox.ui.views.timeline import Timeline
from tests.support import builders
from tests.support.builders import MINA, SHOP, Mail
from tests.support.qt_waits import until
from tests.support.web import HOST, Server, reach, serving

LENA = Address(name="Lena Vogt", address="lena@orders.example")


@dataclass
class Desk:
    """A thread view on a workspace with two conversations."""

    view: ThreadView
    context: AppContext
    account: int
    first: int
    second: int

    async def open(self, conversation_id: int) -> None:
        self.view.show_conversation(conversation_id)
        await until(lambda: self.view.row is not None and self.view.row.id == conversation_id)
        await asyncio.sleep(0)  # never processEvents: a task may not be entered inside another

    async def messages(self, conversation_id: int) -> list[MessageRow]:
        return await self.context.read(lambda conn: messages.of_conversation(conn, conversation_id))

    async def draft(self, conversation_id: int) -> DraftRow | None:
        return await self.context.read(
            lambda conn: stored_drafts.of_conversation(conn, conversation_id)
        )

    async def bodies(self) -> set[str]:
        """What every draft says."""
        return {row.body for row in await self.context.read(stored_drafts.list_all)}

    def type(self, text: str) -> None:
        """Type as an input method does: also what is not ASCII."""
        self.view.composer.editor.setFocus()
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(self.view.composer.editor, event)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        QTest.keyClick(self.view.composer.editor, key, modifier or Qt.KeyboardModifier.NoModifier)

    def send(self) -> None:
        self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    @property
    def text(self) -> str:
        return self.view.composer.editor.toPlainText()

    def answer(self, words: str) -> None:
        """Press a button of the question strip."""
        for widget in self.view.composer.strip.buttons():
            if isinstance(widget, QPushButton) and widget.text() == words:
                widget.click()
                return
        raise AssertionError(f"no button {words}")


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext) -> AsyncIterator[Desk]:
    def fill(tx: Tx) -> tuple[int, int, int]:
        account = builders.account(tx)
        now = utc_now()
        first = builders.conversation(tx, at=now - timedelta(hours=2))
        builders.message(
            tx,
            first,
            Mail(text="The bowl arrived with a crack.", at=now - timedelta(hours=2)),
            account_id=account,
        )
        second = builders.conversation(tx, subject="Rechnung", who=LENA, at=now)
        builders.message(
            tx,
            second,
            Mail(text="Bitte die Rechnung.", who=LENA, at=now - timedelta(hours=1)),
            account_id=account,
        )
        return account, first, second

    account, first, second = await context.write(fill)
    view = ThreadView(context)
    qtbot.addWidget(view)
    view.resize(620, 760)
    view.show()
    yield Desk(view, context, account, first, second)
    view.close_desk()


async def test_a_conversation_shows_its_messages_and_whom_an_answer_goes_to(desk: Desk) -> None:
    await desk.open(desk.first)
    assert desk.view.head.title.full_text() == "Cracked glaze"
    assert [row.text for row in desk.view.data.messages] == ["The bowl arrived with a crack."]  # type: ignore[union-attr]
    assert desk.view.timeline.expanded_ids() == desk.view.timeline.message_ids()
    assert desk.view.composer.to.addresses() == (MINA,)


async def test_a_reply_leaves_as_it_was_shown_with_the_quoted_message_below(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Özür dileriz, yenisini gönderiyoruz 🙏")
    desk.send()
    await until(lambda: desk.text == "")
    _, sent = await desk.messages(desk.first)
    assert sent.direction is Direction.OUT
    assert sent.delivery is Delivery.QUEUED
    assert sent.visible_text == "Özür dileriz, yenisini gönderiyoruz 🙏"
    assert sent.text.startswith("Özür dileriz")
    assert "> The bowl arrived with a crack." in sent.text
    assert sent.to == (MINA,)
    assert sent.subject == "Re: Cracked glaze"
    assert await desk.draft(desk.first) is None


async def test_the_quoted_message_can_be_left_out(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Thank you!")
    desk.view.composer._leave_quote_out()
    desk.send()
    await until(lambda: desk.text == "")
    _, sent = await desk.messages(desk.first)
    assert sent.text == "Thank you!\n"


async def test_undo_brings_back_the_identical_editor(desk: Desk, tmp_path: Path) -> None:
    await desk.open(desk.first)
    file = tmp_path / "müşteri.txt"
    file.write_text("x")
    composer = desk.view.composer
    composer.files_wanted.emit([file])
    await until(lambda: composer.files.files())
    composer.cc.set_addresses((LENA,))
    desk.type("Hello 😀 world")
    desk.press(Qt.Key.Key_Left)
    shown = composer.content()
    desk.send()
    await until(lambda: desk.text == "")
    await until(lambda: len(desk.view.timeline.message_ids()) == 2)
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: desk.text != "")
    assert composer.content() == shown
    assert composer.cc.isVisibleTo(desk.view)
    assert len(await desk.messages(desk.first)) == 1
    assert await desk.context.read(outbox.list_all) == []


async def test_undo_within_the_bubble_does_the_same(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Wait")
    desk.send()
    await until(lambda: len(desk.view.timeline.message_ids()) == 2)
    desk.view.timeline.acted.emit(desk.view.timeline.message_ids()[-1], "undo")
    await until(lambda: desk.text == "Wait")


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
    await desk.open(desk.first)
    desk.type("mine")
    await desk.view.flush()
    theirs = DraftContent(conversation_id=desk.first, body="theirs", to=(MINA,))
    await desk.context.write(lambda tx: drafts.save(tx, theirs))
    desk.type("!")
    await desk.view.flush()
    desk.view.composer.editor.clearFocus()
    desk.answer("Show the other")
    await until(lambda: desk.text == "theirs")
    assert await desk.bodies() == {"mine!", "theirs"}


async def test_closing_before_that_is_decided_keeps_both(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("mine")
    await desk.view.flush()
    theirs = DraftContent(conversation_id=desk.first, body="theirs", to=(MINA,))
    await desk.context.write(lambda tx: drafts.save(tx, theirs))
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


async def test_an_empty_answer_is_refused_and_an_unfilled_place_is_shown(desk: Desk) -> None:
    await desk.open(desk.first)
    composer = desk.view.composer
    composer.quote = False
    desk.send()
    assert composer.strip.text
    desk.type("Hi {{contact.first_name}}")
    desk.send()
    assert "{{contact.first_name}}" in composer.strip.text
    assert composer.editor.textCursor().selectedText() == "{{contact.first_name}}"
    assert len(await desk.messages(desk.first)) == 1


async def test_a_promised_file_that_is_missing_is_asked_about_once(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Fatura ektedir.")
    desk.send()
    assert "ektedir" in desk.view.composer.strip.text
    desk.answer("Send anyway")
    await until(lambda: desk.text == "")
    assert len(await desk.messages(desk.first)) == 2


async def test_whoever_sends_once_more_from_the_keyboard_answers_with_enter(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Fatura ektedir.")
    desk.send()
    assert desk.view.composer.editor.hasFocus(), "a question takes no focus from who types"
    desk.send()
    answer = desk.view.composer.strip.buttons()[-1]
    assert answer.hasFocus()
    QTest.keyClick(answer, Qt.Key.Key_Space)
    await until(lambda: desk.text == "")
    assert desk.view.isAncestorOf(QApplication.focusWidget()), "the focus does not leave the thread"


async def test_a_refusal_keeps_the_text(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.composer.to.set_addresses(())
    desk.type("to nobody")
    desk.send()
    assert desk.view.composer.strip.text
    assert desk.text == "to nobody"


async def test_send_and_close_closes_and_undo_reopens(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Done")
    modifier = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    desk.press(Qt.Key.Key_Return, modifier)
    await until(lambda: desk.view.row is not None and desk.view.row.status == "closed")
    desk.view.acts.sending.undo()
    await until(lambda: desk.view.row is not None and desk.view.row.status == "open")
    assert desk.text == "Done"


async def test_a_note_shows_who_is_meant_as_it_did_while_it_was_written(desk: Desk) -> None:
    await desk.context.write(lambda tx: profile.edit(tx, name="Selin Kaya"))
    await desk.context.write(lambda tx: replies.add_note(tx, desk.first, "@selin, ask the @kiln"))
    await desk.open(desk.first)
    await until(lambda: len(desk.view.timeline.bubbles()) == 2)
    body = desk.view.timeline.bubbles()[-1].body
    assert body is not None
    html = body.document().toHtml()
    meant = LIGHT.accent.lower()
    assert re.search(rf'<span style="[^"]*font-weight:600;[^"]*color:{meant};[^"]*">@selin<', html)
    assert html.count(meant) == 1
    assert body.toPlainText() == "@selin, ask the @kiln"


async def test_a_note_is_written_and_never_sent(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keys.note()
    desk.type("ask the kiln {{first}}")
    desk.send()
    await until(lambda: desk.text == "")
    _, note = await desk.messages(desk.first)
    assert note.direction is Direction.NOTE
    assert note.text == "ask the kiln {{first}}"
    assert await desk.context.read(outbox.list_all) == []
    assert await desk.draft(desk.first) is None


async def test_reply_to_all_takes_everybody_but_ourselves(desk: Desk) -> None:
    def crowd(tx: Tx) -> int:
        key = builders.conversation(tx, subject="Group", at=utc_now())
        builders.message(tx, key, Mail(at=utc_now()), account_id=desk.account)
        return key

    key = await desk.context.write(crowd)
    await desk.open(key)
    row = desk.view.data.messages[0]  # type: ignore[union-attr]
    from dataclasses import replace

    surroundings = desk.view.composer.surroundings
    assert surroundings is not None
    desk.view.composer.sent_as.surroundings = replace(
        surroundings,
        messages=(replace(row, to=(SHOP, LENA), cc=(Address(address="b@c.example"),)),),
    )
    desk.view.composer.begin("reply_all", message_id=row.id)
    assert desk.view.composer.to.addresses() == (MINA,)
    assert [a.address for a in desk.view.composer.cc.addresses()] == [
        LENA.address,
        "b@c.example",
    ]


async def test_a_forward_takes_the_text_along_and_asks_for_a_recipient(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keys.forward()
    composer = desk.view.composer
    assert composer.subject.text() == "Fwd: Cracked glaze"
    assert composer.to.addresses() == ()
    composer.to.set_addresses((LENA,))
    composer.request_send()
    await until(lambda: composer.mode == "reply")
    sent = (await desk.messages(desk.first))[-1]
    assert sent.to == (LENA,)
    assert "Forwarded message" in sent.text
    assert "The bowl arrived with a crack." in sent.text
    assert "> The bowl" not in sent.text


async def test_a_new_message_begins_a_conversation(desk: Desk) -> None:
    asked: list[int] = []
    desk.context.conversation_requested.connect(asked.append)
    desk.view.new_message()
    composer = desk.view.composer
    await until(lambda: composer.mode == "new" and composer.isVisible())
    composer.to.field.setText("Ayşe <ayse@posta.com.tr>, lena@orders.example")
    composer.to.commit()
    composer.subject.setText("Sipariş")
    desk.type("Merhaba")
    desk.send()
    await until(lambda: asked)
    (sent,) = await desk.messages(asked[0])
    assert [a.address for a in sent.to] == ["ayse@posta.com.tr", "lena@orders.example"]
    assert sent.subject == "Sipariş"
    assert sent.text == "Merhaba\n"


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


async def test_a_slash_opens_the_picker_and_enter_inserts_the_filled_in_text(desk: Desk) -> None:
    await desk.context.write(
        lambda tx: canned.add(
            tx, title="Replacement", shortcut="replace", body="Dear {{contact.first_name|there}}, "
        )
    )
    await desk.context.write(
        lambda tx: canned.add(tx, title="Thanks", shortcut="thanks", body="Thank you!")
    )
    await desk.open(desk.first)
    picker = desk.view.composer.picker
    desk.type("/")
    await until(lambda: len(picker.shown()) == 2)
    desk.type("repl")
    await until(lambda: [row.shortcut for row in picker.shown()] == ["replace"])
    desk.press(Qt.Key.Key_Return)
    await until(lambda: desk.text == "Dear Mina, ")
    assert not picker.isVisible()


async def test_a_slash_inside_a_word_is_a_slash(desk: Desk) -> None:
    await desk.context.write(
        lambda tx: canned.add(tx, title="Thanks", shortcut="thanks", body="Thank you!")
    )
    await desk.open(desk.first)
    desk.type("and/or")
    assert not desk.view.composer.picker.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.text == "and/or\n"


async def test_a_dropped_folder_is_refused_with_words_and_a_file_is_attached(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.open(desk.first)
    folder = tmp_path / "photos"
    folder.mkdir()
    file = tmp_path / "list.csv"
    file.write_text("a,b")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder)), QUrl.fromLocalFile(str(file))])
    desk.view.composer.editor.insertFromMimeData(data)
    await until(lambda: desk.view.composer.files.files())
    (taken,) = desk.view.composer.files.files()
    assert taken["name"] == "list.csv"
    assert "photos" in desk.view.composer.strip.text
    assert desk.context.workspace.files.has(str(taken["sha256"]))


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


async def test_the_selection_and_what_is_read_stay_when_a_message_arrives(desk: Desk) -> None:
    def many(tx: Tx) -> int:
        key = builders.conversation(tx, subject="Long", at=utc_now())
        for number in range(30):
            builders.message(
                tx,
                key,
                Mail(text=f"Line {number}. " * 30, at=utc_now() - timedelta(minutes=60 - number)),
                account_id=desk.account,
            )
        return key

    key = await desk.context.write(many)
    await desk.open(key)
    timeline = desk.view.timeline
    desk.view.keys.expand_all()
    bar = timeline.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    anchor = timeline._anchor()
    assert anchor is not None
    row = anchor.row
    bubble = row.widget
    assert bubble is not None
    body = bubble.body  # type: ignore[attr-defined]
    body.selectAll()
    selected = body.textCursor().selectedText()
    await desk.context.write(
        lambda tx: builders.message(
            tx, key, Mail(text="Are you there?", at=utc_now()), account_id=desk.account
        )
    )
    await until(lambda: len(timeline.message_ids()) == 31)
    assert row.top - bar.value() == anchor.below
    assert row.widget is bubble
    assert body.textCursor().selectedText() == selected


async def test_a_failed_message_says_why_and_is_tried_again(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Hello")
    desk.send()
    await until(lambda: len(desk.view.timeline.message_ids()) == 2)
    key = desk.view.timeline.message_ids()[-1]
    why = "550 5.1.1 User unknown"
    await desk.context.write(lambda tx: outbox.fail(tx, key, code="recipient", detail=why))
    await until(lambda: desk.view.message(key).delivery is Delivery.FAILED)  # type: ignore[union-attr]
    bubble = desk.view.timeline.bubble(key)
    assert bubble is not None
    assert why in _texts(bubble)
    desk.view.timeline.acted.emit(key, "retry")
    await until(lambda: desk.view.message(key).delivery is Delivery.QUEUED)  # type: ignore[union-attr]


async def test_closing_from_the_head_is_told_and_undone(desk: Desk) -> None:
    notices: list[Notice] = []
    desk.context.notice.connect(notices.append)
    await desk.open(desk.first)
    desk.view.acts.set_status("closed")
    await until(lambda: desk.view.row is not None and desk.view.row.status == "closed")
    assert notices[-1].action is not None
    notices[-1].action()
    await until(lambda: desk.view.row is not None and desk.view.row.status == "open")


async def test_what_we_did_stands_in_the_timeline(desk: Desk) -> None:
    await desk.open(desk.first)
    await desk.context.write(lambda tx: conversations.tag(tx, desk.first, "refund"))
    await until(
        lambda: any(
            "refund" in str(getattr(row.entry, "offer", "")) for row in desk.view.timeline._rows
        )
    )


async def test_a_conversation_that_is_gone_is_said_to_be(desk: Desk) -> None:
    desk.view.show_conversation(999_999)
    await until(lambda: desk.view.empty.isVisible() and "gone" in desk.view.empty.title)


@pytest.mark.parametrize("count", [200])
async def test_two_hundred_messages_open_building_only_what_is_seen(desk: Desk, count: int) -> None:
    def many(tx: Tx) -> int:
        key = builders.conversation(tx, subject="Long", at=utc_now())
        for number in range(count):
            builders.message(
                tx,
                key,
                Mail(text=f"Line {number}. " * 20, at=utc_now() - timedelta(hours=count - number)),
                account_id=desk.account,
            )
        return key

    key = await desk.context.write(many)
    await desk.open(key)
    assert len(desk.view.timeline.message_ids()) == count
    assert desk.view.timeline.built() < 80
    assert len([b for b in desk.view.timeline.bubbles() if b.body is not None]) <= 6


def _texts(widget: Any) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel))


async def test_n_and_p_on_a_message_go_to_its_neighbours(desk: Desk) -> None:
    await desk.context.write(
        lambda tx: builders.message(
            tx, desk.first, Mail(text="Hello?", at=utc_now()), account_id=desk.account
        )
    )
    await desk.open(desk.first)
    Keyboard(desk.context.actions, desk.view.window())
    first, second = desk.view.timeline.message_ids()
    assert desk.view.timeline.current == second
    desk.view.timeline.reveal(second)
    desk.context.actions.set_state(conversation=True)
    for key, expected in ((Qt.Key.Key_P, first), (Qt.Key.Key_N, second)):
        bubble = desk.view.timeline.bubble(desk.view.timeline.current or 0)
        assert bubble is not None
        await until(bubble.hasFocus)
        QTest.keyClick(bubble, key)
        assert desk.view.timeline.current == expected


async def test_the_focus_on_a_message_goes_into_no_other_part_with_the_next_conversation(
    desk: Desk,
) -> None:
    await desk.open(desk.first)
    bubble = desk.view.timeline.bubble(desk.view.timeline.current or 0)
    assert bubble is not None
    assert bubble.body is not None
    bubble.body.setFocus()
    await until(bubble.body.hasFocus)
    await desk.open(desk.second)
    assert desk.view.timeline.hasFocus()


async def test_escape_leaves_the_text_and_what_was_typed_stays(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Hello")
    assert desk.view.composer.editor.hasFocus()
    QTest.keyClick(desk.view.composer.editor, Qt.Key.Key_Escape)
    assert desk.view.timeline.hasFocus()
    assert desk.text == "Hello"


async def test_every_message_can_be_collapsed_and_expanded_at_once(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keys.collapse_all()
    assert desk.view.timeline.expanded_ids() == []
    desk.view.keys.expand_all()
    assert desk.view.timeline.expanded_ids() == desk.view.timeline.message_ids()


async def test_every_control_has_a_name(desk: Desk) -> None:
    await desk.open(desk.first)
    nameless = [
        control
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QTextBrowser)
        for control in desk.view.findChildren(kind)
        if not control.accessibleName() and control.isVisibleTo(desk.view)
    ]
    assert nameless == []


LETTER = (
    b"From: mina@orders.example\r\nSubject: Cracked glaze\r\nContent-Type: text/html\r\n\r\n"
    b"<h1>The glaze is <i>cracked</i></h1><p>%b</p>"
    b'<img src="https://track.example/p.gif"><script>x()</script>'
)


async def _letters(desk: Desk, count: int, *, filling: bytes = b"") -> list[int]:
    """Put HTML mail into the first conversation, as the engine does."""
    files = desk.context.workspace.files

    def write(tx: Tx) -> list[int]:
        keys = []
        for number in range(count):
            at = builders.NOON + timedelta(days=1, minutes=number)
            mail = Mail(text=f"Letter {number} as text", at=at)
            key = builders.message(tx, desk.first, mail, account_id=desk.account)
            raw = LETTER % (b"Letter %d. " % number + filling)
            body = messages.NewBody(
                message_id=key, text=mail.text, has_html=True, raw_sha256=files.put(raw)
            )
            messages.insert_bodies(tx, [body])
            keys.append(key)
        return keys

    return await desk.context.write(write)


async def test_html_mail_is_shown_from_its_raw_message(desk: Desk) -> None:
    (key,) = await _letters(desk, 1)
    await desk.open(desk.first)
    bubble = desk.view.timeline.bubble(key)
    assert bubble is not None
    await until(lambda: bubble.reading is not None and bubble.reading.is_html)
    assert bubble.body is not None
    assert "The glaze is cracked" in bubble.body.toPlainText()
    assert bubble.body.requested == []


async def test_layout_that_comes_later_never_moves_what_is_read(desk: Desk) -> None:
    keys = await _letters(desk, 30, filling=b"<p>And so on.</p>" * 40)
    await desk.open(desk.first)
    timeline = desk.view.timeline
    timeline.expand_all(expanded=True)
    timeline.reveal(keys[15])
    await until(
        lambda: all(b.reading is None or b.reading.is_html for b in _read(timeline, keys)),
        timeout_seconds=15,
    )
    bubble = timeline.bubble(keys[15])
    assert bubble is not None
    offset = bubble.y() - timeline.verticalScrollBar().value()
    assert offset == 12


def _read(timeline: Timeline, keys: list[int]) -> list[MessageBubble]:
    return [bubble for bubble in timeline.bubbles() if bubble.message.id in keys]


PICTURE_LETTER = (
    b"From: mina@orders.example\r\nContent-Type: text/html\r\n\r\n<p>See:</p>"
    b'<img src="http://%b/good.png" width="40" height="30"><img src="http://%b/p.gif" width="1">'
)


async def _picture_letter(desk: Desk) -> MessageBubble:
    """Open the first conversation at a message with a picture and a counter from the web."""
    (key,) = await _letters(desk, 1)
    raw = PICTURE_LETTER % (HOST.encode(), HOST.encode())
    files = desk.context.workspace.files

    def write(tx: Tx) -> None:
        body = messages.NewBody(
            message_id=key, text="See", has_html=True, raw_sha256=files.put(raw)
        )
        messages.insert_bodies(tx, [body])

    await desk.context.write(write)
    await desk.open(desk.first)
    bubble = desk.view.timeline.bubble(key)
    assert bubble is not None
    await until(lambda: bubble.reading is not None and bubble.reading.is_html)
    return bubble


def _offer(bubble: MessageBubble) -> PicturesOffer:
    return bubble.findChild(PicturesOffer)  # type: ignore[return-value]


@pytest.mark.parametrize(("words", "again"), [("Show pictures", False), ("Always", True)])
async def test_pictures_from_the_web_come_when_somebody_wants_them(
    desk: Desk, words: str, again: bool
) -> None:
    async with serving(Server(answer=lambda _request: ANSWER)) as server:
        desk.view.desk = FileDesk(desk.context, reach=reach(server))
        bubble = await _picture_letter(desk)
        assert _offer(bubble).text == "2 remote images blocked"
        await asyncio.sleep(0)
        assert server.asked == []
        press = next(b for b in _offer(bubble).findChildren(QPushButton) if words in b.text())
        press.click()
        await until(lambda: bubble.body is not None and bubble.body.pictures)
        assert server.targets == ["/good.png"]  # what only counts readers is never asked for
        assert _offer(bubble).isHidden()
        assert ("mina@orders.example" in desk.context.settings.picture_senders) is again


async def test_a_sender_whose_pictures_are_always_shown_can_be_asked_about_again(
    desk: Desk,
) -> None:
    async with serving(Server(answer=lambda _request: ANSWER)) as server:
        desk.view.desk = FileDesk(desk.context, reach=reach(server))
        remote_images.allow_sender(desk.context.settings, "mina@orders.example")
        bubble = await _picture_letter(desk)
        await until(lambda: bubble.body is not None and bubble.body.pictures)
        menu = QMenu()
        desk.view.message_menu.fill(bubble.message.id, menu)
        ask = next(action for action in menu.actions() if action.text().startswith("Ask before"))
        ask.trigger()
        await until(lambda: bubble.findChildren(PicturesOffer) and _offer(bubble).isVisible())
        assert desk.context.settings.picture_senders == []


async def test_a_message_that_only_looks_like_its_sender_shows_no_pictures_unasked(
    desk: Desk,
) -> None:
    bubble = await _picture_letter(desk)
    remote_images.allow_sender(desk.context.settings, "mina@orders.example")
    doubtful = replace(bubble.message, warnings=("several-from",))
    assert not desk.view.readings.shows_pictures(doubtful)


async def test_in_the_dark_a_message_can_be_put_on_paper(desk: Desk) -> None:
    theme = desk.context.theme
    theme.choose(Choice.DARK)
    try:
        bubble = await _picture_letter(desk)
        menu = QMenu()
        desk.view.message_menu.fill(bubble.message.id, menu)
        paper = next(action for action in menu.actions() if action.text() == "Light background")
        paper.trigger()
        assert bubble.body is not None
        assert bubble.body.palette().text().color() == QColor(LIGHT.text)
        middle = bubble.body.mapTo(bubble, QPoint(bubble.body.width() - 2, 2))
        assert bubble.grab().toImage().pixelColor(middle).lightness() > 240
        paper.trigger()
        assert bubble.body.palette().text().color() == QColor(theme.tokens.text)
    finally:
        theme.choose(Choice.LIGHT)


async def test_quoted_history_keeps_the_pictures_that_are_here(desk: Desk) -> None:
    bubble = await _picture_letter(desk)
    assert bubble.body is not None
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    bubble.body.set_pictures({"logo": image})
    bubble.toggle_quoted()
    assert set(bubble.body.pictures) == {"logo"}


def _png() -> bytes:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


ANSWER = b"HTTP/1.1 200 OK\r\n\r\n" + _png()


async def test_having_an_unknown_message_looked_for_says_what_was_found(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Did you get this?")
    desk.send()
    await until(lambda: desk.text == "")
    sent = (await desk.messages(desk.first))[-1]
    notices: list[str] = []
    desk.context.notice.connect(lambda notice: notices.append(notice.text))
    await desk.context.write(lambda tx: outbox.uncertain(tx, sent.id, code="uncertain", detail=""))
    desk.view.acts.on_message_action(sent.id, "check")
    await until(lambda: notices == ["Looking for the message on the server…"])
    await desk.context.write(lambda tx: outbox.looked(tx, sent.id, error="", next_at=None))
    await until(lambda: "not among" in notices[-1])
    desk.view.acts.on_message_action(sent.id, "check")
    await until(lambda: len(notices) == 3)
    await desk.context.write(lambda tx: outbox.sent(tx, sent.id))
    await until(lambda: "It was delivered" in notices[-1])


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
