"""What is told of messages: once, with words that fit, and taken back when read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.notices import Kind, Level
from desktop_inbox.domain.states import Direction, Status
from desktop_inbox.services import conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.notifications import wishes, words
from desktop_inbox.ui.notifications.shower import OPEN
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.ui.notifications.notifier_room import Room, forward, requests, stored
from tests.ui.notifications.notifier_room import room as room


async def test_a_new_message_is_told_with_who_and_what(room: Room) -> None:
    await room.mail("Is the blue one in stock?")
    (card,) = room.screen.cards.values()
    assert card.title == "Mina Okafor"
    assert card.body == "Cracked glaze\nIs the blue one in stock?"
    assert [action for action, _words in card.actions] == ["reply", "read", "close"]


@pytest.mark.parametrize(
    "changed",
    [
        {"at": datetime(2026, 1, 5, tzinfo=UTC)},
        {"kind": MessageClass.BULK},
        {"kind": MessageClass.AUTO_REPLY},
        {"direction": Direction.OUT},
        {"status": Status.SPAM},
    ],
)
async def test_what_is_no_news_is_not_told(room: Room, changed: dict[str, object]) -> None:
    await room.mail("Spring offers", **changed)
    assert not [card for card in room.screen.every if "Spring offers" in card.body]


async def test_a_message_is_told_once_also_after_a_restart(room: Room) -> None:
    key, message_id = await room.mail()
    assert len(room.screen.every) == 1
    await room.context.write(lambda tx: tx.touch(message=[message_id], conversation=[key]))
    await room.looked()
    assert len(room.screen.every) == 1
    await room.restart()
    await room.context.write(lambda tx: tx.touch(message=[message_id], conversation=[key]))
    await room.looked()
    assert room.screen.every == []


async def test_five_become_one_summary_that_takes_their_place(room: Room) -> None:
    for number in range(4):
        await room.mail(who=Address(name=f"Guest {number}", address=f"{number}@a.example"))
    assert len(room.screen.cards) == 4
    await room.mail(who=Address(name="Guest 4", address="4@a.example"))
    assert room.screen.titles == ["5 new messages"]
    (card,) = room.screen.cards.values()
    assert card.body == "Guest 0, Guest 1, Guest 2, Guest 3 and 1 more"
    assert card.actions == ()


async def test_a_summary_goes_once_all_it_tells_of_is_read_here_or_elsewhere(room: Room) -> None:
    keys = [
        (await room.mail(who=Address(name=f"Guest {number}", address=f"{number}@a.example")))[0]
        for number in range(7)
    ]
    assert room.screen.titles == ["7 new messages"]
    await room.context.write(lambda tx: conversations.mark_read(tx, keys[:5]))
    await room.looked()
    assert len(room.screen.cards) == 1
    await room.context.write(lambda tx: conversations.close(tx, keys[5:]))
    await until(lambda: not room.screen.cards)


async def test_a_notification_goes_away_when_its_message_is_read(room: Room) -> None:
    key, _message = await room.mail()
    await room.context.write(lambda tx: conversations.mark_read(tx, [key]))
    await until(lambda: not room.screen.cards)


async def test_a_notification_goes_away_when_its_conversation_is_closed_elsewhere(
    room: Room,
) -> None:
    key, _message = await room.mail()
    await room.context.write(lambda tx: conversations.close(tx, [key]))
    await until(lambda: not room.screen.cards)


@pytest.mark.parametrize(
    ("privacy", "title", "body"),
    [
        ("all", "Mina Okafor", "Cracked glaze\nIs it here?"),
        ("name", "Mina Okafor", ""),
        ("none", "1 new message", ""),
    ],
)
async def test_privacy_leaves_out_text_and_names(
    room: Room, privacy: str, title: str, body: str
) -> None:
    room.context.settings.notify_privacy = privacy
    await room.mail()
    (card,) = room.screen.cards.values()
    assert (card.title, card.body) == (title, body)


async def test_hostile_words_cannot_reorder_or_flood_a_notification(room: Room) -> None:
    name = "Mina\u202egpj.exe\x00\nBank"
    await room.mail("a\u2066b\n" * 9000, who=Address(name=name, address="m@a.example"))
    (card,) = room.screen.cards.values()
    assert card.title == "Minagpj.exe Bank"
    assert len(card.body) <= 280
    assert not set(card.body) & set("\u2066\x00")


async def test_a_class_that_is_off_and_a_pause_show_nothing(room: Room) -> None:
    wishes.set_level(room.context.settings, Kind.EMAIL, Level.OFF)
    await room.mail()
    wishes.set_level(room.context.settings, Kind.EMAIL, None)
    room.context.settings.notify = False
    await room.mail()
    assert room.screen.every == []
    room.context.settings.notify = True
    await room.looked()
    assert room.screen.every == []  # what came meanwhile is no news any more
    await room.mail()
    assert len(room.screen.every) == 1


async def test_one_account_may_differ(room: Room) -> None:
    uid = room.accounts.rows[0].uid
    wishes.set_level(room.context.settings, Kind.EMAIL, Level.OFF, account=uid)
    await room.mail()
    assert room.screen.every == []


async def test_a_mention_in_a_note_of_somebody_else_is_told(room: Room) -> None:
    key, _message = await room.mail()
    await room.clear()

    def note(tx: Tx) -> None:
        tx.conn.exec_driver_sql("UPDATE agent SET name = 'Aylin Kaya' WHERE id = 1")
        tx.conn.exec_driver_sql(
            "INSERT INTO agent (id, uid, name, email, signature) VALUES (2, 'two', 'Selin', '', '')"
        )
        made = builders.message(
            tx,
            key,
            Mail(
                text="@Aylin please look",
                direction=Direction.NOTE,
                at=room.clock.now.astimezone(UTC),
                seen=False,
            ),
        )
        tx.conn.exec_driver_sql("UPDATE message SET agent_id = 2 WHERE id = ?", (made,))
        tx.touch(message=[made])

    await room.context.write(note)
    await room.looked()
    assert [card.title for card in room.screen.every] == ["You were mentioned: Mina Okafor"]


@forward
async def test_a_click_brings_up_the_conversation(room: Room) -> None:
    asked = requests(room.context)
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, OPEN, "token")
    assert asked == [key]
    assert room.window.isVisible()
    await until(lambda: not room.screen.cards)
    assert not room.notifier.replies_in(key)


@forward
async def test_reply_goes_on_once_the_conversation_is_there(room: Room) -> None:
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, words.REPLY, "")
    assert room.notifier.replies_in(key)
    assert not room.notifier.replies_in(key)


@forward
async def test_somebody_who_looks_at_another_conversation_first_replies_to_nobody(
    room: Room,
) -> None:
    key, _message = await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, words.REPLY, "")
    assert not room.notifier.replies_in(key + 1)
    assert not room.notifier.replies_in(key)


async def test_the_buttons_read_and_close_without_the_window(room: Room) -> None:
    read, _message = await room.mail()
    closed, _message = await room.mail()
    first, second = room.screen.cards
    room.screen.press(first, words.READ, "")
    room.screen.press(second, words.CLOSE, "")

    while (await stored(room, closed)).status is not Status.CLOSED:
        await room.looked()
    while (await stored(room, read)).unread:
        await room.looked()
    assert not room.window.isVisible()


@forward
async def test_a_summary_leads_to_the_inbox(room: Room) -> None:
    gone: list[str] = []
    room.context.actions.on("go.inbox", lambda: gone.append("inbox"))
    for _number in range(5):
        await room.mail()
    (number,) = room.screen.cards
    room.screen.press(number, OPEN, "")
    assert gone == ["inbox"]


async def test_what_was_shown_is_taken_back_at_the_end(room: Room) -> None:
    await room.mail()
    await room.notifier.stop()
    assert room.screen.cards == {}
