"""What the search index holds of each message, folded by `domain.folding`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import text

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address
from desktop_inbox.store.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the search index holds of a message, folded by `domain.folding`."""

    message_id: int
    subject: str = ""
    sender: str = ""
    recipients: str = ""
    copied: str = ""
    body: str = ""
    note: str = ""


def put(tx: Tx, entries: Sequence[Indexed]) -> None:
    """Put messages into the search index, in place of what it held of them."""
    if entries:
        tx.conn.exec_driver_sql(
            "INSERT OR REPLACE INTO message_fts"
            " (rowid, subject, sender, recipients, copied, body, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            # By key: inserting in another order costs a third more.
            sorted(map(_INDEXED, entries)),
        )


_INDEXED = attrgetter("message_id", "subject", "sender", "recipients", "copied", "body", "note")


def entry(
    message_id: int,
    *,
    subject: str,
    body: str,
    from_: Iterable[Address] = (),
    to: Iterable[Address] = (),
    cc: Iterable[Address] = (),
    bcc: Iterable[Address] = (),
    reply_to: Iterable[Address] = (),
) -> Indexed:
    """Return what is indexed of a mail; its `body` is folded already.

    Who is to receive the answers counts as sender, whom nobody sees as recipient.
    """
    return Indexed(
        message_id=message_id,
        subject=fold(subject),
        sender=fold(" ".join(map(str, (*from_, *reply_to)))),
        recipients=fold(" ".join(map(str, (*to, *bcc)))),
        copied=fold(" ".join(map(str, cc))),
        body=body,
    )


def put_words(tx: Tx, message_id: int, *, body: str) -> None:
    """Put the words of a note into the search index."""
    put(tx, [Indexed(message_id=message_id, note=fold(body))])


def take_out(tx: Tx, message_ids: Iterable[int]) -> None:
    """Take messages out of the search index."""
    tx.conn.execute(
        text("DELETE FROM message_fts WHERE rowid = :id"),
        [{"id": message_id} for message_id in message_ids],
    )
