"""The engine looks after its workspace: after a crash, once a day, and only while nobody writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.services import recovery
from desktop_inbox.store import backup
from desktop_inbox.store.database import DiskFull, utc_now
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.sync.upkeep import Condition, Trouble, Upkeep
from tests.support import builders
from tests.support.engine_room import Room, eventually

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def looked_after(room: Room, upkeep: Upkeep) -> AsyncIterator[EngineLock]:
    with EngineLock(room.workspace.data_dir) as lock:
        task = asyncio.create_task(upkeep.run(lock))
        try:
            yield lock
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def upkeep(room: Room, *, quiet: float = 0.0, wants_copies: bool = True) -> Upkeep:
    return Upkeep(room.workspace, quiet=timedelta(seconds=quiet), wants_copies=lambda: wants_copies)


def copies(room: Room) -> list[backup.Backup]:
    return backup.listing(room.workspace.db.path)


async def test_a_copy_is_taken_once_a_day(room: Room) -> None:
    for _start in range(2):
        async with looked_after(room, upkeep(room)):
            await eventually(lambda: len(copies(room)) == 1)


async def test_nobody_who_does_not_want_copies_gets_any(room: Room) -> None:
    keeper = upkeep(room, wants_copies=False)
    async with looked_after(room, keeper):
        await eventually(lambda: keeper._tidied_at is not None)
    assert copies(room) == []


async def test_it_waits_until_nothing_is_written(room: Room) -> None:
    async with looked_after(room, upkeep(room, quiet=0.5)):
        for _turn in range(4):
            await asyncio.to_thread(room.write, lambda tx: tx.touch(account=1))
            await asyncio.sleep(0.2)
            assert copies(room) == []
        await eventually(lambda: len(copies(room)) == 1)


def _crashed(room: Room) -> None:
    (room.workspace.data_dir / "engine.lock").write_bytes(b'{"pid": 1')


async def test_after_a_crash_the_database_is_looked_over_and_the_mark_goes(room: Room) -> None:
    _crashed(room)
    keeper = upkeep(room, quiet=60)
    async with looked_after(room, keeper) as lock:
        assert lock.crashed
        await eventually(lambda: not lock.crashed)
    assert keeper.condition == Condition()


@pytest.mark.expects_log("the database is damaged")
async def test_damage_found_after_a_crash_is_said_and_the_mark_stays(tmp_path: Path) -> None:
    room = Room.open(tmp_path / "data")
    room.write(lambda tx: builders.fill(tx, conversation_count=30))
    room.workspace.close()
    path = tmp_path / "data" / "workspace.db"
    contents = bytearray(path.read_bytes())
    pages = len(contents) // 4096
    for page in range(pages - 3, pages):  # not those that are read at every start
        contents[page * 4096 + 100 : page * 4096 + 700] = b"\xa5" * 600
    path.write_bytes(contents)
    room = Room.open(tmp_path / "data")
    _crashed(room)
    keeper = upkeep(room, quiet=60)
    heard: list[Condition] = []
    keeper.subscribe(heard.append)
    async with looked_after(room, keeper) as lock:
        await eventually(lambda: bool(heard))
        assert lock.crashed
    room.workspace.close()
    assert recovery.known_damage(tmp_path / "data") == heard[0].detail
    recovery.save_what_is_left(tmp_path / "data")
    assert recovery.known_damage(tmp_path / "data") == ""
    assert heard[0].trouble is Trouble.DAMAGED
    assert heard[0].detail


@pytest.mark.expects_log("no copy of the database: disk-full")
async def test_a_full_disk_is_said_until_a_copy_is_there(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True
    really = backup.take

    def take(*args: object, **more: object) -> backup.Backup:
        if full:
            raise DiskFull(room.workspace.db.path)
        return really(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "take", take)
    keeper = upkeep(room)
    async with looked_after(room, keeper):
        await eventually(lambda: keeper.condition.trouble is Trouble.NO_COPY)
    full = False
    async with looked_after(room, keeper):
        await eventually(lambda: keeper.condition == Condition())
    assert len(copies(room)) == 1
    assert not backup.is_due(room.workspace.db.path, now=utc_now())


async def test_an_engine_that_stops_does_not_wait_for_a_long_copy(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_STEP_PAGES", 1)
    room.write(lambda tx: builders.fill(tx, conversation_count=200))
    async with looked_after(room, upkeep(room)):
        await eventually(lambda: any(backup.folder_of(room.workspace.db.path).glob("*.part")))
    await eventually(lambda: not any(backup.folder_of(room.workspace.db.path).glob("*.part")))
    assert copies(room) == []
