"""Each conversation's clocks: the one to look at first, and when they are to be spoken of.

Clocks are never stored: they are computed from the two logs, for the conversations a transaction
touched, and only what the list sorts and shows by is kept beside them. What is promised lies in
`policies`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select, text, update

from desktop_inbox.domain.policies import Policy, Subject, choose
from desktop_inbox.domain.service_levels import (
    Choose,
    Clock,
    ClockState,
    Moved,
    Said,
    Who,
    evaluate,
    next_due,
)
from desktop_inbox.domain.states import Status
from desktop_inbox.store import policies
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds, utc_now
from desktop_inbox.store.policies import Book
from desktop_inbox.store.schema import account, sla_policy, workspace

if TYPE_CHECKING:
    from desktop_inbox.store.database import Tx

RENEWED_AT_ONCE = 25  # conversations a transaction: what people do meanwhile waits for no more
_BEGINNING = datetime.min.replace(tzinfo=UTC)


# Clocks


def clocks(conn: Connection, conversation_id: int, *, now: datetime) -> list[Clock]:
    """Return every clock of a conversation in the order they started."""
    return all_clocks(conn, [conversation_id], now=now).get(conversation_id, [])


def all_clocks(conn: Connection, wanted: Sequence[int], *, now: datetime) -> dict[int, list[Clock]]:
    """Return the clocks of conversations by id; those with none are left out."""
    return _evaluated(conn, wanted, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What is promised in one conversation, and what else could be."""

    clocks: Sequence[Clock] = ()
    pinned: str | None = None  # a policy's uid or NO_POLICY, by hand; None: by the conditions
    choices: Sequence[tuple[str, str]] = ()  # uid and name of every policy in force


def promised(conn: Connection, conversation_id: int, *, now: datetime) -> Promised:
    """Return what is promised in a conversation."""
    return Promised(
        clocks=clocks(conn, conversation_id, now=now),
        pinned=policies.pinned(conn, conversation_id),
        choices=[(one.uid, one.name) for one in policies.book(conn).at(None)],
    )


def refresh(tx: Tx, wanted: Iterable[int]) -> None:
    """Compute again which clock of these conversations is to be looked at first.

    Those of which nothing was heard since their account was set up are passed over in one look, so
    that a first sync does not wait for it (rule B2).
    """
    quiet = _quiet_before(tx.conn)
    touched = {
        "ids": json.dumps(list(wanted)),
        "since": min(map(to_milliseconds, quiet.values()), default=0),
    }
    known = {key: _Shown(*shown) for key, *shown in tx.conn.execute(_CANDIDATES, touched)}
    if not known:
        return
    found = _evaluated(tx.conn, list(known), now=tx.now)
    _keep_moments(tx, list(known), found)
    shown = {key: _shown(found.get(key, ())) for key in known}
    changed = [{"id": key, **now._asdict()} for key, now in shown.items() if now != known[key]]
    if changed:
        tx.conn.execute(_SHOW, changed)
        tx.touch(conversation=[one["id"] for one in changed])


def refresh_of_customers(tx: Tx, customers: Iterable[int]) -> None:
    """Compute the clocks of these customers' conversations anew: others may be promised to them."""
    packed = {"ids": json.dumps(list(customers))}
    keys = tx.conn.scalars(_OF_CUSTOMERS, packed).all()
    if keys:
        refresh(tx, keys)


def start_clocks(tx: Tx, account_id: int, *, since: datetime) -> None:
    """Let an account's mail start clocks from this time on; older mail is quiet (rule B2)."""
    tx.conn.execute(update(account).where(account.c.id == account_id).values(clocks_from=since))
    renew_later(tx)


# After what is promised has changed


def renew_later(tx: Tx) -> None:
    """Have every open clock computed anew, in the background (rule B8).

    How far that has come is kept in the workspace: it goes on after a restart, and begins again
    where something changes meanwhile.
    """
    last = text("(SELECT max(id) FROM conversation)")
    tx.conn.execute(update(workspace).values(clocks_up_to=last))
    tx.touch(service_level=tx.conn.scalars(select(sla_policy.c.id)).all())


