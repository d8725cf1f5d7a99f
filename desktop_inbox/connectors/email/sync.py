"""Reads a mailbox over one connection: newest first, resumable, every UID exactly once.

Owns what is planned and under way; everything that must survive is in the cursor. Engine loop.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from desktop_inbox.connectors.contract import (
    Batch,
    Cursor,
    FolderReset,
    FolderRole,
    Gone,
    Item,
    Location,
    Progress,
    RawMail,
    SeenElsewhere,
)
from desktop_inbox.connectors.email import contents
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.contents import Content, Contents, Structures
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.failures import wire_errors
from desktop_inbox.connectors.email.folders import MailFolder, choose_folders
from desktop_inbox.connectors.email.imap import (
    FolderStatus,
    ImapConnection,
    ListedFolder,
    Selected,
)
from desktop_inbox.connectors.email.protocol import (
    CommandRefused,
    LinkLost,
    PendingCommand,
    ProtocolError,
)
from desktop_inbox.connectors.email.wire import (
    Value,
    format_date,
    format_set,
    internal_date,
    number,
    parse_set,
)
from desktop_inbox.connectors.errors import TransientError
from desktop_inbox.domain.messages import AttachmentPart

log = logging.getLogger(__name__)

HEADERS_AHEAD = 200
WINDOW_MESSAGES = 400
WINDOW_BYTES = 4 * 2**20
LARGE_BYTES = 256 * 1024  # above it attachments stay on the server
LARGE_COUNTS_AS = 64 * 1024  # what the text of a large message usually weighs
METAS_AT_ONCE = 2_000
METAS_AT_FIRST = 500  # so that the first messages do not wait for long
WINDOWS_AHEAD = 6  # at most, on links whose answers take long
BYTES_AHEAD = 4 * WINDOW_BYTES  # of windows under way
STRUCTURES_AT_ONCE = 50
_MAX_SET_CHARS = 4_000  # servers limit the length of a command
CHANGES_AT_ONCE = 500
NEWEST_FIRST = 1_000  # messages of each folder that come before the older ones of any
_SMALL_RANGE = 50  # UIDs that are not worth a SEARCH
# Some servers hang up over a message they cannot read. Those asked for when that happened are
# then asked for one by one, and the one it keeps happening with is handed over empty (rule O4).
_ALONE_AFTER = 2
_EMPTY_AFTER = 5

_META = b"(UID FLAGS INTERNALDATE RFC822.SIZE)"
_HEADS = b"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"
# What the inbox and Sent hold is read there; Gmail's All Mail would bring it again.
_GMAIL_REST = b'X-GM-RAW "-in:inbox -in:sent -in:drafts -in:chats"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meta:
    """What is known of a message before it is read."""

    uid: int
    size: int
    seen: bool
    received_at: datetime


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """One pending range of a folder on its way in."""

    folder: MailFolder
    high: int  # the highest UID not yet in a window
    low: int
    uids: list[int]  # existing ones not yet asked about, newest last
    metas: deque[_Meta] = field(default_factory=deque)
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
    metas: list[_Meta]
    lacking: list[int]
    weight: int  # bytes expected
    contents: Contents  # by UID, what has come
    given_up: bool  # not even asked for
    mails: list[RawMail] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    received: bool = False


class MailSync:
    """One signed-in connection's reading of a mailbox. Made anew for every connection."""

    def __init__(
        self,
        connection: ImapConnection,
        *,
        since: datetime | None = None,
        suspects: dict[tuple[str, int, int], int] | None = None,
    ) -> None:
        self.folders: list[MailFolder] = []
        self.listed: list[ListedFolder] = []
        self._connection = connection
        self._since = since
        # How often the server hung up over a message, by folder, uidvalidity and UID; outlives
        # the connection.
        self._suspects = {} if suspects is None else suspects
        self._states: dict[str, FolderState] = {}
        self._token = ""
        self._look_at = "all"  # what to look for before anything else: "", "inbox" or "all"
        self._foreign: tuple[bytes, ...] | None = None
        self._compare: dict[str, bool] = {}  # folders whose flags and deletions may have changed
        self._items: deque[Item] = deque()  # found, not handed over
        self._settled: tuple[str, FolderState] | None = None  # in force once _items is empty
        self._stretches: list[_Stretch] = []
        self._windows: deque[_Window] = deque()
        self._compared: set[str] = set()
        self._refused: set[str] = set()  # folders that could not be opened

    # -- what the connector calls ----------------------------------------------------------

    @property
    def inbox(self) -> MailFolder | None:
        """The inbox, once the folders are known."""
        return next((one for one in self.folders if one.role is FolderRole.INBOX), None)

    @property
    def has_work(self) -> bool:
        """Whether the next pull has something to hand over already."""
        return bool(
            self._look_at
            or self._items
            or self._compare
            or self._windows
            or any(state.pending or not state.heads for state in self._current().values())
        )

    def drop(self) -> None:
        """Let go of everything under way; the connection is going."""
        for name in list(self._states):
            self._forget_plans(name)

    def look_again(self, *, inbox_only: bool) -> None:
        """Have the next pull ask the server what is new."""
        if not inbox_only:
            self._look_at = "all"
        elif not self._look_at:
            self._look_at = "inbox"

    def knows(self, selected: Selected) -> bool:
        """Whether the inbox, just opened elsewhere, is as the last look found it."""
        state = self._states.get(self.inbox.name) if self.inbox else None
        if state is None:
            return False
        if (state.uidvalidity, state.uidnext) != (selected.uidvalidity, selected.uidnext):
            return False
        if state.modseq is not None and selected.modseq is not None:
            return state.modseq == selected.modseq
        return state.messages is None or state.messages == selected.exists

    async def pull(self, cursor: Cursor | None) -> Batch:
        """Return the next batch after `cursor`. *Raises:* TransientError, AuthError."""
        self._adopt(cursor)
        if not self.has_work:
            self._look_at = "all"
        if self._look_at:
            await self._look()
        items = await self._next_items()
        self._token = uuid.uuid4().hex
        return Batch(
            items=tuple(items),
            cursor=cursors.dump(self._states, self._token),
            more=self.has_work,
            progress=self._progress(),
        )

    # -- where we stand --------------------------------------------------------------------

    def _adopt(self, cursor: Cursor | None) -> None:
        """Go on from `cursor`; plans survive only if it is the one handed out last."""
        states, token = cursors.load(cursor)
        if token and token == self._token:
            return
        self.drop()
        self._states = states
        self._items.clear()
        self._settled = None
        self._compare.clear()
        self._compared.clear()
        self._look_at = "all"

    def _current(self) -> dict[str, FolderState]:
        return {
            folder.name: self._states[folder.name]
            for folder in self.folders
            if folder.name in self._states
        }

    def _progress(self) -> Progress:
        states = self._states.values()
        done = sum(state.done for state in states)
        return Progress(done=done, total=done + sum(state.remaining for state in states))

    # -- looking ---------------------------------------------------------------------------

    async def _look(self) -> None:
        inbox = self.inbox
        if self._look_at == "inbox" and inbox is not None and inbox.name in self._states:
            self._look_at = ""
            self._compare[inbox.name] = False
            return
        await self._receive_everything()
        await self._connection.unselect()
        if self._foreign is None:
            self._foreign = await self._connection.other_namespaces()
        self.listed, statuses = await self._connection.list_folders()
        chosen = choose_folders(
            self.listed,
            gmail=self._connection.has("X-GM-EXT-1"),
            foreign_prefixes=self._foreign,
        )
        self.folders = [one for one in chosen if one.name not in self._refused]
        unknown = [one.wire_name for one in self.folders if one.wire_name not in statuses]
        if unknown:
            statuses |= await self._connection.status(unknown)
        for folder in self.folders:
            if folder.wire_name in statuses:
                self._note_status(folder, statuses[folder.wire_name])
        self._drop_missing()
        self._look_at = ""

    def _note_status(self, folder: MailFolder, status: FolderStatus) -> None:
        state = self._states.get(folder.name)
        if state is None or state.uidvalidity != status.uidvalidity:
            self._begin_folder(folder, status, known=state is not None)
            return
        if status.uidnext is None:
            self._compare[folder.name] = True  # only opening it tells
            return
        self._note_uidnext(state, status.uidnext)
        if state.modseq is not None and status.modseq is not None:
            if status.modseq != state.modseq:
                self._compare[folder.name] = True
        elif self._may_differ(folder, state, status):
            self._compare[folder.name] = True
        state.messages, state.unseen = status.messages, status.unseen

    def _may_differ(self, folder: MailFolder, state: FolderState, status: FolderStatus) -> bool:
        if state.known_uids is None:
            return not state.pending  # else the reading takes stock first
        if folder.role is FolderRole.INBOX and folder.name not in self._compared:
            return True  # one read and another marked unread leave the counts as they were
        return (status.messages, status.unseen) != (state.messages, state.unseen)

    def _begin_folder(self, folder: MailFolder, status: FolderStatus, *, known: bool) -> None:
        if known:
            self._items.append(FolderReset(folder=folder.name, uidvalidity=status.uidvalidity))
        messages = status.messages if status.messages is not None else 1
        uidnext = status.uidnext
        state = cursors.fresh(
            status.uidvalidity,
            uidnext or 1,
            messages if uidnext else 0,
            heads=known or not messages or folder.role is not FolderRole.INBOX,
        )
        state.modseq = status.modseq if self._connection.qresync else None
        state.messages, state.unseen = status.messages, status.unseen
        if uidnext is None:
            self._compare[folder.name] = True  # only opening it tells
        elif state.modseq is None and not messages:
            state.known_uids = state.unseen_uids = ""
        self._forget_plans(folder.name)
        self._states[folder.name] = state

    def _note_uidnext(self, state: FolderState, uidnext: int) -> None:
        if uidnext > state.uidnext:
            state.expect(state.uidnext, uidnext - 1)
            state.remaining += uidnext - state.uidnext
            state.uidnext = uidnext

    def _drop_missing(self) -> None:
        """A folder that is no longer there, or no longer read: nothing lies in it any more."""
        present = {folder.name for folder in self.folders} | self._refused
        for name in [name for name in self._states if name not in present]:
            del self._states[name]
            self._compare.pop(name, None)
            self._forget_plans(name)
            self._items.append(FolderReset(folder=name, uidvalidity=0))

    def _forget_plans(self, name: str) -> None:
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

    # -- what comes next -------------------------------------------------------------------

    async def _next_items(self) -> list[Item]:
        while True:
            if self._items:
                return self._next_changes()
            if not await self._prepare():
                break
        messages = await self._next_messages()
        # A folder found renumbered on the way is told of before its new messages.
        return [*self._next_changes(), *messages] if self._items else messages

    async def _prepare(self) -> bool:
        """Do one thing that comes before messages; False where there is none."""
        inbox = self.inbox
        state = self._states.get(inbox.name) if inbox else None
        if inbox is not None and state is not None and not state.heads:
            await self._read_heads(inbox, state)
            return True
        for folder in self.folders:
            if folder.name in self._compare:
                await self._compare_folder(folder, thorough=self._compare.pop(folder.name))
                return True
        return False

    def _next_changes(self) -> list[Item]:
        items = [self._items.popleft() for _ in range(min(CHANGES_AT_ONCE, len(self._items)))]
        if not self._items and self._settled is not None:
            name, state = self._settled
            self._settled = None
            current = self._states.get(name)
            if current is not None and current.uidvalidity == state.uidvalidity:
                current.modseq = state.modseq
                current.known_uids, current.unseen_uids = state.known_uids, state.unseen_uids
        return items

    # -- opening a folder ------------------------------------------------------------------

    async def _open(self, folder: MailFolder, *, resync: bool = False) -> Selected | None:
        """Make `folder` the open one. None where it was already, or was renumbered meanwhile."""
        if self._connection.selected == folder.wire_name and not resync:
            return None
        await self._receive_everything()
        state = self._states[folder.name]
        since = (state.uidvalidity, state.modseq) if resync and state.modseq else None
        try:
            selected = await self._connection.examine(folder.wire_name, since=since)
        except TransientError as error:
            if folder.role is FolderRole.INBOX or not isinstance(error.__cause__, CommandRefused):
                raise
            self._leave_out(folder)
            return None
        if selected.uidvalidity != state.uidvalidity:
            renumbered = FolderStatus(
                uidvalidity=selected.uidvalidity,
                uidnext=await self._uidnext(selected),
                messages=selected.exists,
                unseen=None,
                modseq=selected.modseq,
            )
            self._begin_folder(folder, renumbered, known=True)
            return None
        self._note_uidnext(state, await self._uidnext(selected))
        return selected

    def _leave_out(self, folder: MailFolder) -> None:
        """Go on without a folder that the server lists but will not open, until reconnecting."""
        self._refused.add(folder.name)
        self.folders.remove(folder)
        self._compare.pop(folder.name, None)
        self._forget_plans(folder.name)
        log.info("a folder could not be opened")

    async def _uidnext(self, selected: Selected) -> int:
        if selected.uidnext is not None:
            return selected.uidnext
        if not selected.exists:
            return 1
        newest = await self._connection.fetch_newest(1, selected.exists, b"(UID)")
        return max((number(one[b"UID"]) for one in newest), default=0) + 1

    async def _read_heads(self, folder: MailFolder, state: FolderState) -> None:
        """Hand over the newest headers ahead, so that the list is there at once (rule O3)."""
        selected = await self._open(folder, resync=True)
        state = self._states[folder.name]
        state.heads = True
        if selected is None or not selected.exists:
            return
        newest = await self._connection.fetch_newest(HEADERS_AHEAD, selected.exists, _HEADS)
        metas: deque[_Meta] = deque()
        for items in reversed(newest):
            meta = _read_meta(items)
            header = items.get(b"BODY[HEADER]")
            if meta.uid >= state.uidnext:
                continue
            metas.append(meta)
            if self._since is not None and meta.received_at < self._since:
                continue
            if isinstance(header, bytes):
                self._items.append(_mail(folder, state, meta, raw=header, complete=False))
        complete = len(metas) == min(HEADERS_AHEAD, selected.exists)
        if complete and self._since is None and state.modseq is not None:
            self._begin_with(folder, state, metas)

    def _begin_with(self, folder: MailFolder, state: FolderState, metas: deque[_Meta]) -> None:
        """Line up the newest messages, of which everything needed has just been told."""
        low, high = metas[-1].uid, state.uidnext - 1
        if state.pending[:1] == [(1, high)] and self._unplanned(folder) == state.pending:
            self._stretches.append(
                _Stretch(folder=folder, low=low, high=high, uids=[], metas=metas, begun=True)
            )

    # -- flags and deletions ---------------------------------------------------------------

    async def _compare_folder(self, folder: MailFolder, *, thorough: bool) -> None:
        selected = await self._open(folder, resync=True)
        state = self._states[folder.name]
        if selected is None:
            return
        after = FolderState(
            uidvalidity=state.uidvalidity,
            uidnext=state.uidnext,
            modseq=selected.modseq if self._connection.qresync else None,
            known_uids=state.known_uids,
            unseen_uids=state.unseen_uids,
        )
        if state.modseq is not None and after.modseq is not None:
            self._note_resync(folder, state, selected)
        elif thorough:
            await self._note_difference(folder, state, after)
        if self._items:
            self._settled = (folder.name, after)
        else:
            state.modseq = after.modseq
            state.known_uids, state.unseen_uids = after.known_uids, after.unseen_uids

    def _note_resync(self, folder: MailFolder, state: FolderState, selected: Selected) -> None:
        gone: set[int] = set()
        with wire_errors("folders"):
            try:
                for text in selected.vanished:
                    gone.update(parse_set(text, below=state.uidnext))
            except ValueError as error:
                raise ProtocolError(f"VANISHED: {error}") from error
        self._note_gone(folder, state, sorted(gone))
        for items in selected.changed:
            if b"UID" not in items or b"FLAGS" not in items:
                continue
            meta = _read_meta(items)
            self._note_seen(folder, state, meta.uid, seen=meta.seen)

    async def _note_difference(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Compare what exists and what is unread with the last time (without QRESYNC)."""
        known = set(await self._connection.search(*self._criteria(folder, b"ALL")))
        unseen = set(await self._connection.search(b"UNSEEN")) & known
        if state.known_uids is not None and state.unseen_uids is not None:
            known_before = set(cursors.unpack_uids(state.known_uids))
            unseen_before = set(cursors.unpack_uids(state.unseen_uids))
            self._note_gone(folder, state, sorted(known_before - known))
            for uid in sorted((unseen_before - unseen) & known):
                self._note_seen(folder, state, uid, seen=True)
            for uid in sorted((unseen - unseen_before) & known_before):
                self._note_seen(folder, state, uid, seen=False)
        self._compared.add(folder.name)
        after.known_uids = cursors.pack_uids(sorted(known))
        after.unseen_uids = cursors.pack_uids(sorted(unseen))

    def _note_gone(self, folder: MailFolder, state: FolderState, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), CHANGES_AT_ONCE):
            self._items.append(
                Gone(
                    folder=folder.name,
                    uidvalidity=state.uidvalidity,
                    uids=tuple(uids[start : start + CHANGES_AT_ONCE]),
                )
            )

    def _note_seen(self, folder: MailFolder, state: FolderState, uid: int, *, seen: bool) -> None:
        if uid < state.uidnext and not state.is_pending(uid):
            location = Location(folder=folder.name, uidvalidity=state.uidvalidity, uid=uid)
            self._items.append(SeenElsewhere(location=location, seen=seen))

    def _criteria(self, folder: MailFolder, first: bytes) -> tuple[bytes, ...]:
        criteria = [first]
        if self._since is not None:
            criteria.append(b" SINCE " + format_date(self._since))
        if folder.everything:
            criteria.append(b" " + _GMAIL_REST)
        return tuple(criteria)

    # -- messages --------------------------------------------------------------------------

    async def _next_messages(self) -> list[Item]:
        """Return the next window's messages, while the following ones are on their way."""
        while True:
            await self._ask_ahead()
            if not self._windows:
                return []
            window = self._windows[0]
            await self._receive(window)
            items = self._hand_over(window)
            self._windows.popleft()
            # Where asking for more fails, what has come is handed over; the next pull fails.
            with suppress(TransientError):
                await self._ask_ahead()
            if items or not self.has_work:
                return items

    def _hand_over(self, window: _Window) -> list[Item]:
        state = self._states[window.folder.name]
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
                await self._open(stretch.folder)
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
                for folder in self.folders
                if folder.name in self._states
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
        state = self._states[folder.name]
        return state.done >= NEWEST_FIRST, self.folders.index(folder), -high, low

    def _unplanned(self, folder: MailFolder) -> list[tuple[int, int]]:
        """Return the pending ranges that are neither in a stretch nor in a window."""
        state = self._states[folder.name]
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
        before = self._states[folder.name]
        await self._open(folder)
        state = self._states[folder.name]
        if state is not before or folder.name in self._refused:
            return  # it was renumbered, or will not be opened
        if state.modseq is None and state.known_uids is None:
            await self._note_difference(folder, state, state)
        if high - low < _SMALL_RANGE and self._since is None and not folder.everything:
            uids = list(range(low, high + 1))
        else:
            criteria = self._criteria(folder, b"UID %d:%d" % (low, high))
            uids = [uid for uid in await self._connection.search(*criteria) if low <= uid <= high]
            if state.pending == [(low, high)]:
                state.remaining = len(uids)
        if not uids:
            state.settle(low, high)
            return
        self._stretches.append(_Stretch(folder=folder, low=low, high=high, uids=uids))

    async def _ask_window(self, stretch: _Stretch) -> None:
        await self._need_metas(stretch)
        metas: list[_Meta] = []
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
            uidvalidity=self._states[stretch.folder.name].uidvalidity,
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
        return folder.name, self._states[folder.name].uidvalidity, uid

    async def _ask_contents(self, stretch: _Stretch, metas: Sequence[_Meta]) -> Contents:
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
            metas = [_read_meta(one) for one in await contents.told(command)]
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
        stretch.asked = uids, await self._connection.begin_fetch(uids, _META)

    # -- receiving -------------------------------------------------------------------------

    async def _receive_windows(self) -> None:
        """Wait for everything under way, before the folder is left."""
        for window in list(self._windows):
            await self._receive(window)

    async def _receive_everything(self) -> None:
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
        state = self._states[window.folder.name]
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
            meta = metas.get(uid) or _Meta(
                uid=uid, size=len(bodies[uid].raw), seen=False, received_at=datetime.now(UTC)
            )
            content = bodies[uid]
            if uid in metas or uid in window.lacking:
                window.mails.append(
                    _mail(window.folder, state, meta, raw=content.raw, remote=content.remote)
                )


def _read_meta(items: dict[bytes, Value]) -> _Meta:
    flags = items.get(b"FLAGS")
    size = items.get(b"RFC822.SIZE")
    return _Meta(
        uid=number(items[b"UID"]),
        size=int(size) if isinstance(size, bytes) and size.isdigit() else 0,
        seen=isinstance(flags, list)
        and any(isinstance(one, bytes) and one.lower() == b"\\seen" for one in flags),
        received_at=internal_date(items.get(b"INTERNALDATE")) or datetime.now(UTC),
    )


def _mail(
    folder: MailFolder,
    state: FolderState,
    meta: _Meta,
    *,
    raw: bytes,
    complete: bool = True,
    remote: tuple[AttachmentPart, ...] = (),
) -> RawMail:
    return RawMail(
        location=Location(folder=folder.name, uidvalidity=state.uidvalidity, uid=meta.uid),
        role=folder.role,
        received_at=meta.received_at,
        size=meta.size or len(raw),
        seen=meta.seen,
        raw=raw,
        complete=complete,
        remote_parts=remote,
    )
