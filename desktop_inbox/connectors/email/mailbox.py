"""The folders of one mailbox: which there are, how far each has been read, which is open.

What is found out about messages waits here until it is handed over. Engine loop.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from desktop_inbox.connectors.contract import FolderReset, FolderRole, Item, Progress
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.answers import FolderStatus, ListedFolder, Selected
from desktop_inbox.connectors.email.cursor import FolderState, Stock
from desktop_inbox.connectors.email.folders import MailFolder, choose_folders
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.imap_responses import CommandRefused
from desktop_inbox.connectors.email.wire import format_date, number
from desktop_inbox.connectors.errors import TransientCause, TransientError

log = logging.getLogger(__name__)

CHANGES_AT_ONCE = 500
# What the inbox and Sent hold is read there; Gmail's All Mail would bring it again.
_GMAIL_REST = b'X-GM-RAW "-in:inbox -in:sent -in:drafts -in:chats"'


async def _nothing() -> None:
    """Stand in until somebody has something under way."""


class Mailbox:
    """What one signed-in connection knows of a mailbox. Made anew for every connection.

    `before_leaving` is awaited before another folder is opened, `on_forgotten` is called with the
    name of a folder whose messages under way are void.
    """

    def __init__(self, connection: ImapConnection, *, since: datetime | None) -> None:
        self.folders: list[MailFolder] = []
        self.listed: list[ListedFolder] = []
        self.states: dict[str, FolderState] = {}
        self.to_compare: dict[str, bool] = {}  # flags and deletions may have changed; thoroughly?
        self.compared: set[str] = set()
        self.doubtful: set[str] = set()  # the server's account of changes cannot be right
        self.modseqs: dict[str, int | None] = {}  # as STATUS told them last
        self.items: deque[Item] = deque()  # found, not handed over
        self.settled: tuple[str, FolderState] | None = None  # in force once `items` is empty
        self.refused: set[str] = set()  # folders that could not be opened
        self.before_leaving: Callable[[], Awaitable[None]] = _nothing
        self.on_forgotten: Callable[[str], None] = lambda name: None
        self.since = since
        self._connection = connection
        self._foreign: tuple[bytes, ...] | None = None

    def begin_with(self, states: dict[str, FolderState]) -> None:
        """Go on from what a cursor says; what was found since is void."""
        self.states = states
        self.items.clear()
        self.settled = None
        self.to_compare.clear()
        self.compared.clear()
        self.doubtful.clear()

    # -- where we stand --------------------------------------------------------------------

    @property
    def inbox(self) -> MailFolder | None:
        """The inbox, once the folders are known."""
        return next((one for one in self.folders if one.role is FolderRole.INBOX), None)

    def current(self) -> dict[str, FolderState]:
        """Return the state of every folder that is read."""
        return {
            folder.name: self.states[folder.name]
            for folder in self.folders
            if folder.name in self.states
        }

    def progress(self) -> Progress:
        """Return how far the reading has come."""
        states = self.states.values()
        done = sum(state.done for state in states)
        return Progress(done=done, total=done + sum(state.remaining for state in states))

    # -- looking ---------------------------------------------------------------------------

    def look_at_inbox(self) -> bool:
        """Have the inbox compared; False where it is not known yet."""
        inbox = self.inbox
        if inbox is None or inbox.name not in self.states:
            return False
        self.to_compare[inbox.name] = False
        return True

    async def look(self) -> None:
        """Find out which folders there are and which of them changed. *Raises:* TransientError."""
        await self.before_leaving()
        await self._connection.unselect()
        if self._foreign is None:
            self._foreign = await self._connection.other_namespaces()
        self.listed, statuses = await self._connection.list_folders()
        chosen = choose_folders(
            self.listed,
            gmail=self._connection.is_gmail,
            foreign_prefixes=self._foreign,
        )
        self.folders = [one for one in chosen if one.name not in self.refused]
        unknown = [one.wire_name for one in self.folders if one.wire_name not in statuses]
        if unknown:
            statuses |= await self._connection.status(unknown)
        if self.inbox is not None and self.inbox.wire_name not in statuses:
            raise TransientError(
                "the server does not tell how the inbox is",
                cause=TransientCause.SERVER,
                step="folders",
            )
        for folder in self.folders:
            if folder.wire_name in statuses:
                self._note_status(folder, statuses[folder.wire_name])
        self._drop_missing()

    def _note_status(self, folder: MailFolder, status: FolderStatus) -> None:
        state = self.states.get(folder.name)
        self.modseqs[folder.name] = status.modseq
        if state is None or state.uidvalidity != status.uidvalidity:
            self.begin_folder(folder, status, known=state is not None)
            return
        if status.uidnext is None:
            self.to_compare[folder.name] = True  # only opening it tells
            return
        if status.uidnext < state.uidnext:
            self.to_compare[folder.name] = True  # opening it tells whether that is meant
        else:
            self._note_uidnext(state, status.uidnext)
        if state.modseq is not None and status.modseq is not None:
            # An expunged message is a change that only QRESYNC counts (RFC 7162, 3.2.6).
            fewer = not self._connection.qresync and status.messages != state.messages
            if status.modseq != state.modseq or fewer:
                self.to_compare[folder.name] = True
        elif self._may_differ(folder, state, status):
            self.to_compare[folder.name] = True
        state.messages, state.unseen = status.messages, status.unseen

    def _may_differ(self, folder: MailFolder, state: FolderState, status: FolderStatus) -> bool:
        if state.stock is None:
            return not state.pending  # else the reading takes stock first
        if folder.role is FolderRole.INBOX and folder.name not in self.compared:
            return True  # one read and another marked unread leave the counts as they were
        return (status.messages, status.unseen) != (state.messages, state.unseen)

    def begin_folder(self, folder: MailFolder, status: FolderStatus, *, known: bool) -> None:
        """Read a folder from its beginning; one that was `known` has been renumbered (O1)."""
        if known:
            self.items.append(FolderReset(folder=folder.name, uidvalidity=status.uidvalidity))
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
            self.to_compare[folder.name] = True  # only opening it tells
        elif state.modseq is None and not messages:
            state.stock = Stock()
        self.on_forgotten(folder.name)
        self.states[folder.name] = state

    def _note_uidnext(self, state: FolderState, uidnext: int) -> None:
        if uidnext > state.uidnext:
            state.expect(state.uidnext, uidnext - 1)
            state.remaining += uidnext - state.uidnext
            state.uidnext = uidnext

    def _drop_missing(self) -> None:
        """A folder that is no longer there, or no longer read: nothing lies in it any more."""
        present = {folder.name for folder in self.folders} | self.refused
        for name in [name for name in self.states if name not in present]:
            del self.states[name]
            self.to_compare.pop(name, None)
            self.on_forgotten(name)
            self.items.append(FolderReset(folder=name, uidvalidity=0))

    # -- what was found --------------------------------------------------------------------

    def next_changes(self) -> list[Item]:
        """Hand over some of what was found out about messages that have been read."""
        items = [self.items.popleft() for _ in range(min(CHANGES_AT_ONCE, len(self.items)))]
        if not self.items and self.settled is not None:
            name, state = self.settled
            self.settled = None
            current = self.states.get(name)
            if current is not None and current.uidvalidity == state.uidvalidity:
                current.modseq = state.modseq
                current.stock = state.stock
        return items

    # -- opening a folder ------------------------------------------------------------------

    async def open(self, folder: MailFolder, *, resync: bool = False) -> Selected | None:
        """Make `folder` the open one. None where it was already, or was renumbered meanwhile."""
        if self._connection.selected == folder.wire_name and not resync:
            return None
        await self.before_leaving()
        state = self.states[folder.name]
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
            self.begin_folder(folder, renumbered, known=True)
            return None
        uidnext = await self._uidnext(selected)
        if uidnext < state.uidnext:
            self._rewind(folder, state, uidnext)
        self._note_uidnext(state, uidnext)
        return selected

    def _rewind(self, folder: MailFolder, state: FolderState, uidnext: int) -> None:
        """Believe nothing about UIDs that the server says are still to be given out.

        It may have been restored from a copy; what gets these UIDs now are other messages.
        """
        log.info("a folder's next UID went back from %d to %d", state.uidnext, uidnext)
        self.on_forgotten(folder.name)
        self.items.append(
            FolderReset(folder=folder.name, uidvalidity=state.uidvalidity, from_uid=uidnext)
        )
        state.settle(uidnext, state.uidnext)
        state.uidnext = uidnext
        self.doubtful.add(folder.name)
        self.to_compare[folder.name] = True

    def _leave_out(self, folder: MailFolder) -> None:
        """Go on without a folder that the server lists but will not open, until reconnecting."""
        self.refused.add(folder.name)
        self.folders.remove(folder)
        self.to_compare.pop(folder.name, None)
        self.on_forgotten(folder.name)
        log.info("a folder could not be opened")

    async def _uidnext(self, selected: Selected) -> int:
        if selected.uidnext is not None:
            return selected.uidnext
        if not selected.exists:
            return 1
        newest = await self._connection.fetch_newest(1, selected.exists, b"(UID)")
        return max((number(one[b"UID"]) for one in newest), default=0) + 1

    def criteria(self, folder: MailFolder, first: bytes) -> tuple[bytes, ...]:
        """Return what to search for, kept to the messages that are to be read."""
        criteria = [first]
        if self.since is not None:
            criteria.append(b" SINCE " + format_date(self.since))
        if folder.everything:
            criteria.append(b" " + _GMAIL_REST)
        return tuple(criteria)
