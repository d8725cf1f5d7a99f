"""The views a person keeps: made, changed, put in order, taken away; each can be undone.

Functions of a transaction.
"""

from __future__ import annotations

from typing import Any

from desktop_inbox.domain.conditions import Group as Condition
from desktop_inbox.domain.conditions import checked, to_json
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.positions import between
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group
from desktop_inbox.store import saved_views
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import SavedViewRow

LONGEST_NAME = 60


def create(tx: Tx, *, name: str, condition: Condition) -> tuple[int, str | None]:
    """Keep a new view behind all others; return its id and the group to undo it by.

    Raises:
        UserError: "view-name-empty"; "view-name-long"; otherwise as `conditions.checked`.
    """
    name, wanted = _name(name), to_json(checked(condition))
    every = saved_views.list_all(tx.conn)
    group, uid = Group(tx), new_uid(tx.now)
    last = every[-1].position if every else ""
    group.record(
        "view.new",
        [
            FieldChange("view", uid, "name", None, name),
            FieldChange("view", uid, "condition", None, wanted),
            FieldChange("view", uid, "position", None, between(last, "")),
            FieldChange("view", uid, "deleted", True, False),
        ],
    )
    made = next(row for row in saved_views.list_all(tx.conn) if row.uid == uid)
    return made.id, group.uid


def change(tx: Tx, view_id: int, *, name: str, condition: Condition) -> str | None:
    """Let a view have this name and ask for this; return the group to undo it by.

    Raises:
        UserError: "view-missing"; otherwise as `create`.
    """
    row = _known(tx.conn, view_id)
    before = None if row.condition is None else to_json(row.condition)
    group = Group(tx)
    group.record(
        "view.edit",
        [
            FieldChange("view", row.uid, "name", row.name, _name(name)),
            FieldChange("view", row.uid, "condition", before, to_json(checked(condition))),
        ],
    )
    return group.uid


def remove(tx: Tx, view_id: int) -> str | None:
    """Take a view away; what it showed stays. Return the group to undo it by.

    Raises:
        UserError: "view-missing".
    """
    row = _known(tx.conn, view_id)
    group = Group(tx)
    group.record("view.remove", [FieldChange("view", row.uid, "deleted", False, True)])
    return group.uid


def move(tx: Tx, view_id: int, *, place: int) -> str | None:
    """Put a view at this place among the others, from 0; return the group to undo it by.

    Raises:
        UserError: "view-missing".
    """
    row = _known(tx.conn, view_id)
    others = [one for one in saved_views.list_all(tx.conn) if one.id != view_id]
    place = max(0, min(place, len(others)))
    group = Group(tx)
    low = others[place - 1].position if place else ""
    high = others[place].position if place < len(others) else ""
    if high and low >= high:  # two laptops chose one key: all get new ones
        others.insert(place, row)
        _spread(group, others)
    elif not low < row.position or (high and not row.position < high):
        group.record(
            "view.move",
            [FieldChange("view", row.uid, "position", row.position, between(low, high))],
        )
    return group.uid


def _spread(group: Group, rows: list[SavedViewRow]) -> None:
    last = ""
    changes = []
    for row in rows:
        last = between(last, "")
        changes.append(FieldChange("view", row.uid, "position", row.position, last))
    group.record("view.move", changes)


def _name(name: str) -> str:
    wanted = " ".join(name.split())
    if not wanted:
        raise UserError("view-name-empty")
    if len(wanted) > LONGEST_NAME:
        raise UserError("view-name-long", most=LONGEST_NAME)
    return wanted


def _known(conn: Any, view_id: int) -> SavedViewRow:
    row = saved_views.row(conn, view_id)
    if row is None:
        raise UserError("view-missing", id=view_id)
    return row
