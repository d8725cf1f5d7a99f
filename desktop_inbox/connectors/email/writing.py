"""What the owner did to messages, done on the server: read, answered, moved (rules O2, O7).

Everything here may be done twice: a message is named by its place or, where that is void, by its
Message-ID, and nothing is ever expunged that nobody here threw away. Engine loop.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from desktop_inbox.connectors.contract import Dealt, FolderRole, Letter, Location, Mark
from desktop_inbox.connectors.email.answers import ListedFolder, Selected
from desktop_inbox.connectors.email.failures import translate
from desktop_inbox.connectors.email.folders import find_use, place_for
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.imap_responses import CommandRefused, Status
from desktop_inbox.connectors.email.wire import Part, astring, format_set, parse_set

log = logging.getLogger(__name__)

_DELETED = b"+FLAGS.SILENT (\\Deleted)"
_FLAGS = {Mark.SEEN: b"\\Seen", Mark.ANSWERED: b"\\Answered", Mark.FLAGGED: b"\\Flagged"}
# What a folder is called where the server has none for a purpose yet.
_NEW_NAMES = {FolderRole.JUNK: "Junk", FolderRole.TRASH: "Trash", FolderRole.ARCHIVE: "Archive"}

Uids = Mapping[int, Letter]  # where messages of the open folder lie, by UID


async def mark(
    connection: ImapConnection, letters: Sequence[Letter], mark: Mark, *, on: bool
) -> Dealt:
    """Put a mark on messages or take it off; see the contract. *Raises:* ConnectorError."""
    flags = b" %sFLAGS.SILENT (%s)" % (b"+" if on else b"-", _FLAGS[mark])
    listed, _ = await connection.list_folders()
    dealt: dict[Location, Location | None] = {}
    for name, some in _by_folder(letters).items():
        source = _named(listed, name)
        if source is None:
            continue
        selected = await connection.select(source.wire_name)
        uids, lost = await _find(connection, selected, some)
        if uids:
            await _change(connection, "UID STORE", _set(uids), flags)
        for uid, letter in uids.items():
            dealt[letter.location] = _lies(letter.location.folder, selected.uidvalidity, uid)
        dealt |= dict.fromkeys(lost, None)
    return dealt


async def move(
    connection: ImapConnection,
    letters: Sequence[Letter],
    *,
    role: FolderRole,
    folder: str,
    again: bool,
) -> Dealt:
    """Move messages; see the contract. *Raises:* ConnectorError."""
    listed, _ = await connection.list_folders()
    target = await _target(connection, listed, role, folder)
    dealt: dict[Location, Location | None] = {}
    for name, some in _by_folder(letters).items():
        source = _named(listed, name)
        if source is not None and source.wire_name == target.wire_name:
            dealt |= {one.location: one.location for one in some}
        else:
            dealt |= await _move_from(connection, source, target, some, again=again)
    return dealt


async def _move_from(
    connection: ImapConnection,
    source: ListedFolder | None,
    target: ListedFolder,
    letters: Sequence[Letter],
    *,
    again: bool,
) -> Dealt:
    """Move messages out of one folder; None stands for one that is there no more."""
    copies = await _copies(connection, source, target, letters, again=again)
    dealt: dict[Location, Location | None] = dict(copies)
    uids: dict[int, Letter] = {}
    lost = {one.location for one in letters}
    if source is not None:
        uids, lost = await _find(connection, await connection.select(source.wire_name), letters)
    copied = {uid: one for uid, one in uids.items() if one.location in dealt}
    if copied:
        await take_away(connection, copied)
    whole = {uid: one for uid, one in uids.items() if one.location not in dealt}
    if whole:
        dealt |= await _carry(connection, target, whole)
    dealt = dict.fromkeys(lost, None) | dealt
    # Moved by somebody else, or by a server that does not say where to.
    unknown = [one for one in letters if one.location in dealt and dealt[one.location] is None]
    return dealt | await _find_by_name(connection, target, unknown)


async def _copies(
    connection: ImapConnection,
    source: ListedFolder | None,
    target: ListedFolder,
    letters: Sequence[Letter],
    *,
    again: bool,
) -> dict[Location, Location]:
    """Return where an earlier move put a copy already; that message need only be taken away.

    One that was cut off may have left any of them so. One that was not left, where it could not
    expunge, what is marked as deleted.
    """
    if again:
        return await _find_by_name(connection, target, letters)
    if source is None or connection.has("MOVE") or connection.has("UIDPLUS"):
        return {}
    uids, _ = await _find(connection, await connection.select(source.wire_name), letters)
    marked = await connection.search(b"DELETED") if uids else []
    return await _find_by_name(connection, target, [uids[uid] for uid in marked if uid in uids])


async def _carry(connection: ImapConnection, target: ListedFolder, uids: Uids) -> Dealt:
    """Bring messages of the open folder to another one, and away from here."""
    arguments = (_set(uids), b" ", astring(target.wire_name))
    moving = connection.has("MOVE")
    try:
        said = await connection.change("UID MOVE" if moving else "UID COPY", *arguments)
    except CommandRefused as refusal:
        if refusal.code != "TRYCREATE":
            raise translate(refusal, "change") from refusal
        await connection.create(target.name)
        said = await _change(connection, "UID MOVE" if moving else "UID COPY", *arguments)
    if not moving:
        await take_away(connection, uids)
    new = _copied(said)
    return {
        letter.location: _lies(target.name, *new[uid]) if uid in new else None
        for uid, letter in uids.items()
    }


async def take_away(connection: ImapConnection, uids: Iterable[int]) -> None:
    """Expunge messages of the open folder, and never any that others marked as deleted."""
    ours = frozenset(uids)
    await _change(connection, "UID STORE", _set(ours), b" " + _DELETED)
    if connection.has("UIDPLUS"):
        await _change(connection, "UID EXPUNGE", _set(ours))
    elif set(await connection.search(b"DELETED")) <= ours:
        await _change(connection, "EXPUNGE")
    else:
        # Without UIDPLUS an EXPUNGE takes all that are marked; they go when somebody tidies up.
        log.info("moved messages stay marked as deleted: others are marked as well")


async def _change(connection: ImapConnection, command: str, *parts: Part) -> list[Status]:
    try:
        return await connection.change(command, *parts)
    except CommandRefused as refusal:
        raise translate(refusal, "change") from refusal


def _copied(said: Sequence[Status]) -> dict[int, tuple[int, int]]:
    """Read COPYUID (RFC 4315): the new (uidvalidity, UID) by the former UID."""
    found: dict[int, tuple[int, int]] = {}
    for status in said:
        words = status.argument.split()
        if status.code != "COPYUID" or len(words) != 3 or not words[0].isdigit():
            continue
        try:
            before, after = _in_order(words[1]), _in_order(words[2])
        except ValueError:
            continue
        if len(before) == len(after):
            found |= {old: (int(words[0]), new) for old, new in zip(before, after, strict=True)}
    return found


def _in_order(numbers: bytes) -> list[int]:
    """Return the UIDs of a set in the order in which the server lists them."""
    return [uid for run in numbers.split(b",") for uid in parse_set(run)]


# Where messages are


def _by_folder(letters: Sequence[Letter]) -> dict[str, list[Letter]]:
    found: dict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        found[letter.location.folder].append(letter)
    return found


def _named(listed: Sequence[ListedFolder], name: str) -> ListedFolder | None:
    return next((one for one in listed if one.name == name), None)


async def _target(
    connection: ImapConnection, listed: Sequence[ListedFolder], role: FolderRole, name: str
) -> ListedFolder:
    """Return the folder for a purpose, or one by its name, made where it is missing."""
    found = _named(listed, name) if role is FolderRole.OTHER else find_use(listed, role.value)
    if found is not None:
        return found
    wanted = name if role is FolderRole.OTHER else place_for(_NEW_NAMES[role], listed)
    wire_name = await connection.create(wanted)
    return ListedFolder(name=wanted, wire_name=wire_name, attributes=frozenset(), separator="/")


async def _find(
    connection: ImapConnection, selected: Selected, letters: Sequence[Letter]
) -> tuple[dict[int, Letter], set[Location]]:
    """Return where messages lie in the open folder, and which do not lie there."""
    same = [one for one in letters if one.location.uidvalidity == selected.uidvalidity]
    uids = {one.location.uid: one for one in same}
    if uids:
        there = set(await connection.search(b"UID " + _set(uids)))
        uids = {uid: one for uid, one in uids.items() if uid in there}
    lost = {one.location for one in same if one.location.uid not in uids}
    for letter in letters:
        if letter.location.uidvalidity == selected.uidvalidity or not letter.message_id:
            continue
        found = await connection.search_message_id(letter.message_id)
        if found:
            uids[found[-1]] = letter
        else:
            lost.add(letter.location)
    return uids, lost


async def _find_by_name(
    connection: ImapConnection, folder: ListedFolder, letters: Sequence[Letter]
) -> dict[Location, Location]:
    """Return where messages lie in a folder, by their Message-IDs."""
    named = [one for one in letters if one.message_id]
    if not named:
        return {}
    selected = await connection.examine(folder.wire_name)
    found: dict[Location, Location] = {}
    for letter in named:
        uids = await connection.search_message_id(letter.message_id)
        if uids:
            found[letter.location] = _lies(folder.name, selected.uidvalidity, uids[-1])
    return found


def _lies(folder: str, uidvalidity: int, uid: int) -> Location:
    return Location(folder=folder, uidvalidity=uidvalidity, uid=uid)


def _set(uids: Iterable[int]) -> bytes:
    return format_set(uids).encode("ascii")
