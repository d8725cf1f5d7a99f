"""What becomes of a message of a chat is shown, and what its channel can do is offered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QMessageBox

from desktop_inbox.connectors.chat import Edited, Reacted, Withdrawn
from desktop_inbox.store.rows import EventRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.message_editor import MessageEditor
from desktop_inbox.ui.dialogs.message_history import MessageHistory
from desktop_inbox.ui.views.event_words import Names, describe
from desktop_inbox.ui.views.piece_quote import QuotedMessage
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.qt_waits import until
from tests.support.scripted_chat import ELIF, said
from tests.ui.views.talk import ROOM, Talk, at, begin_talk

# What becomes of a message


async def test_an_answer_quotes_what_it_answers_and_leads_there(talk: Talk) -> None:
    first, second = said("1", "The blue one?", at=at(0)), said("2", "Or the red?", at=at(1))
    answer = said("3", "The blue one.", from_me=True, answers="1", at=at(2))
    lost = said("4", "And?", answers="0", at=at(3))
    await talk.bring(first, second, answer, lost)
    quoted = talk.card("3")._quoted.made
    assert quoted is not None
    assert (quoted.author, quoted.said) == ("Elif Kaya", "The blue one?")
    quoted.click()
    assert talk.view.timeline.current == talk.bubble("1").message.id
    missing = talk.card("4")._quoted.made
    assert missing is not None
    assert not missing.isEnabled()
    assert missing.said == "Answers a message that is not here"
    assert talk.card("2")._quoted.made is None


async def test_an_answer_to_a_chosen_message_says_which(talk: Talk) -> None:
    await talk.bring(said("1", "The blue one?", at=at(0)), said("2", "Or the red?", at=at(1)))
    talk.view.activateWindow()
    await until(talk.view.isActiveWindow)
    menu = QMenu()
    talk.view.message_menu.fill(talk.bubble("1").message.id, menu)
    next(one for one in menu.actions() if one.text() == "Reply").trigger()
    talk.view.composer.editor.setPlainText("The blue one.")
    talk.view.keys.send()
    await until(lambda: len(talk.view.timeline.bubbles()) == 3)
    answer = talk.view.timeline.bubbles()[-1]
    assert answer.message.in_reply_to == "1"
    assert answer.findChild(QuotedMessage).said == "The blue one?"  # type: ignore[union-attr]
    menu.deleteLater()


async def test_what_was_edited_says_what_it_said_before(talk: Talk) -> None:
    first = said("1", "Two mugs", at=at(0))
    changed = Edited(external_id="1", chat=ROOM, at=at(1), text="3 mugs")
    await talk.bring(first, changed)
    assert "Show what it said before" in talk.offered("1")
    talk.bubble("1").acted.emit(talk.bubble("1").message.id, "history")
    await until(lambda: talk.view.findChildren(MessageHistory))
    (card,) = talk.view.findChildren(MessageHistory)
    await until(card.isVisible)
    assert [body.toPlainText() for body in card.told] == ["3 mugs", "Two mugs"]
    card.dismiss()


async def test_what_was_taken_back_keeps_its_words(talk: Talk) -> None:
    gone = Withdrawn(external_id="1", chat=ROOM, at=at(1))
    await talk.bring(said("1", "Never mind", at=at(0)), gone)
    card = talk.card("1")
    assert "took this back" in card._notice.get().text()
    assert card.body.toPlainText() == "Never mind"


async def test_reactions_stand_under_the_bubble_with_who_gave_them(talk: Talk) -> None:
    thumb = Reacted(external_id="1", chat=ROOM, author=ELIF, emojis=("👍",), at=at(0))
    await talk.bring(said("1", "Sent!", from_me=True, at=at(0)), thumb)
    (pill,) = talk.pills("1")
    assert (pill.text_shown, pill.sign.names) == ("👍", ("Elif Kaya",))
    card = talk.card("1").geometry()
    assert pill.mapTo(talk.bubble("1"), QPoint(0, 0)).y() > card.bottom()
    QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    await until(lambda: [one.text_shown for one in talk.pills("1")] == ["👍 2"])
    (pill,) = talk.pills("1")
    assert set(pill.sign.names) == {"Elif Kaya", "You"}
    QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    await until(lambda: [one.text_shown for one in talk.pills("1")] == ["👍"])


async def test_a_sign_is_chosen_from_the_menu_and_taken_back_there(talk: Talk) -> None:
    await talk.bring(said("1", "Thank you", at=at(0)))

    def choose(sign: str) -> None:
        menu = QMenu()
        talk.view.message_menu.fill(talk.bubble("1").message.id, menu)
        (signs,) = [one for one in menu.findChildren(QMenu) if one.title() == "React"]
        next(one for one in signs.actions() if one.text() == sign).trigger()
        menu.deleteLater()

    choose("🎉")
    await until(lambda: [one.text_shown for one in talk.pills("1")] == ["🎉"])
    choose("👍")
    await until(lambda: [one.text_shown for one in talk.pills("1")] == ["👍"])
    choose("👍")
    await until(lambda: talk.pills("1") == [])


# What can be done


async def test_a_menu_offers_what_the_channel_can_do(talk: Talk) -> None:
    await talk.bring(said("1", "Hello", at=at(0)), said("2", "Hi", from_me=True, at=at(1)))
    theirs, ours = talk.offered("1"), talk.offered("2")
    assert "Reply" in theirs
    assert "Reply to all" not in theirs
    assert "React" in theirs
    assert not {"Edit message", "Take message back"} & set(theirs)
    assert {"React", "Edit message", "Take message back"} <= set(ours)


async def test_a_channel_that_can_do_little_offers_little(
    chat_view: ThreadView, context: AppContext
) -> None:
    talk = await begin_talk(context, chat_view, "pager")
    await talk.bring(said("1", "Hi", from_me=True, author=replace(ELIF, kind="pager"), at=at(0)))
    assert not {"React", "Edit message", "Take message back"} & set(talk.offered("1"))
    talk.view.timeline.reveal(talk.bubble("1").message.id)
    actions = context.actions
    assert not any(actions[f"message.{what}"].isEnabled() for what in ("react", "edit", "withdraw"))


async def test_the_palette_changes_and_takes_back_the_current_message(
    talk: Talk, context: AppContext
) -> None:
    await talk.bring(said("1", "Hello", at=at(0)), said("2", "Two lefd", from_me=True, at=at(1)))
    actions = context.actions
    talk.view.timeline.reveal(talk.bubble("1").message.id)
    assert actions["message.react"].isEnabled()
    assert not actions["message.edit"].isEnabled()
    talk.view.timeline.reveal(talk.bubble("2").message.id)
    context.commands = talk.view.commands
    actions["message.edit"].trigger()
    (editor,) = talk.view.findChildren(MessageEditor)
    editor.text.setPlainText("Two left")
    editor.save_button.click()
    await until(lambda: "Two left" in talk.card("2").body.toPlainText())
    row = await talk.stored("2")
    assert (row.text, row.edited_at is not None) == ("Two left", True)
    actions["message.withdraw"].trigger()
    box = talk.view.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    box.accept()
    await until(lambda: "Taken back" in talk.card("2")._notice.get().text())
    assert not actions["message.edit"].isEnabled()


async def test_an_edit_that_is_too_long_is_refused_in_words(
    talk: Talk, context: AppContext
) -> None:
    await talk.bring(said("1", "Short", from_me=True, at=at(0)))
    context.commands = talk.view.commands
    talk.view.timeline.reveal(talk.bubble("1").message.id)
    context.actions["message.edit"].trigger()
    (editor,) = talk.view.findChildren(MessageEditor)
    editor.text.setPlainText("x" * 101)
    editor.save_button.click()
    await until(lambda: editor.error.text())
    assert "100" in editor.error.text()
    assert (await talk.stored("1")).text == "Short"
    editor.leave()


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("edit", "The service did not change the message: it says what it said before"),
        ("withdraw", "The service did not take the message back: the customer still sees it"),
        ("react", "The service did not keep the reaction, so this was taken back"),
    ],
)
def test_what_the_service_refused_later_is_told_with_its_words(action: str, words: str) -> None:
    why = {"action": action, "target": "on", "code": "refused", "detail": "too late"}
    refused = EventRow(
        uid="e",
        at=at(0),
        actor_name="",
        kind="server.refused",
        changes=(("message", "m", "refusal", None, why),),
        undone=False,
        by_program=True,
    )
    names = Names(tags={}, agents={}, me="", my_uid="")
    assert describe(refused, names=names, now=at(1)) == f"{words}: too late"


def test_that_a_customer_was_asked_to_write_again_is_told_as_the_programs_doing() -> None:
    asked = EventRow(
        uid="e",
        at=at(0),
        actor_name="",
        kind="conversation.kept_open",
        changes=(("conversation", "c", "kept_open", None, 1),),
        undone=False,
        by_program=True,
    )
    names = Names(tags={}, agents={}, me="", my_uid="")
    told = "Asked the customer to write again, so that you can answer"
    assert describe(asked, names=names, now=at(1)) == told
