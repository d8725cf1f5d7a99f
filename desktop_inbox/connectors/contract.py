"""The contract between the engine and one account's link to a remote service.

A connector is a dumb pipe on the engine's loop: it knows nothing of the store, of Qt, of
customers or of rules. The cursor is the acknowledgement: what came before a cursor that is
handed back has been stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from desktop_inbox.connectors.chat import ChatItem
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.connectors.setup import Field
from desktop_inbox.domain.messages import AttachmentPart, Outgoing

Cursor = Mapping[str, object]  # JSON values only; opaque to everyone but its connector


class Capability(StrEnum):
    """What a channel can do; those named like a method of `Connector` stand for it."""

    SEND = "send"
    ATTACHMENTS = "attachments"
    HTML = "html"
    SUBJECT = "subject"
    COPIES = "copies"  # cc and bcc
    FETCH_ATTACHMENT = "fetch_attachment"
    FIND_SENT = "find_sent"
    STORE_SENT = "store_sent"
    MARK = "mark"
    MOVE = "move"
    RECONCILE = "reconcile"
    KEEP_DRAFT = "keep_draft"
    # Of messaging channels:
    FETCH_FILE = "fetch_file"
    EDIT = "edit"
    WITHDRAW = "withdraw"
    REACT = "react"
    READ = "read"
    TEMPLATES = "templates"
    RECEIPTS = "receipts"  # it tells what was delivered and read
    QUOTE = "quote"  # an answer can point at the message it answers
    BUTTONS = "buttons"  # to press under a message; elsewhere they are lines with numbers
    IDEMPOTENT = "idempotent"  # sending twice under one client_ref delivers once
    OPEN_CHAT = "open_chat"  # we may write first
    HUMAN_AGENT = "human_agent"  # a longer reply window for what a person writes


class FolderRole(StrEnum):
    """What a mail folder is for (RFC 6154)."""

    INBOX = "inbox"
    SENT = "sent"
    ARCHIVE = "archive"
    JUNK = "junk"
    TRASH = "trash"
    OTHER = "other"


class Mark(StrEnum):
    """What a service can note beside a message (RFC 9051 2.3.2)."""

    SEEN = "seen"
    ANSWERED = "answered"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a message lies on its server: a place, not an identity."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """A mail in its wire form; the engine has it parsed in the worker process.

    With `complete` false, `raw` holds the header block only, so that the list can show it; the
    same location comes again, complete, later. `remote_parts` are attachments left on the server.
    """

    location: Location
    role: FolderRole
    received_at: datetime  # INTERNALDATE, aware UTC
    size: int  # bytes on the server
    seen: bool
    raw: bytes
    flagged: bool = False
    deleted: bool = False  # marked so, and still there
    complete: bool = True
    thread: str = ""  # what the provider calls its thread, such as Gmail's X-GM-THRID
    remote_parts: tuple[AttachmentPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedElsewhere:
    """Another program changed whether a message is read, flagged or deleted: so it is now."""

    location: Location
    seen: bool
    flagged: bool
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """These messages no longer lie in this folder. We keep what we have of them (rule O7)."""

    folder: str
    uidvalidity: int
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReset:
    """The folder was renumbered (UIDVALIDITY): every location in it is void (rule O1).

    With `from_uid`, only those from this UID on: the server gives these numbers out again.
    """

    folder: str
    uidvalidity: int  # the new one
    from_uid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All that a folder holds under a UID, where the server's account of changes is not sane.

    What of ours lies there and is not among `uids` lies there no more.
    """

    folder: str
    uidvalidity: int
    below: int  # UIDs from here on are new
    uids: tuple[int, ...]
    unseen: tuple[int, ...]  # those of them that nobody has read
    flagged: tuple[int, ...] = ()


