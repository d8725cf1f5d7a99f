"""The star of a conversation and the flags of its messages on their servers are one thing (O2).

A flag on any message is a star here; without any there is none. Runs on the store's writer thread.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import event_batches, flags
from desktop_inbox.store.database import Tx

STARRED = "server.star"  # the kinds of event that follow what another mail program did
UNSTARRED = "server.unstar"


def follow(tx: Tx, flagged: Mapping[int, bool]) -> None:
    """Take over which messages are flagged: give stars, and take them off."""
    touched = flags.note(tx, flagged)
    if not touched:
        return
    wrong = flags.wrong_stars(tx.conn, touched)
    for kind, on in ((STARRED, True), (UNSTARRED, False)):
        deeds = {
            uid: [FieldChange("conversation", uid, "starred", None if on else True, on or None)]
            for uid, wanted in wrong.items()
            if wanted is on
        }
        event_batches.record_each(tx, kind, deeds, group_uid=new_uid(tx.now), actor="system")
