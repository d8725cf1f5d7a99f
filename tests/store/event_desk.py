"""What the tests of events share: two conversations, and a person who changes things."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_inbox.domain.events import Event, FieldChange, undo
from desktop_inbox.store import (
    conversations,
    events,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.database import Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail


class Desk:
    """A store with two conversations, and a person who changes things in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.first, self.second = store.write(self._fill)
        self.first_uid, self.second_uid = self.row(self.first).uid, self.row(self.second).uid

    @staticmethod
    def _fill(tx: Tx) -> tuple[int, int]:
        account_id = builders.account(tx)
        found = []
        for number in range(2):
            key = builders.conversation(tx, subject=f"Order {number}")
            at = NOON + timedelta(hours=number)
            builders.message(tx, key, Mail(at=at, seen=False), account_id=account_id)
            found.append(key)
        return found[0], found[1]

    def row(self, conversation_id: int) -> ConversationRow:
        found = self.store.read(lambda conn: conversations.row(conn, conversation_id))
        assert found is not None
        return found

    def do(self, kind: str, *changes: FieldChange, uid: str | None = None) -> Event:
        return self.store.write(
            lambda tx: events.record(tx, kind, changes, conversation=uid or self.first_uid)
        )

    def set(self, field: str, after: object, *, before: object = None) -> Event:
        change = FieldChange("conversation", self.first_uid, field, before, after)
        return self.do(f"conversation.{field}", change)

    def take_back(self, done: Event) -> None:
        def write(tx: Tx) -> None:
            inverse = undo(
                done,
                uid=f"undo {done.uid}",
                hlc=events.stamp(tx),
                at=tx.now,
                group_uid="undone",
                actor=done.actor,
            )
            events.apply(tx, inverse)

        self.store.write(write)

    def listed(self, view: str) -> list[int]:
        return list(self.store.read(lambda conn: conversations.ids(conn, ListQuery(view=view))))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)
