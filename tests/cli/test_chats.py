"""Conversations of messaging channels on the command line: each message with its channel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.connectors.chat import Edited, Person, Reacted
from desktop_inbox.domain.pieces import Spot
from desktop_inbox.services import replies
from tests.cli.conftest import Run
from tests.support.scripted_chat import ELIF, ChatRoom, Wire, also, said
from tests.support.scripted_chat import chat_room as chat_room


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    """Elif wrote, and her service vouches for her address."""
    wire = Wire(chat_room)
    known: Person = also(ELIF, attested=(("email", "elif@example.org"),))
    now = chat_room.now() - timedelta(minutes=1)
    chat = said("1").chat
    spot = Spot(latitude=41.0, longitude=29.0, title="The shop")
    wire.bring(
        said("1", "Here?", author=known, at=now, pieces=(spot,)),
        Edited(external_id="1", chat=chat, at=now + timedelta(seconds=1), text="There?"),
        Reacted(external_id="1", chat=chat, author=ELIF, emojis=("👍",), at=now),
    )
    return wire


@pytest.fixture
def folder(wire: Wire) -> Path:
    return wire.room.workspace.data_dir


def test_show_tells_the_channel_of_each_message_and_what_chats_have(
    run: Run, wire: Wire, folder: Path
) -> None:
    found = run("--data-dir", folder, "--json", "show", wire.only().id).json
    (message,) = found["messages"]
    assert (message["channel"], message["account"], message["text"]) == (
        "talk",
        wire.account_id,
        "There?",
    )
    assert message["edited_at"] is not None
    assert message["reactions"] == [{"name": "Elif Kaya", "ours": False, "emojis": ["👍"]}]


def test_an_answer_goes_by_the_channel_of_the_message_or_by_the_one_that_is_named(
    run: Run, wire: Wire, folder: Path
) -> None:
    room, key = wire.room, wire.only().id
    mail = room.add_account()
    first = run("--data-dir", folder, "--json", "reply", key, "--text", "Yes").json
    assert room.message(first["message"]).channel == "talk"
    second = run(
        "--data-dir", folder, "--json", "reply", key, "--text", "By mail", "--channel", mail
    ).json
    message = room.message(second["message"])
    assert (message.channel, [one.address for one in message.to]) == ("email", ["elif@example.org"])
    assert (message.in_reply_to, message.references) == ("", ())
    assert second["conversation"] == key


def test_a_conversation_tells_all_its_channels_in_the_order_of_their_first_use(
    run: Run, wire: Wire, folder: Path
) -> None:
    room, key = wire.room, wire.only().id
    mail = room.add_account()
    run("--data-dir", folder, "reply", key, "--text", "By mail", "--channel", mail)
    wire.bring(said("2", "Back here", at=room.now() + timedelta(minutes=1)))
    room.write(lambda tx: replies.add_note(tx, key, "They are on the move."))

    listed, shown, found = (
        run("--data-dir", folder, "--json", *command).json
        for command in (("conversations",), ("show", key), ("search", "mail"))
    )

    for told in (*listed["rows"], shown, *found["conversations"]):
        assert told["channels"] == ["talk", "email"]
    assert found["conversations"]


def test_a_channel_that_does_not_reach_the_customer_is_refused_in_words(
    run: Run, wire: Wire, folder: Path
) -> None:
    pager = wire.room.add_chat_account("pager")
    answer = run("--data-dir", folder, "reply", wire.only().id, "--text", "?", "--channel", pager)
    assert answer.status == 1
    assert "no address on that channel" in answer.err


def test_a_message_to_a_number_begins_a_conversation_and_one_to_nobody_is_refused(
    run: Run, chat_room: ChatRoom
) -> None:
    account = chat_room.add_chat_account("twilio", "+905550001111")
    begin = ("--data-dir", chat_room.workspace.data_dir, "--json", "compose", "--account", account)
    said = ("--subject", "Your order", "--text", "It is here")
    queued = run(*begin, "--to", "0532 111 22 33", *said).json
    assert queued["state"] == "queued"
    (row,) = chat_room.conversations()
    assert (row.id, row.channel, row.subject) == (queued["conversation"], "twilio", "Your order")
    assert chat_room.message(queued["message"]).to[0].address == ELIF.address
    refused = run(*begin, "--to", "elif", *said)
    assert (refused.status, refused.json["error"]["code"]) == (1, "unreachable")
    refused = run(*begin, "--to", ELIF.address, "--to", "+905321112234", *said)
    assert refused.json["error"]["code"] == "one-recipient"
