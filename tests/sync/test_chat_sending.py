"""Answers in chats: once, in order, within window and limits, and known again when they echo."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.messages import Delivery
from tests.support.scripted_chat import START, ChatRoom, said


@pytest.fixture
def account(chat_room: ChatRoom) -> int:
    return chat_room.add_chat_account()


async def test_a_message_comes_in_and_an_answer_leaves(chat_room: ChatRoom, account: int) -> None:
    service = chat_room.chat_service(account)
    service.arrive(said("1", at=chat_room.now()))
    await chat_room.engine().run(until_idle=True)
    (conversation,) = chat_room.conversations("inbox")
    queued = chat_room.answer(conversation.id, "Yes, two are left.")
    await chat_room.engine().run(until_idle=True)
    (sent,) = service.delivered
    assert (sent.client_ref, sent.chat, sent.text) == (
        queued.client_ref,
        "elif",
        "Yes, two are left.",
    )
    assert [(one.name, one.address) for one in sent.to] == [("Elif Kaya", "+905321112233")]
    message = chat_room.message(queued.message_id)
    assert (message.delivery, message.external_id) == (Delivery.SENT, "sent:1")
    assert chat_room.outbox() == []
    assert chat_room.now() > START
