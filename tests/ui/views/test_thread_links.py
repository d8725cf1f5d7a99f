"""What the store knows of a conversation is shown in it, and can be acted on where it stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest_asyncio
from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import joining
from desktop_inbox.store import conversations, messages
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.sync import linking
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.formats import local_day
from desktop_inbox.ui.views.merge_picker import MergePicker
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_card import MessageCard
from desktop_inbox.ui.views.message_delivered import DeliveredTo
from desktop_inbox.ui.views.message_head import MessageHead
from desktop_inbox.ui.views.offers import OfferLine
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support import builders
from tests.support.builders import MINA, Mail
from tests.support.qt_waits import until

LENA = Address(name="Lena Vogt", address="lena@orders.example")


@dataclass
class Desk:
    """A thread view on a workspace with two conversations."""

    view: ThreadView
    context: AppContext
    first: int  # Mina's: two messages
    second: int  # Lena's
    notices: list[Notice]

    async def open(self, key: int) -> None:
        self.view.show_conversation(key)
        await until(lambda: self.view.row is not None and self.view.row.id == key)

    async def row(self, key: int) -> ConversationRow:
        found = await self.context.read(lambda conn: conversations.row(conn, key))
        assert found is not None
        return found

    async def inbox(self) -> list[int]:
        found = await self.context.read(
            lambda conn: conversations.ids(conn, ListQuery(view="inbox"))
        )
        return list(found)

    def lines(self) -> dict[str, list[QPushButton]]:
        """The lines of the history that are seen, with their buttons."""
        found = [row.widget for row in self.view.timeline._rows]
        return {one.offer.text: one.buttons for one in found if isinstance(one, OfferLine)}

    def press(self, line: str, words: str) -> None:
        (button,) = [one for one in self.lines()[line] if one.text() == words]
        button.click()

    def undo(self) -> None:
        action = self.notices[-1].action
        assert action is not None
        action()

    def bubble(self, key: int) -> MessageBubble:
        bubble = self.view.timeline.bubble(key)
        assert bubble is not None
        return bubble


@pytest_asyncio.fixture
async def desk(qtbot: QtBot, context: AppContext) -> AsyncIterator[Desk]:
    now = utc_now()

    def fill(tx: Tx) -> tuple[int, int]:
        account = builders.account(tx)
        first = builders.conversation(tx, at=now - timedelta(hours=3))
        for hours, text in ((3, "The bowl has a crack."), (2, "And where is the invoice?")):
            mail = Mail(text=text, at=now - timedelta(hours=hours))
            builders.message(tx, first, mail, account_id=account)
        second = builders.conversation(tx, subject="Rechnung", who=LENA, at=now)
        mail = Mail(text="Bitte.", subject="Rechnung", who=LENA, at=now - timedelta(hours=1))
        builders.message(tx, second, mail, account_id=account)
        return first, second

    first, second = await context.write(fill)
    view = ThreadView(context)
    qtbot.addWidget(view)
    view.resize(620, 760)
    view.show()
    notices: list[Notice] = []
    context.notice.connect(notices.append)
    yield Desk(view, context, first, second, notices)
    view.close_desk()


SUGGESTED = "This may belong to “Rechnung” (Lena Vogt)"


async def _suggest(desk: Desk) -> None:
    links = linking.Links(belong_together=[(desk.first, desk.second)])
    await desk.context.write(lambda tx: linking.record_links(tx, links, lambda key: key))


async def test_a_suggestion_is_a_line_that_joins_and_is_undone(desk: Desk) -> None:
    await _suggest(desk)
    await desk.open(desk.first)
    await until(lambda: SUGGESTED in desk.lines())
    desk.press(SUGGESTED, "Join")
    await until(lambda: len(desk.view.timeline.message_ids()) == 3)
    await until(lambda: SUGGESTED not in desk.lines())
    assert await desk.inbox() == [desk.first]
    desk.undo()
    await until(lambda: SUGGESTED in desk.lines())
    assert len(desk.view.timeline.message_ids()) == 2


async def test_a_suggestion_that_was_denied_is_gone_on_both_sides_for_good(desk: Desk) -> None:
    await _suggest(desk)
    await desk.open(desk.first)
    await until(lambda: SUGGESTED in desk.lines())
    desk.press(SUGGESTED, "Not the same")
    await until(lambda: SUGGESTED not in desk.lines())
    await _suggest(desk)
    await desk.open(desk.second)
    assert not any("may belong" in line for line in desk.lines())
    desk.undo()
    await until(lambda: any("may belong" in line for line in desk.lines()))


async def test_what_branched_is_linked_in_both_directions(desk: Desk) -> None:
    links = linking.Links(branches=[(desk.second, desk.first)])
    await desk.context.write(lambda tx: linking.record_links(tx, links, lambda key: key))
    asked: list[int] = []
    desk.context.conversation_requested.connect(asked.append)
    await desk.open(desk.first)
    there = "“Rechnung” branched from here: its sender takes no part"
    await until(lambda: there in desk.lines())
    desk.press(there, "Open it")
    await desk.open(desk.second)
    back = "Branched from “Cracked glaze”, in which its sender takes no part"
    await until(lambda: back in desk.lines())
    desk.press(back, "Open it")
    assert asked == [desk.second, desk.first]


async def test_splitting_from_a_message_leaves_a_link_and_is_undone(desk: Desk) -> None:
    await desk.open(desk.first)
    first, second = desk.view.timeline.message_ids()
    assert "Split from this message on" not in _menu(desk, first)
    assert "Split from this message on" in _menu(desk, second)
    desk.view.timeline.acted.emit(second, "split")
    told = "You split off “Cracked glaze”"
    await until(lambda: told in desk.lines() and desk.view.timeline.message_ids() == [first])
    (new,) = set(await desk.inbox()) - {desk.first, desk.second}
    await desk.open(new)
    await until(lambda: "You split this off from “Cracked glaze”" in desk.lines())
    desk.undo()
    await desk.open(desk.first)
    await until(lambda: desk.view.timeline.message_ids() == [first, second])
    assert not any(desk.lines().values())


async def test_the_palette_splits_from_the_current_message_but_not_from_the_first(
    desk: Desk,
) -> None:
    await desk.open(desk.first)
    first, second = desk.view.timeline.message_ids()
    split = desk.context.actions["conversation.split"]
    desk.view.timeline.reveal(first)
    assert not split.isEnabled()
    desk.view.timeline.reveal(second)
    split.trigger()
    await until(lambda: desk.view.timeline.message_ids() == [first])


async def test_one_merges_with_another_that_is_looked_for_by_its_subject(desk: Desk) -> None:
    await desk.open(desk.first)
    asked: list[int] = []
    desk.context.conversation_requested.connect(asked.append)
    desk.view.commands.offer_merge([desk.first])
    await until(lambda: bool(_pickers(desk)))
    (picker,) = _pickers(desk)
    assert picker.texts() == []
    picker.field.setText("rechn")
    await until(lambda: picker.texts() == ["Rechnung"])
    picker._run()
    await until(lambda: asked == [desk.second])
    assert (await desk.row(desk.second)).message_count == 3


async def test_several_that_are_selected_merge_into_the_oldest(desk: Desk) -> None:
    desk.view.commands.offer_merge(await desk.inbox())
    await until(lambda: bool(desk.notices))
    assert await desk.inbox() == [desk.first]
    desk.undo()
    await until(lambda: desk.notices[-1].text == "Undone")
    assert await desk.inbox() == [desk.second, desk.first]


async def test_the_number_that_is_copied_finds_the_conversation(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.view.keys.copy_number()
    copied = QGuiApplication.clipboard().text()
    found = ListQuery(view="all", text=copied)
    assert list(await desk.context.read(lambda conn: conversations.ids(conn, found))) == [
        desk.first
    ]
    await desk.context.write(lambda tx: joining.merge(tx, desk.first, desk.second))
    assert list(await desk.context.read(lambda conn: conversations.ids(conn, found))) == [
        desk.second
    ]


async def test_whoever_is_out_of_office_can_be_waited_for(desk: Desk) -> None:
    back = local_day(utc_now()) + timedelta(days=4)
    await desk.open(desk.first)
    key = desk.view.timeline.message_ids()[-1]
    report = {"absent_until": back.isoformat()}

    def away(tx: Tx) -> None:
        messages.set_report(tx, key, report)
        tx.touch(message=[key], conversation=[desk.first])

    await desk.context.write(away)
    await until(lambda: desk.view.message(key).report == report)  # type: ignore[union-attr]
    (line,) = desk.bubble(key).findChildren(OfferLine)
    assert line.offer.text.startswith("Out of office until ")
    (button,) = line.buttons
    button.click()
    await until(lambda: desk.view.row is not None and desk.view.row.status is Status.SNOOZED)
    until_when = (await desk.row(desk.first)).snoozed_until
    assert until_when is not None
    assert until_when.astimezone().strftime("%Y-%m-%d %H:%M") == f"{back.isoformat()} 09:00"


async def test_a_new_subject_offers_to_split_right_there(desk: Desk) -> None:
    await desk.open(desk.first)
    key = desk.view.timeline.message_ids()[-1]
    bubble = desk.bubble(key)
    bubble.show_message(replace(bubble.message, warnings=("new-topic",)))
    (line,) = bubble.findChildren(OfferLine)
    assert line.offer.text == "The subject is new."
    line.buttons[0].click()
    await until(lambda: len(desk.view.timeline.message_ids()) == 1)


async def test_where_a_mail_reached_two_of_our_accounts_both_are_badges(desk: Desk) -> None:
    await desk.open(desk.first)
    bubble = desk.bubble(desk.view.timeline.message_ids()[-1])
    assert bubble.findChildren(DeliveredTo) == []
    bubble.show_message(replace(bubble.message, delivered_to=("a@shop.example", "b@shop.example")))
    (row,) = bubble.findChildren(DeliveredTo)
    assert row.isVisible()
    assert [badge.accessibleName() for badge in row.badges] == ["a@shop.example", "b@shop.example"]


async def test_what_comes_to_a_message_later_is_read_where_it_stands(desk: Desk) -> None:
    await desk.open(desk.first)
    key = desk.view.timeline.message_ids()[-1]
    bubble = desk.bubble(key)
    (card,), before = bubble.findChildren(MessageCard), bubble.findChildren(QWidget)
    told = ("new-topic", "name-of-customer")
    bubble.show_message(replace(bubble.message, warnings=told, delivered_to=("a@x.y", "b@x.y")))
    desk.view.timeline._on_resized(key)
    late = [one for one in card.children() if isinstance(one, QWidget) and one not in before]
    assert len(late) == 3
    shown = [one for one in card.children() if isinstance(one, QWidget) and one.isVisible()]
    assert shown[-1] is bubble.body
    assert [one.y() for one in shown] == sorted(one.y() for one in shown)


async def test_the_button_of_the_menu_takes_no_room_from_anything(desk: Desk) -> None:
    outside = desk.view.window().frameGeometry().bottomRight() + QPoint(50, 50)
    QCursor.setPos(outside)  # an earlier test may have left it where a bubble will be
    await desk.open(desk.first)
    bubble = desk.bubble(desk.view.timeline.message_ids()[-1])
    (head,) = bubble.findChildren(MessageHead)
    before = head.sizeHint()
    assert bubble.findChildren(QToolButton) == []
    head.show_menu_button(shown=True)
    (menu,) = bubble.findChildren(QToolButton)
    assert menu.accessibleName() == "Message menu"
    assert head.sizeHint() == before
    head.show_menu_button(shown=False)
    assert head.sizeHint() == before


async def test_what_is_said_above_a_short_text_never_cuts_it_off(desk: Desk) -> None:
    await desk.open(desk.first)
    key = desk.view.timeline.message_ids()[-1]
    bubble = desk.bubble(key)
    warned = ("new-topic", "name-of-customer")
    bubble.show_message(replace(bubble.message, warnings=warned))
    desk.view.timeline._on_resized(key)
    body, card = bubble.body, bubble._card
    assert body is not None
    assert card is not None
    assert body.geometry().bottom() < card.height()


async def test_what_came_back_can_be_written_to_another_address(desk: Desk) -> None:
    def fail(tx: Tx) -> int:
        mail = Mail(text="Your bowl.", direction=Direction.OUT, delivery=Delivery.SENT)
        key = builders.message(tx, desk.first, mail, account_id=1)
        words = {"address": MINA.address, "code": "5.1.1", "text": "No such user"}
        messages.set_delivery(tx, key, Delivery.RETURNED, detail={"refused": [words]})
        return key

    key = await desk.context.write(fail)
    await desk.open(desk.first)
    bubble = desk.bubble(key)
    told = [label.text() for label in bubble.findChildren(PlainLabel)]
    assert any(f"{MINA.address} was refused: 5.1.1 No such user" in text for text in told)
    (button,) = [
        one for one in bubble.findChildren(QPushButton) if one.text() == "Write to another address"
    ]
    button.click()
    composer = desk.view.composer
    assert composer.to.addresses() == ()
    assert composer.editor.toPlainText() == "Your bowl."
    assert not composer.quoted_text()


def _menu(desk: Desk, key: int) -> list[str]:
    menu = QMenu()
    desk.view.message_menu.fill(key, menu)
    return [action.text() for action in menu.actions()]


def _pickers(desk: Desk) -> list[MergePicker]:
    return [one for one in desk.view.findChildren(MergePicker) if one.isVisible()]
