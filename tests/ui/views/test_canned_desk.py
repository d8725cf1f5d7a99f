"""Canned responses and suggestions as somebody writes: chosen, asked for, inserted, sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.macros import Deed, Step
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import canned, conversations
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned as stored
from desktop_inbox.store import conversations as conversations_stored
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui.context import Notice
from desktop_inbox.ui.dialogs.canned_fill import CannedFill
from desktop_inbox.ui.views.canned_picker import rank
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk, desk

__all__ = ["desk"]  # the fixture

CRACK = Content(
    shortcut="crack",
    title="A bowl with a crack",
    body="Dear {{contact.first_name|}},\n{% cursor %}\nsorry for that!",
    tag="refund",
    status="closed",
)


async def keep(desk: Desk, *contents: Content) -> None:
    await desk.context.write(lambda tx: [canned.create(tx, one) for one in contents])


async def offered(desk: Desk) -> list[str]:
    row = desk.view.composer.suggestions
    await until(lambda: row.isVisible())
    return [chip.text() for chip in row.chips()]


async def test_what_fits_is_offered_below_the_text_and_one_click_inserts_it(desk: Desk) -> None:
    await keep(desk, CRACK, Content(shortcut="hours", title="Opening hours", body="9-18"))
    await desk.open(desk.first)
    assert await offered(desk) == ["/crack A bowl with a crack"]
    desk.view.composer.suggestions.chips()[0].click()
    await until(lambda: desk.text == "Dear Mina,\n\nsorry for that!")
    assert desk.view.composer.editor.caret() == len("Dear Mina,\n")
    assert not desk.view.composer.suggestions.isVisible()


async def test_an_own_answer_to_a_question_alike_is_offered(desk: Desk) -> None:
    def answered(tx: object) -> None:
        key = builders.conversation(tx, subject="Bowl", who=None)  # type: ignore[arg-type]
        at = utc_now() - timedelta(days=9)
        asked = Mail(text="My bowl arrived with a crack in it.", at=at)
        said = Mail(text="Please send a picture of it.", direction=Direction.OUT, at=utc_now())
        builders.message(tx, key, asked)  # type: ignore[arg-type]
        builders.message(tx, key, said)  # type: ignore[arg-type]

    await desk.context.write(answered)
    await desk.open(desk.first)
    assert await offered(desk) == ["“Please send a picture of it.”"]
    desk.view.composer.suggestions.chips()[0].click()
    assert desk.text == "Please send a picture of it."


async def test_spam_is_offered_no_answer(desk: Desk) -> None:
    await keep(desk, CRACK)
    await desk.context.write(lambda tx: conversations.set_status(tx, [desk.first], Status.SPAM))
    await desk.open(desk.first)
    await desk.context.read(lambda conn: None)
    await desk.context.read(lambda conn: None)
    assert desk.view.composer.suggestions.suggestions() == []


async def test_using_a_response_tags_at_once_and_closes_with_sending(desk: Desk) -> None:
    await keep(desk, CRACK)
    await desk.open(desk.first)
    desk.type("/crack")
    await until(lambda: bool(desk.view.composer.picker.shown()))
    desk.press(Qt.Key.Key_Return)
    await until(lambda: "sorry" in desk.text)
    await until(lambda: [tag.name for tag in desk.view.row.tags] == ["refund"])  # type: ignore[union-attr]
    desk.send()
    await until(lambda: desk.view.row is not None and desk.view.row.status is Status.CLOSED)


async def test_what_is_missing_is_asked_for_and_what_stays_empty_is_marked(desk: Desk) -> None:
    body = "{% if prompt.Gift? %}Wrapped. {% endif %}No {{prompt.Tracking}}, {{order.number}}"
    await keep(desk, Content(shortcut="track", title="Tracking", body=body))
    await desk.open(desk.first)
    desk.type("/track")
    await until(lambda: bool(desk.view.composer.picker.shown()))
    desk.press(Qt.Key.Key_Return)
    await until(lambda: bool(desk.view.findChildren(CannedFill)))
    (form,) = desk.view.findChildren(CannedFill)
    assert list(form.fields) == ["prompt.Gift?", "prompt.Tracking", "order.number"]
    assert form.fields["prompt.Tracking"].accessibleName() == "Tracking"
    form.fields["prompt.Tracking"].setText("YK 4471")
    next(one for one in form.findChildren(QPushButton) if one.text() == "Insert").click()
    await until(lambda: desk.text == "No YK 4471, {{order.number}}")


async def test_a_response_for_another_channel_is_not_offered(desk: Desk) -> None:
    await keep(desk, replace(CRACK, channels=("whatsapp",)), replace(CRACK, shortcut="mine"))
    await desk.open(desk.first)
    desk.type("/")
    picker = desk.view.composer.picker
    await until(lambda: [row.shortcut for row in picker.shown()] == ["mine"])


async def test_where_there_is_none_yet_the_picker_says_so_and_leads_to_their_page(
    desk: Desk,
) -> None:
    await desk.open(desk.first)
    picker = desk.view.composer.picker
    desk.type("/")
    await until(picker.none.isVisible)
    desk.type("5 each")
    assert picker.isHidden(), "it was only a slash"


async def test_a_response_brings_its_files(desk: Desk) -> None:
    sha256 = desk.context.workspace.files.put(b"label")
    file = {"name": "label.pdf", "media_type": "application/pdf", "size": 5, "sha256": sha256}
    await keep(desk, replace(CRACK, files=(file,)))
    await desk.open(desk.first)
    await offered(desk)
    desk.view.composer.suggestions.chips()[0].click()
    await until(lambda: [one["name"] for one in desk.view.composer.files.files()] == ["label.pdf"])


async def test_the_picker_ranks_as_f3_says(desk: Desk) -> None:
    names = (("return", "Go back"), ("a", "Return steps"), ("b-return", "B"), ("c-return", "C"))
    more = Content(shortcut="d", title="D", body="to return it")
    contents = [Content(shortcut=one, title=title, body="x") for one, title in names]
    await keep(desk, *contents, more, Content(shortcut="rxetxurn", title="E", body="x"))
    rows: list[CannedRow] = await desk.context.read(stored.list_all)
    key = next(row.id for row in rows if row.shortcut == "c-return")
    await desk.context.write(lambda tx: canned.render_for(tx, key, None))
    rows = await desk.context.read(stored.list_all)
    found = [row.shortcut for row in rank(rows, "RETURN")]
    assert found == ["return", "a", "c-return", "b-return", "d", "rxetxurn"]
    assert rank(rows, "")[0].shortcut == "c-return"


async def test_what_a_response_does_happens_with_the_sending(desk: Desk) -> None:
    steps = (Step(deed=Deed.PRIORITY, value="high"), Step(deed=Deed.STAR, value="on"))
    await keep(desk, Content(shortcut="fast", title="Fast", body="At once!", steps=steps))
    await desk.open(desk.first)
    said: list[str] = []
    desk.context.notice.connect(lambda notice: said.append(notice.text))
    (row,) = await desk.context.read(stored.list_all)
    desk.view.acts.canned.choose(row)
    await until(lambda: desk.text == "At once!")
    await until(lambda: said)
    assert said[-1] == "Sending will also: Set the priority: High, Star: on"
    shown = await desk.context.read(lambda conn: conversations_stored.row(conn, desk.first))
    assert shown is not None
    assert not shown.starred
    desk.view.composer.request_send()

    async with asyncio.timeout(5):
        while True:
            shown = await desk.context.read(lambda conn: conversations_stored.row(conn, desk.first))
            if shown is not None and shown.starred:
                break
    assert shown.priority is Priority.HIGH


async def test_what_a_response_does_is_seen_before_it_is_chosen(desk: Desk) -> None:
    steps = (Step(deed=Deed.PRIORITY, value="urgent"),)
    loud = Content(shortcut="alarm", title="Alarm", body="", steps=steps, status="closed")
    said = Content(shortcut="alas", title="Alas", body="Alas!", tag="sorry")
    await keep(desk, loud, said)
    await desk.open(desk.first)
    picker = desk.view.composer.picker
    desk.type("/alarm")
    await until(lambda: [one.shortcut for one in picker.shown()] == ["alarm"])
    assert picker.deeds == "Does at once: Set the priority: Urgent, close the conversation"
    desk.press(Qt.Key.Key_Escape)
    desk.view.composer.editor.clear()
    desk.type("/alas")
    await until(lambda: [one.shortcut for one in picker.shown()] == ["alas"])
    assert picker.deeds == "Does besides: Add a tag: sorry"


async def test_what_a_response_does_can_be_left_out(desk: Desk) -> None:
    steps = (Step(deed=Deed.STAR, value="on"),)
    await keep(
        desk, Content(shortcut="fast", title="Fast", body="At once!", steps=steps, status="closed")
    )
    await desk.open(desk.first)
    said: list[Notice] = []
    desk.context.notice.connect(said.append)
    (row,) = await desk.context.read(stored.list_all)
    desk.view.acts.canned.choose(row)
    await until(lambda: said)
    leave_out = said[-1].action
    assert leave_out is not None
    leave_out()
    desk.view.composer.request_send()
    await until(lambda: desk.text == "")
    shown = await desk.context.read(lambda conn: conversations_stored.row(conn, desk.first))
    assert shown is not None
    assert (shown.starred, shown.status) == (False, Status.OPEN)


async def test_a_response_without_words_does_what_it_does_at_once(desk: Desk) -> None:
    steps = (Step(deed=Deed.PRIORITY, value="urgent"),)
    await keep(desk, Content(shortcut="alarm", title="Alarm", body="", steps=steps))
    await desk.open(desk.first)
    (row,) = await desk.context.read(stored.list_all)
    desk.view.acts.canned.choose(row)
    await until(lambda: desk.view.row is not None and desk.view.row.priority is Priority.URGENT)
    assert desk.text == ""
