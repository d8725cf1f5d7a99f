"""The composer across channels: which ways it offers, what each takes, and what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from desktop_inbox.connectors.contract import Template
from desktop_inbox.connectors.errors import ConnectorError, PermanentError, TransientError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import customers as people
from desktop_inbox.store import accounts, events, messages, outbox
from desktop_inbox.store.database import Tx
from desktop_inbox.sync import chat_templates
from desktop_inbox.sync.channel_events import CHANNEL
from desktop_inbox.ui.context import AppContext
from tests.support.qt_waits import until
from tests.support.scripted_chat import ELIF
from tests.ui.views.ways_desk import DAY, HOUR, Begin, Desk, buttons

HELLO = Template(name="hello", title="Hello", language="en", text="Hello {{1}}, about {{2}}:")


async def test_an_answer_goes_where_the_customer_wrote_and_the_others_are_offered(
    desk: Begin,
) -> None:
    one = await desk()
    assert one.view.composer.sheet.reply_tab.text() == "Reply on Talk"
    assert list(one.offered()) == [
        f"Talk · {ELIF.address}",
        "Pager · p7",
        "E-mail · elif@example.org",
    ]


async def test_going_on_by_mail_is_one_step_of_the_same_conversation(desk: Begin) -> None:
    one = await desk()
    one.type("See the mug in the letter")
    one.choose("E-mail")
    composer = one.view.composer
    assert composer.editor.toPlainText() == "See the mug in the letter"
    assert [str(who.address) for who in composer.to.addresses()] == ["elif@example.org"]
    assert composer.subject.isVisible()
    composer.subject.setText("Your mug")
    one.send()
    row = await one.sent()
    assert (row.channel, row.conversation_id, row.subject) == ("email", 1, "Your mug")
    history = await one.context.read(lambda conn: events.of_conversation(conn, 1))
    assert [event.changes[0][4] for event in history if event.kind == CHANNEL][-1] == "email"


async def test_another_channel_changes_what_the_composer_offers(desk: Begin) -> None:
    one = await desk()
    composer, sheet = one.view.composer, one.view.composer.sheet
    assert not composer.fields.isVisible()
    assert sheet.attach.isEnabled()
    assert sheet.countdown.full_text().endswith("23 h left")
    assert not composer.signature()
    one.choose("Pager")
    assert sheet.reply_tab.text() == "Reply on Pager"
    assert not sheet.attach.isEnabled()
    assert sheet.countdown.isHidden()
    one.choose("E-mail")
    assert composer.fields.isVisible()
    assert sheet.attach.isEnabled()
    assert composer.editor.layouts


async def test_the_text_is_counted_near_its_limit_and_held_back_above_it(desk: Begin) -> None:
    one = await desk()
    composer = one.view.composer
    one.type("x" * 70)
    assert composer.sheet.counter.isHidden()
    one.type("x" * 20)
    assert composer.sheet.counter.text() == "10 left"
    one.type("x" * 20)
    assert composer.sheet.counter.text() == "10 characters too many"
    one.send()
    assert "10 characters too many" in composer.strip.text
    one.choose("Pager")  # whose users expect long text in several messages
    assert composer.sheet.counter.text() == "leaves as 6 messages"
    one.send()
    assert "leaves as 6 messages" in composer.strip.text  # so many are not sent unasked
    assert one.view.data is not None
    before = len(one.view.data.messages)
    buttons(composer.strip)["Send anyway"].click()
    await until(lambda: one.view.data is not None and len(one.view.data.messages) == before + 6)


async def test_files_that_the_channel_does_not_take_are_named(desk: Begin) -> None:
    one = await desk()
    composer = one.view.composer
    one.type("Look")
    small = {"name": "a.png", "media_type": "image/png", "size": 10, "sha256": "0" * 64}
    composer.add_files([small | {"name": f"{n}.png"} for n in range(3)])
    one.send()
    assert "2 files" in composer.strip.text
    composer.files.set_files([small | {"size": 5_000_000}])
    one.send()
    assert "a.png has 5" in composer.strip.text
    one.choose("Pager")
    one.send()
    assert "takes no files" in composer.strip.text
    assert composer.editor.toPlainText() == "Look"


async def test_a_draft_remembers_its_channel(desk: Begin, qtbot: QtBot) -> None:
    one = await desk()
    one.choose("Pager")
    one.type("Soon")
    row = await one.draft()
    assert row is not None
    assert row.account_id == one.pager
    one.view.close_desk()
    one.open(qtbot)
    await one.show()
    composer = one.view.composer
    assert (composer.editor.toPlainText(), composer.sent_as.account_id) == ("Soon", one.pager)
    one.send()
    sent = await one.sent()
    assert (sent.channel, sent.to[0].address) == ("pager", "p7")


# Reply windows


async def test_a_window_that_closes_while_one_writes_says_so_and_offers_what_is_left(
    desk: Begin,
) -> None:
    one = await desk(written=DAY - HOUR)
    one.type("On its way")
    sheet = one.view.composer.sheet
    assert sheet.channel_strip.text == ""
    one.now += 2 * HOUR
    one.view.composer.guide.refresh()
    assert "ended at" in sheet.channel_strip.text
    assert sheet.countdown.isHidden()
    assert list(buttons(sheet.channel_strip)) == [
        "Use a template",
        "Answer as a person",
        "Answer on Pager",
        "Answer by e-mail",
    ]
    one.send()
    assert "ended at" in one.view.composer.strip.text
    assert one.view.composer.editor.toPlainText() == "On its way"
    one.pressed("Answer on Pager")
    assert sheet.channel_strip.text == ""
    one.send()
    row = await one.sent()
    assert (row.channel, row.text) == ("pager", "On its way")


async def test_a_window_that_closed_by_the_services_clock_is_refused_and_the_words_stay(
    desk: Begin,
) -> None:
    one = await desk(written=DAY + HOUR)
    one.now -= 2 * HOUR  # our clock is slow
    one.view.composer.guide.refresh()
    one.type("Too late")
    one.send()
    await until(lambda: one.view.composer.strip.text)
    assert "has passed" in one.view.composer.strip.text
    assert "Use a template" in buttons(one.view.composer.strip)
    assert one.view.composer.editor.toPlainText() == "Too late"


async def test_what_a_person_writes_may_leave_longer_where_the_channel_has_that(
    desk: Begin,
) -> None:
    one = await desk(written=DAY + HOUR)
    one.type("I looked myself")
    one.pressed("Answer as a person")
    sheet = one.view.composer.sheet
    assert "person's own words" in sheet.channel_strip.text
    assert sheet.countdown.full_text().startswith("Can be answered until")
    row = await one.draft()
    assert row is not None
    assert row.form is not None
    assert row.form["human_agent"] is True
    one.send()
    assert (await one.sent()).text == "I looked myself"


async def test_a_template_is_filled_in_and_leaves_as_it_reads(desk: Begin, qtbot: QtBot) -> None:
    one = await desk(written=9 * DAY)
    await one.context.write(lambda tx: chat_templates.keep(tx, one.talk, [HELLO]))
    one.type("typed before")
    one.pressed("Use a template")
    form = one.view.composer.template
    await until(lambda: form.template == HELLO)
    assert not one.view.composer.editor.isVisible()
    one.view.composer.request_send()
    assert "Gap 1" in one.view.composer.strip.text
    for field, text in zip(form.fields, ("Elif", "the mug"), strict=True):
        QTest.keyClicks(field, text)
    assert form.preview.text() == "Hello Elif, about the mug:"
    one.view.composer.add_files(
        [{"name": "a.png", "media_type": "image/png", "size": 1, "sha256": "0" * 64}]
    )
    one.view.composer.request_send()
    assert "do not go along" in one.view.composer.strip.text
    one.view.composer.files.set_files(())
    await one.draft()
    one.view.close_desk()
    one.open(qtbot)  # and is there again after a restart
    await one.show()
    form = one.view.composer.template
    await until(lambda: form.template == HELLO)
    assert [field.text() for field in form.fields] == ["Elif", "the mug"]
    assert one.view.composer.editor.toPlainText() == "typed before"
    one.view.composer.request_send()
    row = await one.sent()
    assert row.text == "Hello Elif, about the mug:"
    assert not one.view.composer.template.is_open


async def test_a_template_that_is_given_up_brings_back_what_was_typed(desk: Begin) -> None:
    one = await desk(written=9 * DAY)
    one.type("typed before")
    one.pressed("Use a template")
    await until(lambda: "none yet" in said_by(one) or "as they were known" in said_by(one))
    one.view.composer.template.close_form()
    assert one.view.composer.editor.isVisible()
    assert one.view.composer.editor.toPlainText() == "typed before"


def said_by(one: Desk) -> str:
    return "\n".join(label.text() for label in one.view.composer.template.findChildren(QLabel))


# Accounts that cannot be used


async def test_an_account_removed_while_one_writes_keeps_the_words_and_asks(desk: Begin) -> None:
    one = await desk()
    one.type("Half a sent")
    await one.context.write(lambda tx: accounts.remove(tx, one.talk, keep_messages=True))
    sheet = one.view.composer.sheet
    await until(lambda: "was removed" in sheet.channel_strip.text)
    one.type("ence")
    one.send()
    assert "was removed" in one.view.composer.strip.text
    one.pressed("Answer on Pager")
    one.send()
    assert (await one.sent()).text == "Half a sentence"


async def test_where_nothing_is_written_yet_another_account_steps_in(desk: Begin) -> None:
    one = await desk()
    await one.context.write(lambda tx: accounts.remove(tx, one.talk, keep_messages=True))
    composer = one.view.composer
    await until(lambda: composer.sent_as.account_id == one.mail)
    assert [who.address for who in composer.to.addresses()] == ["elif@example.org"]
    assert composer.sheet.channel_strip.text == ""


async def test_a_paused_account_says_so_and_goes_on_with_a_press(desk: Begin) -> None:
    one = await desk()
    await one.context.write(lambda tx: accounts.change(tx, one.talk, enabled=False))
    sheet = one.view.composer.sheet
    await until(lambda: "is paused" in sheet.channel_strip.text)
    assert one.offered()[f"Talk · {ELIF.address}"] == "paused: let it go on"
    one.pressed("Let it go on")
    await until(lambda: not sheet.channel_strip.text)


async def test_each_closed_way_says_why_and_what_to_do(desk: Begin) -> None:
    one = await desk()
    talk = f"Talk · {ELIF.address}"

    async def told() -> str:
        one.view.reload()
        await until(lambda: not one.view._reloading)
        return one.offered()[talk]

    assert (await told()).startswith("until ")
    one.now += 2 * DAY
    assert await told() == "closed: answer as a person"
    one.now += 9 * DAY
    assert await told() == "closed: use a template"
    await one.context.write(lambda tx: accounts.set_state(tx, one.talk, "needs_sign_in", detail={}))
    assert await told() == "not signed in: sign in again"
    await one.context.write(lambda tx: people.edit(tx, 1, blocked=True))
    assert await told() == "blocked: unblock the customer"
    await one.context.write(lambda tx: accounts.remove(tx, one.talk, keep_messages=True))
    one.view.reload()
    await until(lambda: "Phone · +905321112233" in one.offered())


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
async def test_the_menu_opens_by_key_and_is_walked_by_keys(desk: Begin) -> None:
    one = await desk()
    one.view.activateWindow()
    one.type("Hi")
    one.context.actions.set_state(composing=True)
    one.context.actions["channel.choose"].trigger()
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    names = [action.text() for action in menu.actions()]
    steps = next(n for n, text in enumerate(t for t in names if t) if text.startswith("Pager"))
    for _step in range(steps + 1):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    await until(lambda: one.view.composer.sent_as.account_id == one.pager)


# What did not arrive


async def after(desk: Desk, delivery: Delivery, **detail: object) -> int:
    """An answer whose delivery turned out so; return its id."""
    desk.type("Two are left")
    desk.send()
    key = (await desk.sent()).id

    def turn_out(tx: Tx) -> None:
        outbox.sent(tx, key)
        messages.set_delivery(tx, key, delivery, detail=detail)

    await desk.context.write(turn_out)
    return key


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
async def test_what_a_service_did_not_deliver_is_written_again_another_way(desk: Begin) -> None:
    one = await desk()
    key = await after(one, Delivery.RETURNED, code="recipient", detail="30003: unreachable")
    one.view.acts.on_message_action(key, "another-way")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()
    one.choose("Pager")
    assert one.view.composer.editor.toPlainText() == "Two are left"
    row = await one.draft()
    assert row is not None
    assert (row.account_id, row.body) == (one.pager, "Two are left")


async def test_somebody_who_knows_that_it_arrived_says_so(desk: Begin) -> None:
    one = await desk()
    one.type("Two are left")
    one.send()
    key = (await one.sent()).id

    def unknown(tx: Tx) -> None:
        outbox.hasten(tx, key)
        outbox.claim(tx, key, claimed_by="a process that ended")
        outbox.uncertain(tx, key, code="", detail="")

    await one.context.write(unknown)
    one.view.acts.on_message_action(key, "arrived")

    def delivery() -> Delivery | None:
        row = one.view.message(key)
        return row.delivery if row is not None else None

    await until(lambda: delivery() is Delivery.SENT)


# Hostile and missing


async def test_hostile_names_do_not_turn_the_menu_around(desk: Begin) -> None:
    one = await desk()
    await one.context.write(
        lambda tx: tx.conn.exec_driver_sql(
            "UPDATE identity SET label = ? WHERE kind = 'pager'", ("a\u202eb\tc\n& d",)
        )
    )
    one.view.reload()
    await until(lambda: any("& d" in text.replace("&&", "&") for text in one.offered()))
    words = next(text for text in one.offered() if text.startswith("Pager"))
    assert "\u202e" not in words
    assert "\n" not in words
    assert "&&" in words


async def test_a_customer_nobody_knows_an_address_of_is_still_answered(desk: Begin) -> None:
    one = await desk()
    await one.context.write(
        lambda tx: tx.conn.exec_driver_sql("UPDATE conversation SET customer_id = NULL")
    )
    one.view.reload()
    await until(lambda: not any("E-mail" in text for text in one.offered()))
    assert {text.partition(" ")[0] for text in one.offered()} == {"Talk", "Pager"}
    one.type("Here")
    one.send()
    assert (await one.sent()).channel == "talk"


async def test_without_a_mail_account_a_forward_says_what_is_missing(
    desk: Begin, context: AppContext
) -> None:
    one = await desk()
    await context.write(lambda tx: accounts.remove(tx, one.mail, keep_messages=True))
    composer = one.view.composer
    await until(lambda: composer.surroundings and not composer.surroundings.mail_accounts)
    composer.begin("forward")
    one.type("Hello")
    one.send()
    assert "leave by e-mail" in composer.strip.text
    assert composer.editor.toPlainText() == "Hello"


class Engine:
    """An engine whose service cannot be asked."""

    running = True

    def __init__(self, error: ConnectorError) -> None:
        self.engine = self
        self._error = error
        self._loop = asyncio.get_running_loop()

    async def look_up_templates(self, account_id: int) -> None:
        raise self._error

    def submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TransientError("no route"), "Talk cannot be reached now. These are the templates"),
        (PermanentError("20003: no"), "could not be looked up: 20003: no"),
    ],
)
async def test_offline_the_templates_known_last_are_offered(
    desk: Begin, context: AppContext, error: ConnectorError, words: str
) -> None:
    one = await desk(written=9 * DAY)
    context.engine = Engine(error)  # type: ignore[assignment]
    await context.write(lambda tx: chat_templates.keep(tx, one.talk, [HELLO]))
    one.pressed("Use a template")
    await until(lambda: words in said_by(one))
    assert one.view.composer.template.template == HELLO
