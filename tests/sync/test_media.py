"""Files of chats: fetched apart from their messages, tried again, and given up with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.connectors.chat import RemoteFile
from desktop_inbox.connectors.errors import RateLimited, TransientError
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import attachments
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.sync.media import MAX_BYTES, fetch_delay
from tests.support.engine_room import eventually, running
from tests.support.scripted_chat import ChatRoom, ChatService, said


@pytest.fixture
def account(chat_room: ChatRoom) -> int:
    return chat_room.add_chat_account()


@pytest.fixture
def service(chat_room: ChatRoom, account: int) -> ChatService:
    return chat_room.chat_service(account)


def photo(**more: object) -> RemoteFile:
    values = {"reference": "r1", "name": "mug.jpg", "media_type": "image/jpeg", **more}
    return RemoteFile(**values)  # type: ignore[arg-type]


def file_of(room: ChatRoom) -> AttachmentRow:
    (conversation,) = room.conversations()
    ((file,),) = (one.attachments for one in room.messages(conversation.id))
    return file


async def test_a_file_is_shown_at_once_and_fetched_after(
    chat_room: ChatRoom, service: ChatService
) -> None:
    service.files["r1"] = b"JPEG"
    service.arrive(said("1", "", files=(photo(inline=True),)))
    await chat_room.engine().run(until_idle=True)
    file = file_of(chat_room)
    assert (file.name, file.state, file.size, file.inline) == ("mug.jpg", "file", 4, True)
    assert chat_room.workspace.files.read(file.sha256) == b"JPEG"
    assert chat_room.conversations()[0].snippet == "📷"


async def test_a_file_that_cannot_be_had_now_holds_nothing_up_and_is_tried_again(
    chat_room: ChatRoom, service: ChatService
) -> None:
    service.files["r1"] = b"JPEG"
    service.fetch_script.append(TransientError("502"))
    service.arrive(said("1", "Look", files=(photo(),)), said("2", "At this", minute=1))
    await chat_room.engine().run(until_idle=True)
    (conversation,) = chat_room.conversations()
    assert [one.text for one in chat_room.messages(conversation.id)] == ["Look", "At this"]
    assert service.fetched == ["r1"]


async def test_a_service_that_asks_for_patience_gets_it(
    chat_room: ChatRoom, service: ChatService
) -> None:
    service.files["r1"] = b"JPEG"
    service.fetch_script.append(RateLimited("slow", retry_after_seconds=0.05))
    service.arrive(said("1", files=(photo(),)))
    async with running(chat_room.engine()):
        await eventually(lambda: len(service.fetched) == 2)
        await eventually(lambda: file_of(chat_room).state == "file")


async def test_what_the_service_holds_no_more_is_said_plainly_and_not_asked_for_again(
    chat_room: ChatRoom, service: ChatService
) -> None:
    service.arrive(said("1", files=(photo(),)))
    await chat_room.engine().run(until_idle=True)
    await chat_room.engine().run(until_idle=True)
    file = file_of(chat_room)
    assert (file.state, file.problem, service.fetched) == ("server", "gone", ["r1"])


async def test_a_very_large_file_waits_until_somebody_asks_for_it(
    chat_room: ChatRoom, service: ChatService
) -> None:
    service.files["r1"] = b"MP4"
    service.arrive(said("1", files=(photo(size=MAX_BYTES + 1),)))
    await chat_room.engine().run(until_idle=True)
    file = file_of(chat_room)
    assert (file.problem, service.fetched) == ("too-large", [])
    fetched = await attachments.fetch(
        chat_room.workspace, MemorySecrets(), file.id, create=chat_room.connect
    )
    assert (fetched.state, fetched.problem) == ("file", "")


def test_the_wait_between_attempts_grows_to_hours() -> None:
    waits = [fetch_delay(attempts) for attempts in range(14)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(hours=6))
