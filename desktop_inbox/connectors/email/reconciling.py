"""Compares all that a mailbox holds with what lies here, so that nothing stays missing (rule O8).

What is missing is fetched again by the usual reading; what is gone is told. Engine loop.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from desktop_inbox.connectors.contract import Gone
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.mailbox import Mailbox

Places = Mapping[tuple[str, int], Sequence[int]]  # UIDs by (folder, uidvalidity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a folder holds and what of it lies here."""

    on_server: int
    missing: tuple[int, ...]  # there and not here, and nobody threw it away
    gone: tuple[int, ...]  # here and not there


async def compare_open_folder(
    connection: ImapConnection, mailbox: Mailbox, folder: MailFolder, known: Collection[int]
) -> Difference:
    """Compare the folder that is open with the UIDs we know. *Raises:* TransientError.

    What is marked as deleted and unknown here lacks nowhere: where a server has no UIDPLUS, it
    may be what our own moves left behind (see `writing.take_away`).
    """
    there = set(await connection.search(b"ALL"))
    wanted = set(await connection.search(*mailbox.criteria(folder, b"UNDELETED")))
    return Difference(
        on_server=len(there),
        missing=tuple(sorted(wanted.difference(known))),
        gone=tuple(sorted(set(known) - there)),
    )


async def reconcile(connection: ImapConnection, mailbox: Mailbox, places: Places) -> int:
    """Have what is missing fetched and note what is gone; return how much was missing.

    *Raises:* TransientError.
    """
    missing = 0
    for folder in list(mailbox.folders):
        if folder.name not in mailbox.states:
            continue
        await mailbox.open(folder)
        state = mailbox.states.get(folder.name)
        if state is None or connection.selected != folder.wire_name:
            continue  # it would not be opened
        known = places.get((folder.name, state.uidvalidity), ())
        found = await compare_open_folder(connection, mailbox, folder, known)
        lost = [uid for uid in found.missing if uid < state.uidnext and not state.is_pending(uid)]
        state.reopen(lost)
        missing += len(lost)
        if found.gone:
            mailbox.items.append(
                Gone(folder=folder.name, uidvalidity=state.uidvalidity, uids=found.gone)
            )
    return missing
