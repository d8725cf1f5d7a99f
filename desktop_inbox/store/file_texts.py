"""The words in attachments: which are still to be read, what was read, and finding them again.

Reads are functions of a connection, writes of a transaction. Whoever deletes an attachment has
its words forgotten first.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from desktop_inbox.domain.folding import fold
from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.excerpts import excerpt

BITS = 10  # behind the id of a message, of that of the words of its files
MOST_OF_A_MESSAGE = 1 << BITS  # files whose words are searched
TEXT = "text"
NONE = "none"  # it has no words, as a picture

_LOOKED_AT = 200_000  # characters of a file in which a snippet is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An attachment whose words are still to be read, and where its bytes lie."""

    id: int
    message_id: int
    name: str
    media_type: str
    size: int
    sha256: str  # of the file, or of the raw message that holds it; '' where neither is here
    section: str  # within that raw message, '' for a file
    raw_packed: bytes | None = None  # that raw message, where it is small


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What came of reading an attachment."""

    attachment_id: int
    message_id: int
    name: str
    outcome: str  # TEXT, NONE, or why it could not be read
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHit:
    """A file that was found, by its name or its words; `marks` are ranges of the snippet."""

    attachment_id: int
    message_id: int
    conversation_id: int
    name: str
    media_type: str
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many attachments there are, and of how many the words are known."""

    total: int = 0
    searched: int = 0
    unreadable: int = 0  # of those searched: looked at once, by name only
    on_server: int = 0  # of the total: not fetched yet

    @property
    def waiting(self) -> int:
        """How many are still to be read by themselves."""
        return self.total - self.searched - self.on_server


# Reading


def unread(conn: Connection, *, limit: int) -> list[Unread]:
    """Return attachments whose words are still to be read, the newest messages first."""
    found = conn.execute(_UNREAD, {"limit": limit}).mappings()
    return [Unread(**row) for row in found]


_UNREAD = text(
    """
    SELECT a.id, a.message_id, a.name, a.media_type, a.size,
        CASE a.state WHEN 'file' THEN a.sha256 ELSE coalesce(b.raw_sha256, '') END AS sha256,
        CASE a.state WHEN 'file' THEN '' ELSE a.section END AS section,
        CASE a.state WHEN 'file' THEN NULL ELSE b.raw_packed END AS raw_packed
    FROM attachment a JOIN message m ON m.id = a.message_id
    LEFT JOIN message_body b ON b.message_id = a.message_id
    WHERE a.searched IS NULL AND a.state <> 'server' AND m.deleted_at IS NULL
    ORDER BY a.message_id DESC LIMIT :limit
    """
)


def progress(conn: Connection) -> Progress:
    """Return how far reading has come."""
    return Progress(**conn.execute(_PROGRESS).mappings().one())


_PROGRESS = text(
    """
    SELECT count(*) AS total, count(a.searched) AS searched,
        count(*) FILTER (WHERE a.searched NOT IN ('text', 'none')) AS unreadable,
        count(*) FILTER (WHERE a.searched IS NULL AND a.state = 'server') AS on_server
    FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.deleted_at IS NULL
    """
)


def is_incomplete(conn: Connection) -> bool:
    """Tell whether words of some attachment are still to be read; costs next to nothing."""
    return bool(unread(conn, limit=1))


def find(
    conn: Connection, expression: str, *, pattern: re.Pattern[str] | None, limit: int
) -> tuple[FileHit, ...]:
    """Return the newest files that match an FTS5 expression, '' for none."""
    if not expression:
        return ()
    found = conn.execute(_FOUND, {"match": expression, "limit": limit}).all()
    hits = []
    for key, message_id, conversation_id, name, media_type, packed in found:
        words = zlib.decompress(packed).decode()
        snippet, marks = excerpt(words[:_LOOKED_AT], "", pattern=pattern)
        hits.append(
            FileHit(
                attachment_id=key,
                message_id=message_id,
                conversation_id=conversation_id,
                name=name,
                media_type=media_type,
                snippet=snippet,
                marks=marks,
            )
        )
    return tuple(hits)


_FOUND = text(
    """
    SELECT a.id, m.id, m.conversation_id, a.name, a.media_type, t.text
    FROM file_fts f JOIN file_text t ON t.id = f.rowid
    JOIN attachment a ON a.id = t.attachment_id JOIN message m ON m.id = a.message_id
    WHERE file_fts MATCH :match AND m.deleted_at IS NULL
    ORDER BY f.rowid DESC LIMIT :limit
    """
)


# Writing


def put(tx: Tx, read: Sequence[Words]) -> None:
    """Keep what was read, in place of what was known; who lost the file meanwhile is left out."""
    here = set(tx.conn.scalars(_HERE, {"ids": bulk.packed(one.attachment_id for one in read)}))
    kept = [one for one in read if one.attachment_id in here]
    if not kept:
        return
    forget(tx, (one.attachment_id for one in kept))
    for one in kept:
        taken = tx.conn.scalar(_LAST, _span(one.message_id))
        key = _span(one.message_id)["first"] if taken is None else taken + 1
        if key <= _span(one.message_id)["last"]:
            packed = zlib.compress(one.text.encode("utf-8", "replace"))
            tx.conn.execute(_KEEP, {"id": key, "attachment": one.attachment_id, "text": packed})
            tx.conn.execute(_INDEX, {"id": key, "name": fold(one.name), "body": fold(one.text)})
    tx.conn.execute(
        text("UPDATE attachment SET searched = :outcome WHERE id = :id"),
        [{"id": one.attachment_id, "outcome": one.outcome} for one in kept],
    )


def _span(message_id: int) -> dict[str, int]:
    """Return the ids that the files of a message may have: in the order of the messages."""
    first = message_id << BITS
    return {"first": first, "last": first + MOST_OF_A_MESSAGE - 1}


def forget(tx: Tx, attachment_ids: Iterable[int]) -> None:
    """Remove the words of these attachments, which may then be read again."""
    wanted = {"ids": bulk.packed(attachment_ids)}
    tx.conn.execute(_UNINDEX, wanted)
    tx.conn.execute(_FORGET, wanted)
    tx.conn.execute(_AGAIN, wanted)


def forget_messages(tx: Tx, message_ids: Iterable[int]) -> None:
    """Remove the words of all files of these messages: they were deleted."""
    found = tx.conn.scalars(_OF_MESSAGES, {"ids": bulk.packed(message_ids)}).all()
    if found:
        forget(tx, found)


_HERE = text("SELECT id FROM attachment WHERE id IN (SELECT value FROM json_each(:ids))")
_LAST = text("SELECT max(id) FROM file_text WHERE id BETWEEN :first AND :last")
_KEEP = text("INSERT INTO file_text (id, attachment_id, text) VALUES (:id, :attachment, :text)")
_INDEX = text("INSERT OR REPLACE INTO file_fts (rowid, name, body) VALUES (:id, :name, :body)")
_FORGET = text("DELETE FROM file_text WHERE attachment_id IN (SELECT value FROM json_each(:ids))")
_UNINDEX = text(
    """
    DELETE FROM file_fts WHERE rowid IN (
        SELECT id FROM file_text WHERE attachment_id IN (SELECT value FROM json_each(:ids))
    )
    """
)
_AGAIN = text(
    "UPDATE attachment SET searched = NULL WHERE id IN (SELECT value FROM json_each(:ids))"
)
_OF_MESSAGES = text(
    """
    SELECT id FROM attachment
    WHERE message_id IN (SELECT value FROM json_each(:ids)) AND searched IS NOT NULL
    """
)
