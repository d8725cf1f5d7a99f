"""A messaging channel whose service is a script in memory, and a desk that brings its items."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors import keep_open
from desktop_inbox.connectors.chat import Chat, Incoming, Person
from desktop_inbox.connectors.contract import (
    AccountConfig,
    Capability,
    Connector,
    ConnectorInfo,
    Item,
    SendResult,
    Template,
)
from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.domain.messages import Outgoing
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.replies import QueuedReply
from desktop_inbox.store import accounts
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.chat_batch import keep_raw, reply_window
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.counts import Ingested
from desktop_inbox.sync.mailbox import Mailbox, mailbox_of
from tests.support.engine_room import Room
from tests.support.scripted import ScriptedLink, ScriptedService, follow

_DRAFT_FIELDS = {one.name for one in fields(DraftContent)}
START = datetime(2026, 9, 21, 8, tzinfo=UTC)

# A channel with every capability, known by phone number, with a reply window of a day.
TALK = ConnectorInfo(
    kind="talk",
    title="Talk",
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.FETCH_FILE,
            Capability.EDIT,
            Capability.WITHDRAW,
            Capability.REACT,
            Capability.READ,
            Capability.TEMPLATES,
            Capability.RECEIPTS,
            Capability.QUOTE,
            Capability.OPEN_CHAT,
            Capability.HUMAN_AGENT,
            Capability.BUTTONS,
        }
    ),
    limits={
        "max_text": 100,
        "max_files": 2,
        "max_file_bytes": 1000,
        "max_buttons": 3,
        "max_button_text": 10,
        "reply_window_hours": 24,
        "human_agent_hours": 168,
    },
    fields=keep_open.FIELDS,
    poll_seconds=3600,
    identity="phone",
)
# One that can do little: no window, cannot write first, long text goes out in several messages.
PAGER = ConnectorInfo(
    kind="pager",
    title="Pager",
    capabilities=frozenset({Capability.SEND, Capability.IDEMPOTENT}),
    limits={"max_text": 20},
    poll_seconds=3600,
    identity="pager",
    splits=True,
)
INFOS = {info.kind: info for info in (TALK, PAGER)}


@dataclass
class ChatService(ScriptedService):
    """A messaging service: the files it keeps, its templates, and what is done to messages."""

    files: dict[str, bytes] = field(default_factory=dict)  # by reference
    templates: tuple[Template, ...] = ()
    fetch_script: deque[Exception] = field(default_factory=deque)
    find_script: deque[SendResult | None] = field(default_factory=deque)
    fetched: list[str] = field(default_factory=list)
    # What was done to messages: ("edit", chat, external id, text), …
    changed: list[tuple[object, ...]] = field(default_factory=list)


class ChatConnector(ScriptedLink[ChatService]):
    """One link to a `ChatService`."""

    def __init__(self, config: AccountConfig, service: ChatService, info: ConnectorInfo) -> None:
        super().__init__(config, service)
        self.info = info  # type: ignore[misc]

    def result_of(self, message: Outgoing) -> SendResult:
        return SendResult(external_id=f"sent:{len(self.service.delivered)}")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        return self.service.find_script.popleft() if self.service.find_script else None

    async def fetch_file(self, reference: str, target: Path) -> None:
        self.service.fetched.append(reference)
        if self.service.fetch_script:
            raise self.service.fetch_script.popleft()
        if reference not in self.service.files:
            raise PermanentError("404 Not Found", reason=PermanentReason.MEDIA)
        target.write_bytes(self.service.files[reference])  # noqa: ASYNC240 - a few bytes

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        self._change("edit", chat, external_id, text)

    async def withdraw(self, chat: str, external_id: str) -> None:
        self._change("withdraw", chat, external_id)

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        self._change("react", chat, external_id, tuple(emojis))

    async def read(self, chat: str, external_id: str) -> None:
        self._change("read", chat, external_id)

    async def templates(self) -> Sequence[Template]:
        return self.service.templates

    def _change(self, *what: object) -> None:
        follow(self.service.change_script)
        self.service.changed.append(what)


class ChatRoom(Room):
    """A room whose accounts may also be of the scripted channels."""

    def add_chat_account(self, kind: str = "talk", address: str = "+4930123456") -> int:
        key = self.write(
            lambda tx: accounts.create(
                tx, kind=kind, title=kind.title(), address=address, settings={"name": "The shop"}
            )
        )
        self.services[key] = ChatService()  # type: ignore[assignment]
        return key

    def chat_service(self, account_id: int) -> ChatService:
        service: Any = self.services[account_id]
        return service  # type: ignore[no-any-return]

    def now(self) -> datetime:
        """Return this moment, as the store keeps it."""
        return utc_now()

    def answer(
        self, conversation_id: int, body: str, *, account_id: int | None = None, **more: Any
    ) -> QueuedReply:
        """Queue an answer; what `DraftContent` does not know goes to `queue_reply`."""
        known = {name: more.pop(name) for name in list(more) if name in _DRAFT_FIELDS}
        draft = DraftContent(
            conversation_id=conversation_id, account_id=account_id, body=body, **known
        )
        return self.write(
            lambda tx: replies.queue_reply(tx, self.workspace.files, draft=draft, **more)
        )

    def connect(self, kind: str, config: AccountConfig) -> Connector:
        if kind in INFOS:
            return ChatConnector(config, self.chat_service(config.id), INFOS[kind])
        if kind == "phone":
            return connectors.create(kind, config)
        return super().connect(kind, config)


ELIF = Person(kind="phone", address="+905321112233", name="Elif Kaya")
GROUP_CHAT = Chat(external_id="g", title="Mugs", group=True)
BARIS = Person(kind="phone", address="+905324445566", name="Barış")


class Wire:
    """Brings items into one account's tables without an engine."""

    def __init__(self, room: ChatRoom, kind: str = "talk") -> None:
        self.room = room
        self.account_id = room.add_chat_account(kind)
        self.pulls = itertools.count(1)

    @property
    def mailbox(self) -> Mailbox:
        rows = self.room.read(accounts.list_all)
        (row,) = (one for one in rows if one.id == self.account_id)
        return mailbox_of(row, rows)

    def bring(self, *items: Item) -> Ingested:
        """Store one batch."""
        mailbox, cursor = self.mailbox, {"pull": next(self.pulls)}
        raw = keep_raw(self.room.workspace.files, items)
        return self.room.write(
            lambda tx: store_chat(
                tx, mailbox, items, raw=raw, reply_window=reply_window(mailbox.kind), cursor=cursor
            )
        )

    def only(self) -> ConversationRow:
        (row,) = self.room.conversations()
        return row

    def timeline(self) -> list[MessageRow]:
        """The messages of the only conversation."""
        return self.room.messages(self.only().id)


def said(
    external_id: str,
    text: str = "Is the blue mug still there?",
    *,
    chat: str | Chat = "elif",
    author: Person = ELIF,
    minute: float = 0,
    at: datetime | None = None,
    **more: Any,
) -> Incoming:
    """Return a message of a chat, some minutes after `START` or at a moment."""
    return Incoming(
        external_id=external_id,
        chat=chat if isinstance(chat, Chat) else Chat(external_id=chat),
        author=author,
        at=at or START + timedelta(minutes=minute),
        text=text,
        **more,
    )


def also(person: Person, **changes: Any) -> Person:
    """Return a person who differs in some fields."""
    return replace(person, **changes)


@pytest.fixture
def chat_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatRoom]:
    """Return an empty workspace that knows the scripted messaging channels as well."""
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
    opened = ChatRoom.open(tmp_path / "data")
    assert isinstance(opened, ChatRoom)
    yield opened
    opened.workspace.close()