def renew_some(tx: Tx, most: int = RENEWED_AT_ONCE) -> bool:
    """Compute some of them, the latest conversations first; False where none is left to do."""
    up_to = tx.conn.scalar(select(workspace.c.clocks_up_to))
    if up_to is None:
        return False
    keys = tx.conn.scalars(_GOING, {"up_to": up_to, "most": most}).all()
    if keys:
        refresh(tx, keys)
    below = min(keys) - 1 if len(keys) == most else None
    tx.conn.execute(update(workspace).values(clocks_up_to=below))
    return below is not None


def waits_for_renewal(conn: Connection) -> bool:
    """Tell whether clocks are still to be computed anew."""
    return conn.scalar(select(workspace.c.clocks_up_to)) is not None


# When to speak


def next_moment(conn: Connection, *, after: datetime) -> datetime | None:
    """Return when the next clock is due, or a warning of one."""
    found = conn.scalar(_NEXT, {"after": to_milliseconds(after)})
    return None if found is None else from_milliseconds(found)


def reached(conn: Connection, *, until: datetime, after: datetime = _BEGINNING) -> list[int]:
    """Return the conversations with a clock that came due, or was warned of, in this time.

    What to say of each, `domain.service_notices.notice_due` knows.
    """
    span = {"after": to_milliseconds(after), "until": to_milliseconds(until)}
    return list(conn.scalars(_REACHED, span))


def _keep_moments(tx: Tx, wanted: Sequence[int], found: Mapping[int, Sequence[Clock]]) -> None:
    tx.conn.execute(_FORGET_MOMENTS, {"ids": json.dumps(wanted)})
    moments = [
        {"id": key, "at": at}
        for key, clocks in found.items()
        for at in sorted({to_milliseconds(at) for one in clocks for at in _moments(one)})
    ]
    if moments:
        tx.conn.execute(_ADD_MOMENT, moments)


def _moments(one: Clock) -> list[datetime]:
    if not one.is_open or one.due_at is None:
        return []
    return [*(at for at, _threshold in one.warnings), one.due_at]


class _Shown(NamedTuple):
    """What the list sorts and shows by, as it is kept."""

    due: int | None
    warn: int | None
    clock: str | None
    state: str | None


def _shown(found: Sequence[Clock]) -> _Shown:
    first = next_due(found)
    if first is None:
        return _Shown(None, None, None, None)
    if first.state is ClockState.PAUSED or first.due_at is None:
        return _Shown(None, None, first.kind.value, "paused")
    warn = None if first.warn_at is None else to_milliseconds(first.warn_at)
    return _Shown(to_milliseconds(first.due_at), warn, first.kind.value, "running")


# What a conversation's clocks are computed from


def _evaluated(conn: Connection, wanted: Sequence[int], *, now: datetime) -> dict[int, list[Clock]]:
    known = policies.book(conn)
    if not known.editions:
        return {}
    ids = {"ids": json.dumps(list(wanted))}
    quiet, said = _quiet_before(conn), _said(conn, ids)
    done = _done(conn, ids)
    found = {}
    for row in conn.execute(_SUBJECTS, ids):
        if row.id in said:
            history = done.get(row.uid, [])
            found[row.id] = evaluate(
                said[row.id],
                _moves(history) or [Moved(_BEGINNING, Status(row.status))],
                policy=_in_force(known, _facts(row), history + done.get(row.customer, [])),
                now=now,
                quiet_before=quiet.get(row.account_id),
            )
    return {key: clocks for key, clocks in found.items() if clocks}


def _said(conn: Connection, ids: Mapping[str, str]) -> dict[int, list[Said]]:
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for key, at, direction, automatic in conn.execute(_SAID, ids):
        who = Who.CUSTOMER if direction == "in" else Who.US
        said[key].append(Said(from_milliseconds(at), who, bool(automatic)))
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """One field of a conversation or of its customer was changed."""

    at: datetime
    fact: tuple[str, str]  # entity and field
    before: object
    after: object


