"""Service levels: calendars and policies, and each conversation's clock to look at first.

Clocks are never stored: they are computed from the two logs, for the conversations a transaction
touched, and only what the list sorts and shows by is kept beside them.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from desktop_inbox.domain.business_hours import Calendar, calendar
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.service_levels import (
    Choose,
    Clock,
    ClockKind,
    ClockState,
    Moved,
    Policy,
    Said,
    Subject,
    Target,
    Who,
    choose,
    evaluate,
    next_due,
)
from desktop_inbox.domain.states import Status
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds, utc_now
from desktop_inbox.store.schema import account, sla_calendar, sla_policy
from desktop_inbox.store.zone import own_zone

if TYPE_CHECKING:
    from desktop_inbox.store.database import Tx

log = logging.getLogger(__name__)

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_OFFICE = [[[540, 1020]]] * 5 + [[], []]
_BUSINESS_DAY_MINUTES = 480
_EMAIL = ["email"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy as it is in force now, with what it was before."""

    id: int
    enabled: bool
    calendar_name: str
    versions: tuple[tuple[datetime, Policy], ...]  # oldest first

    @property
    def current(self) -> Policy:
        return self.versions[-1][1]

    def at(self, moment: datetime | None) -> Policy:
        """Return the version in force at a time, None for now."""
        if moment is None:
            return self.current
        began = [policy for since, policy in self.versions if since <= moment]
        return began[-1] if began else self.versions[0][1]


# First start


def ensure(conn: Connection, *, workspace_uid: str) -> None:
    """Give a new workspace sensible promises: e-mail within a business day, the rest in an hour."""
    if conn.scalar(select(sla_policy.c.id).limit(1)) is not None:
        return
    hours = conn.scalar(
        insert(sla_calendar)
        .values(
            uid=found_uid(workspace_uid, "sla_calendar", "office"),
            name="",
            zone=own_zone(),
            week=_OFFICE,
            exceptions={},
        )
        .returning(sla_calendar.c.id)
    )
    defaults: list[tuple[str, str, dict[str, object], int]] = [
        ("email", "E-mail", {"channels": _EMAIL}, _BUSINESS_DAY_MINUTES),
        ("livechat", "Live chat", {"channels": ["livechat"]}, 2),
        ("messaging", "Messaging", {}, 60),
    ]
    for place, (key, name, conditions, minutes) in enumerate(defaults):
        target = {"minutes": minutes, "business": True}
        conn.execute(
            insert(sla_policy).values(
                uid=found_uid(workspace_uid, "sla_policy", key),
                name=name,
                position=f"{chr(ord('b') + place)}",
                calendar_id=hours,
                conditions=conditions,
                versions=[
                    {"from": 0, "targets": {"first_response": target, "next_response": target}}
                ],
            )
        )


# Policies


def policies(conn: Connection) -> list[PolicyRow]:
    """Return every policy in the order in which they are tried.

    One that cannot be made sense of, because another device knows more than this one, is left out.
    """
    found = conn.execute(
        select(
            *sla_policy.c["id", "uid", "name", "conditions", "versions", "enabled"],
            sla_calendar.c["name"].label("calendar_name"),
            *sla_calendar.c["zone", "week", "exceptions"],
        )
        .join(sla_calendar, sla_calendar.c.id == sla_policy.c.calendar_id)
        .where(sla_policy.c.deleted.is_(False))
        .order_by(sla_policy.c.position, sla_policy.c.uid)
    ).mappings()
    rows = []
    for one in found:
        try:
            rows.append(_policy_row(one))
        except (UserError, LookupError, TypeError, ValueError) as error:
            log.warning("service level %s cannot be used: %s", one["uid"], error)
    return rows


def _policy_row(found: RowMapping) -> PolicyRow:
    exceptions = {date.fromisoformat(day): hours for day, hours in found["exceptions"].items()}
    hours = calendar(found["zone"], found["week"], exceptions=exceptions)
    return PolicyRow(
        id=found["id"],
        enabled=found["enabled"],
        calendar_name=found["calendar_name"],
        versions=tuple(
            (from_milliseconds(version["from"]), _policy(found, version, hours))
            for version in found["versions"]
        ),
    )


