"""Answers, forwards, notes and new messages from the thread pane, refused or on their way."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import QDate, QLocale, QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import canned, profile, replies
from desktop_inbox.store import outbox
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.tokens import LIGHT
from tests.support import builders
from tests.support.builders import MINA, SHOP, Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import LENA, Desk
from tests.ui.views.mail_desk import desk as desk


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
    held = QApplication.focusWidget()
    assert held is not None
    assert desk.view.isAncestorOf(held), "the focus does not leave the thread"


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


async def test_what_goes_out_later_says_when_and_is_taken_back_by_one_click(desk: Desk) -> None:
    told: list[Notice] = []
    desk.context.notice.connect(told.append)
    await desk.open(desk.first)
    desk.type("We are open again on Monday")
    desk.view.composer.request_send(at=utc_now() + timedelta(days=400))
    await until(lambda: told)
    year = QLocale().toString(QDate.currentDate().addDays(400), "yyyy")
    assert told[-1].text.startswith("Goes out ")
    assert year in told[-1].text
    assert desk.text == ""
    undo = told[-1].action
    assert undo is not None
    undo()
    await until(lambda: desk.text == "We are open again on Monday")
