"""What a person does to conversations is queued for their servers, and taken back if refused.

Runs on the store's writer thread, in the transaction of the event that says what was done. Closing
moves nothing unless the account says so; the account also says what marks a message as read (O2).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import Event, FieldChange, effective, inverse
from desktop_inbox.store import conversations, events, messages, server_actions
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.server_actions import ServerAction

REFUSED = "server.refused"  # the kind of event that takes back what a server would not do

_MARKS_AT_ONCE = ("open",)
_MARKS_ON_CLOSING = ("close",)
_MARKS_UNREAD = ("open", "close")
_ARCHIVES = ("archive",)

# Where messages go on their servers when a conversation gets a status; the rest stay.
_TARGETS = {Status.SPAM: "junk", Status.TRASH: "trash", Status.CLOSED: "archive"}
# Between these nothing moves on a server unless its account says so.
_QUIET = {Status.OPEN, Status.CLOSED, Status.SNOOZED}


# What was changed here where the server does not follow.
_FIELDS = {
    "seen": "seen", "flagged": "starred", "move": "status", "answered": "", "read": "",
    "edit": "text", "withdraw": "withdrawn", "react": "reaction",
}  # fmt: skip


def queue(tx: Tx, done: Event) -> None:
    """Queue what an event means for the servers its messages lie on."""
    queue_each(tx, [done])


def queue_each(tx: Tx, done: Sequence[Event]) -> None:
    """Queue what each of these events means for the servers; a whole set at a time where it can."""
    seen: defaultdict[bool, dict[str, str]] = defaultdict(dict)
    statuses: defaultdict[tuple[Status, Status], dict[str, str]] = defaultdict(dict)
    for one in done:
        for change in one.changes:
            if (change.entity, change.field) == ("message", "seen"):
                seen[bool(change.after)][change.uid] = one.uid
            elif (change.entity, change.field) == ("conversation", "status"):
                step = _status(change.before), _status(change.after)
                statuses[step][change.uid] = one.uid
            else:
                _queue_change(tx, change, one)
    for value, because in seen.items():
        modes = _MARKS_AT_ONCE if value else _MARKS_UNREAD
        server_actions.queue_seen(tx, because, seen=value, modes=modes)
        if value:
            server_actions.queue_chat(tx, because, kind="read", target="on")
    for (before, after), because in statuses.items():
        _queue_status(tx, before, after, because)


def _queue_change(tx: Tx, change: FieldChange, done: Event) -> None:
    because = {change.uid: done.uid}
    match change.entity, change.field:
        case "message", "text":
            text = str(change.after or "")
            server_actions.queue_chat(tx, because, kind="edit", target=text)
        case "message", "withdrawn" if change.after:
            server_actions.queue_chat(tx, because, kind="withdraw", target="on")
        case "message", "reaction":
            emojis = json.dumps(change.after or [])
            server_actions.queue_chat(tx, because, kind="react", target=emojis)
        case "conversation", "starred":
            server_actions.queue_flagged(
                tx, change.uid, flagged=bool(change.after), event_uid=done.uid
            )


def _queue_status(tx: Tx, before: Status, after: Status, because: server_actions.Because) -> None:
    if {before, after} <= _QUIET and not server_actions.follows_closing(tx.conn):
        return
    target, source = _TARGETS.get(after), _TARGETS.get(before)
    if target is None:
        if source is not None:
            modes = _ARCHIVES if before is Status.CLOSED else ()
            server_actions.queue_move(tx, because, target="home", modes=modes)
        return
    server_actions.queue_seen_of_conversations(tx, because, modes=_MARKS_ON_CLOSING)
    if after is Status.CLOSED and before in (Status.SPAM, Status.TRASH):
        server_actions.queue_move(tx, because, target="home")
    modes = _ARCHIVES if after is Status.CLOSED else ()
    server_actions.queue_move(tx, because, target=target, modes=modes)


def _status(value: object) -> Status:
    return Status(str(value)) if value in set(Status) else Status.OPEN


def take_back(tx: Tx, action: ServerAction, *, code: str, detail: str) -> None:
    """Undo what a server refused to follow, with an event that says why.

    What somebody has changed again since stays as it is.
    """
    server_actions.done(tx, [action.id])
    done = events.one(tx.conn, action.event_uid)
    row = messages.row(tx.conn, action.message_id)
    if done is None or row is None:
        return
    owner = conversations.rows(tx.conn, [row.conversation_id]).get(row.conversation_id)
    if owner is None:
        return
    state = {
        ("message", row.uid, "seen"): row.seen,
        ("conversation", owner.uid, "status"): owner.status.value,
        ("conversation", owner.uid, "starred"): owner.starred or None,
        ("message", row.uid, "text"): row.text,
        ("message", row.uid, "withdrawn"): row.withdrawn_at is not None,
        ("message", row.uid, "reaction"): own_reaction(row),
    }
    wanted = _FIELDS[action.kind]
    back = [change for change in done.changes if change.field == wanted and _stands(change, state)]
    why = {"action": action.kind, "target": action.target, "code": code, "detail": detail}
    undone = events.record(
        tx,
        REFUSED,
        [
            *effective(inverse(back)),
            FieldChange("message", row.uid, "refusal", None, why),
        ],
        conversation=owner.uid,
        undo_of=done.uid if back else None,
        actor="system",
    )
    if action.kind == "move":
        queue(tx, undone)  # what went before it comes back as well


def own_reaction(row: MessageRow) -> list[str] | None:
    """Return what we think of a message, None for nothing, as events name it."""
    found = [emoji for one in row.reactions if one.ours for emoji in one.emojis]
    return found or None


def _stands(change: FieldChange, state: Mapping[tuple[str, str, str], object]) -> bool:
    key = (change.entity, change.uid, change.field)
    return key in state and state[key] == change.after
