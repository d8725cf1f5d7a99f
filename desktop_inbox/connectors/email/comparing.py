"""Finds out what became of messages that have been read: seen elsewhere, gone. Engine loop."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_inbox.connectors.contract import Gone, Location, SeenElsewhere
from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.answers import Selected
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.failures import wire_errors
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.mailbox import CHANGES_AT_ONCE, Mailbox
from desktop_inbox.connectors.email.meta import read_meta
from desktop_inbox.connectors.email.protocol import ProtocolError
from desktop_inbox.connectors.email.wire import parse_set


class Comparison:
    """Compares a folder with what we know of it; what differs goes to the mailbox's items."""

    def __init__(self, connection: ImapConnection, mailbox: Mailbox) -> None:
        self._connection = connection
        self._mailbox = mailbox

    async def take_stock(self, folder: MailFolder, state: FolderState) -> None:
        """Note what an open folder holds, so that the next comparison has something to go by."""
        if state.modseq is None and state.known_uids is None:
            await self.note_difference(folder, state, state)

    async def compare(self, folder: MailFolder, *, thorough: bool) -> None:
        """Find out what changed in a folder; where that is dear, only if `thorough`.

        *Raises:* TransientError.
        """
        selected = await self._mailbox.open(folder, resync=True)
        state = self._mailbox.states[folder.name]
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
            await self.note_difference(folder, state, after)
        if self._mailbox.items:
            self._mailbox.settled = (folder.name, after)
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
            meta = read_meta(items)
            self._note_seen(folder, state, meta.uid, seen=meta.seen)

    async def note_difference(
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
