"""Talks over Matrix through a real homeserver: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from desktop_inbox.connectors import check, create
from desktop_inbox.connectors.chat import (
    ChatItem,
    Edited,
    Incoming,
    Reacted,
    ReadUntil,
    Receipt,
    Withdrawn,
)
from desktop_inbox.connectors.contract import AccountConfig, Connector, Cursor, Item
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.matrix import following
from desktop_inbox.connectors.matrix.link import discover
from desktop_inbox.domain.messages import Address, Delivery, Outgoing, OutgoingFile
from tests.connectors.contract_suite import drain, nothing
from tests.support.synapse import PASSWORD, Person, Synapse

_numbers = itertools.count(1)


class Vault:
    """Keeps an account's secrets from one connector to the next."""

    def __init__(self, shop: Person, **secrets: str) -> None:
        self.shop = shop
        self.secrets: dict[str, str] = secrets or {"password": PASSWORD}

    async def keep(self, news: Mapping[str, str]) -> None:
        self.secrets |= news

    def config(self, *, folder: Path | None = None, **settings: str) -> AccountConfig:
        return AccountConfig(
            id=1,
            address=self.shop.user_id,
            settings={"homeserver": self.shop.server.url, **settings},
            secrets=dict(self.secrets),
            keep_secrets=self.keep,
            folder=folder,
        )


@pytest.fixture
def shop(homeserver: Synapse) -> Person:
    return homeserver.register("shop")


@pytest.fixture(scope="module")
def elif_(homeserver: Synapse) -> Person:
    return homeserver.register("elif")


@pytest.fixture
def room(shop: Person, elif_: Person) -> str:
    """Give a room in which both are."""
    room = elif_.open_room(shop)
    shop.join(room)
    return room


@pytest.fixture
async def connector(shop: Person) -> AsyncIterator[Connector]:
    connector = create("matrix", Vault(shop, access_token=shop.token).config())
    await connector.open()
    yield connector
    await connector.close()


