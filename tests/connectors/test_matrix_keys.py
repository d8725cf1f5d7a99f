"""Keys of others that make no sense are none, and stop nobody else from reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nio.crypto import Olm
from nio.events import ToDeviceEvent
from nio.responses import KeysQueryResponse
from nio.store import SqliteMemoryStore

from desktop_inbox.connectors.contract import RESTORED
from desktop_inbox.connectors.errors import TransientError
from desktop_inbox.connectors.matrix import key_files
from desktop_inbox.connectors.matrix.keys import Keys
from desktop_inbox.connectors.matrix.link import Link, Session

SHOP, ELIF, MALLORY = "@shop:x.org", "@elif:x.org", "@mallory:x.org"
ROOM = "!r:x.org"
NONSENSE: list[Any] = [
    None, [], {"D": None}, {"D": {}},
    {"D": {"user_id": MALLORY, "device_id": "D", "algorithms": [], "keys": {}, "signatures": {}}},
    {
        "D": {
            "user_id": MALLORY, "device_id": "D", "algorithms": [],
            "keys": {"ed25519:D": "not base64", "curve25519:D": "?"},
            "signatures": {MALLORY: {"ed25519:D": "?"}},
        }
    },
]  # fmt: skip


class Server:
    """Answers about keys as a homeserver does, whatever it was told."""

    def __init__(self, elif_: Any, mallory: object) -> None:
        self.settings = SimpleNamespace(user_id=SHOP)
        self.session = Session(token="t", device_id="SHOP", keys_password="p")
        self.published: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}
        self._elif = elif_.share_keys()
        self._mallory = mallory
        self.on_sharing: list[Callable[[], Awaitable[None]]] = []  # what happens meanwhile

    async def ask(self, _method: str, *path: str, content: Any = None, **_more: Any) -> object:
        match path:
            case ("keys", "upload"):
                self.published |= content
                return {"one_time_key_counts": {"signed_curve25519": 50}}
            case ("keys", "query"):
                return {"device_keys": {
                    MALLORY: self._mallory, ELIF: {"ELIF": self._elif["device_keys"]},
                }}  # fmt: skip
            case ("keys", "claim"):
                name, key = next(iter(self._elif["one_time_keys"].items()))
                return {"one_time_keys": {MALLORY: self._mallory, ELIF: {"ELIF": {name: key}}}}
            case _:
                self.sent |= content["messages"]
                if self.on_sharing:
                    await self.on_sharing.pop()()
                return {}

    async def members(self, _room: str) -> list[dict[str, object]]:
        return [{"state_key": one} for one in (SHOP, ELIF, MALLORY)]


@pytest.fixture
def elif_() -> Any:
    """A customer's device."""
    store = SqliteMemoryStore(ELIF, "ELIF")  # type: ignore[no-untyped-call]
    return Olm(ELIF, "ELIF", store)


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[Keys]:
    keys = Keys(tmp_path)
    yield keys
    await keys.close()


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda one: json.dumps(one)[:40])
async def test_a_device_that_makes_no_sense_stops_nobody_else(
    keys: Keys, elif_: Any, nonsense: object
) -> None:
    server = Server(elif_, nonsense)
    link = cast("Link", server)
    await keys.open(link)

    sealed = await keys.seal(link, ROOM, "m.room.message", {"body": "For Elif", "m.relates_to": {}})

    event = {"sender": SHOP, "type": "m.room.encrypted", "content": server.sent[ELIF]["ELIF"]}
    known = {SHOP: {"SHOP": server.published["device_keys"]}}
    elif_.handle_response(KeysQueryResponse.from_dict({"device_keys": known, "failures": {}}))
    elif_.handle_to_device_event(ToDeviceEvent.parse_event(event))
    [session] = elif_.inbound_group_store
    plain, _ = session.decrypt(str(sealed["ciphertext"]))
    assert json.loads(plain)["content"]["body"] == "For Elif"
    assert MALLORY not in server.sent


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda one: json.dumps(one)[:40])
async def test_what_is_sent_to_this_device_and_makes_no_sense_is_passed_over(
    keys: Keys, elif_: Any, nonsense: object
) -> None:
    link = cast("Link", Server(elif_, {}))
    await keys.open(link)
    events = [
        {"type": "m.room.encrypted", "sender": MALLORY, "content": nonsense},
        {"type": "m.room.encrypted", "sender": nonsense, "content": {
            "algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "?", "ciphertext": nonsense,
        }},
        {"type": nonsense},
    ]  # fmt: skip
    await keys.take(link, {
        "to_device": {"events": events},
        "device_lists": {"changed": nonsense, "left": nonsense},
        "device_one_time_keys_count": nonsense,
    })  # fmt: skip
    for event in events:
        assert await keys.unseal(event, ROOM) is None
    content = {
        "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": nonsense, "session_id": nonsense,
    }  # fmt: skip
    assert await keys.unseal({"type": "m.room.encrypted", "content": content}, ROOM) is None
    assert not await keys.have(ROOM, "session")


