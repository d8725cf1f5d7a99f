"""A customer who talks in sealed rooms, with a program that has nothing of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.resolver import ThreadedResolver
from nio import AsyncClient, AsyncClientConfig, Event, RoomMessageText, ShareGroupSessionResponse

from tests.support.synapse import PASSWORD, Person, Synapse

SEALED = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@pytest.fixture
def plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the other program find names on a thread that ends with the loop."""
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", ThreadedResolver)


@pytest.fixture
async def elif_(
    homeserver: Synapse, plain_names: None, tmp_path: Path
) -> AsyncIterator[AsyncClient]:
    """Give a customer with a program of her own, signed in."""
    person = homeserver.register("elif")
    client = AsyncClient(
        homeserver.url, person.user_id, store_path=str(tmp_path),
        config=AsyncClientConfig(encryption_enabled=True, max_timeouts=1),
    )  # fmt: skip
    await client.login(PASSWORD)
    await client.sync()
    yield client
    await client.close()  # type: ignore[no-untyped-call]


async def sealed_room(elif_: AsyncClient, shop: Person) -> str:
    made = await elif_.room_create(is_direct=True, invite=[shop.user_id], initial_state=[SEALED])
    return str(made.room_id)


async def say(elif_: AsyncClient, room: str, text: str) -> str:
    return await send(elif_, room, {"msgtype": "m.text", "body": text})


async def send(elif_: AsyncClient, room: str, content: dict[str, Any]) -> str:
    said = await elif_.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
    return str(said.event_id)


async def hears(elif_: AsyncClient, room: str, kind: type[Event] = RoomMessageText) -> list[Event]:
    """Return what the customer's program could open of what came."""
    async with asyncio.timeout(20):
        while True:
            synced = await elif_.sync(timeout=1000)
            await keep_up(elif_)
            info = synced.rooms.join.get(room)
            events = [one for one in info.timeline.events if isinstance(one, kind)] if info else []
            if found := [one for one in events if one.sender != elif_.user_id]:
                return found


async def without_key(
    elif_: AsyncClient, saying: Awaitable[object], monkeypatch: pytest.MonkeyPatch
) -> list[Callable[[], Awaitable[object]]]:
    """Have something said, and hold back the key to it; return what delivers that."""
    held_back: list[Callable[[], Awaitable[object]]] = []
    send: Any = elif_._send

    async def hold_back(kind: type, *given: Any, **more: Any) -> object:
        if kind is ShareGroupSessionResponse:
            held_back.append(partial(send, kind, *given, **more))
            return None
        return await send(kind, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(elif_, "_send", hold_back)
        await saying
    return held_back


async def keep_up(elif_: AsyncClient) -> None:
    """Do what programs of this library do after each sync."""
    if elif_.should_upload_keys:
        await elif_.keys_upload()
    if elif_.should_query_keys:
        await elif_.keys_query()