MailItem = RawMail | MarkedElsewhere | Gone | FolderReset | Inventory
Item = MailItem | ChatItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the first sync has come, in messages known to the server."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one pull brought. Items and cursor are committed in one transaction."""

    items: tuple[Item, ...]
    cursor: Cursor
    more: bool  # pull again at once
    gap: bool = False  # the service may have dropped events; the interface says so
    progress: Progress | None = None
    looked: bool = False  # a look at the whole mailbox ended here: what it did not find is gone
    missing: int | None = None  # what a reconciliation found lacking here; None: it was none


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to do something to on the server: where it lies, and what names it there."""

    location: Location
    message_id: str = ""  # without brackets; finds it again in a folder that was renumbered


# By the former location, where each message that was dealt with lies now. None: the server does
# not hold it any more, or does not say where. What is left out could not be found for now.
Dealt = Mapping[Location, Location | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One recipient that the server would not take, while others went through."""

    address: str
    code: int
    text: str

    @property
    def for_now(self) -> bool:
        """Whether it may be taken later: only 5xx is a refusal for good (RFC 5321 4.2.1)."""
        return not 500 <= self.code < 600


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The provider accepted the message."""

    external_id: str
    detail: str = ""  # the provider's answer, for support
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that the provider approved, with gaps "{{1}}", "{{2}}", … to fill in."""

    name: str  # what the provider knows it by
    title: str
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What others know this program by, where talks are sealed for devices. No secret."""

    id: str
    key: str  # public, as others show it for comparing


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorInfo:
    """What the rest of the program may know of a channel without importing its libraries."""

    kind: str  # "email"
    title: str  # untranslated; marked for gettext
    capabilities: frozenset[Capability]
    # What it takes: max_text (characters), max_text_bytes, max_file_bytes, max_files,
    # reply_window_hours, human_agent_hours, max_message_bytes, max_recipients, max_buttons,
    # max_button_text (characters). Absent: no limit.
    limits: Mapping[str, int] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    poll_seconds: int = 300  # how often to look where the service cannot push
    identity: str = "email"  # the kind of identity whom it reaches is known by
    demands: str = ""  # an honest sentence on what the vendor asks for, marked for gettext
    help_url: str = ""  # the vendor's page on how to get what the fields ask for
    splits: bool = False  # users expect long text in several messages
    # `pull` acknowledges nothing: it may be asked for more before a batch has been stored.
    pulls_ahead: bool = False
    # Which of several services a chat is on, by the service's name of it: "WhatsApp". None: one.
    service_of: Callable[[str], str] | None = None
    # What a chat takes besides `limits`, by the service's name of it. None: all take the same.
    limits_of: Callable[[str], Mapping[str, int]] | None = None
    # What the chats are called that an account, by its address and settings, may begin with
    # somebody's address: one for each of its services. None: the service names them later.
    chats_with: Callable[[str, Mapping[str, object], str], Sequence[str]] | None = None
    # Where customers write to an account, by its address; '' where there is no such place.
    link_of: Callable[[str], str] | None = None
    # Which device an account's folder (`AccountConfig.folder`) makes this program to others.
    device_of: Callable[[Path], Device | None] | None = None


RESTORED = "restored"  # in an account's folder: what comes out of a backup, to be read only


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """Everything a connector is given about its account."""

    id: int
    address: str
    settings: Mapping[str, object]  # by field name
    secrets: Mapping[str, str]
    # Keeps secrets that a service has exchanged for others, such as a renewed token.
    keep_secrets: Callable[[Mapping[str, str]], Awaitable[None]] | None = None
    # Where it may keep what is of use on this computer only, such as a device's keys; it may not
    # be there yet. Databases in it (*.db) are in every backup, and come back in RESTORED. None:
    # nowhere, for somebody who only tries an account.
    folder: Path | None = None

    def __repr__(self) -> str:
        return f"AccountConfig(id={self.id}, …)"  # never the secrets


BeforeBody = Callable[[], Awaitable[None]]


class Connector(ABC):
    """One account's link to one remote service. Lives on the engine loop.

    One `pull` and one `send` run at a time per account; `send` and `wait` may overlap a `pull`.
    All methods raise only `ConnectorError` and its subclasses for what the world does to them.
    """

    info: ClassVar[ConnectorInfo]

    def __init__(self, config: AccountConfig) -> None:
        self.config = config

    @property
    def limits(self) -> Mapping[str, int]:
        """What the service said it takes, as `ConnectorInfo.limits`; empty while unknown."""
        return {}

    @abstractmethod
    async def open(self) -> None:
        """Connect and authenticate; called again after every failure."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection. Idempotent, returns within 5 s, never raises."""

    @abstractmethod
    async def pull(self, cursor: Cursor | None) -> Batch:
        """Return what is new after `cursor` (None: the very first time), a bounded batch."""

    @abstractmethod
    async def wait(self) -> None:
        """Return when `pull` probably has something; raises when the link is lost."""

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        """Deliver once. `message.client_ref` reaches the wire.

        Awaits `before_body` right before the first byte that cannot be taken back; whatever
        fails before is Transient or Permanent, whatever fails after is UncertainDelivery.
        """
        raise Unsupported(self.info.kind)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Return what the service holds of our message, None: nothing (capability FIND_SENT).

        By its `client_ref`, or by what it says where the service knows no such name.
        """
        raise Unsupported(self.info.kind)

    async def store_sent(self, message: Outgoing, *, insist: bool) -> bool:
        """See that a copy lies in the service's Sent folder, once (capability STORE_SENT).

        Looks for `client_ref` there first, so it may be called again after a crash. True: nothing
        is left to do, also where the owner wants no copies. False: the provider files copies
        itself and this one has not come yet; asked with `insist`, it is filed all the same.
        """
        raise Unsupported(self.info.kind)

    async def keep_draft(self, client_ref: str, draft: Outgoing | None) -> None:
        """Have just this version of a draft lie with the service (capability KEEP_DRAFT).

        None takes it away. Doing it twice does no harm.
        """
        raise Unsupported(self.info.kind)

    async def mark(self, letters: Sequence[Letter], mark: Mark, *, on: bool) -> Dealt:
        """Put a mark on messages, or take it off (capability MARK). Twice does no harm."""
        raise Unsupported(self.info.kind)

    async def move(
        self, letters: Sequence[Letter], *, role: FolderRole, folder: str = "", again: bool = False
    ) -> Dealt:
        """Move messages into the folder for `role`, or for OTHER into `folder` (capability MOVE).

        `again`: an earlier attempt was cut off, and may have moved some of them.
        """
        raise Unsupported(self.info.kind)

    async def reconcile(
        self, cursor: Cursor, places: Mapping[tuple[str, int], Sequence[int]]
    ) -> Batch:
        """Compare all that the service holds with `places` (capability RECONCILE, rule O8).

        `places` are the UIDs we know a message of, by (folder, uidvalidity). The batch tells
        what lies there no more; its cursor has what is missing here fetched again.
        """
        raise Unsupported(self.info.kind)

    async def fetch_file(self, reference: str, target: Path) -> None:
        """Stream a `RemoteFile` into `target` (capability FETCH_FILE).

        *Raises:* PermanentError(MEDIA) where the service holds it no more.
        """
        raise Unsupported(self.info.kind)

    async def edit(self, chat: str, external_id: str, text: str) -> None:
        """Have a message that was sent say something else (capability EDIT)."""
        raise Unsupported(self.info.kind)

    async def withdraw(self, chat: str, external_id: str) -> None:
        """Take a message back that was sent (capability WITHDRAW). Twice does no harm."""
        raise Unsupported(self.info.kind)

    async def react(self, chat: str, external_id: str, emojis: Sequence[str]) -> None:
        """Say what we think of a message, all of it (capability REACT). Twice does no harm."""
        raise Unsupported(self.info.kind)

    async def read(self, chat: str, external_id: str) -> None:
        """Tell that a chat was read up to a message (capability READ). Twice does no harm."""
        raise Unsupported(self.info.kind)

    async def templates(self) -> Sequence[Template]:
        """Return what may be sent outside the reply window (capability TEMPLATES)."""
        raise Unsupported(self.info.kind)

    async def fetch_attachment(self, location: Location, section: str, target: Path) -> None:
        """Stream one attachment's decoded bytes into `target` (capability FETCH_ATTACHMENT)."""
        raise Unsupported(self.info.kind)
