"""The fields of what a workspace is set up with: people, tags, views, canned responses, hours."""

from __future__ import annotations

from sqlalchemy import Table, select, update

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.store import policies, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.fields.rows import (
    Effects,
    Setter,
    agent_key,
    column_setter,
    promised_by,
    row_key,
    tag_key,
)
from desktop_inbox.store.schema import (
    account,
    agent,
    canned_response,
    saved_view,
    sla_calendar,
    sla_policy,
    tag,
    workspace,
)


def _agent_field(column: str) -> Setter:
    return column_setter(lambda tx, change, _: agent_key(tx, change.uid), agent, column, str)


def _set_business_name(tx: Tx, change: FieldChange, _effects: Effects) -> None:
    if change.uid == tx.workspace_uid:  # an event of another workspace names that one
        tx.conn.execute(update(workspace).values(name=str(change.after or "")))
        tx.touch(account=tx.conn.scalars(select(account.c.id)).all())  # shown with them


def _tag_field(column: str, kind: type) -> Setter:
    return column_setter(lambda tx, change, _: tag_key(tx, change.uid), tag, column, kind)


VERSIONED = {"sla_calendar": sla_calendar, "sla_policy": sla_policy}


def _versioned_key(tx: Tx, change: FieldChange, _effects: Effects) -> int:
    key = row_key(tx, VERSIONED[change.entity], change.uid, versions=[])
    service_levels.renew_later(tx)
    return key


def set_version(tx: Tx, change: FieldChange, effects: Effects) -> None:
    """Let a calendar or policy be so from a time on: "version:MS", taken back with None (B8)."""
    since = change.field.removeprefix("version:")
    if since.isdecimal():
        key = _versioned_key(tx, change, effects)
        version = change.after if isinstance(change.after, dict) else None
        policies.set_version(tx, VERSIONED[change.entity], key, int(since), version)


def _versioned_column(table: Table, column: str, kind: type) -> Setter:
    return column_setter(_versioned_key, table, column, kind)


def _view_key(tx: Tx, uid: str) -> int:
    key = row_key(tx, saved_view, uid, name="")
    tx.touch(view=key)
    return key


def _view_field(column: str, kind: type) -> Setter:
    return column_setter(lambda tx, change, _: _view_key(tx, change.uid), saved_view, column, kind)


def _set_view_condition(tx: Tx, change: FieldChange, _effects: Effects) -> None:
    key = _view_key(tx, change.uid)
    tx.conn.execute(update(saved_view).where(saved_view.c.id == key).values(condition=change.after))


def _canned_key(tx: Tx, uid: str) -> int:
    key = row_key(tx, canned_response, uid, title="", shortcut="", body="")
    tx.touch(canned=key)
    return key


def set_canned_body(tx: Tx, change: FieldChange, _effects: Effects) -> None:
    """Write the text of a canned response in one language, or take it away."""
    key = _canned_key(tx, change.uid)
    language = change.field.removeprefix("body:")
    known = tx.conn.scalar(select(canned_response.c.bodies).where(canned_response.c.id == key))
    bodies = dict(known) if isinstance(known, dict) else {}
    bodies.pop(language, None)
    if change.after:
        bodies[language] = str(change.after)
    ordered = dict(sorted(bodies.items()))
    tx.conn.execute(
        update(canned_response).where(canned_response.c.id == key).values(bodies=ordered)
    )


def _canned_field(column: str, kind: type) -> Setter:
    return column_setter(
        lambda tx, change, _: _canned_key(tx, change.uid), canned_response, column, kind
    )


SETTERS: dict[tuple[str, str], Setter] = {
    ("agent", "name"): _agent_field("name"),
    ("agent", "signature"): _agent_field("signature"),
    ("workspace", "name"): _set_business_name,
    ("tag", "name"): _tag_field("name", str),
    ("tag", "hue"): _tag_field("hue", int),
    ("tag", "deleted"): promised_by(_tag_field("deleted", bool)),
    ("sla_calendar", "deleted"): _versioned_column(sla_calendar, "deleted", bool),
    ("sla_policy", "deleted"): _versioned_column(sla_policy, "deleted", bool),
    ("view", "name"): _view_field("name", str),
    ("view", "condition"): _set_view_condition,
    ("view", "position"): _view_field("position", str),
    ("view", "deleted"): _view_field("deleted", bool),
    ("canned", "title"): _canned_field("title", str),
    ("canned", "shortcut"): _canned_field("shortcut", str),
    ("canned", "body"): _canned_field("body", str),
    ("canned", "folder"): _canned_field("folder", str),
    ("canned", "files"): _canned_field("files", list),
    ("canned", "channels"): _canned_field("channels", list),
    ("canned", "tag"): _canned_field("tag", str),
    ("canned", "status"): _canned_field("status", str),
    ("canned", "steps"): _canned_field("steps", list),
    ("canned", "deleted"): _canned_field("deleted", bool),
}