def _done(conn: Connection, ids: Mapping[str, str]) -> dict[str, list[_Done]]:
    """Return what was done, in the order of the clock, by the uid of what it was done to.

    Of a customer's marks only the last change of each is looked up: they are set once, if at all.
    """
    found: defaultdict[str, list[_Done]] = defaultdict(list)
    for query, wanted in ((_DONE, "conversation"), (_DONE_TO_CUSTOMERS, "customer")):
        for at, uid, changes in conn.execute(query, ids):
            for entity, whose, field, before, after in json.loads(changes):
                if entity == wanted and whose == uid:
                    done = _Done(
                        at=from_milliseconds(at), fact=(entity, field), before=before, after=after
                    )
                    found[uid].append(done)
    return found


def _moves(done: Iterable[_Done]) -> list[Moved]:
    changes = [one for one in done if one.fact == ("conversation", "status")]
    begun = [Moved(_BEGINNING, _status(one.before)) for one in changes[:1]]
    return begun + [Moved(one.at, _status(one.after)) for one in changes]


def _status(value: object) -> Status:
    """Return a status; what we do not know is open, as things begin."""
    return Status(str(value)) if value in set(Status) else Status.OPEN


_Facts = dict[tuple[str, str], object]


def _facts(row: Row[tuple[object, ...]]) -> _Facts:
    """Return what a policy is chosen by, as things stand now."""
    return {
        ("", "channel"): row.channel,
        ("", "account"): row.account or "",
        ("conversation", "priority"): row.priority,
        ("conversation", "service_level"): row.pinned_policy,
        ("customer", "vip"): bool(row.vip),
        **{("conversation", f"tag:{uid}"): True for uid in json.loads(row.tags)},
        **{("customer", f"tag:{uid}"): True for uid in json.loads(row.customer_tags)},
        **{("customer", f"field:{uid}"): value for uid, value in json.loads(row.fields).items()},
    }


def _in_force(known: Book, facts: _Facts, done: Sequence[_Done]) -> Choose:
    """Return the policy of a conversation as a function of time (rule B8)."""

    def at(moment: datetime | None) -> Policy | None:
        then = facts
        if moment is not None:
            later = [one for one in done if one.at > moment]
            then = {**facts, **{one.fact: one.before for one in reversed(later)}}
        return choose(known.at(moment), _subject(then))

    return at


def _subject(facts: _Facts) -> Subject:
    pinned = facts[("conversation", "service_level")]
    return Subject(
        channel=str(facts[("", "channel")]),
        account=str(facts[("", "account")]),
        priority=str(facts[("conversation", "priority")] or "normal"),
        tags=frozenset(
            field.removeprefix("tag:")
            for (_, field), value in facts.items()
            if field.startswith("tag:") and value
        ),
        vip=bool(facts[("customer", "vip")]),
        fields={
            field.removeprefix("field:"): str(value)
            for (_, field), value in facts.items()
            if field.startswith("field:") and value
        },
        pinned=None if pinned is None else str(pinned),
    )


def _quiet_before(conn: Connection) -> dict[int, datetime]:
    """Return, for each account, before when its mail starts no clock (rule B2)."""
    found = conn.execute(select(account.c.id, account.c.uid, account.c.clocks_from))
    return {key: since or _made_at(uid) for key, uid, since in found}


def _made_at(uid: str) -> datetime:
    """Return when an account was set up, which its UUIDv7 begins with."""
    try:
        made = UUID(uid)
    except ValueError:
        return utc_now()
    return from_milliseconds(made.int >> 80) if made.version == 7 else utc_now()


