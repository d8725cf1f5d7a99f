"""Answers in chats: once, in order, within window and limits, and known again when they echo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from desktop_inbox.connectors.contract import Capability, SendResult
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    RateLimited,
    UncertainDelivery,
)
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Delivery, FilledTemplate
from desktop_inbox.domain.pieces import Spot, to_json
from desktop_inbox.services import replies
from desktop_inbox.services.replies import QueuedReply
from desktop_inbox.store import chats, drafts, outbox, outbox_agenda
from desktop_inbox.store.accounts import set_limits
from tests.support.engine_room import eventually, running
from tests.support.scripted import SendStep
from tests.support.scripted_chat import INFOS, TALK, ChatRoom, ChatService, Wire, said


@pytest.fixture
def wire(chat_room: ChatRoom) -> Wire:
    """Elif has just written."""
    wire = Wire(chat_room)
    wire.bring(said("1", at=chat_room.now()))
    return wire


@pytest.fixture
def pager(chat_room: ChatRoom) -> Wire:
    wire = Wire(chat_room, "pager")
    wire.bring(said("1", at=chat_room.now()))
    return wire


def service_of(wire: Wire) -> ChatService:
    return wire.room.chat_service(wire.account_id)


def answer(wire: Wire, text: str = "Yes", **more: Any) -> QueuedReply:
    return wire.room.answer(wire.only().id, text, **more)


def delivery(wire: Wire, queued: QueuedReply) -> Delivery | None:
    return wire.room.message(queued.message_id).delivery


async def run(wire: Wire) -> None:
    await wire.room.engine().run(until_idle=True)


async def test_a_message_comes_in_and_an_answer_leaves(chat_room: ChatRoom) -> None:
    account = chat_room.add_chat_account()
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


async def test_what_a_channel_knows_besides_text_leaves_with_it(wire: Wire) -> None:
    wire.bring(said("2", "Where are you?", at=wire.room.now() + timedelta(seconds=1)))
    first = wire.timeline()[0]
    spot = Spot(latitude=41.0, longitude=29.0)
    form = {
        "template": {"name": "hello", "language": "tr", "values": ["Elif"]},
        "human_agent": True,
        "pieces": to_json([spot]),
    }
    queued = answer(wire, "", answers_id=first.id, form=form)
    await run(wire)
    (sent,) = service_of(wire).delivered
    assert (sent.in_reply_to, sent.pieces, sent.human_agent) == ("1", (spot,), True)
    assert sent.template == FilledTemplate(name="hello", language="tr", values=("Elif",))
    assert wire.room.message(queued.message_id).snippet.startswith("📍")


# Windows


async def test_what_waits_while_its_window_closes_needs_a_person_and_is_never_sent(
    wire: Wire,
) -> None:
    service_of(wire).send_script.extend([SendStep(before=AuthError("expired"))] * 9)
    queued = answer(wire)
    await run(wire)
    assert delivery(wire, queued) is Delivery.QUEUED
    chat_id = wire.room.read(lambda conn: chats.by_names(conn, wire.account_id, ["elif"]))[
        "elif"
    ].id
    past = wire.room.now() - timedelta(minutes=1)
    wire.room.write(lambda tx: chats.change(tx, chat_id, reply_until=past))
    await run(wire)
    assert service_of(wire).delivered == []
    assert delivery(wire, queued) is Delivery.FAILED
    (row,) = wire.room.outbox()
    assert (row.state, row.error_code) == ("failed", "window_closed")


def test_after_the_window_a_template_or_a_person_may_still_write(chat_room: ChatRoom) -> None:
    wire = Wire(chat_room)
    wire.bring(said("1", at=chat_room.now() - timedelta(hours=25)))
    with pytest.raises(UserError, match="window-closed"):
        answer(wire)
    answer(wire, form={"human_agent": True})
    answer(wire, form={"template": {"name": "hello", "language": "en", "values": []}})
    wire.bring(said("2", at=chat_room.now()))
    answer(wire)


def test_a_planned_message_is_checked_at_its_time(wire: Wire) -> None:
    now = wire.room.now()
    answer(wire, at=now + timedelta(hours=23))
    with pytest.raises(UserError, match="window-closed"):
        answer(wire, at=now + timedelta(hours=25))


# Limits


def file(wire: Wire, size: int = 3) -> dict[str, object]:
    sha256 = wire.room.workspace.files.put(b"x" * size)
    return {"name": "a.png", "media_type": "image/png", "size": size, "sha256": sha256}


def test_what_a_channel_does_not_take_is_refused_before_it_is_queued(wire: Wire) -> None:
    with pytest.raises(UserError, match="message-too-long"):
        answer(wire, "x" * 101)
    with pytest.raises(UserError, match="too-many-files"):
        answer(wire, attachments=[file(wire)] * 3)
    with pytest.raises(UserError, match="file-too-large"):
        answer(wire, attachments=[file(wire, 1001)])
    with pytest.raises(UserError, match="message-empty"):
        answer(wire, " ")
    assert wire.room.outbox() == []


def test_a_channel_that_takes_no_files_is_given_none(pager: Wire) -> None:
    with pytest.raises(UserError, match="too-many-files"):
        answer(pager, attachments=[file(pager)])


async def test_a_limit_that_the_service_lowered_meanwhile_is_kept_to(wire: Wire) -> None:
    queued = answer(wire, "Yes, two")
    wire.room.write(lambda tx: set_limits(tx, wire.account_id, {"max_text": 5}))
    with pytest.raises(UserError, match="message-too-long"):
        answer(wire, "Yes, two")
    await run(wire)
    assert service_of(wire).delivered == []
    assert delivery(wire, queued) is Delivery.FAILED
    (row,) = wire.room.outbox()
    assert (row.error_code, row.error_text) == ("too_large", "max_text")


# Long text in several messages


async def test_long_text_leaves_in_parts_in_order_where_users_expect_that(pager: Wire) -> None:
    answer(pager, "The blue mug is here. The red one comes on Friday.")
    await run(pager)
    texts = [one.text for one in service_of(pager).delivered]
    assert " ".join(texts) == "The blue mug is here. The red one comes on Friday."
    assert all(len(one) <= 20 for one in texts)
    assert len({one.client_ref for one in service_of(pager).delivered}) == len(texts)


def test_taking_back_one_part_brings_back_the_whole_text(pager: Wire) -> None:
    text = "The blue mug is here. The red one comes on Friday."
    queued = answer(pager, text, hold=timedelta(minutes=1))
    draft_id = pager.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    draft = pager.room.read(lambda conn: drafts.get(conn, draft_id))
    assert draft is not None
    assert draft.body == text
    assert pager.room.outbox() == []
    assert len(pager.timeline()) == 1


def test_a_later_part_never_overtakes_one_that_has_to_wait(pager: Wire) -> None:
    queued = answer(pager, "The blue mug is here. The red one comes on Friday.")
    later = pager.room.now() + timedelta(minutes=5)
    pager.room.write(
        lambda tx: outbox.reschedule(
            tx, queued.message_id, next_at=later, code="server", detail="500"
        )
    )
    assert len(pager.room.outbox()) == 3
    assert pager.room.read(lambda conn: outbox_agenda.due(conn, pager.room.now())) == []
    assert pager.room.read(outbox_agenda.next_due) == pager.room.outbox()[-1].next_at


async def test_patience_that_a_service_asks_for_keeps_the_order(wire: Wire) -> None:
    service = service_of(wire)
    service.send_script.append(SendStep(before=RateLimited("slow", retry_after_seconds=0.1)))
    first, second = answer(wire, "One"), answer(wire, "Two")
    async with running(wire.room.engine()):
        await eventually(lambda: len(service.delivered) == 2)
        await eventually(lambda: delivery(wire, second) is Delivery.SENT)
    assert [one.client_ref for one in service.delivered] == [first.client_ref, second.client_ref]


# What may have left


async def test_an_uncertain_one_is_left_to_a_person_where_a_second_would_be_a_second(
    wire: Wire,
) -> None:
    service_of(wire).send_script.append(SendStep(after=UncertainDelivery("timeout")))
    queued = answer(wire)
    await run(wire)
    assert delivery(wire, queued) is Delivery.UNCERTAIN
    assert len(service_of(wire).delivered) == 1


async def test_an_uncertain_one_is_sent_again_under_its_name_where_that_delivers_once(
    pager: Wire,
) -> None:
    service = service_of(pager)
    service.send_script.append(SendStep(after=UncertainDelivery("timeout")))
    queued = answer(pager)
    await run(pager)
    assert [row.state for row in pager.room.outbox()] == ["queued"]
    pager.room.write(lambda tx: outbox.hasten(tx, queued.message_id))
    await run(pager)
    assert delivery(pager, queued) is Delivery.SENT
    assert [one.client_ref for one in service.delivered] == [queued.client_ref] * 2


async def test_an_uncertain_one_is_looked_for_with_its_chat_where_that_is_possible(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = replace(TALK, capabilities=TALK.capabilities | {Capability.FIND_SENT})
    monkeypatch.setitem(INFOS, "talk", finds)
    service = service_of(wire)
    service.find_script.append(SendResult(external_id="found"))
    service.send_script.append(SendStep(after=UncertainDelivery("timeout")))
    queued = answer(wire)
    await run(wire)
    message = wire.room.message(queued.message_id)
    assert (message.delivery, message.external_id) == (Delivery.SENT, "found")


async def test_what_a_crash_left_in_the_middle_is_settled_on_start(wire: Wire) -> None:
    before, within = answer(wire, "One"), answer(wire, "Two")
    for queued in (before, within):
        wire.room.write(partial(outbox.claim, message_id=queued.message_id, claimed_by="killed"))
    wire.room.write(lambda tx: outbox.enter_body(tx, within.message_id))
    await run(wire)
    assert delivery(wire, before) is Delivery.SENT
    assert delivery(wire, within) is Delivery.UNCERTAIN
    assert [one.text for one in service_of(wire).delivered] == ["One"]


async def test_a_refusal_keeps_the_services_words_and_stops_nothing_else(wire: Wire) -> None:
    service_of(wire).send_script.append(
        SendStep(before=PermanentError("21610 opted out", reason=PermanentReason.RECIPIENT))
    )
    first, second = answer(wire, "One"), answer(wire, "Two")
    await run(wire)
    assert (delivery(wire, first), delivery(wire, second)) == (Delivery.FAILED, Delivery.SENT)
    (row,) = wire.room.outbox()
    assert (row.error_code, row.error_text) == ("recipient", "21610 opted out")
