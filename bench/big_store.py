"""A workspace with as many conversations as asked for, filled straight through the driver.

The program's own ingest is measured elsewhere; here only the size matters, and the shape: a message
each and now and then two, a few per cent with tags, files, due times or unread mail, words as rare
as in real text, and one conversation of LONG messages on top. The same for the same seed.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bench.words import SYLLABLES
from desktop_inbox.domain.conditions import Group, to_json
from desktop_inbox.store import DATABASE_NAME, driver
from desktop_inbox.store.workspace import Workspace

CUSTOMERS_PER_CONVERSATION = 0.3
BASE_MS = 1_700_000_000_000
STEP_MS = 60_000
LONG = 200  # messages of the longest conversation
PHRASE = "sirli kase"  # two words that now and then stand side by side
COMMON, RARE, PREFIX = "teapot", "qaraqul", "zeb"
TAGS = ("wholesale", "everyday", "museum")  # on 3 % of all conversations, on a third, on a few
NAMES = ("Alice", "Mina", "Tom", "Grace", "Oliver", "Maya", "Henry", "Ruth", "Selim", "Defne")

_ANSWERED = 50  # every so many-th conversation was answered
_ANSWER_AFTER = 20_000  # steps later, so that their order is not that of their first messages
_SUBJECTS = ("of bowls", "for the kitchen", "is late", "arrived broken", "as a present")
_NUMBERS = """
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
"""
_FILL = (
    (
        "INSERT INTO account (id, uid, kind, title, address, settings, enabled) VALUES"
        " (1, 'account-1', 'email', 'Shop', 'hello@pottery.example', '{}', 0),"
        " (2, 'account-2', 'email', 'Sales', 'sales@pottery.example', '{}', 0),"
        " (3, 'account-3', 'email', 'Museum', 'museum@pottery.example', '{}', 0)"
    ),
    "INSERT INTO conversation (id, uid, customer_id, subject, status, priority, assignee_id,"
    " created_at, account_id, channel, last_at, last_in_at, waiting_since, next_due_at, warn_at,"
    " due_clock, due_state, unread, message_count, has_attachment, starred, failed, snippet,"
    " last_direction)"
    + _NUMBERS
    + "SELECT i, 'conversation-' || i, 1 + (i * 7919) % :customers, 'Order ' || i || ' of bowls',"
    " CASE WHEN h < 55 THEN 'open' WHEN h < 96 THEN 'closed' WHEN h < 98 THEN 'snoozed'"
    " ELSE 'spam' END, CASE h % 10 WHEN 0 THEN 'urgent' WHEN 1 THEN 'high' ELSE 'normal' END,"
    " CASE WHEN h % 3 = 0 THEN 1 END, t, CASE WHEN i % 97 = 0 THEN 3 ELSE 1 + i % 2 END, 'email',"
    " t, t, CASE WHEN h < 20 THEN t END, CASE WHEN h < 8 THEN t + 86400000 END,"
    " CASE WHEN h < 8 THEN t + 70000000 END, CASE WHEN h < 8 THEN 'next_response' END,"
    " CASE WHEN h < 8 THEN 'running' END,"
    " CASE WHEN h % 9 = 0 THEN 1 ELSE 0 END, 1, i % 8 = 0, i % 500 = 0, i % 5000 = 0,"
    " 'Hello, my order has a crack near the rim', 'in'"
    " FROM (SELECT i, (i * 2654435761 / 65536) % 100 AS h, :base + i * :step AS t FROM n)",
    (
        "INSERT INTO conversation_tag (tag_id, conversation_id, last_at)"
        " SELECT tag.id, conversation.id, last_at FROM tag JOIN conversation"
        " WHERE conversation.id % CASE tag.id WHEN 1 THEN 37 WHEN 2 THEN 3 ELSE 50021 END = 0"
    ),
    (
        "INSERT INTO draft (uid, conversation_id, author_id, mode, recipients, body, attachments,"
        " updated_at) SELECT 'draft-' || id, id, 1, 'reply', '{}', 'I will look', '[]', last_at"
        " FROM conversation WHERE id % 50000 = 7"
    ),
    (
        "INSERT INTO outbox (message_id, account_id, state, not_before, next_at, queued_at, draft)"
        " SELECT id, 1, 'queued', at, at, at, '{}' FROM message WHERE direction = 'out'"
        " AND conversation_id % 100000 = 0"
    ),
)
_MESSAGE = (
    "INSERT INTO message (id, uid, conversation_id, origin_id, account_id, direction, external_id,"
    " refs, subject, people, at, snippet) VALUES (?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?, ?)"
)
_BODY = "INSERT INTO message_body (message_id, text) VALUES (?, ?)"
_INDEXED = (
    "INSERT INTO message_fts (rowid, subject, sender, recipients, body, note)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_AT_A_TIME = 10_000
_CACHE_KIB = 200_000


def built(*, rows: int, seed: int) -> Path:
    """Return a workspace with `rows` conversations, built once in a run and gone after it."""
    return Path(_kept(rows, seed).name)


@cache
def _kept(rows: int, seed: int) -> tempfile.TemporaryDirectory[str]:
    began = time.perf_counter()
    folder = tempfile.TemporaryDirectory(prefix="bench-rows-")
    build(Path(folder.name), rows=rows, seed=seed)
    print(f"· {rows:,} rows built in {time.perf_counter() - began:.0f} s", flush=True)
    return folder


def build(folder: Path, *, rows: int, seed: int) -> None:
    """Create a workspace with `rows` conversations in `folder`."""
    Workspace.open(folder).close()
    connection = driver.open_file(folder / DATABASE_NAME, key=None)
    connection.execute(
        "PRAGMA journal_mode = OFF"
    )  # nobody else is there, and what is lost is lost
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("BEGIN")
    indexes = _dropped_indexes(connection)
    _fill(connection, rows=rows, seed=seed)
    for index in indexes:
        connection.execute(index)
    connection.execute("COMMIT")
    connection.execute("PRAGMA optimize")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _dropped_indexes(connection: Any) -> list[str]:
    """Drop every index and return what makes them again: sorted once instead of row by row."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _sql in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _name, sql in found]


