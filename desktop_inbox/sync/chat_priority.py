"""How urgent a channel says something is becomes the conversation's priority, as devices tell it.

Runs on the store's writer thread, as part of the one transaction of ingest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.states import Priority
from desktop_inbox.store import conversations, event_history, events
from desktop_inbox.store.chat_messages import KnownMessage
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.spoken import Spoken

_ORDER = tuple(Priority)  # the least urgent first
_KIND = "conversation.priority"
_ACTOR = "system"


def follow(tx: Tx, new: Mapping[str, Spoken], arrived: Iterable[KnownMessage]) -> None:
    """Let conversations be as urgent as the most urgent of what has just arrived in them.

    What is told later never makes one less urgent, and what a person chose stays.
    """
    told: dict[int, Priority] = {}
    for message in arrived:
        spoken = new[message.external_id]
        priority = _priority(spoken)
        if priority is not None:
            known = told.get(message.conversation_id, priority)
            told[message.conversation_id] = max(known, priority, key=_ORDER.index)
    if told:
        _set(tx, told)


def _set(tx: Tx, told: Mapping[int, Priority]) -> None:
    rows = conversations.rows(tx.conn, told)
    writers = event_history.last_writers(
        tx.conn, "conversation", [row.uid for row in rows.values()], "priority"
    )
    for key, row in rows.items():
        writer, now = writers.get(row.uid), told[key]
        if writer not in (None, _ACTOR):
            continue
        if writer is None or _ORDER.index(now) > _ORDER.index(row.priority):
            change = FieldChange("conversation", row.uid, "priority", row.priority.value, now.value)
            events.record(tx, _KIND, [change], conversation=row.uid, actor=_ACTOR)


def _priority(spoken: Spoken) -> Priority | None:
    item = spoken.item
    if spoken.old or not isinstance(item, Incoming) or item.priority not in set(Priority):
        return None
    return Priority(item.priority)
