"""What the history of a conversation says of others it has to do with (rules C2, C3, C5).

Runs on the store's writer thread, as part of `sync.ingest`'s one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import arrivals, events
from desktop_inbox.store.database import Tx

# Warnings of a message, worded by whoever shows it.
NEW_TOPIC = "new-topic"  # its subject is not that of the message it answers (rule C3)
NEW_PARTICIPANT = "new-participant"  # its sender took no part before (rule C2, lenient)
LOOKS_LIKE_PARTICIPANT = "looks-like-participant"  # refused, and hard to tell from one who may
# What is found out when a mail is planned, and stays when its body comes.
FOUND = frozenset({NEW_TOPIC, NEW_PARTICIPANT, LOOKS_LIKE_PARTICIPANT})

BRANCHED = "conversation.branched"
BELONGS_WITH = "conversation.belongs_with"


@dataclass(slots=True)
class Links:
    """Conversations that have to do with each other, as (one, the other); keys as in a plan."""

    branches: list[tuple[int, int]] = field(default_factory=list)  # what branched, from what
    belong_together: list[tuple[int, int]] = field(default_factory=list)


def record_links(tx: Tx, links: Links, where: Callable[[int], int]) -> None:
    """Write the links into the history of both sides, once each.

    `where` returns the id under which a conversation of the plan is stored now.
    """
    branches = _distinct(links.branches, where)
    together = _distinct(links.belong_together, where)
    if not branches and not together:
        return
    uids = arrivals.uids(tx.conn, {key for pair in (*branches, *together) for key in pair})
    for branch, origin in branches:
        _record(tx, BRANCHED, uids[branch], "branched_from", uids[origin])
        _record(tx, BRANCHED, uids[origin], "branch", uids[branch])
    for one, other in together:
        _record(tx, BELONGS_WITH, uids[one], "belongs_with", uids[other])
        _record(tx, BELONGS_WITH, uids[other], "belongs_with", uids[one])


def _distinct(
    pairs: list[tuple[int, int]], where: Callable[[int], int]
) -> dict[tuple[int, int], None]:
    found = ((where(one), where(other)) for one, other in pairs)
    return {pair: None for pair in found if pair[0] != pair[1]}


def _record(tx: Tx, kind: str, uid: str, name: str, other: str) -> None:
    field_name = f"{name}:{other}"  # a set: one field a member
    if events.says(tx.conn, kind, conversation=uid, field=field_name):
        return
    events.record(
        tx,
        kind,
        [FieldChange("conversation", uid, field_name, None, True)],
        conversation=uid,
        group_uid=new_uid(tx.now),
        actor="system",
    )