async def test_a_key_is_shared_anew_where_people_come_and_go_meanwhile(
    keys: Keys, elif_: Any
) -> None:
    server = Server(elif_, {})
    link = cast("Link", server)
    await keys.open(link)
    server.on_sharing = [partial(keys.renew, ROOM)] * 2
    sealed = await keys.seal(link, ROOM, "m.room.message", {"body": "For Elif"})
    assert server.on_sharing == []
    assert await keys.have(ROOM, str(sealed["session_id"]))

    await keys.renew(ROOM)
    server.on_sharing = [partial(keys.renew, ROOM)] * 10
    with pytest.raises(TransientError):
        await keys.seal(link, ROOM, "m.room.message", {"body": "For nobody yet"})


def session(olm: Any, room: str) -> str:
    """Have a device make a key to a talk; return its name."""
    olm.create_outbound_group_session(room)
    return str(olm.outbound_group_sessions[room].id)


def shop_keys(folder: Path, device_id: str, *, password: str = "p", user_id: str = SHOP) -> Any:
    return key_files.opened(
        key_files.file_of(folder, device_id),
        user_id=user_id, device_id=device_id, password=password,
    )  # fmt: skip


def knows(olm: Any, room: str) -> set[str]:
    return {name for known in olm.inbound_group_store[room].values() for name in known}


def test_a_device_takes_over_the_keys_to_talks_and_nothing_else(tmp_path: Path) -> None:
    old, foreign = shop_keys(tmp_path, "OLD"), shop_keys(tmp_path, "OLDER", password="forgotten")
    name = session(old, ROOM)
    session(foreign, ROOM)
    for one in (old, foreign):
        one.store.database.close()
        key_files.set_aside(key_files.file_of(tmp_path, one.device_id))

    new = shop_keys(tmp_path, "NEW")
    key_files.take_over(new, tmp_path)
    new.store.database.close()
    again = shop_keys(tmp_path, "NEW")
    again.store.database.close()

    assert knows(again, ROOM) == {name}
    assert again.account.identity_keys != old.account.identity_keys
    assert not list(again.session_store.values())
    [left] = (tmp_path / RESTORED).iterdir()  # until its password is known again
    assert "OLDER" in left.read_bytes().decode("latin-1")


async def test_two_accounts_side_by_side_keep_each_their_own_keys(
    tmp_path: Path, elif_: Any
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    both = [Keys(folder) for folder in folders]
    link = cast("Link", Server(elif_, {}))
    for keys in both:
        await keys.open(link)
    rooms = [f"!{number}:x.org" for number in range(12)]

    async def seal(keys: Keys) -> list[str]:
        sealed = [await keys.seal(link, room, "m.room.message", {"body": "x"}) for room in rooms]
        return [str(one["session_id"]) for one in sealed]

    names = await asyncio.gather(*map(seal, both))
    for keys in both:
        await keys.close()
    for folder, own in zip(folders, names, strict=True):
        kept = shop_keys(folder, "SHOP")
        kept.store.database.close()
        assert [knows(kept, room) for room in rooms] == [{name} for name in own]