def outgoing(shop: Person, room: str, text: str = "Yes, two are left.", **more: object) -> Outgoing:
    made = Outgoing(
        client_ref=f"ref-{next(_numbers)}",
        at=datetime.now(UTC),
        from_=Address(address=shop.user_id),
        to=(),
        text=text,
        chat=room,
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def pulled(
    connector: Connector, cursor: Cursor | None, kind: type[ChatItem]
) -> tuple[list[Item], Cursor]:
    """Pull until something of a kind has come."""
    async with asyncio.timeout(20):
        while True:
            items, cursor = await drain(connector, cursor)
            found: list[Item] = [one for one in items if isinstance(one, kind)]
            if found:
                return found, cursor
            await connector.wait()


def texts(items: list[Item]) -> list[str]:
    return [one.text for one in items if isinstance(one, Incoming)]


def bodies(person: Person, room: str) -> list[str]:
    """Return what messages of a room say, as somebody sees them who is there."""
    events = (one for one in person.events(room) if one["type"] == "m.room.message")
    return [one["content"]["body"] for one in events]  # type: ignore[index]


# Signing in


async def test_a_password_signs_in_once_and_the_next_start_is_the_same_device(
    shop: Person,
) -> None:
    vault = Vault(shop)
    devices = []
    for _ in range(2):
        connector = create("matrix", vault.config())
        await connector.open()
        await connector.close()
        devices.append(vault.secrets["session_device"])

    assert devices[0] == devices[1]
    assert len(shop.ask("GET", "devices")["devices"]) == 2  # type: ignore[arg-type]


async def test_whoever_was_signed_out_elsewhere_signs_in_again(shop: Person) -> None:
    vault = Vault(shop)
    connector = create("matrix", vault.config())
    await connector.open()
    _, cursor = await drain(connector, None)
    first = vault.secrets["session_token"]
    shop.server.ask("POST", "logout", token=first, content={})

    with pytest.raises(TransientError):
        await connector.pull(cursor)
    await connector.open()
    await drain(connector, cursor)
    await connector.close()

    assert vault.secrets["session_token"] != first


async def test_an_access_token_that_was_revoked_needs_a_person(
    shop: Person, connector: Connector
) -> None:
    shop.ask("POST", "logout", content={})
    with pytest.raises(AuthError) as caught:
        await connector.pull(None)
    assert caught.value.reason == "revoked"


async def test_an_access_token_of_somebody_else_is_refused(shop: Person, elif_: Person) -> None:
    connector = create("matrix", Vault(shop, access_token=elif_.token).config())
    with pytest.raises(AuthError, match="is of @elif"):
        await connector.open()


async def test_the_check_tries_and_leaves_nothing_behind(shop: Person) -> None:
    devices = shop.ask("GET", "devices")
    steps = [step async for step in check("matrix", Vault(shop).config())]
    assert [(one.step, one.ok) for one in steps] == [
        ("receive:sign-in", True), ("send:sign-in", True),
    ]  # fmt: skip
    assert len(shop.ask("GET", "devices")["devices"]) == len(devices["devices"])  # type: ignore[arg-type]


async def test_the_check_says_what_is_wrong(shop: Person) -> None:
    [wrong] = [one async for one in check("matrix", Vault(shop, password="no").config())]
    assert (wrong.step, wrong.ok, wrong.cause) == ("receive:sign-in", False, "sign_in")
    gone = Vault(shop).config(homeserver="http://127.0.0.1:1")
    [nobody] = [one async for one in check("matrix", gone)]
    assert (nobody.step, nobody.ok, nobody.cause) == ("receive:sign-in", False, "network")
    [plain] = [one async for one in check("matrix", Vault(shop).config(homeserver="http://x.org"))]
    assert (plain.step, plain.ok) == ("receive:settings", False)


async def test_the_address_leads_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    told: dict[str, object] = {"m.homeserver": {"base_url": "https://matrix.example.org/"}}

    async def answer(request: web.Request) -> web.Response:
        assert request.path == "/.well-known/matrix/client"
        return web.json_response(told) if told else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    name = f"localhost:{runner.addresses[0][1]}"
    try:
        assert await discover(name) == "https://matrix.example.org"
        told["m.homeserver"] = {"base_url": "http://router/"}
        with pytest.raises(PermanentError):
            await discover(name)
        told.clear()
        assert await discover(name) == f"https://{name}"
    finally:
        await runner.cleanup()


# Rooms


async def test_who_writes_first_is_let_in_and_heard(shop: Person, elif_: Person) -> None:
    connector = create("matrix", Vault(shop, access_token=shop.token).config())
    await connector.open()
    _, cursor = await drain(connector, None)
    room = elif_.open_room(shop)
    elif_.say(room, "Hello?")  # before anybody is there

    [said], _ = await pulled(connector, cursor, Incoming)
    await connector.close()

    assert isinstance(said, Incoming)
    assert (said.text, said.chat.external_id, said.chat.group) == ("Hello?", room, False)
    assert said.author.address == elif_.user_id
    assert said.author.name.startswith("elif")


@pytest.mark.parametrize(("accepted", "comes"), [("direct", False), ("all", True)])
async def test_rooms_of_several_are_joined_only_where_the_owner_says_so(
    shop: Person, elif_: Person, accepted: str, comes: bool
) -> None:
    config = Vault(shop, access_token=shop.token).config(invitations=accepted)
    connector = create("matrix", config)
    await connector.open()
    room = elif_.open_room(shop, direct=False, name="Wholesale")
    await drain(connector, None)
    await connector.close()

    assert (room in shop.ask("GET", "joined_rooms")["joined_rooms"]) is comes  # type: ignore[operator]


async def test_whom_we_write_to_first_has_one_room(
    shop: Person, connector: Connector, homeserver: Synapse
) -> None:
    can = homeserver.register("can")
    to = (Address(name="Can", address=can.user_id),)
    _, cursor = await drain(connector, None)
    for text in ("Your parcel is here", "Still here"):
        await connector.send(outgoing(shop, "", text, to=to), nothing)

    invited = can.ask("GET", "sync")["rooms"]["invite"]  # type: ignore[index]
    [room] = invited
    can.join(room)
    assert bodies(can, room) == ["Your parcel is here", "Still here"]
    said, _ = await pulled(connector, cursor, Incoming)
    assert {(one.from_me, one.author.address) for one in said if isinstance(one, Incoming)} == {
        (True, can.user_id)
    }
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(shop, "", to=(Address(address="can"),)), nothing)
    assert caught.value.reason is PermanentReason.RECIPIENT


