"""Reads a mailbox over one connection: newest first, resumable, every UID exactly once.

Decides what comes next: looking, comparing, or bringing messages. What must survive is in the
cursor. Engine loop.
"""

from __future__ import annotations

import uuid
from collections import deque
from datetime import datetime

from desktop_inbox.connectors.contract import Batch, Cursor, Item
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.answers import Selected
from desktop_inbox.connectors.email.comparing import Comparison
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.mailbox import Mailbox
from desktop_inbox.connectors.email.meta import Meta, mail_of, meta_items, read_meta
from desktop_inbox.connectors.email.reading import Reader
from desktop_inbox.connectors.email.reconciling import Places, reconcile

HEADERS_AHEAD = 200


class MailSync:
    """One signed-in connection's reading of a mailbox. Made anew for every connection."""

    def __init__(
        self,
        connection: ImapConnection,
        *,
        since: datetime | None = None,
        suspects: dict[tuple[str, int, int], int] | None = None,
    ) -> None:
        self._connection = connection
        self._mailbox = Mailbox(connection, since=since)
        self._comparison = Comparison(connection, self._mailbox)
        self._reader = Reader(
            connection,
            self._mailbox,
            suspects={} if suspects is None else suspects,
            take_stock=self._comparison.take_stock,
        )
        self._mailbox.before_leaving = self._reader.receive_everything
        self._mailbox.on_forgotten = self._reader.forget
        self._token = ""
        self._look_at = "all"  # what to look for before anything else: "", "inbox" or "all"
        self._looked_everywhere = False  # the last look was at every folder

    @property
    def inbox(self) -> MailFolder | None:
        """The inbox, once the folders are known."""
        return self._mailbox.inbox

    @property
    def has_work(self) -> bool:
        """Whether the next pull has something to hand over already."""
        return bool(
            self._look_at
            or self._mailbox.items
            or self._mailbox.to_compare
            or self._reader.has_work
            or any(not state.heads for state in self._mailbox.current().values())
        )

    def drop(self) -> None:
        """Let go of everything under way; the connection is going."""
        self._reader.drop()

    def look_again(self, *, inbox_only: bool) -> None:
        """Have the next pull ask the server what is new."""
        if not inbox_only:
            self._look_at = "all"
        elif not self._look_at:
            self._look_at = "inbox"

    def knows(self, selected: Selected) -> bool:
        """Whether the inbox, just opened elsewhere, is as the last look found it."""
        state = self._mailbox.states.get(self.inbox.name) if self.inbox else None
        if state is None:
            return False
        if (state.uidvalidity, state.uidnext) != (selected.uidvalidity, selected.uidnext):
            return False
        counted = state.modseq is not None and selected.modseq is not None
        if counted and (self._connection.qresync or state.modseq != selected.modseq):
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
            cursor=cursors.dump(self._mailbox.states, self._token),
            more=self.has_work,
            progress=self._mailbox.progress(),
            looked=self._looked_everywhere and not self.has_work,
        )

    async def reconcile(self, cursor: Cursor, places: Places) -> Batch:
        """Compare everything with `places`; see the contract. *Raises:* TransientError."""
        self._adopt(cursor)
        if self._look_at:
            await self._look()
        missing = await reconcile(self._connection, self._mailbox, places)
        items = tuple(self._mailbox.items)
        self._mailbox.items.clear()
        self._token = uuid.uuid4().hex
        return Batch(
            items=items,
            cursor=cursors.dump(self._mailbox.states, self._token),
            more=self.has_work,
            progress=self._mailbox.progress(),
            missing=missing,
        )

    def _adopt(self, cursor: Cursor | None) -> None:
        """Go on from `cursor`; plans survive only if it is the one handed out last."""
        states, token = cursors.load(cursor)
        if token and token == self._token:
            return
        self._reader.drop()
        self._mailbox.begin_with(states)
        self._look_at = "all"

    async def _look(self) -> None:
        if self._look_at == "inbox" and self._mailbox.look_at_inbox():
            self._looked_everywhere = False
        else:
            await self._mailbox.look()
            self._looked_everywhere = not self._mailbox.refused
        self._look_at = ""

    async def _next_items(self) -> list[Item]:
        while True:
            if self._mailbox.items:
                return self._mailbox.next_changes()
            if not await self._prepare():
                break
        messages = await self._reader.next_messages()
        # A folder found renumbered on the way is told of before its new messages.
        return [*self._mailbox.next_changes(), *messages] if self._mailbox.items else messages

    async def _prepare(self) -> bool:
        """Do one thing that comes before messages; False where there is none."""
        inbox = self.inbox
        state = self._mailbox.states.get(inbox.name) if inbox else None
        if inbox is not None and state is not None and not state.heads:
            await self._read_heads(inbox)
            return True
        for folder in self._mailbox.folders:
            if folder.name in self._mailbox.to_compare:
                thorough = self._mailbox.to_compare.pop(folder.name)
                await self._comparison.compare(folder, thorough=thorough)
                return True
        return False

    async def _read_heads(self, folder: MailFolder) -> None:
        """Hand over the newest headers ahead, so that the list is there at once (rule O3)."""
        selected = await self._mailbox.open(folder, resync=True)
        state = self._mailbox.states[folder.name]
        state.heads = True
        if selected is None or not selected.exists:
            return
        heads = meta_items(gmail=self._connection.is_gmail, header=True)
        newest = await self._connection.fetch_newest(HEADERS_AHEAD, selected.exists, heads)
        metas: deque[Meta] = deque()
        for items in reversed(newest):
            meta = read_meta(items)
            header = items.get(b"BODY[HEADER]")
            if meta.uid >= state.uidnext:
                continue
            metas.append(meta)
            if self._is_wanted(meta) and isinstance(header, bytes):
                self._mailbox.items.append(mail_of(folder, state, meta, raw=header, complete=False))
        if len(metas) == min(HEADERS_AHEAD, selected.exists) and self._needs_no_stock(state):
            self._reader.begin_with(folder, state, metas)

    def _is_wanted(self, meta: Meta) -> bool:
        return self._mailbox.since is None or meta.received_at >= self._mailbox.since

    def _needs_no_stock(self, state: FolderState) -> bool:
        return self._mailbox.since is None and state.modseq is not None
