"""What a message is while it travels: addresses, parsed and outgoing mail, delivery state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from desktop_inbox.domain.pieces import Piece

Day = date  # where a field takes the name


class MessageClass(StrEnum):
    """What kind of sender is behind a message (rule D1), and whether a call reached anybody."""

    HUMAN = "human"
    SPOKEN = "spoken"  # an answered call, a visit: both sides heard each other
    UNREACHED = "unreached"  # a call of ours that nobody took
    AUTOMATED = "automated"
    BULK = "bulk"
    AUTO_REPLY = "auto_reply"
    BOUNCE_PERMANENT = "bounce_permanent"
    BOUNCE_TEMPORARY = "bounce_temporary"
    OWN_LOOP = "own_loop"


class Delivery(StrEnum):
    """How far an outgoing message has come; see `advance` for the allowed order."""

    QUEUED = "queued"  # waits in the outbox, also while held for undo or until send-later
    SENDING = "sending"  # claimed by an engine; bytes may be on their way
    UNCERTAIN = "uncertain"  # the body left, no answer came: it may have been delivered
    FAILED = "failed"  # refused for good; a person must act
    SENT = "sent"  # the provider accepted it
    RETURNED = "returned"  # and then it came back from everybody (rule D6)
    DELIVERED = "delivered"
    READ = "read"


_SETTLED_ORDER = (Delivery.SENT, Delivery.RETURNED, Delivery.DELIVERED, Delivery.READ)


def as_dated(moment: datetime) -> datetime:
    """Return a moment as a Date header can tell it, in whole seconds (RFC 5322 3.3).

    What we write is stored so: a program's answer within the same second then stands below it.
    """
    return moment.replace(microsecond=0)


def advance(current: Delivery, reported: Delivery) -> Delivery:
    """Return the state after a report: once a provider accepted a message it never goes back.

    Reports arrive late, twice and out of order; READ after SENT is news, SENT after READ is not.
    """
    if current in _SETTLED_ORDER:
        if reported not in _SETTLED_ORDER:
            return current
        return max(current, reported, key=_SETTLED_ORDER.index)
    return reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox of a header. `address` is the exact addr-spec, or '' where none could be read."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        if self.name and self.address:
            return f"{self.name} <{self.address}>"
        return self.address or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentPart:
    """One leaf of a message that is not its text."""

    section: str  # its place in the message as IMAP counts, "2.1"; '' when unknown
    name: str  # as the sender wrote it, decoded, control and bidi characters removed
    safe_name: str  # fit for a file system: no separators, reserved names, trailing dots
    media_type: str  # lower case, without parameters
    size: int  # decoded bytes; an estimate while the part is still on the server
    sha256: str  # of the decoded bytes; '' while the part is still on the server
    content_id: str = ""  # without angle brackets
    inline: bool = False  # shown inside the HTML body


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One recipient that a delivery report speaks of."""

    address: str
    status: str  # "5.1.1" (RFC 3463), '' where the report gives none
    permanent: bool
    words: str  # of the server that refused


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A mail that came back, or waits (rule D6)."""

    message_ids: tuple[str, ...]  # of the mail it is about, likeliest first
    recipients: tuple[FailedRecipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What the server that received a mail found out about its sender (RFC 8601).

    Results are "pass", "fail", "none", … or '' where it says nothing.
    """

    server: str  # its authserv-id
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    domain: str = ""  # the one of From that DMARC looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a calendar that came with a message asks for; '' where it does not say."""

    method: str = ""  # REQUEST, CANCEL, REPLY, COUNTER or PUBLISH (RFC 5546)
    summary: str = ""
    starts: str = ""  # ISO 8601 as written, "2026-09-25T16:30"; a date alone for whole days
    ends: str = ""
    zone: str = ""  # "UTC", a name as its program wrote it, or '' for local time
    place: str = ""
    organiser: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """An RFC 5322 message taken apart: safe to store, index and show.

    Ids stand without angle brackets. `message_id` is '' where the sender
    gave none. `visible_text` is `text` without quoted history and signature, and is never empty
    where `text` is not.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    date: datetime | None = None  # aware UTC; None where missing or absurd
    subject: str = ""
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    kind: MessageClass = MessageClass.HUMAN
    text: str = ""
    has_html: bool = False  # made safe when it is looked at (`mime.readable.readable_html`)
    visible_text: str = ""
    quoted_text: str = ""
    snippet: str = ""  # one line of visible text, at most 200 characters
    search_text: str = ""  # visible text and names of files, folded by domain.folding
    attachments: tuple[AttachmentPart, ...] = ()
    invitation: Invitation | None = None
    warnings: tuple[str, ...] = ()  # short codes, such as "truncated-base64"
    report: DeliveryReport | None = None
    absent_until: Day | None = None  # as an automatic answer says (rule D5)
    loop: str = ""  # the id in our own mark of automatic mail (rule D4), not verified
    returns_nowhere: bool = False  # Return-Path "<>": nothing may answer it (RFC 3834)
    authentication: Authentication | None = None  # the topmost one; anybody may have written it


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """A file that goes out with a message, already copied into the workspace."""

    name: str
    media_type: str
    path: Path
    size: int  # bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTemplate:
    """An approved text and what stands in its gaps, in order."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way out. Everything the wire shows is fixed when it is queued (rule C6)."""

    client_ref: str  # Message-ID without angle brackets, or the channel's transaction id
    at: datetime  # its Date, aware UTC
    from_: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    reply_to: tuple[Address, ...] = ()  # empty: answers go to From
    automatic: bool = False  # the program wrote it (rule D4)
    only: tuple[str, ...] | None = None  # whom it is delivered to, where others have it already
    # Of messaging channels:
    chat: str = ""  # the service's name of the thread; '' where none is there yet
    pieces: tuple[Piece, ...] = ()
    template: FilledTemplate | None = None
    human_agent: bool = False  # a person wrote it, after the ordinary reply window

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every envelope recipient once, in header order, compared without case."""
        if self.only is not None:
            return self.only
        seen: dict[str, str] = {}
        for address in (*self.to, *self.cc, *self.bcc):
            seen.setdefault(address.address.lower(), address.address)
        return tuple(seen.values())
