"""Sealed talks through the whole engine: keys that come late, and keys out of a backup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nio import AsyncClient

from desktop_inbox.connectors.contract import RESTORED
from desktop_inbox.domain.pieces import SEALED, Unknown
from desktop_inbox.services import backup
from desktop_inbox.store import accounts
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.channel_files import folder_of
from desktop_inbox.sync.credentials import secrets_name
from tests.support.live_desk import LiveDesk
from tests.support.live_desk import desk as desk
from tests.support.sealed import elif_ as elif_
from tests.support.sealed import (
    keep_up,
    plain_names,  # noqa: F401 - Elif's
    say,
    sealed_room,
    send,
    without_key,
)
from tests.support.synapse import PASSWORD, Person, Synapse


async def begun(desk: LiveDesk, elif_: AsyncClient, shop: Person) -> str:
    """Have a customer open a sealed room with the shop, and return it."""
    await desk.engine().run(until_idle=True)
    room = await sealed_room(elif_, shop)
    await desk.engine().run(until_idle=True)  # comes in
    await elif_.sync()
    await keep_up(elif_)
    return room


async def test_what_came_before_its_key_is_read_later_with_its_file(
    desk: LiveDesk, homeserver: Synapse, elif_: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = homeserver.register("shop")
    desk.add("matrix", shop.user_id, {"password": PASSWORD}, homeserver=homeserver.url)
    room = await begun(desk, elif_, shop)
    label = b"%PDF-" + bytes(5000)
    stored, key = await elif_.upload(
        lambda *_: label, "application/pdf", "label.pdf", encrypt=True, filesize=len(label)
    )
    file = {**(key or {}), "url": stored.content_uri}
    content = {"msgtype": "m.file", "body": "label.pdf", "file": file}

    async def both() -> None:
        await say(elif_, room, "Here is the label")
        await send(elif_, room, content)

    held_back = await without_key(elif_, both(), monkeypatch)
    await desk.engine().run(until_idle=True)
    before = [(one.text, one.pieces) for one in desk.all_messages()]
    for deliver in held_back:
        await deliver()
    await desk.engine().run(until_idle=True)
    said, sent = sorted(desk.all_messages(), key=lambda one: one.at)

    assert before == [("", (Unknown(kind=SEALED),))] * 2
    assert (said.text, said.pieces, sent.text, sent.pieces) == ("Here is the label", (), "", ())
    [found] = sent.attachments
    assert (found.name, desk.workspace.files.read(found.sha256)) == ("label.pdf", label)
    assert said.edited_at is None


async def test_sealed_talks_are_read_on_after_a_backup_was_put_back_elsewhere(
    desk: LiveDesk, homeserver: Synapse, elif_: AsyncClient, tmp_path: Path
) -> None:
    shop = homeserver.register("shop")
    key = desk.add("matrix", shop.user_id, {"password": PASSWORD}, homeserver=homeserver.url)
    row = desk.read(lambda conn: accounts.row(conn, key))
    assert row is not None
    room = await begun(desk, elif_, shop)
    await say(elif_, room, "one")
    await desk.engine().run(until_idle=True)
    device = json.loads(desk.secrets.get(secrets_name(row.uid)) or "")["session_device"]

    backup.make(desk.workspace, tmp_path / "shop.zip")
    await say(elif_, room, "two")  # under the key to “one”
    elsewhere = tmp_path / "elsewhere"
    backup.restore(elsewhere, tmp_path / "shop.zip")
    restored = LiveDesk(workspace=Workspace.open(elsewhere), secrets=desk.secrets)
    try:
        await restored.engine().run(until_idle=True)
        before = sorted(restored.heard())
        await elif_.sync()
        await keep_up(elif_)
        await say(elif_, room, "three")
        await restored.engine().run(until_idle=True)
        after = sorted(restored.heard())
    finally:
        restored.workspace.close()

    assert before == ["one", "two"]
    assert after == ["one", "three", "two"]
    now = json.loads(desk.secrets.get(secrets_name(row.uid)) or "")["session_device"]
    assert now != device  # its one-time keys and ratchets are never used twice
    assert list((folder_of(elsewhere, row.uid) / RESTORED).iterdir()) == []
