"""The whole cycle without a mouse (behaviour 32): open, read, answer, send and close, next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from PySide6.QtCore import Qt

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import canned
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui.main_window import MainWindow
from tests.e2e.keys import ALT, CONTROL, has_focus, press, type_in, walk_to
from tests.support.desk import Desk, parsed
from tests.support.dovecot import Mailbox
from tests.support.qt_waits import until

LETTER = """\
From: "{name}" <{customer}>
To: {shop}
Subject: {subject}
Date: {date}
Message-ID: <{talk}-{hour}@customer.example>
References: {references}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}
"""
TALKS = {
    "bowl": ("Glasur der Schale", "Käthe Großmann", ("Guten Tag!", "Hat sie einen Riss?", "Und?")),
    "vase": ("Die Vase", "Ömer Işık", ("Merhaba.", "Kaç cm?")),
}


@pytest.fixture
def customer(desk: Desk) -> Mailbox:
    """Two customers with a history each; and somebody else, who writes about other things."""
    customer = desk.mailbox.server.mailbox("customer")
    desk.fill(20)
    for talk, (subject, name, texts) in TALKS.items():
        earlier: list[str] = []
        for hour, text in enumerate(texts, start=1):
            letter = LETTER.format(
                name=name,
                customer=customer.address if talk == "bowl" else f"vase.{customer.address}",
                shop=desk.mailbox.address,
                subject=subject,
                hour=hour,
                date=format_datetime(datetime.now(UTC) - timedelta(hours=9 - hour)),
                talk=talk,
                references=" ".join(earlier) or "<none@customer.example>",
                text=text,
            )
            desk.mailbox.deliver(letter.replace("\n", "\r\n").encode())
            earlier.append(f"<{talk}-{hour}@customer.example>")
    desk.write(
        lambda tx: canned.add(
            tx,
            title="Dishwasher",
            shortcut="dish",
            body="Hello {{contact.first_name|there}}, yes, up to 70 °C.",
        )
    )
    return customer


def now(desk: Desk, conversation: ConversationRow) -> ConversationRow:
    return next(row for row in desk.conversations() if row.id == conversation.id)


def said(window: MainWindow, message_id: int) -> str:
    """What the bubble of a message shows."""
    bubble = window.thread_view.timeline.bubble(message_id)
    return bubble.body.toPlainText() if bubble is not None and bubble.body is not None else ""


@pytest.mark.expects_log("This plugin does not support")  # said by the off-screen platform
async def test_two_customers_are_answered_one_after_the_other_without_a_mouse(
    window: MainWindow, desk: Desk, customer: Mailbox
) -> None:
    letters = 20 + sum(len(texts) for _subject, _name, texts in TALKS.values())
    await until(lambda: desk.location_count() == letters, timeout_seconds=30)
    await until(lambda: len(window.list.model.ids) == len(desk.conversations()))
    bowl = desk.conversation_about("Glasur der Schale")
    view = window.thread_view
    window.list.focus_list()

    # Open it, and read what was said before.
    await walk_to(window, desk, bowl)
    press(Qt.Key.Key_Return)
    await until(lambda: view.conversation_id == bowl.id and len(view.timeline.message_ids()) == 3)
    first, *_between, last = view.timeline.message_ids()
    assert view.timeline.current == last
    press(Qt.Key.Key_Semicolon)
    press(Qt.Key.Key_P)
    press(Qt.Key.Key_P)
    await until(lambda: view.timeline.current == first)
    await until(lambda: said(window, first) == "Guten Tag!")
    press(Qt.Key.Key_N)
    press(Qt.Key.Key_N)

    # Answer with a canned response, and change it.
    press(Qt.Key.Key_R)
    editor = view.composer.editor
    await has_focus(editor)
    type_in("/dish")
    await until(lambda: view.composer.picker.shown())
    press(Qt.Key.Key_Return)
    await until(lambda: editor.toPlainText() == "Hello Käthe, yes, up to 70 °C.")
    type_in(" Grüße!")

    # Send it, close it, and be shown the next one.
    at = window.list.model.ids.index(bowl.id)
    follows = window.list.model.ids[at + 1]
    press(Qt.Key.Key_Return, CONTROL | ALT)
    await until(lambda: now(desk, bowl).status is Status.CLOSED, timeout_seconds=20)
    await until(lambda: view.conversation_id == follows)
    await until(lambda: bowl.id not in window.list.model.ids)
    await until(customer.uids, timeout_seconds=20)
    [uid] = customer.uids()
    sent = parsed(customer.raw(uid)).get_body(("plain",))
    assert sent is not None
    assert sent.get_content().startswith("Hello Käthe, yes, up to 70 °C. Grüße!")
    assert [row.delivery for row in desk.timeline(bowl.id) if row.client_ref] == [Delivery.SENT]

    # And on: the keys are commands again, not letters in the next customer's answer.
    vase = desk.conversation_about("Die Vase")
    await walk_to(window, desk, vase)
    press(Qt.Key.Key_R)
    await has_focus(editor)
    assert editor.toPlainText() == ""
    type_in("/dish")
    await until(lambda: view.composer.picker.shown())
    press(Qt.Key.Key_Return)
    await until(lambda: editor.toPlainText() == "Hello Ömer, yes, up to 70 °C.")
    press(Qt.Key.Key_Return, CONTROL | ALT)
    await until(lambda: now(desk, vase).status is Status.CLOSED, timeout_seconds=20)
    await until(lambda: vase.id not in window.list.model.ids)
