"""Chats leave with an export and come back with it, and go on where they were."""

from __future__ import annotations

from pathlib import Path

from desktop_inbox.domain.pieces import Spot
from desktop_inbox.services import export, imports
from desktop_inbox.store import accounts
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.mailbox import mailbox_of
from tests.support.scripted_chat import ChatRoom, Wire, said

SPOT = Spot(latitude=41.0, longitude=29.0, title="The shop")


async def test_what_was_said_in_chats_comes_back_with_an_export(
    chat_room: ChatRoom, tmp_path: Path
) -> None:
    wire = Wire(chat_room)
    wire.bring(said("1", "Where?", raw=b"{}"), said("2", "", minute=1, pieces=(SPOT,)))
    export.write(chat_room.workspace, tmp_path / "out")
    other = ChatRoom.open(tmp_path / "other")
    try:
        await imports.bring_in(other.workspace, tmp_path / "out")
        (row,) = other.conversations()
        found = other.messages(row.id)
        assert [(one.text, one.pieces) for one in found] == [("Where?", ()), ("", (SPOT,))]
        assert found[1].visible_text == "📍 The shop"
        (account,) = other.read(accounts.list_all)
        mailbox = mailbox_of(account, [account])
        items = [said("2", "", minute=1, pieces=(SPOT,)), said("3", "Thanks", minute=2)]
        other.write(lambda tx: store_chat(tx, mailbox, items, raw={}, reply_window=None, cursor={}))
        assert [one.external_id for one in other.messages(row.id)] == ["1", "2", "3"]
    finally:
        other.workspace.close()