def _policy(found: RowMapping, version: Mapping[str, Any], hours: Calendar) -> Policy:
    wanted: dict[str, list[str]] = found["conditions"]
    return Policy(
        uid=found["uid"],
        name=found["name"],
        calendar=hours,
        targets={
            ClockKind(kind): Target(
                length=timedelta(minutes=target["minutes"]), business=target["business"]
            )
            for kind, target in version["targets"].items()
        },
        channels=frozenset(wanted.get("channels", ())),
        accounts=frozenset(wanted.get("accounts", ())),
        priorities=frozenset(wanted.get("priorities", ())),
        tags=frozenset(wanted.get("tags", ())),
    )


def add_version(tx: Tx, policy_id: int, targets: Mapping[ClockKind, Target]) -> None:
    """Let a policy promise this from now on."""
    versions = tx.conn.scalar(select(sla_policy.c.versions).where(sla_policy.c.id == policy_id))
    promised = {
        kind.value: {
            "minutes": target.length // timedelta(minutes=1),
            "business": target.business,
        }
        for kind, target in targets.items()
    }
    added = {"from": to_milliseconds(tx.now), "targets": promised}
    tx.conn.execute(
        update(sla_policy)
        .where(sla_policy.c.id == policy_id)
        .values(versions=[*(versions or ()), added])
    )


# Clocks


def clocks(conn: Connection, conversation_id: int, *, now: datetime) -> list[Clock]:
    """Return every clock of a conversation in the order they started."""
    return _evaluated(conn, [conversation_id], now=now).get(conversation_id, [])


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
    candidates = list(tx.conn.scalars(_CANDIDATES, touched))
    if not candidates:
        return
    found = _evaluated(tx.conn, candidates, now=tx.now)
    shown = [_shown(key, found.get(key, ())) for key in candidates]
    tx.conn.execute(_SHOW, shown)
    tx.touch(conversation=candidates)


def refresh_all(tx: Tx) -> None:
    """Compute every clock anew, after what is promised has changed (rule B8)."""
    refresh(tx, tx.conn.scalars(_GOING).all())


def start_clocks(tx: Tx, account_id: int, *, since: datetime) -> None:
    """Let an account's mail start clocks from this time on; older mail is quiet (rule B2)."""
    tx.conn.execute(update(account).where(account.c.id == account_id).values(clocks_from=since))
    refresh_all(tx)


def next_moment(conn: Connection, *, after: datetime) -> datetime | None:
    """Return when the next clock is due, or most of its time over."""
    found = conn.scalar(_NEXT, {"after": to_milliseconds(after)})
    return None if found is None else from_milliseconds(found)


def reached(conn: Connection, *, after: datetime, until: datetime) -> list[int]:
    """Return the conversations whose clock became due, or nearly, in this time."""
    span = {"after": to_milliseconds(after), "until": to_milliseconds(until)}
    return list(conn.scalars(_REACHED, span))


def _shown(key: int, found: Sequence[Clock]) -> dict[str, object]:
    first = next_due(found)
    if first is None:
        return {"id": key, "due": None, "warn": None, "clock": None, "state": None}
    paused = first.state is ClockState.PAUSED
    return {
        "id": key,
        "due": None if first.due_at is None else to_milliseconds(first.due_at),
        "warn": None if paused or first.warn_at is None else to_milliseconds(first.warn_at),
        "clock": first.kind.value,
        "state": "paused" if paused else "running",
    }


