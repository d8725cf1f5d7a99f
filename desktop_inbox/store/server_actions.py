"""What was done here and is still to be done on the server, and what became of it there.

Reads are functions of a connection, writes of a transaction. One row says what a message shall be
in the end: doing something else before the server heard of the first replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, or_, select, text, update

from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.schema import (
    chat,
    message,
    message_gone,
    message_location,
    server_action,
    thread,
)

MAX_AT_ONCE = 200
CHAT_KINDS = frozenset({"read", "edit", "withdraw", "react"})  # of messages of chats


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place a message lies at, and the folder it was moved from by somebody here."""

    folder: str
    uidvalidity: int
    uid: int
    moved_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAction:
    """Something to be done to one message on its server."""

    id: int
    message_id: int
    kind: str  # "seen", "answered", "flagged", "move", or one of CHAT_KINDS
    target: str
    event_uid: str
    attempts: int  # begun before; the last may have gone half-way
    external_id: str
    spots: tuple[Spot, ...]
    gone: bool  # a whole look at the mailbox did not find it
    chat: str = ""  # the service's name of the chat it is in


# Queueing


Because = Mapping[str, str]
"""The event that each of several messages or conversations is changed by, all by their uids."""


def queue_seen(tx: Tx, because: Because, *, seen: bool, modes: Sequence[str]) -> None:
    """Have incoming messages marked on their servers, where the account writes it back (O2).

    `modes` are the values of the account's option "mark_read" with which it does.
    """
    _queue(
        tx,
        _QUEUE_SEEN,
        because=json.dumps(because),
        target="on" if seen else "off",
        modes=bulk.packed(modes),
    )


def queue_answered(tx: Tx, reply_id: int) -> None:
    """Have the message that a reply answers marked as answered on its server.

    Nobody takes that back where a server refuses: the reply has left.
    """
    _queue(tx, _QUEUE_ANSWERED, reply=reply_id)


def queue_flagged(tx: Tx, conversation_uid: str, *, flagged: bool, event_uid: str) -> None:
    """Have a star shown on the servers: on the newest message; or taken off all of them.

    What another program flagged may be one of our own; it loses its flag too.
    """
    _queue(
        tx,
        _QUEUE_FLAGGED,
        uid=conversation_uid,
        flagged=flagged,
        target="on" if flagged else "off",
        event=event_uid,
    )


def queue_seen_of_conversations(tx: Tx, because: Because, *, modes: Sequence[str]) -> None:
    """Have what was read of conversations marked as read on the servers (O2, on closing)."""
    read = tx.conn.execute(_SEEN_IN_CONVERSATIONS, {"because": json.dumps(because)}).all()
    if read:
        queue_seen(tx, dict(read), seen=True, modes=modes)


def queue_move(tx: Tx, because: Because, *, target: str, modes: Sequence[str] = ()) -> None:
    """Have the messages of conversations moved on their servers to a folder for `target`.

    With `modes`, only in accounts whose option "on_close" is one of them.
    """
    _queue(
        tx,
        _QUEUE_HOME if target == "home" else _QUEUE_MOVE,
        because=json.dumps(because),
        target=target,
        modes=bulk.packed(modes) if modes else None,
        ours_too=target == "trash",
    )


def queue_chat(tx: Tx, because: Because, *, kind: str, target: str) -> None:
    """Have a messaging service hear of messages of chats: one of `CHAT_KINDS`."""
    _queue(tx, _QUEUE_CHAT, because=json.dumps(because), kind=kind, target=target)


def follows_closing(conn: Connection) -> bool:
    """Tell whether closing a conversation, or opening it again, does anything on a server."""
    return conn.scalar(_FOLLOWS_CLOSING) is not None


def _queue(tx: Tx, statement: str, **values: object) -> None:
    accounts = tx.conn.scalars(text(statement), values).all()
    tx.touch(server_action=set(accounts))


