"""The thread pane on a real store: what it shows, and that nobody loses their place in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextBrowser,
)

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.services import conversations
from desktop_inbox.store import outbox
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.keyboard import Keyboard
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk
from tests.ui.views.mail_desk import desk as desk


async def test_a_conversation_shows_its_messages_and_whom_an_answer_goes_to(desk: Desk) -> None:
    await desk.open(desk.first)
    assert desk.view.head.title.full_text() == "Cracked glaze"
    assert [row.text for row in desk.view.data.messages] == ["The bowl arrived with a crack."]  # type: ignore[union-attr]
    assert desk.view.timeline.expanded_ids() == desk.view.timeline.message_ids()
    assert desk.view.composer.to.addresses() == (MINA,)


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


async def test_what_comes_while_a_conversation_is_opened_is_shown_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()

    async def slowly(_messages: object) -> None:
        """The conversation was read, and another message comes."""
        desk.context.bridge.changed.connect(lambda _changes: told.set())
        await desk.context.write(
            lambda tx: builders.message(
                tx, desk.first, Mail(text="Are you there?", at=utc_now()), account_id=desk.account
            )
        )
        await told.wait()

    monkeypatch.setattr(desk.view.readings, "warm", slowly)
    await desk.open(desk.first)
    await until(lambda: len(desk.view.timeline.message_ids()) == 2)


async def test_the_window_answers_while_a_conversation_is_built(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noting(what: str, work: Callable[..., None]) -> Callable[..., None]:
        def noted(*given: Any, **named: Any) -> None:
            work(*given, **named)
            done.append(what)
            QTimer.singleShot(0, lambda: done.append("answered"))

        return noted

    view = desk.view
    monkeypatch.setattr(view.drafts, "enter", noting("composer", view.drafts.enter))
    monkeypatch.setattr(
        view.timeline, "show_entries", noting("timeline", view.timeline.show_entries)
    )
    view.shown.connect(lambda _key: done.append("shown"))
    await desk.open(desk.first)
    await until(lambda: "shown" in done)
    assert done == ["composer", "answered", "timeline", "answered", "shown"]
    assert view.updatesEnabled()


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
    QApplication.sendPostedEvents()
    row = next(row for row in desk.view.timeline._rows if row.widget is bubble)
    assert row.height == bubble.measure(desk.view.timeline._builder.width), "with its buttons"
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
