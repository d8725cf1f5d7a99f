"""Sealed talks go on after a backup was put back: no key to what others say is lost with it."""

from __future__ import annotations

import json
from pathlib import Path

from nio import AsyncClient

from desktop_inbox.connectors.contract import RESTORED
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
)
from tests.support.synapse import PASSWORD, Synapse


async def test_sealed_talks_are_read_on_after_a_backup_was_put_back_elsewhere(
    desk: LiveDesk, homeserver: Synapse, elif_: AsyncClient, tmp_path: Path
) -> None:
    shop = homeserver.register("shop")
    key = desk.add("matrix", shop.user_id, {"password": PASSWORD}, homeserver=homeserver.url)
    row = desk.read(lambda conn: accounts.row(conn, key))
    assert row is not None
    await desk.engine().run(until_idle=True)
    room = await sealed_room(elif_, shop)
    await desk.engine().run(until_idle=True)  # comes in
    await elif_.sync()
    await keep_up(elif_)
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