# What is said, and what becomes of it


async def test_what_is_changed_taken_back_felt_and_read_is_told(
    shop: Person, elif_: Person, room: str, connector: Connector
) -> None:
    ours = (await connector.send(outgoing(shop, room), nothing)).external_id
    said = elif_.say(room, "Helo")
    elif_.say(
        room, "* Hello",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "Hello"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": said},
        },
    )  # fmt: skip
    felt = [
        elif_.send(
            room,
            {"m.relates_to": {"rel_type": "m.annotation", "event_id": ours, "key": key}},
            "m.reaction",
        )
        for key in ("👍", "❤️")
    ]
    items, cursor = await drain(connector, None)
    by_kind = {type(one): one for one in items}
    edited, reacted = by_kind[Edited], by_kind[Reacted]
    assert isinstance(edited, Edited)
    assert isinstance(reacted, Reacted)
    assert (edited.external_id, edited.text) == (said, "Hello")
    assert (reacted.external_id, set(reacted.emojis)) == (ours, {"👍", "❤️"})

    assert set(reacted.named) == {(felt[0], "👍"), (felt[1], "❤️")}

    elif_.redact(room, felt[0])
    [left], cursor = await pulled(connector, cursor, Withdrawn)
    assert isinstance(left, Withdrawn)
    assert left.external_id == felt[0]
    elif_.redact(room, said)
    [withdrawn], cursor = await pulled(connector, cursor, Withdrawn)
    assert isinstance(withdrawn, Withdrawn)
    assert withdrawn.external_id == said
    elif_.read(room, ours)
    items, _ = await pulled(connector, cursor, Receipt)
    [receipt] = items
    assert isinstance(receipt, Receipt)
    assert (receipt.external_id, receipt.state) == (ours, Delivery.READ)


async def test_we_change_take_back_feel_and_read(
    shop: Person, elif_: Person, room: str, connector: Connector
) -> None:
    theirs = elif_.say(room, "Is it there?")
    _, cursor = await drain(connector, None)
    answer = outgoing(shop, room, in_reply_to=theirs)
    ours = (await connector.send(answer, nothing)).external_id
    await connector.edit(room, ours, "Three are left.")
    await connector.react(room, theirs, ["👍", "😊"])
    await connector.react(room, theirs, ["👍"])
    await connector.read(room, theirs)
    events = {str(one["event_id"]): one for one in elif_.events(room)}
    content = events[ours]["content"]
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": theirs}}  # type: ignore[index]
    [changed] = [
        one["content"]["m.new_content"]["body"]  # type: ignore[index]
        for one in events.values()
        if "m.new_content" in one["content"]  # type: ignore[operator]
    ]
    assert changed == "Three are left."
    felt = elif_.ask("GET", "rooms", room, "relations", theirs, "m.annotation", version="v1")[
        "chunk"
    ]
    assert [one["content"]["m.relates_to"]["key"] for one in felt] == ["👍"]  # type: ignore[attr-defined]

    items, cursor = await drain(connector, cursor)
    assert not any(isinstance(one, Edited) for one in items)  # we know what we changed
    reacted = [one for one in items if isinstance(one, Reacted)]
    assert {(one.external_id, one.author, one.emojis) for one in reacted} == {
        (theirs, None, ("👍",))
    }
    assert any(isinstance(one, ReadUntil) and one.by_me for one in items)
    await connector.withdraw(room, ours)
    await connector.withdraw(room, ours)
    kept = elif_.ask("GET", "rooms", room, "event", ours)
    assert kept["content"] == {}


async def test_sending_twice_under_one_name_delivers_once_and_it_is_found(
    shop: Person, elif_: Person, room: str, connector: Connector
) -> None:
    message = outgoing(shop, room)
    first = await connector.send(message, nothing)
    again = await connector.send(message, nothing)
    assert first.external_id == again.external_id
    assert sum(one["event_id"] == first.external_id for one in elif_.events(room)) == 1
    assert await connector.find_sent(message) == first
    assert await connector.find_sent(outgoing(shop, room)) is None


