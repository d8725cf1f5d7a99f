"""Which messages are here already: by the name they bear and by where they lie on servers.

Reads are functions of a connection, writes of a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import account, message, message_location


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies on a server."""

    account_id: int
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What ingest has to know of a message that is here already."""

    id: int
    uid: str
    conversation_id: int
    origin_id: int
    thread_id: int | None
    account_id: int | None
    external_id: str | None
    direction: Direction
    complete: bool
    seen: bool
    delivery: Delivery | None
    subject: str


def by_external_ids(
    conn: Connection, account_id: int, external_ids: Iterable[str]
) -> dict[str, Known]:
    """Return the messages of an account that are here already, by external id (rule C4)."""
    wanted = {"account": account_id, "names": bulk.packed(external_ids)}
    return {row.external_id: _one_known(row) for row in conn.execute(_KNOWN_HERE, wanted).all()}


def by_message_ids(
    conn: Connection, account_id: int, message_ids: Iterable[str]
) -> dict[str, Known]:
    """Return the mails that bear these Message-IDs in any account, this one's where it has one."""
    wanted = {"account": account_id, "names": bulk.packed(message_ids)}
    return {row.external_id: _one_known(row) for row in conn.execute(_KNOWN_ANYWHERE, wanted)}


def by_places(conn: Connection, wanted: Iterable[Place]) -> dict[Place, Known]:
    """Return which message lies at each of these places, where we know one."""
    found: dict[Place, Known] = {}
    by_folder: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for place in wanted:
        by_folder[place.account_id, place.folder, place.uidvalidity].append(place.uid)
    for (account_id, folder, uidvalidity), uids in by_folder.items():
        lying = conn.execute(
            _KNOWN_IN_FOLDER,
            {
                "account": account_id,
                "folder": folder,
                "uidvalidity": uidvalidity,
                "uids": bulk.packed(uids),
            },
        )
        for row in lying:
            place = Place(account_id, folder, uidvalidity, row.place_uid)
            found[place] = _one_known(row)
    return found


_KNOWN = select(
    *message.c[
        "id", "uid", "conversation_id", "origin_id", "thread_id", "account_id", "external_id",
        "direction", "complete", "seen", "delivery", "subject",
    ]
)  # fmt: skip
_KNOWN_HERE = _KNOWN.where(
    message.c.account_id == bindparam("account"),
    message.c.external_id.in_(bulk.values_of("names")),
)
_KNOWN_ANYWHERE = _KNOWN.where(
    message.c.account_id.in_(select(account.c.id).where(account.c.kind == "email")),
    message.c.external_id.in_(bulk.values_of("names")),
).order_by(message.c.account_id == bindparam("account"))
_KNOWN_IN_FOLDER = (
    _KNOWN.add_columns(message_location.c.uid.label("place_uid"))
    .join(message_location, message_location.c.message_id == message.c.id)
    .where(
        message_location.c.account_id == bindparam("account"),
        message_location.c.folder == bindparam("folder"),
        message_location.c.uidvalidity == bindparam("uidvalidity"),
        message_location.c.uid.in_(bulk.values_of("uids")),
    )
)


def _one_known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(
        id=row.id,
        uid=row.uid,
        conversation_id=row.conversation_id,
        origin_id=row.origin_id,
        thread_id=row.thread_id,
        account_id=row.account_id,
        external_id=row.external_id,
        direction=Direction(row.direction),
        complete=row.complete,
        seen=row.seen,
        delivery=Delivery(row.delivery) if row.delivery else None,
        subject=row.subject,
    )


def places_of(conn: Connection, message_id: int) -> list[Place]:
    """Return where a message lies on its servers."""
    found = conn.execute(
        select(
            *message_location.c["account_id", "folder", "uidvalidity", "uid"],
        ).where(message_location.c.message_id == message_id)
    )
    return [Place(*row) for row in found]


def put_places(tx: Tx, lying: Mapping[Place, int]) -> None:
    """Note where messages lie; a place holds one message, the last one reported."""
    bulk.replace_all(
        tx.conn,
        message_location,
        [
            {
                "account_id": place.account_id,
                "folder": place.folder,
                "uidvalidity": place.uidvalidity,
                "uid": place.uid,
                "message_id": message_id,
            }
            for place, message_id in lying.items()
        ],
    )
