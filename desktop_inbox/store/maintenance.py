"""What is done when nobody waits: room given back, statistics renewed, files nobody needs removed.

Blocking; called from a thread of its own. A file stays as long as any row of the database or of a
copy of it names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from desktop_inbox.store import backup, driver
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.errors import from_database
from desktop_inbox.store.files import Files, Swept
from desktop_inbox.store.schema import metadata
from desktop_inbox.store.types import Json

# What is put here and not yet named by a row may be on its way into one: a mail being parsed, or a
# file attached in a window that stays open over night.
GRACE = timedelta(days=3)

_DIGEST = re.compile(r'"([0-9a-f]{64})"')
_WHERE = {
    "attachment": "state = 'file'",  # others lie inside their message, or on the server
    "message_body": "raw_sha256 > '' AND raw_packed IS NULL",  # others lie in their row
}
_VACUUM_PAGES = 500  # 2 MB a transaction
_WORTH_PAGES = 2000  # free pages fewer than these are soon used again
_ANALYSIS_ROWS = 1000  # of each index: enough to tell which one is narrow


def tidy(db: Database) -> None:
    """Give free pages back to the disk, a few at a time, and renew what the planner knows.

    Raises:
        StoreError: the database cannot be written.
    """
    while db.write(_vacuum_some, durable=False).result():
        pass
    db.write(_analyse, durable=False).result()


def _vacuum_some(tx: Tx) -> bool:
    free = int(tx.conn.exec_driver_sql("PRAGMA freelist_count").scalar_one())
    if free > _WORTH_PAGES:
        driver.below(tx.conn).execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
    return free > _WORTH_PAGES + _VACUUM_PAGES


def _analyse(tx: Tx) -> None:
    tx.conn.exec_driver_sql(f"PRAGMA analysis_limit = {_ANALYSIS_ROWS}")
    tx.conn.exec_driver_sql("PRAGMA optimize")


def sweep(db: Database, files: Files, *, now: datetime) -> Swept:
    """Remove files that neither the database nor a copy of it names, and leftovers.

    Raises:
        StoreError: the database, or a copy of it, cannot be read: then nothing is removed.
    """
    wanted: set[str] = set()
    for path in (db.path, *(copy.path for copy in backup.listing(db.path))):
        try:
            with closing(driver.open_file(path, key=db.key)) as connection:
                connection.execute("PRAGMA query_only = ON")
                wanted.update(named_files(connection))
        except driver.FAILURES as error:
            meant = from_database(error, path=path, keyed=db.key is not None)
            if meant is None:
                raise
            raise meant from error
    files.discard_leftovers(before=now - GRACE)
    return files.sweep(wanted, before=now - GRACE)


def named_files(connection: Any) -> Iterator[str]:
    """Yield the digest of every file that a row of the database names, on a driver's connection.

    Read off the schema, so that a table to come is not forgotten: columns called sha256, and
    whatever has a sha256 in its JSON.
    """
    for table in metadata.sorted_tables:
        for column in table.columns:
            name = column.name
            if name.endswith("sha256"):
                where = _WHERE.get(table.name, f"{name} > ''")
                query = f"SELECT {name} FROM {table.name} WHERE {where}"  # noqa: S608 - ours
                yield from (digest for (digest,) in connection.execute(query))
            elif isinstance(column.type, Json):
                query = f"SELECT {name} FROM {table.name} WHERE instr({name}, 'sha256')"  # noqa: S608
                for (value,) in connection.execute(query):
                    yield from _DIGEST.findall(value)
