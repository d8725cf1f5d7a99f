"""What a person does to messages of chats: change or take back their own, react to any.

Functions of a transaction. Each is an event, shown at once, told to the service as soon as there
is a network, and taken back with its reason where the service refuses.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_inbox.connectors.contract import Capability
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.states import Direction
from desktop_inbox.services.changing import Group
from desktop_inbox.store import arrivals, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.server_actions import own_reaction

EDITED = "message.edit"
WITHDRAWN = "message.withdraw"
REACTED = "message.react"


def edit(tx: Tx, message_id: int, text: str) -> str | None:
    """Let a message that was sent say something else; return the group to undo it by.

    Raises:
        UserError: "message-missing"; "cannot-change"; "message-empty"; "message-too-long".
    """
    row = _ours(tx, message_id, Capability.EDIT)
    if not text.strip():
        raise UserError("message-empty")
    limit = _limit(row)
    if limit is not None and len(text) > limit:
        raise UserError("message-too-long", limit=limit, length=len(text))
    return _record(tx, row, EDITED, FieldChange("message", row.uid, "text", row.text, text))


def withdraw(tx: Tx, message_id: int) -> str | None:
    """Take a message back that was sent; it stays here, marked. Not to be undone.

    Raises:
        UserError: "message-missing"; "cannot-change".
    """
    row = _ours(tx, message_id, Capability.WITHDRAW)
    before = row.withdrawn_at is not None
    return _record(tx, row, WITHDRAWN, FieldChange("message", row.uid, "withdrawn", before, True))


def react(tx: Tx, message_id: int, emojis: Sequence[str]) -> str | None:
    """Say what we think of a message, all of it; nothing takes it back.

    Raises:
        UserError: "message-missing"; "cannot-change".
    """
    row = _known(tx, message_id, Capability.REACT)
    after = list(dict.fromkeys(emojis)) or None
    return _record(
        tx, row, REACTED, FieldChange("message", row.uid, "reaction", own_reaction(row), after)
    )


def can(row: MessageRow, capability: Capability) -> bool:
    """Tell whether the channel of a message can do this to it."""
    info = info_of(row.channel)
    return info is not None and capability in info.capabilities and bool(row.external_id)


def _ours(tx: Tx, message_id: int, capability: Capability) -> MessageRow:
    row = _known(tx, message_id, capability)
    if row.direction is not Direction.OUT or row.withdrawn_at is not None:
        raise UserError("cannot-change", id=message_id)
    return row


def _known(tx: Tx, message_id: int, capability: Capability) -> MessageRow:
    row = messages.row(tx.conn, message_id)
    if row is None:
        raise UserError("message-missing", id=message_id)
    if not can(row, capability):
        raise UserError("cannot-change", id=message_id)
    return row


def _limit(row: MessageRow) -> int | None:
    info = info_of(row.channel)
    return info.limits.get("max_text") if info else None


def _record(tx: Tx, row: MessageRow, kind: str, change: FieldChange) -> str | None:
    uid = arrivals.uids(tx.conn, [row.conversation_id])[row.conversation_id]
    group = Group(tx)
    group.record(kind, [change], conversation=uid)
    return group.uid
