"""Finds out what became of messages that have been read: seen elsewhere, gone. Engine loop."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from desktop_inbox.connectors.contract import Gone, Inventory, Location, SeenElsewhere
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.answers import Selected
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.mailbox import CHANGES_AT_ONCE, Mailbox
from desktop_inbox.connectors.email.meta import read_meta
from desktop_inbox.connectors.email.wire import parse_set

log = logging.getLogger(__name__)


class Comparison:
    """Compares a folder with what we know of it; what differs goes to the mailbox's items."""

    def __init__(self, connection: ImapConnection, mailbox: Mailbox) -> None:
        self._connection = connection
        self._mailbox = mailbox

    async def take_stock(self, folder: MailFolder, state: FolderState) -> None:
        """Note what an open folder holds, so that the next comparison has something to go by."""
        if state.modseq is None and state.known_uids is None:
            await self._note_difference(folder, state, state)
            state.modseq = self._mailbox.modseqs.get(folder.name)  # of before the search

    async def compare(self, folder: MailFolder, *, thorough: bool) -> None:
        """Find out what changed in a folder; where that is dear, only if `thorough`.

        *Raises:* TransientError.
        """
        selected = await self._mailbox.open(folder, resync=True)
        state = self._mailbox.states[folder.name]
        if selected is None:
            return
        self._mailbox.to_compare.pop(folder.name, None)  # opening it may have asked for this
        after = FolderState(
            uidvalidity=state.uidvalidity,
            uidnext=state.uidnext,
            modseq=selected.modseq if self._connection.condstore else None,
            known_uids=state.known_uids,
            unseen_uids=state.unseen_uids,
        )
        if self._is_doubtful(folder, state, selected):
            await self._take_inventory(folder, state, after)
        elif state.modseq is None or after.modseq is None:
            if thorough:
                await self._note_difference(folder, state, after)
            else:
                after.modseq = state.modseq
        elif self._connection.qresync:
            self._note_resync(folder, state, selected)
        else:
            await self._note_changes(folder, state, after)
        if self._mailbox.items:
            self._mailbox.settled = (folder.name, after)
        else:
            state.modseq = after.modseq
            state.known_uids, state.unseen_uids = after.known_uids, after.unseen_uids

    def _is_doubtful(self, folder: MailFolder, state: FolderState, selected: Selected) -> bool:
        """Whether what the server says of changes cannot be right (RFC 7162)."""
        if folder.name in self._mailbox.doubtful:
            return True
        if state.modseq is None:
            return False
        # The counter is gone or went back, or it is not said which folder the changes belong to.
        went_back = selected.modseq is None or selected.modseq < state.modseq
        if went_back or not self._connection.qresync:
            return went_back
        return selected.ambiguous or _vanished(selected, below=state.uidnext) is None

    async def _take_inventory(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Have everything compared with what we know of: local facts stay, places are put right."""
        log.info("a folder is compared whole: the server contradicts itself")
        there = [uid for uid in await self._connection.search(b"ALL") if uid < state.uidnext]
        unseen = set(await self._connection.search(b"UNSEEN")).intersection(there)
        self._mailbox.doubtful.discard(folder.name)
        self._mailbox.items.append(
            Inventory(
                folder=folder.name,
                uidvalidity=state.uidvalidity,
                below=state.uidnext,
                uids=tuple(there),
                unseen=tuple(sorted(unseen)),
            )
        )
        if not self._connection.qresync or after.modseq is None:
            after.known_uids = cursors.pack_uids(there)
            after.unseen_uids = cursors.pack_uids(sorted(unseen))

    async def _note_changes(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Ask what changed since the last time, and what exists (CONDSTORE without QRESYNC)."""
        assert state.modseq is not None
        unseen = set(cursors.unpack_uids(state.unseen_uids or ""))
        for items in await self._connection.fetch_changed(state.modseq):
            if b"UID" not in items or b"FLAGS" not in items:
                continue
            meta = read_meta(items)
            if meta.seen is (meta.uid in unseen):
                self._note_seen(folder, state, meta.uid, seen=meta.seen)
            (unseen.discard if meta.seen else unseen.add)(meta.uid)
        known = set(await self._connection.search(*self._mailbox.criteria(folder, b"ALL")))
        before = set(cursors.unpack_uids(state.known_uids or ""))
        self._note_gone(folder, state, sorted(before - known))
        after.known_uids = cursors.pack_uids(sorted(known))
        after.unseen_uids = cursors.pack_uids(sorted(unseen & known))

    def _note_resync(self, folder: MailFolder, state: FolderState, selected: Selected) -> None:
        self._note_gone(folder, state, _vanished(selected, below=state.uidnext) or [])
        for items in selected.changed:
            if b"UID" not in items or b"FLAGS" not in items:
                continue
            meta = read_meta(items)
            self._note_seen(folder, state, meta.uid, seen=meta.seen)

    async def _note_difference(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Compare what exists and what is unread with the last time (without QRESYNC)."""
        known = set(await self._connection.search(*self._mailbox.criteria(folder, b"ALL")))
        unseen = set(await self._connection.search(b"UNSEEN")) & known
        if state.known_uids is not None and state.unseen_uids is not None:
            known_before = set(cursors.unpack_uids(state.known_uids))
            unseen_before = set(cursors.unpack_uids(state.unseen_uids))
            self._note_gone(folder, state, sorted(known_before - known))
            for uid in sorted((unseen_before - unseen) & known):
                self._note_seen(folder, state, uid, seen=True)
            for uid in sorted((unseen - unseen_before) & known_before):
                self._note_seen(folder, state, uid, seen=False)
        self._mailbox.compared.add(folder.name)
        after.known_uids = cursors.pack_uids(sorted(known))
        after.unseen_uids = cursors.pack_uids(sorted(unseen))

    def _note_gone(self, folder: MailFolder, state: FolderState, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), CHANGES_AT_ONCE):
            self._mailbox.items.append(
                Gone(
                    folder=folder.name,
                    uidvalidity=state.uidvalidity,
                    uids=tuple(uids[start : start + CHANGES_AT_ONCE]),
                )
            )

    def _note_seen(self, folder: MailFolder, state: FolderState, uid: int, *, seen: bool) -> None:
        if uid < state.uidnext and not state.is_pending(uid):
            location = Location(folder=folder.name, uidvalidity=state.uidvalidity, uid=uid)
            self._mailbox.items.append(SeenElsewhere(location=location, seen=seen))


def _vanished(selected: Selected, *, below: int) -> list[int] | None:
    """Return the UIDs that QRESYNC says are gone, None where it says nonsense."""
    gone: set[int] = set()
    try:
        for text in selected.vanished:
            gone.update(parse_set(text, below=below))
    except ValueError:
        return None
    return sorted(gone)
