"""A workspace whose accounts reach their services through the connectors themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop_inbox import connectors
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import secrets_name
from desktop_inbox.sync.engine import Engine
from tests.support.engine_room import Room


@dataclass
class LiveDesk(Room):
    """A desk whose engine makes real connectors."""

    secrets: MemorySecrets = field(default_factory=MemorySecrets)

    def add(self, kind: str, address: str, secret: Mapping[str, str], **settings: object) -> int:
        key = self.write(
            lambda tx: accounts.create(
                tx, kind=kind, title=kind, address=address, settings=settings
            )
        )
        row = self.read(lambda conn: accounts.row(conn, key))
        assert row is not None
        self.secrets.set(secrets_name(row.uid), json.dumps(dict(secret)))
        return key

    def engine(self) -> Engine:
        return Engine(self.workspace, self.secrets, connectors=connectors.create)

    def answer(self, conversation_id: int, body: str) -> int:
        draft = DraftContent(conversation_id=conversation_id, body=body)
        return self.write(
            lambda tx: replies.queue_reply(tx, self.workspace.files, draft=draft)
        ).message_id

    def begin(
        self, account_id: int, to: str, body: str, *, form: Mapping[str, object] | None = None
    ) -> int:
        """Queue a message that begins something."""
        draft = DraftContent(
            mode="new", account_id=account_id, to=(Address(address=to),), body=body, form=form
        )
        return self.write(
            lambda tx: replies.compose_new(tx, self.workspace.files, draft=draft)
        ).message_id

    def all_messages(self) -> list[MessageRow]:
        return [one for row in self.conversations() for one in self.messages(row.id)]

    def heard(self) -> list[str]:
        """Return what customers said, in no order."""
        return [one.text for one in self.all_messages() if one.direction is Direction.IN]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LiveDesk]:
    """A desk without an account."""
    desk = LiveDesk(workspace=Workspace.open(tmp_path / "desk"))
    yield desk
    desk.workspace.close()