_CANDIDATES = text(
    """
    SELECT id, next_due_at, warn_at, due_clock, due_state FROM conversation
    WHERE id IN (SELECT value FROM json_each(:ids))
        AND (last_in_at >= :since OR due_clock IS NOT NULL)
    """
)
_GOING = text(
    """
    SELECT id FROM conversation
    WHERE id <= :up_to AND (due_clock IS NOT NULL OR status IN ('open', 'snoozed'))
    ORDER BY id DESC LIMIT :most
    """
)
_OF_CUSTOMERS = text(
    """
    SELECT id FROM conversation
    WHERE customer_id IN (SELECT value FROM json_each(:ids))
        AND (due_clock IS NOT NULL OR status IN ('open', 'snoozed'))
    """
)
# Newsletters wait for nobody; the rest of rule A3 is as in store.conversations.
_SAID = text(
    """
    SELECT conversation_id, at,
        CASE WHEN kind = 'spoken' THEN 'out' ELSE direction END,  -- on the phone they were answered
        direction = 'out' AND kind NOT IN ('human', 'spoken')
    FROM message
    WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND deleted_at IS NULL
        AND (direction = 'in' AND kind NOT IN
                ('bulk', 'auto_reply', 'bounce_permanent', 'bounce_temporary', 'own_loop')
                AND NOT (kind = 'automated' AND EXISTS (
                    SELECT 1 FROM field_clock f  -- a person said so, not a header
                    WHERE f.entity = 'message' AND f.uid = message.uid AND f.field = 'kind'))
            OR direction = 'out' AND kind != 'unreached'
                AND (delivery IS NULL OR delivery IN ('sent', 'delivered', 'read')))
    """
)
_DONE = text(
    """
    SELECT e.at, c.uid, e.changes FROM conversation c JOIN event e ON e.conversation = c.uid
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND e.changes LIKE '%"conversation"%'
    ORDER BY e.hlc
    """
)
_DONE_TO_CUSTOMERS = text(
    """
    SELECT DISTINCT e.at, u.uid, e.changes
    FROM conversation c JOIN customer u ON u.id = c.customer_id
    JOIN field_clock f ON f.entity = 'customer' AND f.uid = u.uid
        AND (f.field = 'vip' OR f.field LIKE 'tag:%' OR f.field LIKE 'field:%')
    JOIN event e ON e.hlc = f.hlc
    WHERE c.id IN (SELECT value FROM json_each(:ids))
    ORDER BY e.hlc
    """
)
_SUBJECTS = text(
    """
    SELECT c.id, c.uid, c.status, c.channel, c.priority, c.pinned_policy, c.account_id,
        a.uid AS account, u.uid AS customer, u.vip,
        (SELECT json_group_array(t.uid) FROM conversation_tag x JOIN tag t ON t.id = x.tag_id
         WHERE x.conversation_id = c.id AND NOT t.deleted) AS tags,
        (SELECT json_group_array(t.uid) FROM customer_tag x JOIN tag t ON t.id = x.tag_id
         WHERE x.customer_id = c.customer_id AND NOT t.deleted) AS customer_tags,
        (SELECT json_group_object(f.uid, v.value)
         FROM customer_value v JOIN customer_field f ON f.id = v.field_id
         WHERE v.customer_id = c.customer_id AND NOT f.deleted) AS fields
    FROM conversation c
    LEFT JOIN account a ON a.id = c.account_id
    LEFT JOIN customer u ON u.id = c.customer_id
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND c.merged_into_id IS NULL
    """
)
_SHOW = text(
    """
    UPDATE conversation
    SET next_due_at = :due, warn_at = :warn, due_clock = :clock, due_state = :state
    WHERE id = :id
    """
)
_FORGET_MOMENTS = text(
    "DELETE FROM sla_moment WHERE conversation_id IN (SELECT value FROM json_each(:ids))"
)
_ADD_MOMENT = text("INSERT INTO sla_moment (conversation_id, at) VALUES (:id, :at)")
_NEXT = text("SELECT min(at) FROM sla_moment WHERE at > :after")
_REACHED = text(
    "SELECT DISTINCT conversation_id FROM sla_moment WHERE at > :after AND at <= :until"
)