async def test_a_file_goes_there_and_comes_back(
    shop: Person, elif_: Person, room: str, connector: Connector, tmp_path: Path
) -> None:
    picture = tmp_path / "mug.png"
    picture.write_bytes(b"\x89PNG" + bytes(300_000))
    file = OutgoingFile(name="mug.png", media_type="image/png", path=picture, size=300_004)
    await connector.send(outgoing(shop, room, attachments=(file,)), nothing)
    items, cursor = await drain(connector, None)
    assert texts(items) == ["Yes, two are left."]  # the file is a part of it

    [sent] = [
        one["content"] for one in elif_.events(room)
        if one["content"].get("msgtype") == "m.image"  # type: ignore[attr-defined]
    ]  # fmt: skip
    elif_.send(room, {name: value for name, value in sent.items() if "ref" not in name})  # type: ignore[attr-defined]
    items, _ = await drain(connector, cursor)
    [came] = [one for one in items if isinstance(one, Incoming) and not one.from_me]
    await connector.fetch_file(came.files[0].reference, tmp_path / "back.png")
    assert (tmp_path / "back.png").read_bytes() == picture.read_bytes()


async def test_a_file_that_is_too_large_is_refused_by_its_code(
    shop: Person, room: str, connector: Connector, tmp_path: Path
) -> None:
    assert connector.limits == {"max_file_bytes": 2**20}
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(2**20 + 1))
    file = OutgoingFile(name="film.mp4", media_type="video/mp4", path=film, size=2**20 + 1)
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(shop, room, attachments=(file,)), nothing)
    assert caught.value.reason is PermanentReason.TOO_LARGE


async def test_a_room_we_were_put_out_of_takes_nothing(
    shop: Person, elif_: Person, connector: Connector
) -> None:
    room = elif_.open_room(shop, direct=False)
    shop.join(room)
    elif_.ask("POST", "rooms", room, "kick", content={"user_id": shop.user_id})
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(shop, room), nothing)
    assert caught.value.reason is PermanentReason.RECIPIENT


async def test_the_server_asks_for_patience_itself(
    homeserver: Synapse, shop: Person, elif_: Person, room: str, connector: Connector
) -> None:
    homeserver.slow_down(shop)
    told: list[float] = []
    for number in range(10):
        try:
            await connector.send(outgoing(shop, room, f"{number}"), nothing)
        except RateLimited as limited:
            told.append(limited.retry_after_seconds)
    assert told
    assert all(1 <= seconds < 60 for seconds in told)
    assert len(bodies(elif_, room)) == 10 - len(told)


# Gaps


async def test_a_week_away_and_a_killed_server_lose_and_double_nothing(
    homeserver: Synapse,
    shop: Person,
    elif_: Person,
    room: str,
    connector: Connector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "PAGE", 7)
    elif_.say(room, "before")
    seen, cursor = await drain(connector, None)
    waiting = asyncio.create_task(connector.wait())
    await asyncio.sleep(0)
    homeserver.kill()
    with pytest.raises(TransientError):
        await waiting
    with pytest.raises(TransientError) as caught:
        await connector.open()
    assert caught.value.cause is TransientCause.NETWORK
    homeserver.start()
    for number in range(45):
        elif_.say(room, f"{number}")
    await connector.open()

    batch = await connector.pull(cursor)
    assert batch.more
    assert not batch.gap
    await connector.close()
    another = create("matrix", Vault(shop, access_token=shop.token).config())
    await another.open()  # in the middle of it
    rest, cursor = await drain(another, batch.cursor)
    again, _ = await drain(another, cursor)
    await another.close()

    assert again == []
    came = texts([*seen, *batch.items, *rest])
    assert sorted(came) == sorted(["before", *(f"{n}" for n in range(45))])


async def test_a_server_that_forgot_how_far_we_were_is_told_as_a_gap(
    elif_: Person, room: str, connector: Connector
) -> None:
    elif_.say(room, "one")
    batch = await connector.pull({"since": "nonsense"})
    assert batch.gap
    assert texts([*batch.items]) == ["one"]
    assert not (await connector.pull(batch.cursor)).gap
