"""What was done in the whole workspace, an action a row, newest first. Any reader thread."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarResult, Text, bindparam, func, select, text

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store import bulk, conversations
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.rows import EventRow
from desktop_inbox.store.schema import event

# What happens while one reads, or is found out about links: nobody looks for it.
_UNTOLD = ("conversation.read", "conversation.branched", "conversation.belongs_with")
_FIRST = 4  # events of one action that its words are taken from
_MOST_FOUND = 2000  # conversations that words may stand for


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityQuery:
    """Which actions are wanted."""

    families: tuple[str, ...] = ()  # beginnings of kinds, such as "conversation."; () for all
    text: str = ""  # as a search finds conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One action: the first of its events, and where it was done."""

    id: int  # of the first event
    group_uid: str
    at: datetime
    events: tuple[EventRow, ...]
    conversations: int  # how many it changed
    conversation_id: int | None
    subject: str
    customer_name: str  # of the conversation, or who was changed
    undone: bool
    takes_back: bool  # it is itself an undo


def ids(conn: Connection, query: ActivityQuery, limit: int | None) -> array[int]:
    """Return the key of each action, newest first."""
    conditions = [event.c.kind.not_in(_UNTOLD)]
    if query.families:
        kinds = [kind for kind in _kinds(conn) if kind.startswith(query.families)]
        conditions.append(event.c.kind.in_(kinds))
    if query.text.strip():
        conditions.append(event.c.conversation.in_(bulk.values(_named(conn, query.text))))
    first = select(func.min(event.c.id)).where(*conditions).group_by(event.c.group_uid)
    newest_first = first.order_by(func.max(event.c.hlc).desc())
    if limit is not None:
        # The latest groups are found from the end of the log, without going through all of it.
        latest = select(event.c.group_uid).where(*conditions).order_by(event.c.hlc.desc())
        groups = bulk.values(_distinct(conn.scalars(latest), limit))
        newest_first = newest_first.where(event.c.group_uid.in_(groups))
    return array("q", conn.scalars(newest_first))


def _distinct(found: ScalarResult[str], limit: int) -> list[str]:
    """Return the first different ones, and read no further."""
    groups: dict[str, None] = {}
    for group in found.yield_per(limit):
        groups[group] = None
        if len(groups) == limit:
            break
    found.close()
    return list(groups)


def _kinds(conn: Connection) -> list[str]:
    """Return every kind there is, hopping along the index."""
    return [kind for (kind,) in conn.execute(_KINDS) if kind is not None]


_KINDS = text(
    """
    WITH RECURSIVE kinds (kind) AS (
        SELECT min(kind) FROM event UNION
        SELECT (SELECT min(e.kind) FROM event e WHERE e.kind > kinds.kind) FROM kinds
        WHERE kinds.kind IS NOT NULL
    )
    SELECT kind FROM kinds
    """
)


def _named(conn: Connection, words: str) -> list[str]:
    found: list[str] = []
    for view in ("all", "spam", "trash"):
        keys = conversations.ids(conn, ListQuery(view=view, text=words), limit=_MOST_FOUND)
        found += [row.uid for row in conversations.rows(conn, keys).values()]
    return found


def rows(conn: Connection, wanted: Sequence[int]) -> dict[int, ActivityRow]:
    """Return actions by their key."""
    parts: defaultdict[int, list[Any]] = defaultdict(list)
    for part in conn.execute(_PARTS, {"ids": bulk.packed(wanted)}).mappings():
        parts[part["leader"]].append(part)
    taken_back = _taken_back(conn, [found[0]["uid"] for found in parts.values()])
    people = _people(conn, parts.values())
    return {key: _row(key, found, taken_back, people) for key, found in parts.items()}


_PARTS = text(
    f"""
    WITH leader AS (
        SELECT id, group_uid FROM event WHERE id IN (SELECT value FROM json_each(:ids))
    ), part AS (
        SELECT leader.id AS leader, e.*,
            row_number() OVER (PARTITION BY e.group_uid ORDER BY e.hlc) AS place,
            count(e.conversation) OVER (PARTITION BY e.group_uid) AS touched
        FROM leader CROSS JOIN event e ON e.group_uid = leader.group_uid
    )
    SELECT part.*, a.name AS agent_name, c.id AS conversation_id, c.subject AS subject,
        coalesce(nullif(p.name, ''), (SELECT label FROM identity
            WHERE customer_id = p.id ORDER BY identity.id LIMIT 1), '') AS customer_name
    FROM part
    LEFT JOIN agent a ON part.actor = 'agent:' || a.uid
    LEFT JOIN conversation c ON c.uid = part.conversation
    LEFT JOIN customer p ON p.id = c.customer_id
    WHERE place <= {_FIRST} ORDER BY leader, place
    """  # noqa: S608 - only a number of this module
)


def _row(
    key: int, found: Sequence[Any], taken_back: set[str], people: dict[str, str]
) -> ActivityRow:
    first = found[0]
    events = tuple(
        EventRow(
            uid=one["uid"],
            at=from_milliseconds(one["at"]),
            actor_name=one["agent_name"] or "",
            kind=one["kind"],
            changes=_changes(one),
            undone=False,
            by_program=not one["actor"].startswith("agent:"),
        )
        for one in found
    )
    named = next((one for one in found if one["conversation_id"] is not None), first)
    return ActivityRow(
        id=key,
        group_uid=first["group_uid"],
        at=from_milliseconds(first["at"]),
        events=events,
        conversations=first["touched"],
        conversation_id=named["conversation_id"],
        subject=named["subject"] or "",
        customer_name=named["customer_name"] or people.get(_person(events[0]), ""),
        undone=first["uid"] in taken_back,
        takes_back=first["undo_of"] is not None,
    )


def _changes(part: Any) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(*change) for change in json.loads(part["changes"]))


def _person(one: EventRow) -> str:
    return next((uid for entity, uid, *_rest in one.changes if entity == "customer"), "")


def _people(conn: Connection, parts: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return the names of customers that events changed, by uid."""
    wanted = {
        change.uid
        for found in parts
        for change in _changes(found[0])
        if change.entity == "customer"
    }
    if not wanted:
        return {}
    return dict(conn.execute(_NAMES, {"uids": bulk.packed(sorted(wanted))}).all())


_NAMES = text(
    """
    SELECT uid, coalesce(nullif(name, ''), (SELECT label FROM identity
        WHERE customer_id = customer.id ORDER BY identity.id LIMIT 1), '')
    FROM customer WHERE uid IN (SELECT value FROM json_each(:uids))
    """
)


def _taken_back(conn: Connection, uids: Sequence[str]) -> set[str]:
    """Return which of these events an undo that stands has taken back."""
    undoers: defaultdict[str, list[str]] = defaultdict(list)
    asked: list[str] = list(uids)
    while asked:
        found = conn.execute(_UNDOERS, {"uids": bulk.packed(asked)}).all()
        for uid, undone in found:
            undoers[undone].append(uid)
        asked = [uid for uid, _undone in found]

    def stands(uid: str) -> bool:
        return not any(stands(undoer) for undoer in undoers[uid])

    return {uid for uid in uids if not stands(uid)}


_UNDOERS = text(
    """
    SELECT uid, undo_of FROM event
    WHERE undo_of IN (SELECT value FROM json_each(:uids)) AND kind <> 'server.refused'
    """
).bindparams(bindparam("uids", type_=Text))
