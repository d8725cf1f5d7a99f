"""Receipts, read marks, echoes, renamed chats: late, twice, out of order they end the same."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox import connectors
from desktop_inbox.connectors.chat import (
    Chat,
    ChatItem,
    Edited,
    Moved,
    Profile,
    Reacted,
    ReadUntil,
    Receipt,
    RemoteFile,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import SEALED, Spot, Unknown
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import chat_messages, chats, outbox
from tests.support.scripted_chat import BARIS, ELIF, INFOS, START, ChatRoom, Wire, also, said

CHAT = Chat(external_id="elif")


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def after(minutes: float) -> Any:
    return START + timedelta(minutes=minutes)


def receipt(state: Delivery, *, minute: float = 5, **more: Any) -> Receipt:
    return Receipt(state=state, at=after(minute), **more)


def deliveries(wire: Wire) -> list[Delivery | None]:
    return [one.delivery for one in wire.timeline() if one.direction is Direction.OUT]


# Receipts


def test_receipts_only_ever_advance(wire: Wire) -> None:
    wire.bring(said("1"), said("2", "Yes", from_me=True, minute=1))
    wire.bring(receipt(Delivery.READ, external_id="2"))
    wire.bring(
        receipt(Delivery.DELIVERED, external_id="2"), receipt(Delivery.SENT, external_id="2")
    )
    assert deliveries(wire) == [Delivery.READ]


def test_a_receipt_that_comes_before_its_message_waits_for_it(wire: Wire) -> None:
    wire.bring(receipt(Delivery.DELIVERED, external_id="2"))
    wire.bring(said("1"), said("2", "Yes", from_me=True, minute=1))
    assert deliveries(wire) == [Delivery.DELIVERED]


def test_what_was_accepted_and_then_refused_has_come_back_with_the_services_words(
    wire: Wire,
) -> None:
    wire.bring(said("1"), said("2", "Yes", from_me=True, minute=1))
    wire.bring(
        receipt(Delivery.FAILED, external_id="2", code="recipient", detail="30003 unreachable")
    )
    assert deliveries(wire) == [Delivery.RETURNED]
    message = wire.timeline()[-1]
    assert message.delivery_detail["detail"] == "30003 unreachable"
    assert wire.only().failed


def test_a_receipt_by_our_own_name_settles_what_may_have_left(wire: Wire) -> None:
    wire.bring(said("1", at=wire.room.now()))
    queued = wire.room.answer(wire.only().id, "Yes")
    wire.room.write(lambda tx: outbox.claim(tx, queued.message_id, claimed_by="test"))
    wire.room.write(lambda tx: outbox.uncertain(tx, queued.message_id, code="x", detail=""))
    wire.bring(receipt(Delivery.DELIVERED, client_ref=queued.client_ref, external_id="9"))
    message = wire.room.message(queued.message_id)
    assert (message.delivery, message.external_id) == (Delivery.DELIVERED, "9")
    assert wire.room.outbox() == []


# Echoes of our own


def test_what_the_owner_wrote_on_their_phone_is_ours_and_answers(wire: Wire) -> None:
    wire.bring(said("1"), said("2", "Yes", from_me=True, minute=1))
    message = wire.timeline()[-1]
    assert (message.direction, message.delivery) == (Direction.OUT, Delivery.SENT)
    assert [one.name for one in message.to] == ["Elif Kaya"]
    assert wire.only().waiting_since is None


def test_an_echo_is_known_by_our_own_name_before_the_answer_to_sending_came(wire: Wire) -> None:
    wire.bring(said("1", at=wire.room.now()))
    queued = wire.room.answer(wire.only().id, "Yes")
    wire.room.write(lambda tx: outbox.claim(tx, queued.message_id, claimed_by="test"))
    echo = said("9", "Yes", from_me=True, client_ref=queued.client_ref, at=wire.room.now())
    wire.bring(echo)
    wire.bring(echo)
    message = wire.room.message(queued.message_id)
    assert (message.delivery, message.external_id) == (Delivery.SENT, "9")
    assert len(wire.timeline()) == 2


def test_a_nameless_echo_of_what_may_have_left_is_known_by_what_it_says(wire: Wire) -> None:
    wire.bring(said("1", at=wire.room.now()))
    queued = wire.room.answer(wire.only().id, "Yes,  two")
    wire.room.write(lambda tx: outbox.claim(tx, queued.message_id, claimed_by="test"))
    wire.room.write(lambda tx: outbox.uncertain(tx, queued.message_id, code="x", detail=""))
    wire.bring(said("9", "Yes, two", from_me=True, at=wire.room.now()))
    assert wire.room.message(queued.message_id).delivery is Delivery.SENT
    assert len(wire.timeline()) == 2


def test_an_echo_that_came_as_a_stranger_is_one_with_what_we_sent(wire: Wire) -> None:
    wire.bring(said("1", at=wire.room.now()))
    queued = wire.room.answer(wire.only().id, "Yes")
    wire.bring(
        said("9", "Yes (sent)", from_me=True, at=wire.room.now()),
        receipt(Delivery.READ, external_id="9"),
    )
    assert len(wire.timeline()) == 3
    wire.room.write(lambda tx: chat_messages.accepted(tx, queued.message_id, "9"))
    assert [one.external_id for one in wire.timeline()] == ["1", "9"]
    assert wire.room.message(queued.message_id).delivery is Delivery.READ


# Read marks


def test_what_the_customer_has_read_is_read_also_what_comes_late(wire: Wire) -> None:
    wire.bring(said("1"), said("2", "Yes", from_me=True, minute=1))
    wire.bring(ReadUntil(chat=CHAT, at=after(3), by_me=False))
    wire.bring(
        said("3", "And one more", from_me=True, minute=2),
        said("4", "Later", from_me=True, minute=4),
    )
    assert deliveries(wire) == [Delivery.READ, Delivery.READ, Delivery.SENT]


def test_what_the_owner_read_elsewhere_is_read_here_and_not_again(wire: Wire) -> None:
    wire.bring(said("1"), said("2", "Hello?", minute=1))
    read = ReadUntil(chat=CHAT, at=after(1), by_me=True)
    wire.bring(read)
    assert wire.only().unread == 0
    wire.bring(said("3", "Late", minute=0.5), said("4", "New", minute=2), read)
    assert [one.seen for one in wire.timeline()] == [True, True, True, False]


# Chats under another name


def test_a_renamed_chat_goes_on_in_its_conversation(wire: Wire) -> None:
    group = Chat(external_id="g", title="Mugs", group=True)
    grown = Chat(external_id="G", title="Mugs", group=True)
    wire.bring(said("1", chat=group))
    wire.bring(Moved(old="g", new=grown), said("2", chat=grown, minute=1))
    wire.bring(said("3", chat=group, author=BARIS, minute=2), Moved(old="g", new=grown))
    assert [one.external_id for one in wire.timeline()] == ["1", "2", "3"]
    assert wire.only().subject == "Mugs"


def test_a_chat_that_turns_out_to_be_renamed_joins_what_came_under_the_new_name(
    wire: Wire,
) -> None:
    wire.bring(said("1", chat=Chat(external_id="g", group=True)))
    wire.bring(said("2", chat=Chat(external_id="G", group=True), minute=1))
    assert len(wire.room.conversations()) == 2
    wire.bring(Moved(old="g", new=Chat(external_id="G", group=True)))
    assert [one.external_id for one in wire.timeline()] == ["1", "2"]


# Windows


def test_the_window_counts_from_the_last_incoming_message_by_the_services_clock(
    wire: Wire,
) -> None:
    wire.bring(said("2", minute=30), said("1", minute=0), said("3", from_me=True, minute=90))
    chat = wire.room.read(lambda conn: chats.by_names(conn, wire.account_id, ["elif"]))["elif"]
    assert (chat.last_in_at, chat.reply_until) == (after(30), after(30) + timedelta(hours=24))


# Whatever the order


GROUP = Chat(external_id="g", title="Mugs", group=True)
GROWN = Chat(external_id="G", title="Mugs", group=True)
ITEMS: tuple[ChatItem, ...] = (
    said("1", "Hello", raw=b"1"),
    said("2", "Is it there?", minute=1, files=(RemoteFile(reference="r", name="mug.jpg"),)),
    said("3", "Yes", from_me=True, minute=2),
    said("4", "", minute=3, pieces=(Spot(latitude=1.0, longitude=2.0),)),
    said("5", "Alarm", minute=4, repeats=2),
    said("5", "Alarm", minute=4, repeats=6),
    said("b1", "Hi", chat="baris", author=BARIS, minute=2),
    said("b2", "Bye", chat="baris", author=BARIS, from_me=True, minute=6),
    said("g1", "All", chat=GROUP, author=BARIS, minute=1),
    said("g2", "Of us", chat=GROWN, author=ELIF, minute=2),
    Moved(old="g", new=GROWN),
    Edited(external_id="1", chat=CHAT, at=after(1), text="Hallo"),
    Edited(external_id="1", chat=CHAT, at=after(3), text="Merhaba"),
    Edited(external_id="1", chat=CHAT, at=after(2), text="Salut"),
    Withdrawn(external_id="2", chat=CHAT, at=after(7)),
    Withdrawn(external_id="2", chat=CHAT, at=after(6)),
    Reacted(external_id="3", chat=CHAT, author=ELIF, emojis=("👍",), at=after(3)),
    Reacted(external_id="3", chat=CHAT, author=ELIF, emojis=(), at=after(4)),
    Reacted(external_id="3", chat=CHAT, author=None, emojis=("😀", "👍"), at=after(4)),
    Reacted(
        external_id="4",
        chat=CHAT,
        author=ELIF,
        emojis=("👍",),
        at=after(4),
        named=(("r1", "👍"),),
    ),
    Reacted(
        external_id="4",
        chat=CHAT,
        author=ELIF,
        emojis=("👍", "😀"),
        at=after(5),
        named=(("r1", "👍"), ("r2", "😀")),
    ),
    Withdrawn(external_id="r1", chat=CHAT, at=after(6)),
    Receipt(state=Delivery.DELIVERED, at=after(3), external_id="3"),
    Receipt(state=Delivery.SENT, at=after(2), external_id="3"),
    Receipt(state=Delivery.FAILED, at=after(7), external_id="b2", code="recipient", detail="no"),
    ReadUntil(chat=CHAT, at=after(2), by_me=False),
    ReadUntil(chat=CHAT, at=after(1), by_me=True),
    ReadUntil(chat=CHAT, at=after(3), by_me=True),
    Unreadable(external_id="u", chat=CHAT, at=after(5), why="odd", raw=b"?"),
    Unreadable(external_id="4", chat=CHAT, at=after(3), why="odd", raw=b"?"),
    said("s", "", pieces=(Unknown(kind=SEALED),), minute=8),
    said("s", "", files=(RemoteFile(reference="r", name="label.pdf"),), minute=8),
    Profile(person=also(ELIF, language="tr")),
)

NUMBERS = st.integers(0, len(ITEMS) - 1)


def _all_that_is_there(wire: Wire) -> object:
    """Everything a person can see, without keys that depend on the order of arrival."""
    shown = []
    for row in wire.room.conversations():
        messages = []
        for one in wire.room.messages(row.id):
            kept = wire.room.read(partial(chat_messages.versions, message_id=one.id))
            messages.append(
                (one.external_id, one.direction, one.at, one.text, one.snippet, one.pieces,
                 one.author_name, one.seen, one.unreadable, one.delivery, one.edited_at,
                 one.withdrawn_at, one.repeats, frozenset(one.reactions),
                 tuple(file.name for file in one.attachments),
                 tuple((version.at, version.text) for version in kept))
            )  # fmt: skip
        shown.append(
            (row.subject, row.customer_name, row.status, row.unread, row.last_at,
             row.waiting_since, row.failed, row.snippet, tuple(messages))
        )  # fmt: skip
    found = wire.room.read(
        lambda conn: chats.by_names(conn, wire.account_id, ["elif", "baris", "g", "G"])
    )
    windows = {
        name: (chat.external_id, chat.title, chat.is_group, chat.last_in_at, chat.reply_until,
               chat.read_until, chat.seen_until)
        for name, chat in found.items()
    }  # fmt: skip
    return sorted(shown, key=repr), windows


def _left_by(items: Sequence[ChatItem], *, cuts: Sequence[int]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        room = ChatRoom.open(Path(folder) / "data")
        assert isinstance(room, ChatRoom)
        try:
            wire = Wire(room)
            start = 0
            for end in [*sorted(cuts), len(items)]:
                wire.bring(*items[start:end])
                start = end
            return _all_that_is_there(wire)
        finally:
            room.workspace.close()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chosen=st.sets(NUMBERS, min_size=1) | st.sets(NUMBERS, min_size=len(ITEMS) - 4),
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(0, 3 * len(ITEMS)), max_size=6),
)
def test_any_items_three_times_in_any_order_leave_the_same_store(
    monkeypatch: pytest.MonkeyPatch, chosen: set[int], order: random.Random, cuts: list[int]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
        once = [ITEMS[number] for number in sorted(chosen)]
        thrice = once * 3
        order.shuffle(thrice)
        assert _left_by(thrice, cuts=cuts) == _left_by(once, cuts=())