def _evaluated(conn: Connection, wanted: Sequence[int], *, now: datetime) -> dict[int, list[Clock]]:
    """Return the clocks of conversations by id; those with none are left out."""
    every = [row for row in policies(conn) if row.enabled]
    quiet, ids = _quiet_before(conn), {"ids": json.dumps(list(wanted))}
    if not every:
        return {}
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for key, at, direction in conn.execute(_SAID, ids):
        who = Who.CUSTOMER if direction == "in" else Who.US
        said[key].append(Said(from_milliseconds(at), who))
    moves = _moves(conn, ids)
    found = {}
    for row in conn.execute(_SUBJECTS, ids):
        subject = Subject(
            channel=row.channel,
            account=row.account or "",
            priority=row.priority,
            tags=frozenset(json.loads(row.tags)),
        )
        chosen = _in_force(every, subject)
        if chosen is not None and row.id in said:
            found[row.id] = evaluate(
                said[row.id],
                moves.get(row.uid) or [Moved(_BEGINNING, Status(row.status))],
                policy=chosen,
                now=now,
                quiet_before=quiet.get(row.account_id),
            )
    return found


def _in_force(every: Sequence[PolicyRow], subject: Subject) -> Choose | None:
    """Return the policy for such a conversation as a function of time, None for none."""
    chosen = choose([row.current for row in every], subject)
    if chosen is None:
        return None
    return next(row for row in every if row.current is chosen).at


def _moves(conn: Connection, ids: Mapping[str, str]) -> dict[str, list[Moved]]:
    """Return how the status of conversations changed, by uid, in the order of the clock."""
    found: defaultdict[str, list[Moved]] = defaultdict(list)
    for at, changes in conn.execute(_MOVES, ids):
        for entity, uid, name, before, after in json.loads(changes):
            if entity == "conversation" and name == "status":
                if not found[uid]:
                    found[uid].append(Moved(_BEGINNING, _status(before)))
                found[uid].append(Moved(from_milliseconds(at), _status(after)))
    return found


def _status(value: object) -> Status:
    """Return a status; what we do not know is open, as things begin."""
    return Status(str(value)) if value in set(Status) else Status.OPEN


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
    SELECT id FROM conversation
    WHERE id IN (SELECT value FROM json_each(:ids))
        AND (last_in_at >= :since OR due_clock IS NOT NULL)
    """
)
_GOING = text("SELECT id FROM conversation WHERE due_clock IS NOT NULL OR status = 'open'")
# Newsletters wait for nobody; the rest of rule A3 is as in store.conversations.
_SAID = text(
    """
    SELECT conversation_id, at, direction FROM message
    WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND deleted_at IS NULL
        AND (direction = 'in' AND kind NOT IN
                ('bulk', 'auto_reply', 'bounce_permanent', 'bounce_temporary', 'own_loop')
            OR direction = 'out' AND kind = 'human'
                AND (delivery IS NULL OR delivery IN ('sent', 'delivered', 'read')))
    """
)
_MOVES = text(
    """
    SELECT e.at, e.changes FROM conversation c JOIN event e ON e.conversation = c.uid
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND e.changes LIKE '%"status"%'
    ORDER BY e.hlc
    """
)
_SUBJECTS = text(
    """
    SELECT c.id, c.uid, c.status, c.channel, c.priority, c.account_id, a.uid AS account,
        (SELECT json_group_array(t.uid) FROM conversation_tag x JOIN tag t ON t.id = x.tag_id
         WHERE x.conversation_id = c.id AND NOT t.deleted) AS tags
    FROM conversation c LEFT JOIN account a ON a.id = c.account_id
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND c.merged_into_id IS NULL
    """
)
_SHOW = text(
    """
    UPDATE conversation
    SET next_due_at = :due, warn_at = :warn, due_clock = :clock, due_state = :state
    WHERE id = :id AND (next_due_at, warn_at, due_clock, due_state)
        IS NOT (:due, :warn, :clock, :state)
    """
)
_NEXT = text(
    """
    SELECT min(at) FROM (
        SELECT min(next_due_at) AS at FROM conversation
        WHERE status IN ('open', 'snoozed') AND next_due_at > :after
        UNION ALL
        SELECT min(warn_at) FROM conversation
        WHERE status IN ('open', 'snoozed') AND next_due_at > :after AND warn_at > :after
    )
    """
)
_REACHED = text(
    """
    SELECT id FROM conversation
    WHERE status IN ('open', 'snoozed') AND next_due_at > :after
        AND (next_due_at <= :until OR (warn_at > :after AND warn_at <= :until))
    """
)
