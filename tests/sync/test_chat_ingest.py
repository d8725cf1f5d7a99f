"""Messages of chats: each once, in its conversation, whatever order and however often they come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.chat import (
    Chat,
    Edited,
    Reacted,
    Receipt,
    RemoteFile,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import SEALED, Unknown
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import accounts, chat_messages, search
from desktop_inbox.sync.counts import Ingested
from tests.support.scripted_chat import ELIF, START, ChatRoom, Wire, said
from tests.support.scripted_connector import mail_text, raw_mail


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def test_a_message_becomes_a_conversation_with_its_customer(wire: Wire) -> None:
    assert wire.bring(said("1", raw=b'{"id":1}')) == Ingested(stored=1)
    row = wire.only()
    assert (row.customer_name, row.status, row.unread) == ("Elif Kaya", Status.OPEN, 1)
    assert (row.channel, row.waiting_since, row.snippet) == (
        "talk",
        START,
        "Is the blue mug still there?",
    )
    (message,) = wire.timeline()
    assert (message.direction, message.external_id, message.author_name) == (
        Direction.IN,
        "1",
        "Elif Kaya",
    )
    assert wire.room.workspace.files.read(message.raw_sha256) == b'{"id":1}'


def test_the_same_message_twice_is_one(wire: Wire) -> None:
    assert wire.bring(said("1"), said("1")) == Ingested(stored=1, duplicates=1)
    assert wire.bring(said("1")) == Ingested(duplicates=1)
    assert len(wire.timeline()) == 1


def test_what_somebody_posts_about_another_thing_is_another_conversation(wire: Wire) -> None:
    wire.bring(said("1", "Lovely plates", chat="post 1", subject="Plates"))
    wire.bring(said("2", "A bit slow", chat="post 2", subject="Delivery"))
    wire.bring(said("3", "But kind", chat="post 2", subject="Delivery", minute=1))
    assert {row.subject: row.message_count for row in wire.room.conversations()} == {
        "Plates": 1, "Delivery": 2,
    }  # fmt: skip


def test_what_is_said_can_be_searched(wire: Wire) -> None:
    wire.bring(said("1", "Çok güzel bir ibrik"))
    found = wire.room.read(lambda conn: search.search(conn, "IBRIK guzel", limit=5))
    assert found.total == 1


# What becomes of messages


def edited(name: str, text: str, *, minute: float) -> Edited:
    at = START + timedelta(minutes=minute)
    return Edited(external_id=name, chat=Chat(external_id="elif"), at=at, text=text)


def test_a_change_keeps_what_was_said_before(wire: Wire) -> None:
    wire.bring(said("1", "Two mugs"), edited("1", "Four mugs", minute=2))
    wire.bring(edited("1", "Three mugs", minute=1))
    (message,) = wire.timeline()
    assert (message.text, message.edited_at) == ("Four mugs", START + timedelta(minutes=2))
    kept = wire.room.read(lambda conn: chat_messages.versions(conn, message.id))
    assert [one.text for one in kept] == ["Two mugs", "Three mugs", "Four mugs"]
    assert wire.only().snippet == "Four mugs"
    assert wire.room.read(lambda conn: search.search(conn, "four", limit=5)).total == 1


def test_a_change_that_comes_before_its_message_waits_for_it(wire: Wire) -> None:
    wire.bring(edited("1", "Four mugs", minute=2))
    assert wire.room.conversations() == []
    wire.bring(said("1", "Two mugs"))
    assert [message.text for message in wire.timeline()] == ["Four mugs"]


def test_what_was_taken_back_is_kept_and_shown_as_such(wire: Wire) -> None:
    at = START + timedelta(minutes=1)
    wire.bring(said("1"), Withdrawn(external_id="1", chat=Chat(external_id="elif"), at=at))
    (message,) = wire.timeline()
    assert (message.text, message.withdrawn_at) == ("Is the blue mug still there?", at)


def test_the_latest_reaction_stands_and_none_takes_it_back(wire: Wire) -> None:
    def reacted(*emojis: str, minute: float) -> Reacted:
        at = START + timedelta(minutes=minute)
        chat = Chat(external_id="elif")
        return Reacted(external_id="1", chat=chat, author=ELIF, emojis=emojis, at=at)

    wire.bring(reacted("👍", minute=2), said("1"), reacted("😀", minute=1))
    assert [(one.name, one.emojis) for one in wire.timeline()[0].reactions] == [
        ("Elif Kaya", ("👍",))
    ]
    wire.bring(reacted(minute=3))
    assert wire.timeline()[0].reactions == ()


def test_an_emoji_is_taken_back_by_its_name_and_may_come_back_under_another(wire: Wire) -> None:
    chat = Chat(external_id="elif")

    def reacted(*named: tuple[str, str], minute: float) -> Reacted:
        return Reacted(
            external_id="1", chat=chat, author=ELIF, emojis=tuple(emoji for _, emoji in named),
            named=named, at=START + timedelta(minutes=minute),
        )  # fmt: skip

    def emojis() -> list[tuple[str, ...]]:
        return [one.emojis for one in wire.timeline()[0].reactions]

    gone = Withdrawn(external_id="a", chat=chat, at=START)  # by a clock that is behind
    wire.bring(said("1"), reacted(("a", "👍"), ("b", "😀"), minute=2))
    wire.bring(gone)
    assert emojis() == [("😀",)]
    wire.bring(reacted(("b", "😀"), ("c", "👍"), minute=3))
    wire.bring(gone, reacted(("a", "👍"), ("b", "😀"), minute=2))
    assert emojis() == [("👍", "😀")]
    wire.bring(*(Withdrawn(external_id=name, chat=chat, at=START) for name in "bc"))
    assert emojis() == []


def test_an_account_goes_with_all_that_was_felt_about_its_messages(wire: Wire) -> None:
    reacted = Reacted(
        external_id="1", chat=Chat(external_id="elif"), author=ELIF, emojis=("👍",),
        named=(("a", "👍"),), at=START,
    )  # fmt: skip
    wire.bring(said("1"), reacted)
    wire.room.write(lambda tx: accounts.remove(tx, wire.account_id, keep_messages=False))
    assert wire.room.conversations() == []


def test_an_event_nobody_can_read_is_a_placeholder_until_somebody_can(wire: Wire) -> None:
    chat = Chat(external_id="elif")
    odd = Unreadable(external_id="1", chat=chat, at=START, why="no such type", raw=b"{}")
    assert wire.bring(odd, said("2", "Hello", minute=1)) == Ingested(stored=1, quarantined=1)
    first, second = wire.timeline()
    assert (first.unreadable, second.text) == ("no such type", "Hello")
    assert wire.room.workspace.files.read(first.raw_sha256) == b"{}"
    wire.bring(said("1", "Read now"))
    first, _ = wire.timeline()
    assert (first.unreadable, first.text, first.author_name) == ("", "Read now", "Elif Kaya")
    wire.bring(odd)
    assert wire.timeline()[0].text == "Read now"


def test_what_came_sealed_becomes_what_it_says_with_its_file_once_its_key_is_there(
    wire: Wire,
) -> None:
    sealed = (Unknown(kind=SEALED),)
    file = RemoteFile(reference="r", name="label.pdf", media_type="application/pdf")
    wire.bring(said("1", "", pieces=sealed), said("2", "", pieces=sealed, from_me=True))
    wire.bring(Receipt(external_id="2", state=Delivery.READ, at=START))
    for _ in range(2):
        wire.bring(said("1", "The label", files=(file,)), said("2", "Thank you", from_me=True))
        wire.bring(said("1", "", pieces=sealed))
    first, second = wire.timeline()
    assert (first.text, first.pieces, first.author_name) == ("The label", (), "Elif Kaya")
    assert [(one.name, one.state) for one in first.attachments] == [("label.pdf", "server")]
    assert (first.edited_at, first.direction) == (None, Direction.IN)
    assert (second.text, second.delivery) == ("Thank you", Delivery.READ)
    found = wire.room.read(lambda conn: search.search(conn, "label", limit=5))
    assert found.total == 1


def test_a_flood_is_one_message_that_counts(wire: Wire) -> None:
    wire.bring(said("1", repeats=3), said("1", repeats=2))
    wire.bring(said("1", repeats=7))
    wire.bring(said("1", repeats=5))
    assert [message.repeats for message in wire.timeline()] == [7]


# Through the engine


async def test_what_is_told_again_after_a_crash_is_not_doubled(chat_room: ChatRoom) -> None:
    account = chat_room.add_chat_account()
    service = chat_room.chat_service(account)
    service.batch_size = 2
    service.arrive(*(said(str(number), minute=number) for number in range(7)))
    await chat_room.engine().run(until_idle=True)
    chat_room.write(lambda tx: accounts.forget_cursor(tx, account))
    service.items.reverse()
    statuses = await chat_room.engine().run(until_idle=True)
    assert (statuses[account].stored, statuses[account].duplicates) == (0, 7)
    (row,) = chat_room.conversations()
    assert [one.external_id for one in chat_room.messages(row.id)] == list("0123456")


async def test_a_week_of_messages_is_caught_up_in_parts(chat_room: ChatRoom) -> None:
    account = chat_room.add_chat_account()
    service = chat_room.chat_service(account)
    service.arrive(said("first"))
    await chat_room.engine().run(until_idle=True)
    service.batch_size = 1000
    service.arrive(*(said(f"m{number}", minute=number) for number in range(450)))
    statuses = await chat_room.engine().run(until_idle=True)
    assert statuses[account].stored == 450
    (row,) = chat_room.conversations()
    assert (row.message_count, row.unread) == (451, 451)


async def test_mail_and_chats_live_beside_each_other(chat_room: ChatRoom) -> None:
    mail, chat = chat_room.add_account(), chat_room.add_chat_account()
    chat_room.services[mail].arrive(raw_mail(mail_text(message_id="a@example.org"), uid=1))
    chat_room.chat_service(chat).arrive(said("1"))
    await chat_room.engine().run(until_idle=True)
    assert {row.channel for row in chat_room.conversations()} == {"email", "talk"}