def _fill(connection: Any, *, rows: int, seed: int) -> None:
    customers = max(1, int(rows * CUSTOMERS_PER_CONVERSATION))
    numbers = {"rows": rows, "customers": customers, "base": BASE_MS, "step": STEP_MS}
    connection.executemany(
        "INSERT INTO tag (id, uid, name, hue) VALUES (?, ?, ?, ?)",
        [(key, f"tag-{key}", name, 30 * key) for key, name in enumerate(TAGS, 1)],
    )
    text = _Text(random.Random(seed))
    _customers(connection, customers, text)
    for statement in _FILL[:2]:
        _run(connection, statement, numbers)
    _messages(connection, rows, text)
    connection.execute(_LAST_MESSAGES)
    connection.execute("UPDATE conversation SET status = 'open' WHERE id = ?", (rows,))
    for statement in _FILL[2:]:
        _run(connection, statement, numbers)
    _files(connection, rows, text)


def end(rows: int) -> datetime:
    """Return the moment after everything in a workspace with so many rows."""
    return datetime.fromtimestamp((BASE_MS + (rows + 2 * LONG) * STEP_MS) / 1000, UTC)


def save_view(folder: Path, key: int, condition: Group) -> None:
    """Add a saved view with this key to a workspace that was built."""
    connection = driver.open_file(folder / DATABASE_NAME, key=None)
    connection.execute(
        "INSERT OR REPLACE INTO saved_view (id, uid, name, condition) VALUES (?, ?, ?, ?)",
        (key, f"view-{key}", f"View {key}", json.dumps(to_json(condition))),
    )
    connection.close()


def _run(connection: Any, statement: str, numbers: dict[str, int]) -> None:
    wanted = {name: value for name, value in numbers.items() if f":{name}" in statement}
    connection.execute(statement, wanted)


