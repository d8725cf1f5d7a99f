"""Encrypted rooms, between our connector and another program that has nothing of ours."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from nio import AsyncClient, AsyncClientConfig, RoomEncryptedImage, RoomMessageText
from nio.crypto import decrypt_attachment

from desktop_inbox.connectors import create
from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import Connector, Cursor
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    PermanentReason,
    TransientError,
)
from desktop_inbox.connectors.matrix.info import INFO
from desktop_inbox.domain.messages import Address, OutgoingFile
from desktop_inbox.domain.pieces import Unknown
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.test_matrix import Vault, outgoing, pulled, texts
from tests.support.http_service import Said, serving
from tests.support.sealed import elif_ as elif_
from tests.support.sealed import (
    hears,
    keep_up,
    plain_names,  # noqa: F401 - Elif's
    say,
    sealed_room,
    without_key,
)
from tests.support.synapse import PASSWORD, Front, Person, Synapse


@pytest.fixture
def shop(homeserver: Synapse) -> Person:
    return homeserver.register("shop")


async def together(elif_: AsyncClient, connector: Connector, shop: Person) -> tuple[str, Cursor]:
    """Open an encrypted room in which both are; return it and how far we have read."""
    _, cursor = await drain(connector, None)
    room = await sealed_room(elif_, shop)
    _, cursor = await drain(connector, cursor)  # comes in
    await elif_.sync()
    await keep_up(elif_)
    return room, cursor


class Shop:
    """Our side: its connector may be closed and made anew, as the program is."""

    def __init__(self, person: Person, folder: Path) -> None:
        self.person = person
        self.folder = folder
        self._vault = Vault(person)

    def lose_keys(self) -> None:
        """As after a daily copy was put back on another computer."""
        shutil.rmtree(self.folder)

    async def open(self, **settings: str) -> Connector:
        connector = create("matrix", self._vault.config(folder=self.folder, **settings))
        await connector.open()
        return connector


@pytest.fixture
def ours(shop: Person, tmp_path: Path) -> Shop:
    return Shop(shop, tmp_path / "channels" / "account")


async def test_both_understand_each_other_and_the_server_nothing(
    elif_: AsyncClient, ours: Shop
) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    await say(elif_, room, "Is the blue mug still there?")
    [asked], cursor = await pulled(connector, cursor, Incoming)
    assert isinstance(asked, Incoming)
    answer = outgoing(ours.person, room, in_reply_to=asked.external_id)
    sent = await connector.send(answer, nothing)
    [heard] = await hears(elif_, room)
    await connector.edit(room, sent.external_id, "Three are left.")
    [changed] = await hears(elif_, room)
    items, _ = await drain(connector, cursor)
    found = await connector.find_sent(answer)
    await connector.close()

    assert (asked.text, asked.pieces) == ("Is the blue mug still there?", ())
    assert isinstance(heard, RoomMessageText)
    assert (heard.body, heard.decrypted) == ("Yes, two are left.", True)
    assert isinstance(changed, RoomMessageText)
    assert changed.source["content"]["m.new_content"]["body"] == "Three are left."
    assert [one.client_ref for one in items if isinstance(one, Incoming)] == [answer.client_ref]
    assert found == sent
    kinds = {one["type"] for one in ours.person.events(room)}
    assert "m.room.encrypted" in kinds
    assert "m.room.message" not in kinds


async def test_its_owner_can_compare_which_device_it_is(ours: Shop) -> None:
    connector = await ours.open()
    await connector.close()
    assert INFO.device_of is not None
    device = INFO.device_of(ours.folder)
    assert device is not None
    shop = ours.person
    told = shop.ask("POST", "keys", "query", content={"device_keys": {shop.user_id: []}})
    published = told["device_keys"][shop.user_id][device.id]["keys"]  # type: ignore[index]
    assert published[f"ed25519:{device.id}"] == device.key


async def test_keys_outlive_the_program(elif_: AsyncClient, ours: Shop) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    await say(elif_, room, "one")
    first, cursor = await pulled(connector, cursor, Incoming)
    await connector.close()
    await say(elif_, room, "two")

    again = await ours.open()
    second, cursor = await pulled(again, cursor, Incoming)
    await again.send(outgoing(ours.person, room, "three"), nothing)
    [heard] = await hears(elif_, room)
    await again.close()

    assert texts([*first, *second]) == ["one", "two"]
    assert isinstance(heard, RoomMessageText)
    assert heard.body == "three"


async def test_a_batch_that_was_not_stored_can_be_read_again(
    elif_: AsyncClient, ours: Shop
) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    await say(elif_, room, "one")
    lost, _ = await pulled(connector, cursor, Incoming)
    await connector.close()  # before anything was stored

    again = await ours.open()
    found, _ = await pulled(again, cursor, Incoming)
    await again.close()

    assert texts(lost) == texts(found) == ["one"]


async def test_what_could_not_be_opened_is_mended_when_its_key_comes(
    elif_: AsyncClient, ours: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    held_back = await without_key(elif_, say(elif_, room, "late"), monkeypatch)
    [sealed], cursor = await pulled(connector, cursor, Incoming)
    await connector.close()

    again = await ours.open()
    for deliver in held_back:
        await deliver()
    [mended], _ = await pulled(again, cursor, Incoming)
    await again.close()

    assert isinstance(sealed, Incoming)
    assert isinstance(mended, Incoming)
    assert sealed.pieces == (Unknown(kind="encrypted"),)
    assert (mended.external_id, mended.text, mended.pieces) == (sealed.external_id, "late", ())


async def test_a_file_is_sealed_too_and_opened_again(
    elif_: AsyncClient, ours: Shop, tmp_path: Path
) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    picture = tmp_path / "mug.png"
    picture.write_bytes(b"\x89PNG" + bytes(300_000))
    file = OutgoingFile(name="mug.png", media_type="image/png", path=picture, size=300_004)
    message = replace(outgoing(ours.person, room, ""), attachments=(file,))
    await connector.send(message, nothing)

    [image] = await hears(elif_, room, RoomEncryptedImage)
    assert isinstance(image, RoomEncryptedImage)
    lies = (await elif_.download(image.url)).body
    assert b"PNG" not in lies
    opened = decrypt_attachment(lies, image.key["k"], image.hashes["sha256"], image.iv)
    assert opened == picture.read_bytes()

    content = {name: one for name, one in image.source["content"].items() if "ref" not in name}
    await elif_.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
    items, _ = await pulled(connector, cursor, Incoming)
    [reference] = [
        one.files[0].reference for one in items if isinstance(one, Incoming) and not one.from_me
    ]
    await connector.fetch_file(reference, tmp_path / "back.png")
    assert (tmp_path / "back.png").read_bytes() == picture.read_bytes()
    broken = json.dumps({**json.loads(reference), "hashes": {"sha256": "bm90IGl0"}})
    with pytest.raises(PermanentError) as caught:
        await connector.fetch_file(broken, tmp_path / "none.png")
    assert caught.value.reason is PermanentReason.MEDIA
    assert not (tmp_path / "none.png").exists()
    await connector.close()


async def test_whom_we_write_to_first_is_written_to_sealed(elif_: AsyncClient, ours: Shop) -> None:
    connector = await ours.open()
    _, cursor = await drain(connector, None)
    await keep_up(elif_)
    to = (Address(address=elif_.user_id),)
    await connector.send(replace(outgoing(ours.person, "", "Your parcel"), to=to), nothing)
    [room] = (await elif_.sync()).rooms.invite
    await elif_.join(room)
    [heard] = await hears(elif_, room)
    [echo], _ = await pulled(connector, cursor, Incoming)
    await connector.close()

    assert isinstance(heard, RoomMessageText)
    assert isinstance(echo, Incoming)
    assert (heard.body, echo.text, echo.author.address) == (
        "Your parcel", "Your parcel", elif_.user_id,
    )  # fmt: skip


async def test_whoever_comes_later_is_given_the_key_to_what_is_said_then(
    elif_: AsyncClient, ours: Shop, homeserver: Synapse, tmp_path: Path
) -> None:
    connector = await ours.open()
    room, cursor = await together(elif_, connector, ours.person)
    await connector.send(outgoing(ours.person, room, "for one"), nothing)
    await hears(elif_, room)
    phone = AsyncClient(
        homeserver.url, elif_.user_id, store_path=str(tmp_path),
        config=AsyncClientConfig(encryption_enabled=True, max_timeouts=1),
    )  # fmt: skip
    await phone.login(PASSWORD, device_name="second")
    await phone.sync()
    await keep_up(phone)
    await connector.wait()
    await drain(connector, cursor)
    await connector.send(outgoing(ours.person, room, "for both"), nothing)
    [heard] = await hears(phone, room)
    await phone.close()  # type: ignore[no-untyped-call]
    await connector.close()

    assert isinstance(heard, RoomMessageText)
    assert heard.body == "for both"


async def test_a_device_whose_keys_are_older_than_the_server_knows_is_given_up(
    elif_: AsyncClient, ours: Shop, homeserver: Synapse
) -> None:
    async with serving(Front(homeserver)) as front:
        connector = await ours.open(homeserver=front.url)
        room, cursor = await together(elif_, connector, ours.person)
        await say(elif_, room, "one")
        said = Said(status=400, value={"errcode": "M_UNKNOWN", "error": "already exists"})
        front.fail(lambda asked: asked.path.endswith("/keys/upload"), said)
        with pytest.raises(TransientError):
            await pulled(connector, cursor, Incoming)
        await connector.open()
        found, cursor = await pulled(connector, cursor, Incoming)
        await elif_.sync()
        await keep_up(elif_)
        await say(elif_, room, "two")
        next_, _ = await pulled(connector, cursor, Incoming)
        await connector.close()

    assert texts(found) == ["one"]  # by the key that the device before was given
    assert texts(next_) == ["two"]
    assert len(ours.person.ask("GET", "devices")["devices"]) == 3  # type: ignore[arg-type]


async def test_keys_that_nobody_can_open_any_more_need_another_device(
    shop: Person, tmp_path: Path
) -> None:
    for secrets in ({"access_token": shop.token}, {"password": PASSWORD}):
        vault = Vault(shop, **secrets)
        first = create("matrix", vault.config(folder=tmp_path / "keys"))
        await first.open()
        await first.close()
        vault.secrets["keys_password"] = "forgotten"
        again = create("matrix", vault.config(folder=tmp_path / "keys"))
        if "password" in secrets:
            await again.open()
        else:
            for _ in range(2):
                with pytest.raises(AuthError, match="keys of this device are lost"):
                    await again.open()
        await again.close()

    assert len(shop.ask("GET", "devices")["devices"]) == 3  # type: ignore[arg-type]


async def test_a_device_whose_keys_are_lost_or_damaged_is_given_up(
    shop: Person, ours: Shop
) -> None:
    connector = await ours.open()
    await connector.close()
    ours.lose_keys()
    again = await ours.open()
    await again.close()
    for kept in ours.folder.iterdir():
        kept.write_bytes(b"no database at all" * 1000)
    at_last = await ours.open()
    await at_last.close()
    devices = shop.ask("GET", "devices")["devices"]
    assert len(devices) == 4  # type: ignore[arg-type]
