"""Where messages lie on their servers, and those that lie nowhere any more (rules O1, O7).

A place that is gone says little: another program may be moving the message. Only what whole looks
at the mailbox do not find was deleted. Reads are functions of a connection, writes of a
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select, text

from desktop_inbox.store import bulk, file_texts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.schema import message_location

DELETED_ELSEWHERE = "deleted-on-server"  # a warning: the server does not hold it any more

# The first whole look may have begun before the message was taken away from where it lay.
_CONFIRMED = 2


def uids_by_folder(conn: Connection, account_id: int) -> dict[tuple[str, int], list[int]]:
    """Return the UIDs we know a message of, ascending, by (folder, uidvalidity)."""
    found: dict[tuple[str, int], list[int]] = {}
    query = (
        select(*message_location.c["folder", "uidvalidity", "uid"])
        .where(message_location.c.account_id == account_id)
        .order_by(*message_location.c["folder", "uidvalidity", "uid"])
    )
    for folder, uidvalidity, uid in conn.execute(query):
        found.setdefault((folder, uidvalidity), []).append(uid)
    return found


def lying_once(conn: Connection, message_ids: Iterable[int]) -> list[int]:
    """Return those incoming messages that lie at one place only, of accounts whose server hears
    at once what is read here (rule O2)."""
    return list(conn.scalars(_LYING_ONCE, {"ids": bulk.packed(message_ids)}))


_LYING_ONCE = text(
    """
    SELECT m.id FROM message m JOIN account a ON a.id = m.account_id
    WHERE m.id IN (SELECT value FROM json_each(:ids)) AND m.direction = 'in'
        AND coalesce(json_extract(a.settings, '$.mark_read'), 'open') = 'open'
        AND (SELECT count(*) FROM message_location l WHERE l.message_id = m.id) = 1
    """
)


def any_gone(conn: Connection, account_id: int) -> bool:
    """Tell whether messages of an account lie nowhere on its server."""
    return bool(conn.scalar(_ANY_GONE, {"account": account_id}))


# Going


def forget(tx: Tx, account_id: int, folder: str, *, uidvalidity: int, uids: Iterable[int]) -> None:
    """Forget places whose messages are gone; the messages stay."""
    values = {"folder": folder, "uidvalidity": uidvalidity, "uids": bulk.packed(uids)}
    _gone(tx, account_id, tx.conn.scalars(_FORGET, {"account": account_id, **values}).all())


def forget_left(tx: Tx, place: Place) -> None:
    """Forget a place whose message is marked as deleted there and lies elsewhere as well.

    Where a server has no UIDPLUS, that is how a message looks that was moved.
    """
    tx.conn.execute(_FORGET_LEFT, asdict(place))


def forget_others(
    tx: Tx,
    account_id: int,
    folder: str,
    *,
    uidvalidity: int,
    below: int,
    uids: Iterable[int],
) -> None:
    """Forget the places in a folder that are not among `uids`, all that exist under `below`."""
    values = {
        "account": account_id,
        "folder": folder,
        "uidvalidity": uidvalidity,
        "below": below,
        "uids": bulk.packed(uids),
    }
    _gone(tx, account_id, tx.conn.scalars(_FORGET_OTHERS, values).all())


def forget_from(tx: Tx, account_id: int, folder: str, *, uidvalidity: int, first: int) -> None:
    """Forget the places in a folder from a UID on: the server gives these UIDs out again."""
    values = {"account": account_id, "folder": folder, "uidvalidity": uidvalidity, "first": first}
    _gone(tx, account_id, tx.conn.scalars(_FORGET_FROM, values).all())


def forget_folder(tx: Tx, account_id: int, folder: str, *, except_uidvalidity: int) -> None:
    """Forget all places in a folder that was renumbered, or is there no more (rule O1)."""
    values = {"account": account_id, "folder": folder, "uidvalidity": except_uidvalidity}
    _gone(tx, account_id, tx.conn.scalars(_FORGET_FOLDER, values).all())


_FORGET = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account AND folder = :folder AND uidvalidity = :uidvalidity
        AND uid IN (SELECT value FROM json_each(:uids))
    RETURNING message_id
    """
)
_FORGET_LEFT = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account_id AND folder = :folder AND uidvalidity = :uidvalidity
        AND uid = :uid AND EXISTS (
            SELECT 1 FROM message_location o WHERE o.message_id = message_location.message_id
                AND (o.account_id, o.folder, o.uidvalidity, o.uid)
                    <> (:account_id, :folder, :uidvalidity, :uid)
        )
    """
)
_FORGET_OTHERS = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account AND folder = :folder AND uidvalidity = :uidvalidity
        AND (uid >= :below OR uid NOT IN (SELECT value FROM json_each(:uids)))
    RETURNING message_id
    """
)
_FORGET_FROM = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account AND folder = :folder AND uidvalidity = :uidvalidity
        AND uid >= :first
    RETURNING message_id
    """
)
_FORGET_FOLDER = text(
    """
    DELETE FROM message_location
    WHERE account_id = :account AND folder = :folder AND uidvalidity <> :uidvalidity
    RETURNING message_id
    """
)


def _gone(tx: Tx, account_id: int, message_ids: Iterable[int]) -> None:
    keys = set(message_ids)
    if keys:
        tx.conn.execute(_NOWHERE, {"account": account_id, "ids": bulk.packed(keys)})


_NOWHERE = text(
    """
    INSERT INTO message_gone (message_id, account_id)
    SELECT value, :account FROM json_each(:ids)
    WHERE NOT EXISTS (SELECT 1 FROM message_location l WHERE l.message_id = value)
    ON CONFLICT (message_id) DO NOTHING
    """
)


# Found again, or not


def found_again(tx: Tx, message_ids: Iterable[int]) -> set[int]:
    """Note that messages lie somewhere after all; return the conversations to refresh."""
    back = tx.conn.execute(_FOUND, {"ids": bulk.packed(message_ids)}).all()
    late = [key for key, looks in back if looks >= _CONFIRMED]
    return _put_back(tx, late) if late else set()


def settle(tx: Tx, account_id: int, *, wish: str) -> set[int]:
    """Take account of a whole look at a mailbox; return the conversations to refresh.

    What two such looks did not find was deleted on the server: with the `wish` "keep" nothing
    happens, with "mark" it is marked, with "mirror" it is deleted here as well (rule O7).
    """
    if not any_gone(tx.conn, account_id):
        return set()
    looked = tx.conn.execute(_LOOKED, {"account": account_id, "last": _CONFIRMED}).all()
    keys = [key for key, looks in looked if looks == _CONFIRMED]
    if not keys or wish not in ("mark", "mirror"):
        return set()
    values = {"ids": bulk.packed(keys), "warning": DELETED_ELSEWHERE}
    if wish == "mark":
        touched = tx.conn.execute(_MARK, values).all()
    else:
        touched = tx.conn.execute(_MIRROR, {**values, "now": to_milliseconds(tx.now)}).all()
        file_texts.forget_messages(tx, keys)
    tx.touch(message=[key for key, _ in touched])
    return {conversation for _, conversation in touched}


def _put_back(tx: Tx, keys: Iterable[int]) -> set[int]:
    values = {"ids": bulk.packed(keys), "warning": DELETED_ELSEWHERE}
    touched = tx.conn.execute(_UNMARK, values).all()
    tx.touch(message=[key for key, _ in touched])
    return {conversation for _, conversation in touched}


_ANY_GONE = text("SELECT EXISTS (SELECT 1 FROM message_gone WHERE account_id = :account)")
_FOUND = text(
    """
    DELETE FROM message_gone WHERE message_id IN (SELECT value FROM json_each(:ids))
        AND EXISTS (SELECT 1 FROM message_location l WHERE l.message_id = message_gone.message_id)
    RETURNING message_id, looks
    """
)
_LOOKED = text(
    """
    UPDATE message_gone SET looks = looks + 1 WHERE account_id = :account AND looks < :last
    RETURNING message_id, looks
    """
)
_MARK = text(
    """
    UPDATE message SET warnings = json_insert(coalesce(warnings, '[]'), '$[#]', :warning)
    WHERE id IN (SELECT value FROM json_each(:ids))
    RETURNING id, conversation_id
    """
)
_MIRROR = text(
    """
    UPDATE message SET deleted_at = :now WHERE id IN (SELECT value FROM json_each(:ids))
    RETURNING id, conversation_id
    """
)
_UNMARK = text(
    """
    UPDATE message SET deleted_at = NULL, warnings = (
        SELECT json_group_array(value) FROM json_each(coalesce(message.warnings, '[]'))
        WHERE value <> :warning
    )
    WHERE id IN (SELECT value FROM json_each(:ids))
    RETURNING id, conversation_id
    """
)
