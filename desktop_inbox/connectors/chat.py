"""What a pull of a messaging channel brings: people, messages, and what happens to them later.

A message is known by (account, `external_id`), a thread by (account, `Chat.external_id`). Every
item may come twice, and late; which of them came first is told by `at` alone. Text is plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.pieces import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as one service knows them (rule E1).

    `kind` and `address` are the identity: "phone" with E.164, "telegram" with the user's number,
    "matrix" with the mxid, … `scoped` says that the address means something in this account only.
    """

    kind: str
    address: str
    name: str = ""  # as they call themselves
    label: str = ""  # how the address is shown, such as "@elif"; '' as it is
    scoped: bool = False
    language: str = ""  # BCP 47, where the service tells
    # Further identities that the service vouches for, such as the phone number of an account
    # (rule E3b).
    attested: tuple[tuple[str, str], ...] = ()
    # Whether the service vouches for the address itself; False where somebody wrote it down, or
    # anybody may call themselves so (rule E1).
    proven: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A line of talk on a service: with one person, or a group."""

    external_id: str
    title: str = ""  # of a group, a device or a subject; '' for a talk with one person
    group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that still lies with the service.

    `reference` is all that `Connector.fetch_file` needs; opaque to everyone else.
    """

    reference: str
    name: str = ""  # '' where the service tells none
    media_type: str = "application/octet-stream"
    size: int = 0  # bytes; 0 where unknown
    inline: bool = False  # a picture, voice note or video shown in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message in a chat, from a customer or from the owner's other device (`from_me`)."""

    external_id: str
    chat: Chat
    author: Person  # of what the owner wrote elsewhere: whom it went to
    at: datetime  # by the service's clock, aware UTC (rule M5)
    text: str = ""
    from_me: bool = False
    client_ref: str = ""  # of what was sent from here, where the service tells
    answers: str = ""  # external id of the message it replies to
    subject: str = ""  # of posts and alarms; '' on channels that know none
    kind: MessageClass = MessageClass.HUMAN
    priority: str = ""  # a domain.conversations.Priority, where the channel tells
    pieces: tuple[Piece, ...] = ()
    files: tuple[RemoteFile, ...] = ()
    raw: bytes = b""  # the event as it came
    seen: bool = False  # read on another device
    # Until when the service lets us answer freely; None: always, or counted from `at` by
    # `ConnectorInfo.limits["reply_window_hours"]`.
    reply_until: datetime | None = None
    # How many alike it stands for: a flood is one message that counts (devices).
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The author changed what a message says; what it said before is kept."""

    external_id: str
    chat: Chat
    at: datetime
    text: str
    pieces: tuple[Piece, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The author took a message back, or an emoji that goes by that name (`Reacted.named`)."""

    external_id: str
    chat: Chat
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted:
    """What somebody thinks of a message now; all they think of it, none: taken back."""

    external_id: str  # of the message
    chat: Chat
    author: Person | None  # None: we did, on another device
    emojis: tuple[str, ...]
    at: datetime
    # What the service calls each emoji, where it takes them back by that name: name and emoji.
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How far something we sent has come. Named by either id; states only ever advance."""

    state: Delivery
    at: datetime
    external_id: str = ""
    client_ref: str = ""
    code: str = ""  # a PermanentReason value where it failed
    detail: str = ""  # the service's words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUntil:
    """The customer (`by_me` false) or the owner elsewhere has read a chat up to a moment."""

    chat: Chat
    at: datetime  # of the last message read
    by_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a service says of a person now."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A chat goes on under another name, as a group that Telegram makes a supergroup."""

    old: str
    new: Chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An event that could not be read: shown as such and kept raw; the channel goes on."""

    external_id: str
    chat: Chat
    at: datetime
    why: str
    raw: bytes


ChatItem = (
    Incoming | Edited | Withdrawn | Reacted | Receipt | ReadUntil | Profile | Moved | Unreadable
)
