"""Finds out what became of messages that have been read: marked elsewhere, gone. Engine loop."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import astuple
from typing import NamedTuple

from desktop_inbox.connectors.contract import Gone, Inventory, Location, MarkedElsewhere
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.answers import Selected
from desktop_inbox.connectors.email.cursor import FolderState, Stock
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.mailbox import CHANGES_AT_ONCE, Mailbox
from desktop_inbox.connectors.email.meta import Meta, read_meta
from desktop_inbox.connectors.email.wire import parse_set

log = logging.getLogger(__name__)


class _Marked(NamedTuple):
    """How a message is marked, on a server that was asked for each mark by itself."""

    uid: int
    seen: bool
    flagged: bool
    deleted: bool


class Comparison:
    """Compares a folder with what we know of it; what differs goes to the mailbox's items."""

    def __init__(self, connection: ImapConnection, mailbox: Mailbox) -> None:
        self._connection = connection
        self._mailbox = mailbox

    async def take_stock(self, folder: MailFolder, state: FolderState) -> None:
        """Note what an open folder holds, so that the next comparison has something to go by."""
        if state.modseq is None and state.stock is None:
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
            stock=state.stock,
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
            state.modseq, state.stock = after.modseq, after.stock

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
        unseen, flagged, deleted = await self._marked(there)
        self._mailbox.doubtful.discard(folder.name)
        self._mailbox.items.append(
            Inventory(
                folder=folder.name,
                uidvalidity=state.uidvalidity,
                below=state.uidnext,
                uids=tuple(there),
                unseen=tuple(sorted(unseen)),
                flagged=tuple(sorted(flagged)),
            )
        )
        if not self._connection.qresync or after.modseq is None:
            after.stock = cursors.take_stock(there, unseen=unseen, flagged=flagged, deleted=deleted)

    async def _marked(self, known: Collection[int]) -> tuple[set[int], set[int], set[int]]:
        """Return which of these are unread, flagged, and marked as deleted."""
        unseen = set(await self._connection.search(b"UNSEEN"))
        flagged = set(await self._connection.search(b"FLAGGED"))
        deleted = set(await self._connection.search(b"DELETED"))
        return unseen.intersection(known), flagged.intersection(known), deleted.intersection(known)

    async def _note_changes(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Ask what changed since the last time, and what exists (CONDSTORE without QRESYNC)."""
        assert state.modseq is not None
        before, unseen, flagged, deleted = _unpacked(state.stock or Stock())
        for items in await self._connection.fetch_changed(state.modseq):
            if b"UID" not in items or b"FLAGS" not in items:
                continue
            meta = read_meta(items)
            was = (meta.uid not in unseen, meta.uid in flagged, meta.uid in deleted)
            if was != (meta.seen, meta.flagged, meta.deleted):
                self._note_marks(folder, state, meta)
            (unseen.discard if meta.seen else unseen.add)(meta.uid)
            (flagged.add if meta.flagged else flagged.discard)(meta.uid)
            (deleted.add if meta.deleted else deleted.discard)(meta.uid)
        known = set(await self._connection.search(*self._mailbox.criteria(folder, b"ALL")))
        self._note_gone(folder, state, sorted(before - known))
        after.stock = cursors.take_stock(
            known, unseen=unseen & known, flagged=flagged & known, deleted=deleted & known
        )

    def _note_resync(self, folder: MailFolder, state: FolderState, selected: Selected) -> None:
        self._note_gone(folder, state, _vanished(selected, below=state.uidnext) or [])
        for items in selected.changed:
            if b"UID" not in items or b"FLAGS" not in items:
                continue
            self._note_marks(folder, state, read_meta(items))

    async def _note_difference(
        self, folder: MailFolder, state: FolderState, after: FolderState
    ) -> None:
        """Compare what there is and how it is marked with the last time (without QRESYNC)."""
        known = set(await self._connection.search(*self._mailbox.criteria(folder, b"ALL")))
        unseen, flagged, deleted = await self._marked(known)
        if state.stock is not None:
            before, unseen_before, flagged_before, deleted_before = _unpacked(state.stock)
            self._note_gone(folder, state, sorted(before - known))
            changed = unseen ^ unseen_before | flagged ^ flagged_before | deleted ^ deleted_before
            for uid in sorted(changed & known & before):
                now = _Marked(uid, uid not in unseen, uid in flagged, uid in deleted)
                self._note_marks(folder, state, now)
        self._mailbox.compared.add(folder.name)
        after.stock = cursors.take_stock(known, unseen=unseen, flagged=flagged, deleted=deleted)

    def _note_gone(self, folder: MailFolder, state: FolderState, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), CHANGES_AT_ONCE):
            self._mailbox.items.append(
                Gone(
                    folder=folder.name,
                    uidvalidity=state.uidvalidity,
                    uids=tuple(uids[start : start + CHANGES_AT_ONCE]),
                )
            )

    def _note_marks(self, folder: MailFolder, state: FolderState, now: Meta | _Marked) -> None:
        if now.uid < state.uidnext and not state.is_pending(now.uid):
            location = Location(folder=folder.name, uidvalidity=state.uidvalidity, uid=now.uid)
            self._mailbox.items.append(
                MarkedElsewhere(
                    location=location, seen=now.seen, flagged=now.flagged, deleted=now.deleted
                )
            )


def _unpacked(stock: Stock) -> tuple[set[int], set[int], set[int], set[int]]:
    known, unseen, flagged, deleted = (set(cursors.unpack_uids(one)) for one in astuple(stock))
    return known, unseen, flagged, deleted


def _vanished(selected: Selected, *, below: int) -> list[int] | None:
    """Return the UIDs that QRESYNC says are gone, None where it says nonsense."""
    gone: set[int] = set()
    try:
        for text in selected.vanished:
            gone.update(parse_set(text, below=below))
    except ValueError:
        return None
    return sorted(gone)
