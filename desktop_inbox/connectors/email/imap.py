"""The commands that the connector needs of a signed-in IMAP connection. Engine loop.

Folders are opened for reading, except where the owner did something to messages in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from aioimaplib import aioimaplib

from desktop_inbox.connectors.email.answers import (
    FolderStatus,
    ListedFolder,
    Selected,
    folded,
    foreign_prefixes,
    read_list,
    read_search,
    read_selected,
    read_status_line,
    uid_of,
)
from desktop_inbox.connectors.email.failures import translate, wire_errors
from desktop_inbox.connectors.email.imap_pending import PendingCommand
from desktop_inbox.connectors.email.imap_responses import (
    CommandRefused,
    LinkLost,
    ProtocolError,
    Status,
    read_status,
)
from desktop_inbox.connectors.email.imap_session import ImapSession
from desktop_inbox.connectors.email.wire import (
    Literal,
    Part,
    Value,
    astring,
    encode_mailbox,
    fetch_items,
    format_internal_date,
    format_set,
    is_safe,
    number,
    tokens,
)
from desktop_inbox.connectors.errors import PermanentError

SEARCH_PATIENCE_SECONDS = 120.0  # looking through the headers of a large folder takes its time
DONE_SECONDS = 20.0
MAX_FETCH_BYTES = 128 * 2**20  # one FETCH is asked for two; no message is read above 64

_FETCH = frozenset({"FETCH"})


class ImapConnection(ImapSession):
    """A session and its commands. They may overlap where begun as such."""

    selected: bytes | None = None  # the folder that is open

    async def noop(self) -> None:
        """Ask for nothing, to learn whether anybody is there."""
        with wire_errors("link"):
            await self._link().run("NOOP", patience_seconds=DONE_SECONDS)

    async def list_folders(self) -> tuple[list[ListedFolder], dict[bytes, FolderStatus]]:
        """Return every folder, and the status of each where the server tells both at once."""
        arguments = b'"" "*"'
        if self.has("LIST-EXTENDED") or self.has("LIST-STATUS"):
            options = [b"SPECIAL-USE"] if self.has("SPECIAL-USE") else []
            if self.has("LIST-STATUS"):
                options.append(b"STATUS " + self._status_items())
            if options:
                arguments += b" RETURN (" + b" ".join(options) + b")"
        with wire_errors("folders"):
            said = await self._link().run("LIST", arguments, collects=frozenset({"LIST", "STATUS"}))
        folders = [folder for one in said if (folder := read_list(one)) is not None]
        statuses = dict(found for one in said if (found := read_status_line(one)) is not None)
        return folders, statuses

    async def other_namespaces(self) -> tuple[bytes, ...]:
        """Return the prefixes of folders that belong to other people or to everybody."""
        if not self.has("NAMESPACE"):
            return ()
        with wire_errors("folders"):
            said = await self._link().run("NAMESPACE", collects=frozenset({"NAMESPACE"}))
        for one in said:
            with suppress(ValueError):
                return foreign_prefixes(tokens(one.parts))
        return ()

    async def status(self, names: Sequence[bytes]) -> dict[bytes, FolderStatus]:
        """Return the status of several folders; those that cannot be asked are left out."""
        protocol = self._link()
        items = self._status_items()
        asked = {folded(name): name for name in names}
        found: dict[bytes, FolderStatus] = {}
        with wire_errors("folders"):
            commands = [
                await protocol.begin(
                    "STATUS", astring(name), b" " + items, collects=frozenset({"STATUS"})
                )
                for name in names
            ]
            for name, command in zip(names, commands, strict=True):
                with suppress(CommandRefused):
                    for one in await command.collect():
                        line = read_status_line(one)
                        if line is not None:
                            found[asked.get(folded(line[0]), name)] = line[1]
        return found

    def _status_items(self) -> bytes:
        wanted = b"UIDVALIDITY UIDNEXT MESSAGES UNSEEN"
        return b"(" + wanted + (b" HIGHESTMODSEQ)" if self.condstore else b")")

    async def examine(self, name: bytes, *, since: tuple[int, int] | None = None) -> Selected:
        """Open a folder for reading.

        `since` is the (uidvalidity, modseq) of our knowledge; where the server has QRESYNC the
        result then says what changed and what vanished.
        """
        asked = b""
        if since is not None and self.qresync:
            asked = b" (QRESYNC (%d %d))" % since
        elif self.condstore and not self.qresync:
            asked = b" (CONDSTORE)"
        return await self._open_folder("EXAMINE", name, asked)

    async def select(self, name: bytes) -> Selected:
        """Open a folder to change what lies in it. *Raises:* TransientError."""
        return await self._open_folder("SELECT", name, b"")

    async def _open_folder(self, command: str, name: bytes, asked: bytes) -> Selected:
        was_open, self.selected = self.selected is not None, None
        with wire_errors("folders"):
            said = await self._link().run(
                command,
                astring(name),
                asked,
                collects=frozenset({"OK", "EXISTS", "RECENT", "FLAGS", "FETCH", "VANISHED"}),
            )
        self.selected = name
        self._link().state = aioimaplib.SELECTED
        return read_selected(name, said, was_open=was_open)

    async def change(self, command: str, *parts: Part) -> list[Status]:
        """Do something to messages of the open folder; return what was said of it in words.

        *Raises:* CommandRefused, for whoever knows what the refusal means; TransientError.
        """
        link = self._link()
        try:
            pending = await link.begin(
                command,
                *parts,
                collects=frozenset({"OK"}),
                patience_seconds=SEARCH_PATIENCE_SECONDS,
            )
            said = [read_status(one.parts[0][5:]) for one in await pending.collect()]
        except (LinkLost, ProtocolError, OSError) as error:
            raise translate(error, "change") from error
        assert pending.answer is not None
        return [*said, pending.answer]

    async def unselect(self) -> None:
        """Leave the folder, so that its status can be asked for."""
        if self.selected is None or not self.has("UNSELECT"):
            return
        self.selected = None
        with wire_errors("folders"):
            await self._link().run("UNSELECT")

    async def begin_fetch(self, uids: Iterable[int], items: bytes) -> PendingCommand:
        """Ask for parts of messages of the open folder; `read_fetch` brings them.

        Several may be under way: each response goes to the command that asked for its UID.
        """
        wanted = frozenset(uids)
        with wire_errors("messages"):
            return await self._link().begin(
                "UID FETCH",
                format_set(wanted).encode("ascii") + b" " + items,
                collects=_FETCH,
                claims=lambda response: uid_of(response) in wanted,
            )

    async def fetch(self, uids: Iterable[int], items: bytes) -> list[dict[bytes, Value]]:
        """Fetch and parse; what cannot be read is left out."""
        return await read_fetch(await self.begin_fetch(uids, items))

    async def fetch_newest(self, count: int, exists: int, items: bytes) -> list[dict[bytes, Value]]:
        """Fetch the last `count` of `exists` messages, by number, while nothing else is asked."""
        first = max(1, exists - count + 1)
        with wire_errors("messages"):
            command = await self._link().begin(
                "FETCH", b"%d:%d " % (first, exists) + items, collects=_FETCH
            )
        return await read_fetch(command, refusal_ends=True)

    async def fetch_changed(self, modseq: int) -> list[dict[bytes, Value]]:
        """Fetch the flags of what changed since `modseq` (CONDSTORE), while nothing else is asked.

        *Raises:* TransientError.
        """
        with wire_errors("messages"):
            command = await self._link().begin(
                "UID FETCH",
                b"1:* (UID FLAGS) (CHANGEDSINCE %d)" % modseq,
                collects=_FETCH,
                patience_seconds=SEARCH_PATIENCE_SECONDS,
            )
        return await read_fetch(command)

    async def search(self, *criteria: Part) -> list[int]:
        """Return the UIDs that match, ascending."""
        extended = self.has("ESEARCH")
        with wire_errors("search"):
            said = await self._link().run(
                "UID SEARCH",
                *((b"RETURN (ALL) ",) if extended else ()),
                *criteria,
                collects=frozenset({"SEARCH", "ESEARCH"}),
                patience_seconds=SEARCH_PATIENCE_SECONDS,
            )
            try:
                return sorted({uid for one in said for uid in read_search(one)})
            except ValueError as error:
                raise ProtocolError(f"SEARCH: {error}") from error

    async def search_message_id(self, message_id: str) -> list[int]:
        """Return the UIDs whose Message-ID is exactly this one, given without brackets.

        *Raises:* PermanentError for an id that no header can hold.
        """
        wanted = f"<{message_id}>"
        if not is_safe(wanted.encode("utf-8")):
            raise PermanentError("a line break in the Message-ID", step="search")
        uids = await self.search(b"HEADER Message-ID ", astring(wanted))
        if not uids:
            return []
        # SEARCH looks for a part of the header, and some servers only for words of it.
        items = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        found = await self.fetch(uids[-50:], items)
        key = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
        return [
            number(one[b"UID"])
            for one in found
            if isinstance(value := one.get(key), bytes)
            and wanted in value.decode("utf-8", "replace").replace("\r\n ", "")
        ]

    async def append(
        self, name: bytes, data: bytes, *, at: datetime, flags: bytes = b"\\Seen"
    ) -> None:
        """File a message, marked as read."""
        with wire_errors("copy"):
            await self._link().run(
                "APPEND",
                astring(name),
                b" (" + flags + b") " + format_internal_date(at) + b" ",
                Literal(data),
                collects=frozenset({"OK"}),
                patience_seconds=SEARCH_PATIENCE_SECONDS,
            )

    async def create(self, name: str) -> bytes:
        """Create a folder and return its name on the wire."""
        wire_name = encode_mailbox(name)
        with wire_errors("copy"):
            await self._link().run("CREATE", astring(wire_name))
        return wire_name

    async def idle(self, *, seconds: float) -> None:
        """Let the server push for so long; what it says goes to `on_untagged`.

        *Raises:* TransientError where the link is lost or the server will not have it.
        """
        protocol = self._link()
        with wire_errors("link"):
            command = await protocol.begin(
                "IDLE",
                patience_seconds=seconds + DONE_SECONDS,
                on_continuation=lambda words: b"",
            )
            try:
                async with asyncio.timeout(seconds):
                    await command.done()
                    return
            except TimeoutError:
                if protocol.lost is not None:
                    raise
            except asyncio.CancelledError:
                self.abort()  # it idles on and would answer nothing else
                raise
            protocol.write_line(b"DONE")
            async with asyncio.timeout(DONE_SECONDS):
                await command.done()


async def read_fetch(
    command: PendingCommand, *, refusal_ends: bool = False
) -> list[dict[bytes, Value]]:
    """Wait for a FETCH and return what it told of each message, in the order they came.

    With `refusal_ends`, a NO at its end is no failure. A response that cannot be read is left
    out, and so is missing. *Raises:* TransientError.
    """
    found: dict[int, dict[bytes, Value]] = {}
    size = 0
    with wire_errors("messages"):
        try:
            async for one in command.stream():
                size += sum(map(len, one.parts))
                if size > MAX_FETCH_BYTES:
                    raise ProtocolError("far more was sent than asked for")
                with suppress(ValueError):
                    items = fetch_items(one.parts)
                    # Flags may be told in between, apart from what was asked.
                    found.setdefault(number(items.get(b"UID")), {}).update(items)
        except CommandRefused:
            if not refusal_ends:
                raise
    return list(found.values())
