"""A customer's files over all of their conversations."""

from __future__ import annotations

from datetime import timedelta

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import customer_files
from desktop_inbox.store.database import Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import MINA, NOON, Mail

LENA = Address(name="Lena", address="lena@other.example")


def test_they_are_the_customers_only_and_the_newest_come_first(store: Store) -> None:
    def fill(tx: Tx) -> tuple[int, int, int]:
        one, two = builders.conversation(tx), builders.conversation(tx)
        hers = builders.conversation(tx, who=LENA)
        builders.message(tx, one, Mail(at=NOON, attachments=("old.pdf",)))
        later = NOON + timedelta(days=1)
        builders.message(tx, two, Mail(at=later, attachments=("new.pdf", "newer.pdf")))
        builders.message(tx, hers, Mail(who=LENA, attachments=("hers.pdf",)))
        return builders.customer(tx, MINA).customer_id, one, hers

    mina, one, hers = store.write(fill)
    found = store.read(lambda conn: customer_files.of_customer(conn, mina, limit=10))
    assert [file.name for file in found] == ["new.pdf", "newer.pdf", "old.pdf"]
    assert found[-1].conversation_id == one
    assert store.read(lambda conn: customer_files.count(conn, mina)) == 3
    assert len(store.read(lambda conn: customer_files.of_customer(conn, mina, limit=2))) == 2
    assert store.read(lambda conn: customer_files.any_of(conn, mina, [hers, one]))
    assert not store.read(lambda conn: customer_files.any_of(conn, mina, [hers]))
