"""Reads the messages of the open folder: small ones whole, large ones without attachments.

What is asked for is on its way at once; tasks take it in while other things are done. Engine loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from desktop_inbox.connectors.email.imap import ImapConnection, read_fetch
from desktop_inbox.connectors.email.imap_pending import PendingCommand
from desktop_inbox.connectors.email.structure import Plan, plan_sections, read_structure, synthesise
from desktop_inbox.connectors.email.wire import Value, format_set, number
from desktop_inbox.domain.messages import AttachmentPart

WHOLE_BYTES = 64 * 2**20  # no message is ever read whole above this

_WHOLE = b"(UID BODY.PEEK[])"
_STRUCTURE = b"(UID BODYSTRUCTURE BODY.PEEK[HEADER])"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is handed over of a message."""

    raw: bytes
    remote: tuple[AttachmentPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What is known of a large message before its text is read."""

    header: bytes
    plan: Plan


Structures = asyncio.Task[dict[int, Structure]]
Contents = asyncio.Task[dict[int, Content]]


async def ask_structures(connection: ImapConnection, uids: Collection[int]) -> Structures:
    """Ask what large messages consist of."""
    command = await connection.begin_fetch(uids, _STRUCTURE)
    return _task(_read_structures(command), [command])


async def ask_contents(
    connection: ImapConnection,
    *,
    small: Sequence[int],
    large: Sequence[int],
    structures: Mapping[int, Structures],
) -> Contents:
    """Ask for messages; `structures` says of large ones what has been asked about them already.

    The result lacks what the server did not give. *Raises:* TransientError.
    """
    begun = [await connection.begin_fetch(small, _WHOLE)] if small else []
    tasks = {structures[uid] for uid in large if uid in structures}
    unknown = [uid for uid in large if uid not in structures]
    if unknown:
        tasks.add(await ask_structures(connection, unknown))
    return _task(_read_contents(connection, begun, tasks, frozenset(large)), begun)


async def read_missing(
    connection: ImapConnection, uids: Collection[int]
) -> tuple[dict[int, Content], list[int]]:
    """Ask once more for what did not come: what there is of it, and what has vanished (C8, O4)."""
    there = set(await connection.search(b"UID " + format_set(uids).encode("ascii")))
    found = {
        uid: Content(raw=await _as_far_as_it_goes(connection, uid))
        for uid in sorted(there.intersection(uids))
    }
    return found, sorted(set(uids) - there)


async def told(command: PendingCommand) -> list[dict[bytes, Value]]:
    """Return what a FETCH brought, even where the server ended it with a refusal."""
    return await read_fetch(command, refusal_ends=True)


def _task(work: Coroutine[Any, Any, T], begun: Sequence[PendingCommand]) -> asyncio.Task[T]:
    """Start reading the answers of what has been `begun`."""

    def note_end(task: asyncio.Task[T]) -> None:
        # Nobody may be waiting for it any more; whoever is gets the error all the same.
        if not task.cancelled():
            task.exception()
        # An answer that nobody reads would count as backlog, and keep the link from being read.
        for command in begun:
            command.abandon()

    task = asyncio.create_task(work)
    task.add_done_callback(note_end)
    return task


async def _read_structures(command: PendingCommand) -> dict[int, Structure]:
    found: dict[int, Structure] = {}
    for items in await told(command):
        header = items.get(b"BODY[HEADER]")
        try:
            plan = plan_sections(read_structure(items.get(b"BODYSTRUCTURE")))
        except ValueError:
            continue  # read whole, as far as it may be
        if isinstance(header, bytes):
            found[number(items[b"UID"])] = Structure(header=header, plan=plan)
    return found


async def _read_contents(
    connection: ImapConnection,
    begun: list[PendingCommand],
    structures: set[Structures],
    large: frozenset[int],
) -> dict[int, Content]:
    """Read the small messages, whose FETCH is all that has `begun`, and the large ones.

    The small ones are read as they come: left lying until the structures of the large ones are
    known, they could fill what may be unread, behind which those structures wait.
    """
    small, rest = await asyncio.gather(
        _read_small(tuple(begun)), _read_large(connection, begun, structures, large)
    )
    return small | rest


async def _read_small(begun: Sequence[PendingCommand]) -> dict[int, Content]:
    found: dict[int, Content] = {}
    for command in begun:
        for items in await told(command):
            body = items.get(b"BODY[]")
            if isinstance(body, bytes):
                found[number(items[b"UID"])] = Content(raw=body)
    return found


async def _read_large(
    connection: ImapConnection,
    begun: list[PendingCommand],
    structures: set[Structures],
    large: frozenset[int],
) -> dict[int, Content]:
    """Read what is wanted of large messages; the FETCH of each is added to what has `begun`."""
    known: dict[int, Structure] = {}
    for task in structures:
        # Another window may wait for the same one: it must survive that this one is dropped.
        known |= await asyncio.shield(task)
    asked: dict[int, PendingCommand] = {}
    for uid in sorted(large.intersection(known), reverse=True):
        asked[uid] = await connection.begin_fetch([uid], known[uid].plan.items)
        begun.append(asked[uid])
    found: dict[int, Content] = {}
    for uid, command in asked.items():
        structure = known[uid]
        sections = _sections(await told(command))
        if all(one.number in sections for one in structure.plan.wanted):
            raw = synthesise(structure.plan, structure.header, sections)
            found[uid] = Content(raw=raw, remote=structure.plan.remote)
    return found


def _sections(fetched: list[dict[bytes, Value]]) -> dict[str, bytes]:
    return {
        name[5:-1].decode("ascii", "replace"): value
        for items in fetched
        for name, value in items.items()
        if name.startswith(b"BODY[") and isinstance(value, bytes)
    }


async def _as_far_as_it_goes(connection: ImapConnection, uid: int) -> bytes:
    """Return one message whole, or its header, or nothing."""
    if await _size(connection, uid) <= WHOLE_BYTES:
        raw = await _one(connection, uid, b"BODY[]")
        if raw:
            return raw
    return await _one(connection, uid, b"BODY[HEADER]")


async def _size(connection: ImapConnection, uid: int) -> int:
    command = await connection.begin_fetch([uid], b"(UID RFC822.SIZE)")
    sizes = [one.get(b"RFC822.SIZE") for one in await told(command)]
    return max(
        (int(size) for size in sizes if isinstance(size, bytes) and size.isdigit()), default=0
    )


async def _one(connection: ImapConnection, uid: int, item: bytes) -> bytes:
    command = await connection.begin_fetch([uid], b"(UID " + item.replace(b"Y[", b"Y.PEEK[") + b")")
    values = [one.get(item) for one in await told(command)]
    return next((value for value in values if isinstance(value, bytes)), b"")