# Only what lies on a server, or was about to reappear there, can be acted on.
_ON_SERVER = """
    (EXISTS (SELECT 1 FROM message_location l WHERE l.message_id = m.id)
     OR EXISTS (SELECT 1 FROM message_gone g WHERE g.message_id = m.id AND g.looks = 0))
"""
_IN_CONVERSATIONS = """
    json_each(:because) because
    CROSS JOIN conversation c ON c.uid = because.key
    CROSS JOIN message m ON m.conversation_id = c.id
"""
_INSERT = "INSERT OR REPLACE INTO server_action (account_id, message_id, kind, target, event_uid)"
_QUEUE_SEEN = f"""
    {_INSERT}
    SELECT m.account_id, m.id, 'seen', :target, because.value
    FROM json_each(:because) because CROSS JOIN message m ON m.uid = because.key
    JOIN account a ON a.id = m.account_id
    WHERE m.direction = 'in'
        AND coalesce(json_extract(a.settings, '$.mark_read'), 'open')
            IN (SELECT value FROM json_each(:modes))
        AND {_ON_SERVER}
    RETURNING account_id
"""  # noqa: S608 - put together from our own constants
_QUEUE_CHAT = f"""
    {_INSERT}
    SELECT m.account_id, m.id, :kind, :target, because.value
    FROM json_each(:because) because CROSS JOIN message m ON m.uid = because.key
    JOIN account a ON a.id = m.account_id
    JOIN thread t ON t.id = m.thread_id AND t.chat_id IS NOT NULL
    WHERE m.external_id IS NOT NULL AND NOT a.removed
        AND (:kind <> 'read' OR (m.direction = 'in'
            AND coalesce(json_extract(a.settings, '$.mark_read'), 'open') = 'open'))
    RETURNING account_id
"""  # noqa: S608
_QUEUE_ANSWERED = f"""
    {_INSERT}
    SELECT m.account_id, m.id, 'answered', 'on', ''
    FROM message reply
    JOIN message m ON m.account_id = reply.account_id AND m.external_id = reply.in_reply_to
    WHERE reply.id = :reply AND m.direction = 'in' AND {_ON_SERVER}
    RETURNING account_id
"""  # noqa: S608
_QUEUE_FLAGGED = f"""
    {_INSERT}
    SELECT m.account_id, m.id, 'flagged', :target, :event
    FROM message m
    WHERE m.conversation_id = (SELECT id FROM conversation WHERE uid = :uid)
        AND (m.direction = 'in' OR (m.flagged AND NOT :flagged)) AND {_ON_SERVER}
    ORDER BY m.id DESC LIMIT CASE WHEN :flagged THEN 1 ELSE -1 END
    RETURNING account_id
"""  # noqa: S608
_QUEUE_MOVE = f"""
    {_INSERT}
    SELECT m.account_id, m.id, 'move', :target, because.value
    FROM {_IN_CONVERSATIONS} JOIN account a ON a.id = m.account_id
    WHERE (m.direction = 'in' OR (:ours_too AND m.direction = 'out'))
        AND (:modes IS NULL OR coalesce(json_extract(a.settings, '$.on_close'), 'keep')
            IN (SELECT value FROM json_each(:modes)))
        AND {_ON_SERVER}
    RETURNING account_id
"""  # noqa: S608
_QUEUE_HOME = f"""
    {_INSERT}
    SELECT m.account_id, m.id, 'move', :target, because.value
    FROM {_IN_CONVERSATIONS} JOIN account a ON a.id = m.account_id
    WHERE (:modes IS NULL OR coalesce(json_extract(a.settings, '$.on_close'), 'keep')
            IN (SELECT value FROM json_each(:modes)))
        AND (EXISTS (SELECT 1 FROM message_location l
                     WHERE l.message_id = m.id AND l.moved_from IS NOT NULL)
             OR EXISTS (SELECT 1 FROM server_action s
                        WHERE s.message_id = m.id AND s.kind = 'move'))
    RETURNING account_id
"""  # noqa: S608
_FOLLOWS_CLOSING = text(
    """
    SELECT 1 FROM account WHERE json_extract(settings, '$.mark_read') = 'close'
        OR json_extract(settings, '$.on_close') = 'archive' LIMIT 1
    """
)
_SEEN_IN_CONVERSATIONS = text(
    f"""
    SELECT m.uid, because.value FROM {_IN_CONVERSATIONS} WHERE m.direction = 'in' AND m.seen
    """  # noqa: S608
)


# Doing

_PLACED = exists().where(message_location.c.message_id == server_action.c.message_id)


def waiting(conn: Connection, account_id: int, *, limit: int = MAX_AT_ONCE) -> list[ServerAction]:
    """Return the oldest actions of an account that are alike and can be done in one go.

    Those whose messages another program is just moving wait until it is known where to.
    """
    alike = _alike(_oldest(conn, account_id, limit=limit))
    spots = _spots(conn, account_id, [row.message_id for row in alike])
    return [_action(row, spots.get(row.message_id, ())) for row in alike]


