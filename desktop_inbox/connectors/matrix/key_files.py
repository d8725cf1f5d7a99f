"""Files of keys: matrix-nio's database, sealed under the account's own password, and older ones.

A file that was put back from a backup is never worked with again. Its account would hand out
one-time keys a second time and say new things under keys of old ones, which lets others read them
(Olm, "Unreliable transports"); the server refuses keys under names that it knows. So this program
goes on as the device whose file lies here, or as a new one, and takes only the keys to talks out
of what is older: those open what was said, and seal nothing. On the thread of the keys.
"""

from __future__ import annotations

import hashlib
import logging
import secrets as chance
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nio.crypto import InboundGroupSession, Olm
from nio.store import Accounts, SqliteStore
from peewee import DatabaseError, OperationalError

from desktop_inbox.connectors.contract import RESTORED

log = logging.getLogger(__name__)

# The library's tables belong to one file at a time, whichever thread: with two accounts at work
# side by side, what one keeps would land in the other's.
ONE_FILE = threading.Lock()


def file_of(folder: Path, device_id: str) -> Path:
    """Return where the keys of a device lie."""
    digest = hashlib.sha256(device_id.encode()).hexdigest()[:16]
    return folder / f"matrix-{digest}.db"


def opened(path: Path, *, user_id: str, device_id: str, password: str) -> Olm:
    """Open what is kept of a device, or begin to keep it.

    Raises:
        ValueError: it is damaged, or sealed under another password.
        OperationalError: it cannot be read or written now.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = _store(path, user_id=user_id, device_id=device_id, password=password)
    try:
        return Olm(user_id, device_id, store)
    except BaseException:
        _close(store)
        raise


def set_aside(path: Path) -> None:
    """Work with a file no more; the next device takes over what it can. *Raises:* OSError."""
    kept = path.parent / RESTORED / f"{path.stem}-{chance.token_hex(4)}.db"
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    for name in ("-journal", ""):  # it may have been written to when the power went
        source = path.with_name(path.name + name)
        if source.exists():
            source.replace(kept.with_name(kept.name + name))


def take_over(olm: Any, folder: Path) -> None:
    """Take the keys to talks out of what was put back or set aside, which is then let go of.

    One that cannot be read is left, for the day when its password is known again.
    """
    for path in sorted((folder / RESTORED).glob("*.db")):
        try:
            found = list(_keys_of_talks(path, olm.user_id, olm.store.pickle_key))
        except (ValueError, OperationalError) as error:
            log.info("a file of keys cannot be read: %s", type(error).__name__)
            continue
        with olm.store.database.atomic():
            for one in found:
                _take(olm, one)
        path.unlink()
        log.info("%d keys to talks were taken over", len(found))


def _keys_of_talks(path: Path, user_id: str, password: str) -> Iterator[InboundGroupSession]:
    store = _store(path, user_id=user_id, device_id="", password=password)
    try:
        tables: Any = Accounts  # carries no types
        with tables.bind_ctx(store.database):
            accounts = tables.select(tables.device_id).where(tables.user_id == user_id)
            devices = [one.device_id for one in accounts]
        for store.device_id in devices:
            yield from store.load_inbound_group_sessions()
    finally:
        _close(store)


def _take(olm: Any, one: InboundGroupSession) -> None:
    """Add a key, unless the one that is here opens as much."""
    known = olm.inbound_group_store.get(one.room_id, one.sender_key, one.id)
    if known is None or one.first_known_index < known.first_known_index:
        olm.inbound_group_store[one.room_id][one.sender_key][one.id] = one
        olm.save_inbound_group_session(one)


def _store(path: Path, *, user_id: str, device_id: str, password: str) -> SqliteStore:
    try:
        return SqliteStore(user_id, device_id, str(path.parent), password, path.name)
    except OperationalError:  # it cannot be read or written now
        raise
    except DatabaseError as error:
        raise ValueError("no file of keys") from error


def _close(store: SqliteStore) -> None:
    store.database.close()  # type: ignore[no-untyped-call]
