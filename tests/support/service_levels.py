"""Opening hours and promises for tests, as if they had always been in force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Table, select, update

from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.domain.policies import Terms
from desktop_inbox.store.database import Tx
from desktop_inbox.store.policies import (
    calendars,
    hours_from,
    hours_json,
    policies,
    terms_from,
    terms_json,
)
from desktop_inbox.store.schema import sla_calendar, sla_policy


def zone(tx: Tx, name: str) -> None:
    """Let every calendar be in a zone."""
    for one in calendars(tx.conn):
        hours(tx, one.uid, zone=name)


def hours(tx: Tx, uid: str, **changed: object) -> Hours:
    """Let a calendar have been so for ever."""
    made = replace(hours_from(_first(tx, sla_calendar, uid)), **changed)  # type: ignore[arg-type]
    _rewrite(tx, sla_calendar, uid, hours_json(made))
    return made


def terms(tx: Tx, name: str, **changed: object) -> Terms:
    """Let a policy have promised this for ever."""
    uid = next(one.uid for one in policies(tx.conn) if one.current.name == name)
    made = replace(terms_from(_first(tx, sla_policy, uid)), **changed)  # type: ignore[arg-type]
    _rewrite(tx, sla_policy, uid, terms_json(made))
    return made


def _first(tx: Tx, table: Table, uid: str) -> dict[str, Any]:
    versions: Any = tx.conn.scalar(select(table.c.versions).where(table.c.uid == uid))
    return dict(versions[0])


def _rewrite(tx: Tx, table: Table, uid: str, version: dict[str, object]) -> None:
    versions = [{"from": 0, **version}]
    tx.conn.execute(update(table).where(table.c.uid == uid).values(versions=versions))