class _Text:
    """Endless text whose words are as rare as in real text."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.words = [
            "".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(40_000)
        ]
        weights = [1 / (rank + 3) for rank in range(len(self.words))]
        self._pool = chance.choices(self.words, weights, k=1_000_000)

    def some(self, fewest: int, most: int) -> str:
        start = self.chance.randrange(len(self._pool) - most)
        return " ".join(self._pool[start : start + self.chance.randint(fewest, most)])


def _customers(connection: Any, count: int, text: _Text) -> None:
    known = []
    for key in range(1, count + 1):
        given, family = NAMES[key % len(NAMES)], text.words[key % len(text.words)].title()
        known.append((key, f"{given} {family}", f"Company {key % 977}", f"c{key}@x.example"))
    connection.executemany(
        "INSERT INTO customer (id, uid, name, company, first_seen_at, vip, language)"
        f" VALUES (?1, 'customer-' || ?1, ?2, ?3, {BASE_MS}, ?1 % 50 = 0,"
        " CASE ?1 % 5 WHEN 0 THEN 'tr' WHEN 1 THEN 'en-GB' WHEN 2 THEN 'en' ELSE '' END)",
        [one[:3] for one in known],
    )
    connection.executemany(
        "INSERT INTO identity (id, uid, customer_id, kind, address, label)"
        " VALUES (?1, 'identity-' || ?1, ?1, 'email', ?2, ?2)",
        [(key, address) for key, _name, _company, address in known],
    )
    connection.executemany(
        "INSERT INTO customer_fts (rowid, words) VALUES (?, ?)",
        [(key, " ".join(words).lower()) for key, *words in known],
    )


def _messages(connection: Any, rows: int, text: _Text) -> None:
    senders = dict(connection.execute("SELECT id, name FROM customer"))
    batch: list[tuple[int, int, str, str]] = []  # when, conversation, direction, body
    for when, conversation, direction in _moments(rows):
        body = text.some(20, 60)
        if direction == "in" and when == conversation:
            body += f" {COMMON}" * (conversation % 10 == 0)
            body += f" {PHRASE}" * (conversation % 1000 == 0)
            body += f" {RARE}" * (conversation % 20_000 == 0)
        batch.append((when, conversation, direction, body))
        if len(batch) == _AT_A_TIME:
            _store(connection, batch, senders)
            batch = []
    _store(connection, batch, senders)


def _moments(rows: int) -> Iterator[tuple[int, int, str]]:
    """Yield step, conversation and direction of every message, in the order of their time."""
    for step in range(1, rows + 1):
        yield step, step, "in"
        answered = step - _ANSWER_AFTER
        if answered > 0 and answered % _ANSWERED == 0:
            yield step, answered, "out"
        if step % 211 == 0:
            yield step, step, "note"
    for further in range(1, LONG):
        yield rows + further, rows, "out" if further % 2 else "in"


def _store(
    connection: Any, batch: list[tuple[int, int, str, str]], senders: dict[int, str]
) -> None:
    messages, bodies, indexed = [], [], []
    place = {"in": 0, "out": 1, "note": 2}
    for when, conversation, direction, body in batch:
        at = BASE_MS + when * STEP_MS
        key = (at // 1000 << 16) + place[direction]
        account = 3 if conversation % 97 == 0 else 1 + conversation % 2
        customer = 1 + (conversation * 7919) % len(senders)
        writer = f"{senders[customer]} c{customer}@x.example".lower()
        ours = "shop hello@pottery.example"
        subject = f"Order {conversation} {_SUBJECTS[conversation % len(_SUBJECTS)]}"
        people = {"from": [[senders[customer], f"c{customer}@x.example"]]}
        messages.append(
            (
                key, f"message-{key}", conversation, conversation, account, direction,
                f"{key}@x.example", subject, json.dumps(people), at, body[:100],
            )
        )  # fmt: skip
        bodies.append((key, body))
        if direction == "note":
            indexed.append((key, "", "", "", "", body))
            continue
        people_of = (writer, ours) if direction == "in" else (ours, writer)
        indexed.append((key, subject.lower(), *people_of, body, ""))
    connection.executemany(_MESSAGE, messages)
    connection.executemany(_BODY, bodies)
    connection.executemany(_INDEXED, indexed)


# What conversations show of the messages that came later than their first.
_LAST_MESSAGES = """
UPDATE conversation SET last_at = latest.at, message_count = latest.counted,
    last_direction = CASE WHEN latest.at > latest.in_at THEN 'out' ELSE 'in' END,
    last_in_at = latest.in_at
FROM (
    SELECT conversation_id, max(at) FILTER (WHERE direction <> 'note') AS at,
        max(at) FILTER (WHERE direction = 'in') AS in_at, count(*) AS counted
    FROM message GROUP BY conversation_id HAVING count(*) > 1
) latest WHERE latest.conversation_id = conversation.id
"""


def _files(connection: Any, rows: int, text: _Text) -> None:
    """Give every eighth conversation a file: pictures, and a few whose words were read."""
    attached, read, indexed = [], [], []
    for conversation in range(8, rows + 1, 8):
        message = (BASE_MS + conversation * STEP_MS) // 1000 << 16
        has_words = conversation % 80 == 0
        name = f"invoice {conversation}.pdf" if has_words else f"photo {conversation}.jpg"
        kind = "application/pdf" if has_words else "image/jpeg"
        words = text.some(40, 80) if has_words else ""
        attached.append((conversation, message, name, kind, "text" if has_words else "none"))
        key = message << 10
        read.append((key, conversation, zlib.compress(words.encode())))
        indexed.append((key, name, words))
    connection.executemany(
        "INSERT INTO attachment (id, uid, message_id, name, safe_name, media_type, size, state,"
        " searched) VALUES (?1, 'attachment-' || ?1, ?2, ?3, ?3, ?4, 1000, 'message', ?5)",
        attached,
    )
    connection.executemany("INSERT INTO file_text (id, attachment_id, text) VALUES (?, ?, ?)", read)
    connection.executemany("INSERT INTO file_fts (rowid, name, body) VALUES (?, ?, ?)", indexed)
