"""Keys of others that make no sense are none, and stop nobody else from reading."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nio.crypto import Olm
from nio.events import ToDeviceEvent
from nio.responses import KeysQueryResponse
from nio.store import SqliteMemoryStore

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
