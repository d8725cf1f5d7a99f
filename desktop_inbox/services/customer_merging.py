"""Making one customer of two, and two of one again (rules E4, E5). Functions of a transaction.

A merge is one group of events: a pointer, and the fields of the one who stays. The events are its
record; so it is undone like everything else, also out of order and for thirty days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_inbox.domain.customer_merge import Choice, Side, choices
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.services.changing import Group
from desktop_inbox.services.undoing import UNDONE_WITHIN, without
from desktop_inbox.store import customer_counts as counting
from desktop_inbox.store import customer_fields, customer_merging, customers, events
from desktop_inbox.store.customer_counts import Counts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.event_history import History
from desktop_inbox.store.rows import CustomerRow

MERGE = "customer.merge"
UNMERGE = "customer.unmerge"
_PLAIN = ("name", "company", "notes", "language", "time_zone", "vip", "blocked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a merge would do."""

    source: CustomerRow
    target: CustomerRow
    choices: tuple[Choice, ...]
    tags: tuple[str, ...]  # that the target gets, by name
    moved: Counts


def preview(
    conn: Any, source_id: int, into_id: int, *, chosen: Mapping[str, Side] | None = None
) -> Preview:
    """Return what merging would do, without doing it.

    Raises:
        UserError: "customer-missing"; "merge-same-customer".
    """
    source, target = _both(conn, source_id, into_id)
    found = choices(
        _content(conn, source),
        _content(conn, target),
        source_is_older=(source.first_seen_at, source.id) < (target.first_seen_at, target.id),
        chosen=chosen,
    )
    borne = customer_fields.tags_of(conn, [source.id, target.id])
    theirs = {one.uid for one in borne.get(target.id, ())}
    return Preview(
        source=source,
        target=target,
        choices=found,
        tags=tuple(one.name for one in borne.get(source.id, ()) if one.uid not in theirs),
        moved=counting.of(conn, source.id),
    )


def _both(conn: Any, source_id: int, into_id: int) -> tuple[CustomerRow, CustomerRow]:
    for key in (source_id, into_id):
        if customers.row(conn, key) is None:
            raise UserError("customer-missing", id=key)
    shown = customer_merging.roots(conn, [source_id, into_id])
    if shown[source_id] == shown[into_id]:
        raise UserError("merge-same-customer")
    rows = customers.rows(conn, shown.values())
    return rows[shown[source_id]], rows[shown[into_id]]


def _content(conn: Any, row: CustomerRow) -> dict[str, object]:
    values = customer_fields.values(conn, [row.id]).get(row.id, {})
    plain: dict[str, object] = {field: getattr(row, field) for field in _PLAIN}
    return plain | {f"field:{uid}": value for uid, value in values.items()}


def merge(
    tx: Tx, source_id: int, into_id: int, *, chosen: Mapping[str, Side] | None = None
) -> str | None:
    """Let a customer go on as another; return the group to undo it by.

    Their addresses, conversations, files and tags go along. What is queued or drafted keeps its
    recipients: nothing there names a customer.

    Raises:
        UserError: "customer-missing"; "merge-same-customer".
    """
    plan = preview(tx.conn, source_id, into_id, chosen=chosen)
    source, target = plan.source, plan.target
    borne = customer_fields.tags_of(tx.conn, [source.id, target.id])
    theirs = {one.uid for one in borne.get(target.id, ())}
    changes = [
        FieldChange("customer", source.uid, "merged_into", None, target.uid),
        *(
            FieldChange("customer", target.uid, one.field, one.target, one.result)
            for one in plan.choices
        ),
        *(
            FieldChange("customer", target.uid, f"tag:{one.uid}", None, True)
            for one in borne.get(source.id, ())
            if one.uid not in theirs
        ),
    ]
    group = Group(tx)
    group.record(MERGE, changes)
    return group.uid


def unmerge(tx: Tx, customer_id: int) -> str:
    """Take back the latest merge that this customer took part in.

    Everybody gets back what was theirs; mail that came since goes by the address it came from.
    What somebody has changed since then by hand stays.

    Raises:
        UserError: "customer-missing"; "not-merged"; "merge-too-old" (days).
    """
    row = customers.row(tx.conn, customer_id)
    if row is None:
        raise UserError("customer-missing", id=customer_id)
    standing = merges_of(tx.conn, row.uid)
    if not standing:
        raise UserError("not-merged", id=customer_id)
    done = standing[-1]
    if tx.now - done.at > UNDONE_WITHIN:
        raise UserError("merge-too-old", days=UNDONE_WITHIN.days)
    changes = without(tx.conn, [done])[done.uid]
    return events.record(tx, UNMERGE, changes, undo_of=done.uid).group_uid


def merges_of(conn: Any, customer_uid: str) -> list[Event]:
    """Return the merges into or of this customer that stand, the latest last."""
    log = events.of_kinds(conn, (MERGE, UNMERGE))
    history = History(log)
    return [
        one
        for one in log
        if one.kind == MERGE
        and one.undo_of is None
        and customer_uid in (one.changes[0].uid, one.changes[0].after)
        and history.stands(one, ())
    ]
