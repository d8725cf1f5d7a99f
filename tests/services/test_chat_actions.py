"""Changing, taking back and reacting: shown at once, told to the service, undone where refused."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.errors import PermanentError, TransientError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import chat_actions, undoing
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import chat_messages
from tests.support.engine_room import eventually, running
from tests.support.scripted_chat import ChatRoom, ChatService, Wire, said


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    wire = Wire(chat_room)
    now = chat_room.now()
    wire.bring(said("1", at=now), said("2", "Yes, twoo", from_me=True, at=now))
    return wire


@pytest.fixture
def service(wire: Wire) -> ChatService:
    return wire.room.chat_service(wire.account_id)


def ours(wire: Wire) -> int:
    return wire.timeline()[-1].id


async def test_a_change_is_shown_at_once_and_told_to_the_service(
    wire: Wire, service: ChatService
) -> None:
    wire.room.write(lambda tx: chat_actions.edit(tx, ours(wire), "Yes, two"))
    assert wire.timeline()[-1].text == "Yes, two"
    await wire.room.engine().run(until_idle=True)
    assert service.changed == [("edit", "elif", "2", "Yes, two")]
    kept = wire.room.read(lambda conn: chat_messages.versions(conn, ours(wire)))
    assert [one.text for one in kept] == ["Yes, twoo", "Yes, two"]


async def test_what_the_service_refuses_is_taken_back_with_its_reason(
    wire: Wire, service: ChatService
) -> None:
    service.change_script.append(PermanentError("too old to edit"))
    wire.room.write(lambda tx: chat_actions.edit(tx, ours(wire), "Yes, two"))
    await wire.room.engine().run(until_idle=True)
    assert wire.timeline()[-1].text == "Yes, twoo"


async def test_a_reaction_and_what_undoes_it_reach_the_service(
    wire: Wire, service: ChatService
) -> None:
    first = wire.timeline()[0].id
    wire.room.write(lambda tx: chat_actions.react(tx, first, ["👍"]))
    await wire.room.engine().run(until_idle=True)
    assert [(one.ours, one.emojis) for one in wire.timeline()[0].reactions] == [(True, ("👍",))]
    wire.room.write(undoing.undo)
    await wire.room.engine().run(until_idle=True)
    assert wire.timeline()[0].reactions == ()
    assert service.changed == [("react", "elif", "1", ("👍",)), ("react", "elif", "1", ())]


async def test_what_is_taken_back_stays_here_marked(wire: Wire, service: ChatService) -> None:
    wire.room.write(lambda tx: chat_actions.withdraw(tx, ours(wire)))
    await wire.room.engine().run(until_idle=True)
    message = wire.timeline()[-1]
    assert message.withdrawn_at is not None
    assert message.text == "Yes, twoo"
    assert service.changed == [("withdraw", "elif", "2")]


async def test_what_was_done_offline_is_told_once_there_is_a_network(
    wire: Wire, service: ChatService
) -> None:
    service.change_script.append(TransientError("no route to host"))
    wire.room.write(lambda tx: chat_actions.withdraw(tx, ours(wire)))
    async with running(wire.room.engine()):
        await eventually(lambda: service.changed == [("withdraw", "elif", "2")])
    assert not service.change_script


async def test_reading_a_chat_is_told_once_up_to_its_last_message(
    wire: Wire, service: ChatService
) -> None:
    wire.bring(said("3", "Hello?", at=wire.room.now()))
    wire.room.write(lambda tx: actions.mark_read(tx, wire.only().id))
    await wire.room.engine().run(until_idle=True)
    assert service.changed == [("read", "elif", "3")]


async def test_a_channel_that_shows_no_read_marks_is_not_told(chat_room: ChatRoom) -> None:
    pager = Wire(chat_room, "pager")
    pager.bring(said("1"))
    chat_room.write(lambda tx: actions.mark_read(tx, pager.only().id))
    await chat_room.engine().run(until_idle=True)
    assert chat_room.chat_service(pager.account_id).changed == []
    assert pager.only().unread == 0


def test_only_our_own_messages_on_a_channel_that_lets_us_are_changed(
    wire: Wire, chat_room: ChatRoom
) -> None:
    with pytest.raises(UserError, match="cannot-change"):
        wire.room.write(lambda tx: chat_actions.edit(tx, wire.timeline()[0].id, "No"))
    with pytest.raises(UserError, match="message-too-long"):
        wire.room.write(lambda tx: chat_actions.edit(tx, ours(wire), "x" * 101))
    with pytest.raises(UserError, match="message-empty"):
        wire.room.write(lambda tx: chat_actions.edit(tx, ours(wire), " "))
