"""What things of an export are called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select

from desktop_inbox.store.database import Tx


class Uids:
    """What things of an export are called here."""

    def __init__(self) -> None:
        self._here: dict[str, str] = {}
        self.ids: dict[tuple[str, str], int] = {}  # rows, by table and uid in the export

    def call(self, uid: str, here: str) -> None:
        """Let a thing of the export be one that is here already."""
        if uid != here:
            self._here[uid] = here

    def of(self, uid: str) -> str:
        """Return what a thing is called here."""
        return self._here.get(uid, uid)

    def within(self, value: Any) -> Any:
        """Return a JSON value with every uid in it as it is here."""
        if isinstance(value, str):
            return self.of(value)
        if isinstance(value, list):
            return [self.within(one) for one in value]
        if isinstance(value, dict):
            return {name: self.within(one) for name, one in value.items()}
        return value


def text_of(record: Mapping[str, Any], name: str) -> str:
    """Return a text of a record. *Raises:* KeyError, TypeError."""
    value = record[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def id_of(tx: Tx, table: Table, uids: Uids, uid: object) -> int | None:
    """Return the key of a row by its uid in the export, None where there is none."""
    if uid is None:
        return None
    key = (table.name, str(uid))
    if key not in uids.ids:
        found = tx.conn.scalar(select(table.c.id).where(table.c.uid == uids.of(str(uid))))
        if found is None:
            return None
        uids.ids[key] = int(found)
    return uids.ids[key]
