"""A workspace with as many conversations as asked for, filled straight through the driver.

The program's own ingest is measured elsewhere; here only the size matters, and the shape: a
message each, a few per cent with tags, due times or unread mail, words as rare as in real text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bench.words import SYLLABLES
from desktop_inbox.store import DATABASE_NAME, driver
from desktop_inbox.store.workspace import Workspace

CUSTOMERS_PER_CONVERSATION = 0.3
BASE_MS = 1_700_000_000_000
STEP_MS = 60_000
PHRASE = "sirli kase"  # two words that now and then stand side by side
COMMON, RARE, PREFIX = "teapot", "qaraqul", "zeb"

_NUMBERS = """
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
"""
_FILL = (
    (
        "INSERT INTO account (id, uid, kind, title, address, settings, enabled) VALUES"
        " (1, 'account-1', 'email', 'Shop', 'hello@pottery.example', '{}', 0),"
        " (2, 'account-2', 'email', 'Sales', 'sales@pottery.example', '{}', 0)"
    ),
    "INSERT INTO tag (id, uid, name, hue) VALUES (1, 'tag-1', 'wholesale', 30)",
    "INSERT INTO customer (id, uid, name, company, first_seen_at)"
    + _NUMBERS.replace(":rows", ":customers")
    + "SELECT i, 'customer-' || i, 'Customer ' || i, 'Company ' || (i % 977), :base FROM n",
    "INSERT INTO conversation (id, uid, customer_id, subject, status, priority, assignee_id,"
    " created_at, account_id, channel, last_at, last_in_at, waiting_since, next_due_at, warn_at,"
    " due_clock, due_state, unread,"
    " message_count, snippet, last_direction)"
    + _NUMBERS
    + "SELECT i, 'conversation-' || i, 1 + (i * 7919) % :customers, 'Order ' || i || ' of bowls',"
    " CASE WHEN h < 55 THEN 'open' WHEN h < 96 THEN 'closed' WHEN h < 98 THEN 'snoozed'"
    " ELSE 'spam' END, CASE h % 10 WHEN 0 THEN 'urgent' WHEN 1 THEN 'high' ELSE 'normal' END,"
    " CASE WHEN h % 3 = 0 THEN 1 END, t, 1 + i % 2, 'email', t, t,"
    " CASE WHEN h < 20 THEN t END, CASE WHEN h < 8 THEN t + 86400000 END,"
    " CASE WHEN h < 8 THEN t + 70000000 END, CASE WHEN h < 8 THEN 'next_response' END,"
    " CASE WHEN h < 8 THEN 'running' END,"
    " CASE WHEN h % 9 = 0 THEN 1 ELSE 0 END, 1, 'Hello, my order has a crack near the rim', 'in'"
    " FROM (SELECT i, (i * 2654435761 / 65536) % 100 AS h, :base + i * :step AS t FROM n)",
    (
        "INSERT INTO conversation_tag (tag_id, conversation_id, last_at)"
        " SELECT 1, id, last_at FROM conversation WHERE id % 37 = 0"
    ),
    (
        "INSERT INTO message (id, uid, conversation_id, origin_id, account_id, direction,"
        " external_id, refs, subject, people, at, snippet)"
        " SELECT id, 'message-' || id, id, id, account_id, 'in', id || '@pottery.example', '[]',"
        ' subject, \'{"from":[["Customer","c@x.example"]]}\', last_at, snippet FROM conversation'
    ),
    (
        "INSERT INTO message_body (message_id, text)"
        " SELECT id, 'Hello, my ' || subject || ' has a crack near the rim.' FROM conversation"
    ),
)


def build(folder: Path, *, rows: int, seed: int) -> None:
    """Create a workspace with `rows` conversations in `folder`."""
    Workspace.open(folder).close()
    connection = driver.open_file(folder / DATABASE_NAME, key=None)
    numbers = {
        "rows": rows,
        "customers": max(1, int(rows * CUSTOMERS_PER_CONVERSATION)),
        "base": BASE_MS,
        "step": STEP_MS,
    }
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for statement in _FILL:
        wanted = {name: value for name, value in numbers.items() if f":{name}" in statement}
        connection.execute(statement, wanted)
    connection.executemany(
        "INSERT INTO message_fts (rowid, subject, sender, body) VALUES (?, ?, ?, ?)",
        _indexed(rows, seed),
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA optimize")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _indexed(rows: int, seed: int) -> Iterator[tuple[int, str, str, str]]:
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(40_000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    pool = chance.choices(words, weights, k=1_000_000)
    for row in range(1, rows + 1):
        start = chance.randrange(len(pool) - 60)
        body = " ".join(pool[start : start + chance.randint(20, 60)])
        if row % 10 == 0:
            body += f" {COMMON}"
        if row % 1000 == 0:
            body += f" {PHRASE}"
        if row % 20_000 == 0:
            body += f" {RARE}"
        yield row, f"order {row} of bowls", f"customer {row % 3000} c{row % 3000}@x.example", body
