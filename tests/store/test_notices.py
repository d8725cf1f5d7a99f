"""What notifications are read with costs what there is to tell, however much there is besides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import TextClause, text

from desktop_inbox.domain.notices import Kind
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import notices
from desktop_inbox.store.database import Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail

GIVEN = {"ids": "[1]", "since": "0", "owner": 1, "now": 1, "from": "a", "to": "b", "before": 1}
QUERIES = sorted(name for name, value in vars(notices).items() if isinstance(value, TextClause))


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_walks_through_a_whole_table(store: Store, name: str) -> None:
    query: Any = getattr(notices, name)
    given = {key: value for key, value in GIVEN.items() if f":{key}" in query.text}
    plan = store.read(
        lambda conn: conn.execute(text(f"EXPLAIN QUERY PLAN {query.text}"), given).all()
    )
    steps = [line[3] for line in plan]
    assert not [step for step in steps if step.startswith("SCAN") and "json_each" not in step]
    # The many open conversations are never where a search begins.
    assert not [step for step in steps if "conversation_status" in step]


def test_an_arrival_says_who_wrote_where_and_whether_they_matter(store: Store) -> None:
    now = datetime.now(UTC)

    def write(tx: Tx) -> int:
        account_id = builders.account(tx)
        key = builders.conversation(tx, at=now)
        tx.conn.exec_driver_sql("UPDATE customer SET vip = 1")
        return builders.message(tx, key, Mail(at=now, seen=False), account_id=account_id)

    key = store.write(write)
    (one,) = store.read(
        lambda conn: notices.arrivals(conn, [key], since=now - timedelta(minutes=1))
    )
    assert (one.happened.kind, one.happened.who) == (Kind.EMAIL, "Mina Okafor")
    assert (one.happened.vip, one.mine, one.nobodys, one.seen) == (True, False, True, False)
    assert one.direction is Direction.IN
    store.write(lambda tx: notices.settle(tx, one.happened.keys))
    assert store.read(lambda conn: notices.arrivals(conn, [key], since=NOON)) == []


def test_old_mail_is_not_even_read(store: Store) -> None:
    def write(tx: Tx) -> int:
        return builders.message(tx, builders.conversation(tx), Mail(seen=False))

    key = store.write(write)
    assert store.read(lambda conn: notices.arrivals(conn, [key], since=datetime.now(UTC))) == []


def test_settling_twice_is_settling_once_with_the_later_time(store: Store) -> None:
    store.write(lambda tx: notices.settle(tx, ["account:a", "account:a"]))
    first = store.read(lambda conn: notices.told_at(conn, ["account:a", "account:b"]))
    store.write(lambda tx: notices.settle(tx, ["account:a"]))
    second = store.read(lambda conn: notices.told_at(conn, ["account:a"]))
    assert set(first) == set(second) == {"account:a"}
    assert second["account:a"] >= first["account:a"]
