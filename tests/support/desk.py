"""A workspace whose account is a mailbox on a real server, and what one may ask of both sides."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, func, select

from bench.corpus import Sample, generate, write_maildir
from desktop_inbox.secrets import MemorySecrets, Secrets
from desktop_inbox.services import accounts
from desktop_inbox.store import conversations, messages, schema
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.engine import Engine
from desktop_inbox.sync.status import State
from tests.support.dovecot import Mailbox
from tests.support.mail_accounts import PASSWORD
from tests.support.smtp_server import SmtpServer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What became of everything that lay on the server (rule C8)."""

    stored: int
    duplicates: int
    quarantined: int


@dataclass(slots=True)
class Desk:
    """One workspace, its mailbox on the server, and the server that sends for it."""

    workspace: Workspace
    mailbox: Mailbox
    smtp: SmtpServer
    secrets: Secrets

    @classmethod
    def open(cls, folder: Path, mailbox: Mailbox, smtp: SmtpServer) -> Desk:
        """Open an empty workspace; no account is set up yet."""
        return cls(Workspace.open(folder), mailbox, smtp, MemorySecrets())

    def close(self) -> None:
        """Close the workspace."""
        self.workspace.close()

    # On the server

    def fill(self, count: int) -> list[Sample]:
        """Lay a generated mailbox onto the server and return what it holds."""
        samples = list(generate(count, shop=self.mailbox.address))
        write_maildir(samples, self.mailbox.folder)
        self._hand_over()
        return samples

    def _hand_over(self) -> None:
        server = self.mailbox.server
        if os.geteuid() == 0:  # the server keeps mail as another user
            home = server.root / "home" / self.mailbox.address
            for path in (home, *home.rglob("*")):
                os.chown(path, server.uid, server.gid)

    # In the program

    @property
    def settings(self) -> dict[str, object]:
        """What a person would type to set the account up."""
        config = self.mailbox.config(self.smtp, name="The Pottery")
        return {**config.settings, "address": self.mailbox.address}

    async def add_account(self) -> int:
        """Set the mailbox up as an account, with the real check of its settings."""
        added = await accounts.add(
            self.workspace,
            self.secrets,
            kind="email",
            settings=self.settings,
            secret_values={"password": PASSWORD},
        )
        return added.id

    async def sync(self) -> None:
        """Run the engine until everything is fetched and sent."""
        for status in (await self.engine().run(until_idle=True)).values():
            assert status.state is State.ONLINE, status

    def engine(self) -> Engine:
        """Return an engine for this workspace; one runs at a time."""
        return Engine(self.workspace, self.secrets)

    def read(self, what: Callable[[Connection], T]) -> T:
        """Ask the store."""
        return self.workspace.db.read(what).result(30)

    def write(self, what: Callable[[Tx], T]) -> T:
        """Do something as a person would."""
        return self.workspace.db.write(what).result(30)

    def conversations(self) -> list[ConversationRow]:
        """Return every conversation there is."""
        found: list[ConversationRow] = []
        for view in ("all", "spam"):
            listed = partial(conversations.page, query=ListQuery(view=view), limit=9999)
            found += self.read(listed)[0]
        return found

    def conversation_about(self, subject: str) -> ConversationRow:
        """Return the one conversation with this subject."""
        [found] = [row for row in self.conversations() if row.subject == subject]
        return found

    def timeline(self, conversation_id: int) -> list[MessageRow]:
        """Return the messages of a conversation, oldest first."""
        return self.read(lambda conn: messages.of_conversation(conn, conversation_id))

    def messages(self) -> list[MessageRow]:
        """Return every message there is."""
        return [one for row in self.conversations() for one in self.timeline(row.id)]

    def totals(self) -> Totals:
        """Return the counts that the program shows for its account."""
        cursor = schema.sync_cursor.c
        [row] = self.read(
            lambda conn: conn.execute(
                select(cursor.stored, cursor.duplicates, cursor.quarantined)
            ).all()
        )
        return Totals(stored=row.stored, duplicates=row.duplicates, quarantined=row.quarantined)

    def location_count(self) -> int:
        """Return how many places on the server the program knows a message of."""
        count = select(func.count()).select_from(schema.message_location)
        return self.read(lambda conn: conn.scalar(count) or 0)


def partition(pairs: Sequence[tuple[object, str]]) -> set[frozenset[str]]:
    """Return the sets of names that share their first value."""
    groups: defaultdict[object, set[str]] = defaultdict(set)
    for key, name in pairs:
        groups[key].add(name)
    return {frozenset(group) for group in groups.values()}


def parsed(raw: bytes) -> EmailMessage:
    """Return a message as the standard library sees it."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
