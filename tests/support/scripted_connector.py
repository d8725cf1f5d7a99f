"""A mail connector whose service is a script in memory, and mails as one would bring them.

Used by the tests of the engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from desktop_inbox.connectors.contract import (
    Capability,
    ConnectorInfo,
    Dealt,
    FolderRole,
    Letter,
    Location,
    Mark,
    RawMail,
    SendResult,
)
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.domain.messages import Outgoing
from tests.support.scripted import ScriptedLink, ScriptedService, follow

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
    pulls_ahead=True,
)


@dataclass
class Service(ScriptedService):
    """A mail server: what lies in its Sent folder, and what is done to messages."""

    limits: dict[str, int] = field(default_factory=dict)  # what it says it takes
    sent_folder: list[str] = field(default_factory=list)  # client_refs
    looked_for: list[str] = field(default_factory=list)
    store_script: deque[Exception] = field(default_factory=deque)
    find_script: deque[Exception] = field(default_factory=deque)
    files_itself: bool = False  # a provider that puts what it sends into Sent
    asked_for_copies: int = 0
    # What was done to messages: "seen", "unseen", "junk", … or a folder's name; where, again?
    changed: list[tuple[str, tuple[Location, ...], bool]] = field(default_factory=list)
    refuses: set[Location] = field(default_factory=set)  # messages that may not be changed
    absent: set[Location] = field(default_factory=set)  # messages that lie there no more
    lost: set[Location] = field(default_factory=set)  # messages that cannot be found for now


class ScriptedConnector(ScriptedLink[Service]):
    """One link to a `Service`."""

    info = INFO

    @property
    def limits(self) -> dict[str, int]:
        return self.service.limits

    def result_of(self, message: Outgoing) -> SendResult:
        return SendResult(external_id=message.client_ref, detail="250 OK")

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
        follow(self.service.change_script)
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
