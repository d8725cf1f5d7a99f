"""A workspace with one account behind a scripted service, and an engine to run on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from desktop_inbox.connectors.contract import AccountConfig, Connector
from desktop_inbox.domain.messages import Address
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, conversations, messages, outbox
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow, OutboxRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine import Engine
from tests.support.scripted_connector import ScriptedConnector, Service

T = TypeVar("T")

ADDRESS = "shop@example.com"


@dataclass
class Room:
    """One workspace and its services by account id."""

    workspace: Workspace
    services: dict[int, Service] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> Room:
        return cls(workspace=Workspace.open(folder))

    def add_account(self, address: str = ADDRESS, service: Service | None = None) -> int:
        key = self.write(
            lambda tx: accounts.create(
                tx, kind="email", title="Shop", address=address, settings={"name": "The shop"}
            )
        )
        self.services[key] = service or Service()
        return key

    def connect(self, kind: str, config: AccountConfig) -> Connector:
        assert kind == "email"
        return ScriptedConnector(config, self.services[config.id])

    def engine(self) -> Engine:
        return Engine(self.workspace, MemorySecrets(), connectors=self.connect)

    def read(self, what: Callable[[Any], T]) -> T:
        return self.workspace.db.read(what).result(10)

    def write(self, what: Callable[[Tx], T]) -> T:
        return self.workspace.db.write(what).result(10)

    # What is there

    def conversations(self, view: str = "all") -> list[ConversationRow]:
        query = conversations.ListQuery(view=view)
        return self.read(lambda conn: conversations.page(conn, query, limit=1000)[0])

    def messages(self, conversation_id: int) -> list[MessageRow]:
        return self.read(lambda conn: messages.of_conversation(conn, conversation_id))

    def message(self, message_id: int) -> MessageRow:
        row = self.read(lambda conn: messages.row(conn, message_id))
        assert row is not None
        return row

    def outbox(self) -> list[OutboxRow]:
        return self.read(outbox.list_all)

    # What people do

    def queue(
        self,
        *,
        to: str = "ayse@example.org",
        body: str = "Yes, two are left.",
        conversation_id: int | None = None,
        account_id: int | None = None,
        attachments: Sequence[Mapping[str, object]] = (),
        **more: Any,
    ) -> replies.QueuedReply:
        draft = DraftContent(
            conversation_id=conversation_id,
            account_id=account_id,
            mode="reply" if conversation_id else "new",
            to=(Address(address=to),),
            subject="Re: A question",
            body=body,
            attachments=attachments,
        )
        return self.write(
            lambda tx: replies.queue_reply(tx, self.workspace.files, draft=draft, **more)
        )


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[None]:
    """Run an engine until the block ends."""
    started = asyncio.Event()
    task = asyncio.create_task(engine.run(on_started=started.set))
    waiting = asyncio.create_task(started.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield
    finally:
        waiting.cancel()
        engine.stop()
        await task


async def eventually(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Return once `condition` holds; it is asked again whenever others had a turn."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is asked for lies in a database
            await asyncio.sleep(0.005)
