"""Approved texts: asked of the service, kept for when there is no network, renewed (rule M3)."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.contract import Template
from desktop_inbox.connectors.errors import TransientError
from desktop_inbox.sync import chat_templates
from tests.support.engine_room import eventually, running
from tests.support.scripted_chat import ChatRoom, Wire

HELLO = Template(name="hello", title="Hello", language="en", text="Hello {{1}}")
BYE = Template(name="bye", title="Bye", language="tr", text="Güle güle")


def known(wire: Wire) -> tuple[Template, ...]:
    return wire.room.read(lambda conn: chat_templates.kept(conn, wire.account_id))


async def test_what_the_service_offers_is_kept_and_renewed(chat_room: ChatRoom) -> None:
    wire = Wire(chat_room)
    service = chat_room.chat_service(wire.account_id)
    assert known(wire) == ()
    engine = chat_room.engine()
    async with running(engine):
        await eventually(lambda: service.waited > 0)
        for offered in ((HELLO, BYE), (BYE,)):
            service.templates = offered
            await engine.look_up_templates(wire.account_id)
            assert known(wire) == offered


async def test_without_a_link_what_was_known_stays(chat_room: ChatRoom) -> None:
    wire = Wire(chat_room)
    chat_room.write(lambda tx: chat_templates.keep(tx, wire.account_id, [HELLO]))
    with pytest.raises(TransientError):
        await chat_room.engine().look_up_templates(wire.account_id)
    assert known(wire) == (HELLO,)


def test_of_very_many_only_so_many_are_kept(chat_room: ChatRoom) -> None:
    wire = Wire(chat_room)
    chat_room.write(
        lambda tx: chat_templates.keep(tx, wire.account_id, [HELLO] * (chat_templates.MOST + 1))
    )
    assert len(known(wire)) == chat_templates.MOST
