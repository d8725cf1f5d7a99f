"""Brings messages in: newest first, in bounded windows, the next ones asked for ahead.

Owns what is planned and under way; everything that must survive is in the cursor. Engine loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from desktop_inbox.connectors.contract import Gone, Item, RawMail
from desktop_inbox.connectors.email import contents
from desktop_inbox.connectors.email.contents import Content, Contents, Structures
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.failures import wire_errors
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.imap_pending import PendingCommand
from desktop_inbox.connectors.email.imap_responses import LinkLost
from desktop_inbox.connectors.email.mailbox import Mailbox
from desktop_inbox.connectors.email.meta import Meta, mail_of, meta_items, read_meta
from desktop_inbox.connectors.email.wire import format_set
from desktop_inbox.connectors.errors import TransientError

log = logging.getLogger(__name__)

WINDOW_MESSAGES = 400
WINDOW_BYTES = 4 * 2**20
LARGE_BYTES = 256 * 1024  # above it attachments stay on the server
LARGE_COUNTS_AS = 64 * 1024  # what the text of a large message usually weighs
METAS_AT_ONCE = 2_000
METAS_AT_FIRST = 500  # so that the first messages do not wait for long
WINDOWS_AHEAD = 6  # at most, on links whose answers take long
BYTES_AHEAD = 4 * WINDOW_BYTES  # of windows under way
BATCH_BYTES = 3 * WINDOW_BYTES  # handed over at once, where they are here: storing likes many
STRUCTURES_AT_ONCE = 50
NEWEST_FIRST = 1_000  # messages of each folder that come before the older ones of any
_MAX_SET_CHARS = 4_000  # servers limit the length of a command
_SMALL_RANGE = 50  # UIDs that are not worth a SEARCH
# Some servers hang up over a message they cannot read. Those asked for when that happened are
# then asked for one by one, and the one it keeps happening with is handed over empty (rule O4).
_ALONE_AFTER = 2
_EMPTY_AFTER = 5


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """One pending range of a folder on its way in."""

    folder: MailFolder
    high: int  # the highest UID not yet in a window
    low: int
    uids: list[int]  # existing ones not yet asked about, newest last
    metas: deque[Meta] = field(default_factory=deque)
    lacking: list[int] = field(default_factory=list)  # asked about, and nothing was said
    asked: tuple[list[int], PendingCommand] | None = None
    begun: bool = False  # whether anything has been asked
    structures: dict[int, Structures] = field(default_factory=dict)  # of large messages, asked for

    @property
    def exhausted(self) -> bool:
        """Whether every UID is in a window."""
        return self.high < self.low


@dataclass(slots=True, kw_only=True)
class _Window:
    """Some messages of a stretch, asked for."""

    folder: MailFolder
    uidvalidity: int
    low: int
    high: int
    metas: list[Meta]
    lacking: list[int]
    weight: int  # bytes expected
    contents: Contents  # by UID, what has come
    given_up: bool  # not even asked for
    mails: list[RawMail] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    received: bool = False


class Reader:
    """Brings the messages of a mailbox over one connection. Made anew for every connection.

    `suspects` says how often the server hung up over a message, by folder, uidvalidity and UID;
    it outlives the connection. `take_stock` is awaited with a folder before it is read first.
    """

    def __init__(
        self,
        connection: ImapConnection,
        mailbox: Mailbox,
        *,
        suspects: dict[tuple[str, int, int], int],
        take_stock: Callable[[MailFolder, FolderState], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._mailbox = mailbox
        self._suspects = suspects
        self._take_stock = take_stock
        self._stretches: list[_Stretch] = []
        self._windows: deque[_Window] = deque()

    @property
    def has_work(self) -> bool:
        """Whether messages are under way or pending."""
        return bool(self._windows) or any(
            state.pending for state in self._mailbox.current().values()
        )

    def drop(self) -> None:
        """Let go of everything under way."""
        folders = [window.folder for window in self._windows]
        folders += [stretch.folder for stretch in self._stretches]
        for name in {folder.name for folder in folders}:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Drop what is under way for a folder; what still comes of it is thrown away."""
        for window in [one for one in self._windows if one.folder.name == name]:
            self._windows.remove(window)
            window.contents.cancel()
        for stretch in [one for one in self._stretches if one.folder.name == name]:
            self._stretches.remove(stretch)
            if stretch.asked is not None:
                stretch.asked[1].abandon()
            for task in stretch.structures.values():
                task.cancel()

    def begin_with(self, folder: MailFolder, state: FolderState, metas: deque[Meta]) -> None:
        """Line up the newest messages, of which everything needed has just been told."""
        low, high = metas[-1].uid, state.uidnext - 1
        if state.pending[:1] == [(1, high)] and self._unplanned(folder) == state.pending:
            self._stretches.append(
                _Stretch(folder=folder, low=low, high=high, uids=[], metas=metas, begun=True)
            )

    # -- one window after the other --------------------------------------------------------

    async def next_messages(self) -> list[Item]:
        """Return the messages that have come, at least a window; the following are on their way."""
        while True:
            await self._ask_ahead()
            if not self._windows:
                return []
            weight = self._windows[0].weight
            items = await self._take_window()
            # Where taking or asking for more fails, what has come is handed over; the next pull
            # fails.
            with suppress(TransientError):
                while self._windows and self._windows[0].contents.done():
                    weight += self._windows[0].weight
                    if weight > BATCH_BYTES:
                        break
                    items += await self._take_window()
                await self._ask_ahead()
            if items or not self.has_work:
                return items

    async def _take_window(self) -> list[Item]:
        window = self._windows[0]
        await self._receive(window)
        items = self._hand_over(window)
        self._windows.popleft()
        return items

    def _hand_over(self, window: _Window) -> list[Item]:
        state = self._mailbox.states[window.folder.name]
        state.settle(window.low, window.high)
        state.done += len(window.mails)
        state.remaining = max(0, state.remaining - len(window.metas) - len(window.lacking))
        if not state.pending:
            state.remaining = 0
        items: list[Item] = list(window.mails)
        if window.gone:
            items.append(
                Gone(
                    folder=window.folder.name,
                    uidvalidity=window.uidvalidity,
                    uids=tuple(window.gone),
                )
            )
        return items

    async def _ask_ahead(self) -> None:
        """Keep windows under way, so that the link is busy while the engine stores."""
        while len(self._windows) < 2 or (
            len(self._windows) < WINDOWS_AHEAD
            and sum(window.weight for window in self._windows) < BYTES_AHEAD
        ):
            stretch = await self._next_stretch()
            if stretch is None:
                return
            if self._connection.selected != stretch.folder.wire_name:
                if self._windows:
                    return  # another folder's windows come in first
                await self._mailbox.open(stretch.folder)
                if stretch not in self._stretches:
                    continue  # it was renumbered, or will not be opened
            await self._ask_window(stretch)
            if stretch.exhausted:
                self._stretches.remove(stretch)

    async def _next_stretch(self) -> _Stretch | None:
        """Return the stretch whose turn it is, newest mail of every folder before old mail."""
        while True:
            ranges = [
                (self._rank(folder, low, high), folder, low, high)
                for folder in self._mailbox.folders
                if folder.name in self._mailbox.states
                for low, high in self._unplanned(folder)
            ]
            waiting = min(ranges, key=lambda one: one[0], default=None)
            self._stretches.sort(key=lambda one: self._rank(one.folder, one.low, one.high))
            first = self._stretches[0] if self._stretches else None
            if waiting is None:
                return first
            rank, folder, low, high = waiting
            if first is not None and self._rank(first.folder, first.low, first.high) < rank:
                return first
            if self._windows and self._connection.selected != folder.wire_name:
                return None  # another folder's windows come in first
            await self._plan(folder, low, high)

    def _rank(self, folder: MailFolder, low: int, high: int) -> tuple[bool, int, int, int]:
        state = self._mailbox.states[folder.name]
        return state.done >= NEWEST_FIRST, self._mailbox.folders.index(folder), -high, low

    def _unplanned(self, folder: MailFolder) -> list[tuple[int, int]]:
        """Return the pending ranges that are neither in a stretch nor in a window."""
        state = self._mailbox.states[folder.name]
        rest = FolderState(
            uidvalidity=state.uidvalidity, uidnext=state.uidnext, pending=list(state.pending)
        )
        taken: list[_Stretch | _Window] = [*self._stretches, *self._windows]
        for one in taken:
            if one.folder.name == folder.name:
                rest.settle(one.low, one.high)
        return rest.pending

    async def _plan(self, folder: MailFolder, low: int, high: int) -> None:
        """Find out which messages a pending range holds, and line them up."""
        before = self._mailbox.states[folder.name]
        await self._mailbox.open(folder)
        state = self._mailbox.states[folder.name]
        if state is not before or folder.name in self._mailbox.refused:
            return  # it was renumbered, or will not be opened
        if state.modseq is None and state.stock is None:
            await self._take_stock(folder, state)
        if high - low < _SMALL_RANGE and self._mailbox.since is None and not folder.everything:
            uids = list(range(low, high + 1))
        else:
            criteria = self._mailbox.criteria(folder, b"UID %d:%d" % (low, high))
            uids = [uid for uid in await self._connection.search(*criteria) if low <= uid <= high]
            if state.pending == [(low, high)]:
                state.remaining = len(uids)
        if not uids:
            state.settle(low, high)
            return
        self._stretches.append(_Stretch(folder=folder, low=low, high=high, uids=uids))

    async def _ask_window(self, stretch: _Stretch) -> None:
        await self._need_metas(stretch)
        metas: list[Meta] = []
        weight = 0
        suspicion = 0
        while stretch.metas and len(metas) < WINDOW_MESSAGES and suspicion < _ALONE_AFTER:
            meta = stretch.metas[0]
            weight += meta.size if meta.size <= LARGE_BYTES else LARGE_COUNTS_AS
            suspicion = self._suspects.get(self._key(stretch.folder, meta.uid), 0)
            if metas and (weight > WINDOW_BYTES or suspicion >= _ALONE_AFTER):
                break
            metas.append(stretch.metas.popleft())
        last = not (stretch.metas or stretch.uids or stretch.asked)
        low = stretch.low if last else metas[-1].uid
        window = _Window(
            folder=stretch.folder,
            uidvalidity=self._mailbox.states[stretch.folder.name].uidvalidity,
            low=low,
            high=stretch.high,
            metas=metas,
            lacking=[uid for uid in stretch.lacking if uid >= low],
            weight=weight,
            contents=await self._ask_contents(stretch, [] if suspicion >= _EMPTY_AFTER else metas),
            given_up=suspicion >= _EMPTY_AFTER,
        )
        stretch.lacking = [uid for uid in stretch.lacking if uid < low]
        stretch.high = low - 1
        self._windows.append(window)

    def _key(self, folder: MailFolder, uid: int) -> tuple[str, int, int]:
        return folder.name, self._mailbox.states[folder.name].uidvalidity, uid

    async def _ask_contents(self, stretch: _Stretch, metas: Sequence[Meta]) -> Contents:
        asked = await contents.ask_contents(
            self._connection,
            small=[one.uid for one in metas if one.size <= LARGE_BYTES],
            large=[one.uid for one in metas if one.size > LARGE_BYTES],
            structures=stretch.structures,
        )
        for meta in metas:
            stretch.structures.pop(meta.uid, None)
        return asked

    async def _need_metas(self, stretch: _Stretch) -> None:
        """See to it that sizes and flags are at hand, and that the next ones are coming."""
        while not stretch.metas and (stretch.uids or stretch.asked):
            await self._ask_metas(stretch)
            assert stretch.asked is not None
            uids, command = stretch.asked
            stretch.asked = None
            metas = [read_meta(one) for one in await contents.told(command)]
            told = {meta.uid: meta for meta in metas}
            stretch.metas.extend(told[uid] for uid in reversed(uids) if uid in told)
            stretch.lacking.extend(uid for uid in uids if uid not in told)
            large = [meta.uid for meta in metas if meta.size > LARGE_BYTES]
            for start in range(0, len(large), STRUCTURES_AT_ONCE):
                some = large[start : start + STRUCTURES_AT_ONCE]
                asked = await contents.ask_structures(self._connection, some)
                stretch.structures |= dict.fromkeys(some, asked)
        await self._ask_metas(stretch)

    async def _ask_metas(self, stretch: _Stretch) -> None:
        if stretch.asked is not None or not stretch.uids:
            return
        count = METAS_AT_ONCE if stretch.begun else METAS_AT_FIRST
        if len(format_set(stretch.uids[-count:])) > _MAX_SET_CHARS:
            count = METAS_AT_FIRST // 2
        stretch.begun = True
        uids = stretch.uids[-count:]
        del stretch.uids[-count:]
        wanted = meta_items(gmail=self._connection.is_gmail)
        stretch.asked = uids, await self._connection.begin_fetch(uids, wanted)

    # -- receiving -------------------------------------------------------------------------

    async def _receive_windows(self) -> None:
        """Wait for everything under way, before the folder is left."""
        for window in list(self._windows):
            await self._receive(window)

    async def receive_everything(self) -> None:
        """Let nothing be under way that belongs to the folder about to be left."""
        await self._receive_windows()
        for stretch in self._stretches:
            if stretch.asked is not None:
                with wire_errors("messages"):
                    await stretch.asked[1].wait()
            if stretch.structures:
                await asyncio.wait(set(stretch.structures.values()))

    async def _receive(self, window: _Window) -> None:
        if window.received:
            return
        try:
            await self._receive_mails(window)
        except TransientError as error:
            if isinstance(error.__cause__, LinkLost) and error.__cause__.by_server:
                for meta in window.metas:
                    key = self._key(window.folder, meta.uid)
                    self._suspects[key] = self._suspects.get(key, 0) + 1
            raise
        for meta in window.metas:
            self._suspects.pop(self._key(window.folder, meta.uid), None)
        window.received = True

    async def _receive_mails(self, window: _Window) -> None:
        state = self._mailbox.states[window.folder.name]
        if window.given_up:
            log.info("a message is handed over empty: the server hangs up over it")
            bodies = {one.uid: Content(raw=b"") for one in window.metas}
        else:
            bodies = await window.contents
        asked = [one.uid for one in window.metas]
        missing = [uid for uid in (*asked, *window.lacking) if uid not in bodies]
        if missing:
            found, window.gone = await contents.read_missing(self._connection, missing)
            bodies = bodies | found
        metas = {one.uid: one for one in window.metas}
        for uid in sorted(bodies, reverse=True):
            meta = metas.get(uid) or Meta(
                uid=uid,
                size=len(bodies[uid].raw),
                seen=False,
                flagged=False,
                deleted=False,
                received_at=datetime.now(UTC),
            )
            content = bodies[uid]
            if uid in metas or uid in window.lacking:
                window.mails.append(
                    mail_of(window.folder, state, meta, raw=content.raw, remote=content.remote)
                )