def _oldest(conn: Connection, account_id: int, *, limit: int) -> Sequence[Row[Any]]:
    here = (
        server_action.c.account_id == account_id,
        or_(_PLACED, message_gone.c.looks > 0, server_action.c.kind.in_(CHAT_KINDS)),
    )
    source = server_action.outerjoin(
        message_gone, message_gone.c.message_id == server_action.c.message_id
    )
    return conn.execute(
        select(
            server_action,
            func.coalesce(message.c.external_id, "").label("external_id"),
            func.coalesce(message_gone.c.looks, 0).label("looks"),
            func.coalesce(chat.c.external_id, "").label("chat"),
        )
        .select_from(
            source.join(message, message.c.id == server_action.c.message_id)
            .outerjoin(thread, thread.c.id == message.c.thread_id)
            .outerjoin(chat, chat.c.id == thread.c.chat_id)
        )
        .where(*here)
        .order_by(server_action.c.id)
        .limit(limit)
    ).all()


def _alike(found: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return those at the beginning that do the same as the first."""
    if not found:
        return []
    deed = (found[0].kind, found[0].target)
    return list(takewhile(lambda row: (row.kind, row.target) == deed, found))


def _action(row: Row[Any], spots: Sequence[Spot]) -> ServerAction:
    return ServerAction(
        id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        target=row.target,
        event_uid=row.event_uid,
        attempts=row.attempts,
        external_id=row.external_id,
        spots=tuple(spots),
        gone=row.looks > 0,
        chat=row.chat,
    )


def _spots(conn: Connection, account_id: int, wanted: Sequence[int]) -> dict[int, list[Spot]]:
    found: dict[int, list[Spot]] = {}
    lying = conn.execute(
        select(
            *message_location.c["message_id", "folder", "uidvalidity", "uid", "moved_from"]
        ).where(
            message_location.c.account_id == account_id,
            message_location.c.message_id.in_(bulk.values(wanted)),
        )
    )
    for row in lying:
        spot = Spot(
            folder=row.folder, uidvalidity=row.uidvalidity, uid=row.uid, moved_from=row.moved_from
        )
        found.setdefault(row.message_id, []).append(spot)
    return found


def begin(tx: Tx, action_ids: Iterable[int]) -> None:
    """Note that actions are tried now: whatever is found later may be half done."""
    tx.conn.execute(
        update(server_action)
        .where(server_action.c.id.in_(bulk.values(action_ids)))
        .values(attempts=server_action.c.attempts + 1)
    )


def done(tx: Tx, action_ids: Iterable[int]) -> None:
    """Forget actions: they were done, or there is nothing left to do them to."""
    tx.conn.execute(delete(server_action).where(server_action.c.id.in_(bulk.values(action_ids))))


def moved(tx: Tx, account_id: int, new: Mapping[tuple[int, Place], Place]) -> None:
    """Note where messages lie that were moved, by (message, former place)."""
    for (message_id, old), place in new.items():
        before = tx.conn.scalar(_TAKE_PLACE, _as_values(old))
        came_from = before or old.folder
        tx.conn.execute(
            _PUT_PLACE,
            {
                **_as_values(place),
                "message": message_id,
                "moved_from": None if came_from == place.folder else came_from,
            },
        )


def _as_values(place: Place) -> dict[str, object]:
    return {
        "account": place.account_id,
        "folder": place.folder,
        "uidvalidity": place.uidvalidity,
        "uid": place.uid,
    }


_TAKE_PLACE = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account AND folder = :folder AND uidvalidity = :uidvalidity AND uid = :uid
    RETURNING moved_from
    """
)
_PUT_PLACE = text(
    """
    INSERT OR REPLACE INTO message_location
        (account_id, folder, uidvalidity, uid, message_id, moved_from)
    VALUES (:account, :folder, :uidvalidity, :uid, :message, :moved_from)
    """
)


def pending_seen(conn: Connection, message_ids: Iterable[int]) -> set[int]:
    """Return those messages whose mark the server has not heard of yet."""
    return set(
        conn.scalars(
            select(server_action.c.message_id).where(
                server_action.c.kind == "seen",
                server_action.c.message_id.in_(bulk.values(message_ids)),
            )
        )
    )


def count(conn: Connection, account_id: int) -> int:
    """Return how many actions wait for the server of an account."""
    query = select(func.count()).select_from(server_action)
    return conn.scalar(query.where(server_action.c.account_id == account_id)) or 0
