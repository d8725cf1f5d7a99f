"""A connector whose service is a script in memory: what pulls bring, how sends end.

Used by the tests of the engine; it keeps the connector contract and records what was asked of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Capability,
    Connector,
    ConnectorInfo,
    Cursor,
    Dealt,
    FolderRole,
    Item,
    Letter,
    Location,
    Mark,
    RawMail,
    SendResult,
)
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.domain.messages import Outgoing

INFO = ConnectorInfo(
    kind="email",
    title="Scripted",
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.HTML,
            Capability.SUBJECT,
            Capability.COPIES,
            Capability.FIND_SENT,
            Capability.STORE_SENT,
            Capability.MARK,
            Capability.MOVE,
        }
    ),
    poll_seconds=3600,
)


@dataclass
class Service:
    """The far side: mail that waits to be pulled, and what has been delivered.

    Lives longer than a connector, as a real server outlives a crash of ours.
    """

    items: list[Item] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)  # what it says it takes
    batch_size: int = 50
    delivered: list[Outgoing] = field(default_factory=list)
    sent_folder: list[str] = field(default_factory=list)  # client_refs
    opened: int = 0
    closed: int = 0
    pulled: int = 0
    waited: int = 0
    looked_for: list[str] = field(default_factory=list)
    # The next calls end like this; an empty script means all goes well.
    open_script: deque[Exception] = field(default_factory=deque)
    pull_script: deque[Exception | None] = field(default_factory=deque)
    send_script: deque[SendStep] = field(default_factory=deque)
    store_script: deque[Exception] = field(default_factory=deque)
    find_script: deque[Exception] = field(default_factory=deque)
    files_itself: bool = False  # a provider that puts what it sends into Sent
    asked_for_copies: int = 0
    change_script: deque[Exception | None] = field(default_factory=deque)
    # What was done to messages: "seen", "unseen", "junk", … or a folder's name; where, again?
    changed: list[tuple[str, tuple[Location, ...], bool]] = field(default_factory=list)
    refuses: set[Location] = field(default_factory=set)  # messages that may not be changed
    absent: set[Location] = field(default_factory=set)  # messages that lie there no more
    lost: set[Location] = field(default_factory=set)  # messages that cannot be found for now
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def arrive(self, *items: Item) -> None:
        """Put more where the next pull finds it."""
        self.items.extend(items)
        self.news.set()


@dataclass(frozen=True)
class SendStep:
    """How one send ends: what is raised before the body, whether it is delivered, and after."""

    before: Exception | None = None
    delivered: bool = True
    after: BaseException | None = None
    result: SendResult | None = None
    reached: Callable[[str], None] = lambda point: None  # called with "before", "body", "after"


class ScriptedConnector(Connector):
    """One link to a `Service`."""

    info = INFO

    def __init__(self, config: AccountConfig, service: Service) -> None:
        super().__init__(config)
        self.service = service
        self.sending = 0

    @property
    def limits(self) -> dict[str, int]:
        return self.service.limits

    async def open(self) -> None:
        self.service.opened += 1
        if self.service.open_script:
            raise self.service.open_script.popleft()

    async def close(self) -> None:
        self.service.closed += 1

    async def pull(self, cursor: Cursor | None) -> Batch:
        service = self.service
        service.pulled += 1
        service.news.clear()
        if service.pull_script and (failure := service.pull_script.popleft()) is not None:
            raise failure
        start = int(str(cursor.get("next", 0))) if cursor else 0
        items = tuple(service.items[start : start + service.batch_size])
        end = start + len(items)
        return Batch(items=items, cursor={"next": end}, more=end < len(service.items))

    async def wait(self) -> None:
        self.service.waited += 1
        await self.service.news.wait()

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        assert self.sending == 0, "two sends at a time on one account"
        self.sending += 1
        try:
            return await self._send(message, before_body)
        finally:
            self.sending -= 1

    async def _send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        script = self.service.send_script
        step = script.popleft() if script else SendStep()
        await asyncio.sleep(0)
        step.reached("before")
        if step.before is not None:
            raise step.before
        await before_body()
        step.reached("body")
        if step.delivered:
            self.service.delivered.append(message)
        step.reached("after")
        if step.after is not None:
            raise step.after
        return step.result or SendResult(external_id=message.client_ref, detail="250 OK")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        client_ref = message.client_ref
        self.service.looked_for.append(client_ref)
        if self.service.find_script:
            raise self.service.find_script.popleft()
        lies = client_ref in self.service.sent_folder
        return SendResult(external_id=client_ref) if lies else None

    async def store_sent(self, message: Outgoing, *, insist: bool) -> bool:
        if self.service.store_script:
            raise self.service.store_script.popleft()
        self.service.asked_for_copies += 1
        if message.client_ref in self.service.sent_folder:
            return True
        if self.service.files_itself and not insist:
            return False
        self.service.sent_folder.append(message.client_ref)
        return True

    async def mark(self, letters: Sequence[Letter], mark: Mark, *, on: bool) -> Dealt:
        places = self._change(mark.value if on else f"un{mark}", letters, again=False)
        return {place: None if place in self.service.absent else place for place in places}

    async def move(
        self, letters: Sequence[Letter], *, role: FolderRole, folder: str = "", again: bool = False
    ) -> Dealt:
        goal = folder or role.value
        places = self._change(goal, letters, again=again)
        return {place: _moved(place, goal) for place in places}

    def _change(self, what: str, letters: Sequence[Letter], *, again: bool) -> list[Location]:
        places = tuple(letter.location for letter in letters)
        self.service.changed.append((what, places, again))
        script = self.service.change_script
        if script and (failure := script.popleft()) is not None:
            raise failure
        if self.service.refuses.intersection(places):
            raise PermanentError("not that one")
        return [place for place in places if place not in self.service.lost]


def _moved(location: Location, folder: str) -> Location:
    return Location(folder=folder, uidvalidity=1, uid=1000 + location.uid)


def raw_mail(
    raw: bytes | str,
    *,
    uid: int,
    folder: str = "INBOX",
    role: FolderRole = FolderRole.INBOX,
    received_at: datetime = datetime(2026, 9, 21, 12, tzinfo=UTC),
    seen: bool = False,
    complete: bool = True,
) -> RawMail:
    """Return a mail as the e-mail connector would bring it."""
    data = raw if isinstance(raw, bytes) else raw.replace("\n", "\r\n").encode()
    return RawMail(
        location=Location(folder=folder, uidvalidity=1, uid=uid),
        role=role,
        received_at=received_at,
        size=len(data),
        seen=seen,
        raw=data,
        complete=complete,
    )


def mail_text(
    *,
    message_id: str,
    sender: str = "Ayşe <ayse@example.org>",
    to: str = "Shop <shop@example.com>",
    subject: str = "A question",
    date: str = "Mon, 21 Sep 2026 11:00:00 +0000",
    body: str = "Hello, is the blue mug still there?",
    in_reply_to: str = "",
    references: Iterable[str] = (),
    extra: str = "",
) -> str:
    """Return a plain message as text, with line feeds."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {date}"]
    if message_id:
        lines.append(f"Message-ID: <{message_id}>")
    if in_reply_to:
        lines.append(f"In-Reply-To: <{in_reply_to}>")
    if references := tuple(references):
        lines.append("References: " + " ".join(f"<{name}>" for name in references))
    if extra:
        lines.append(extra)
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", body, ""]
    return "\n".join(lines)
