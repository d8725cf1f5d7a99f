"""What the sample shop hears elsewhere than by mail: through the engine, and over no network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from desktop_inbox.connectors.chat import ChatItem, Edited, Incoming, Reacted
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.demo import chats, files, seed, shop
from desktop_inbox.demo.living import OpenShop, open_shop
from desktop_inbox.demo.tour import JOURNEY
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import Call, Card, Piece, Spot, Unknown
from desktop_inbox.domain.states import Priority
from desktop_inbox.mime.sound_samples import take_apart
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import accounts as account_service
from desktop_inbox.services import channels, replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import conversations, messages
from desktop_inbox.store.channels_used import channels_used
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace
from tests.support.engine_room import eventually

T = TypeVar("T")

NOW = datetime(2026, 11, 18, 11, 50, tzinfo=UTC)


@pytest.fixture(scope="module")
def said() -> chats.Chats:
    return chats.load(NOW)


def items(said: chats.Chats) -> list[ChatItem]:
    return [item for talk in said.talks for item in talk.items]


def test_the_chats_show_what_chats_can_hold(said: chats.Chats) -> None:
    messages_ = [one for one in items(said) if isinstance(one, Incoming)]
    pieces: set[type[Piece]] = {type(piece) for one in messages_ for piece in one.pieces}
    assert {Call, Card, Spot} <= pieces
    assert Unknown not in pieces
    assert {file.media_type for one in messages_ for file in one.files} == {
        "image/png", "audio/ogg", "audio/mpeg",
    }  # fmt: skip
    assert any(isinstance(one, Edited) for one in items(said))
    assert any(isinstance(one, Reacted) for one in items(said))


def test_they_are_minutes_old_in_order_and_none_is_from_the_future(said: chats.Chats) -> None:
    for talk in said.talks:
        moments = [item.at for item in talk.items if isinstance(item, Incoming)]
        assert moments == sorted(moments)
    latest = max(item.at for item in items(said) if isinstance(item, Incoming | Edited))
    assert NOW - timedelta(minutes=10) < latest < NOW


def test_every_account_is_of_a_channel_and_leads_nowhere_but_to_this_computer(
    said: chats.Chats,
) -> None:
    assert {talk.account for talk in said.talks} == {one.kind for one in said.accounts}
    for one in said.accounts:
        assert info_of(one.kind) is not None
        where = one.settings.get("api_url", one.address)
        assert where in ("http://127.0.0.1:9", "localhost", "http://localhost/reviews.atom")


def test_voice_notes_can_be_played_and_a_voicemail_is_as_long_as_its_call(
    said: chats.Chats,
) -> None:
    found: dict[str, float] = {}
    for one in (item for item in items(said) if isinstance(item, Incoming)):
        for file in one.files:
            if file.media_type.startswith("audio/"):
                _name, _type, note = files.attachment(file.reference)
                samples = take_apart(note, None)
                found[file.name] = samples.count / samples.rate
                calls = [piece.seconds for piece in one.pieces if isinstance(piece, Call)]
                assert all(samples.count // samples.rate == seconds for seconds in calls)
    assert found.keys() == {"about-friday.ogg", "cumartesi-sorusu.ogg", "harbour-cafe.mp3"}
    assert min(found.values()) > 5


@contextmanager
def lively_shop() -> Iterator[OpenShop]:
    """The shop with its engine at work, once all that was said before is there."""
    with open_shop(answer_seconds=(0.0, 0.1), with_new_mail=False) as there:
        there.engine.start()
        assert there.settled.wait(60)
        yield there


def read(there: OpenShop, what: Callable[[Any], T]) -> T:
    return there.workspace.db.read(what).result(30)


def found(there: OpenShop, name: str) -> ConversationRow:
    """Return the one conversation of this subject, or with this customer."""
    every = conversations.ListQuery(view="all")
    rows, _ = read(there, lambda conn: conversations.page(conn, every, limit=500))
    (row,) = [one for one in rows if name in (one.subject, one.customer_name)]
    return row


def answer(there: OpenShop, conversation_id: int, body: str) -> int:
    draft = DraftContent(conversation_id=conversation_id, body=body)
    files_ = there.workspace.files
    queued = there.workspace.db.write(lambda tx: replies.queue_reply(tx, files_, draft=draft))
    return queued.result(30).message_id


def delivery(there: OpenShop, message_id: int) -> Delivery | None:
    row = read(there, lambda conn: messages.row(conn, message_id))
    return row.delivery if row else None


def wait_for(condition: Callable[[], bool]) -> None:
    asyncio.run(eventually(condition, seconds=40))


def test_mail_whatsapp_and_telegram_of_a_customer_are_one_conversation() -> None:
    """Her number was in the shop's list, and Telegram vouches for it (rules E3, E7)."""
    with lively_shop() as there:
        row = found(there, JOURNEY)

        def timeline() -> list[MessageRow]:
            return read(there, lambda conn: messages.of_conversation(conn, row.id))

        used = read(there, lambda conn: channels_used(conn, [row.id]))[row.id]
        assert used == ("email", "twilio", "telegram")
        assert row.customer_name == "Nora Haddad"
        said = timeline()
        assert [one.channel for one in said] == ["email"] * 2 + ["twilio"] * 3 + ["telegram"] * 3
        assert said[4].delivery is Delivery.READ
        assert said[-1].edited_at is not None
        now = datetime.now(UTC)
        ways = read(there, lambda conn: channels.ways_of_conversation(conn, row.id, now=now))
        assert {way.kind for way in ways if not way.why_not(now)} == {"email", "twilio", "telegram"}
        workshop = found(there, "Defne Ergin").id
        asked = read(there, lambda conn: messages.of_conversation(conn, workshop))[1]
        assert [one.emojis for one in asked.reactions] == [("🎉",)]
        assert found(there, "Kiln 2").priority is Priority.HIGH

        by_telegram = answer(there, row.id, "Number 16 it is.")
        wait_for(lambda: timeline()[-1].text.startswith("You are a star"))
        by_text = answer(there, found(there, "Amir Farouk").id, "Six is fine.")
        wait_for(lambda: delivery(there, by_text) is Delivery.READ)
        assert delivery(there, by_telegram) is Delivery.SENT  # of Telegram no more is known
        wait_for(lambda: {file.state for one in timeline() for file in one.attachments} == {"file"})


def test_trying_the_connection_of_a_sample_account_asks_this_computer_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workspace = Workspace.open(tmp_path)
    asked: set[str] = set()
    look_up = socket.getaddrinfo

    def watched(host: Any, *rest: Any, **more: Any) -> Any:
        asked.add(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", watched)

    async def goes_well(account_id: int) -> bool:
        steps = account_service.check(workspace, MemorySecrets(), account_id)
        return all([step.ok async for step in steps])

    kinds = workspace.db.write(
        lambda tx: seed.open_accounts(tx, shop.load(NOW), chats.load(NOW))
    ).result(30)
    for account_id in kinds.values():
        assert not asyncio.run(goes_well(account_id))
    workspace.close()
    assert len(kinds) == 4
    assert asked <= {"127.0.0.1", "localhost"}
