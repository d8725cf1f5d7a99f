"""A mail on its way into the tables: what it is called, who wrote it, what it links to.

Pure; looked at by `sync.planning` and written by `sync.ingest`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from desktop_inbox.connectors.contract import FolderRole, Location
from desktop_inbox.domain.conversations import bounded_time, expects_answer
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Address, MessageClass, ParsedMessage
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import reference_ids
from desktop_inbox.domain.tokens import read_address, read_message_id, without_token
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.known_messages import Place
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.grouping import NOBODY, Letter
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed

_HASHED_BODY_BYTES = 4096
_OPENING_ROLES = frozenset({FolderRole.INBOX, FolderRole.OTHER})
_NOTHING_PARSED = ParsedMessage()
# What external ids of mails without a Message-ID begin with; no Message-ID does.
_RAW = "raw:"
_HASH = "sha256:"

SAME_ID_OTHER_MAIL = "duplicate-message-id"  # a warning: another mail bears the same Message-ID


@dataclass(slots=True, eq=False)
class Mail:
    """One mail of a batch; planning and ingest fill in where it goes."""

    parsed: Parsed
    message: ParsedMessage
    external_id: str
    sender: Address
    counterpart: Address  # who this conversation is with, as far as this mail tells
    whom: IdentityKey  # the identity of `counterpart`
    letter: Letter
    at: datetime
    places: list[Place]
    old: bool = False  # from before the owner began here: it arrives closed (rule B2)
    warnings: tuple[str, ...] = ()
    proven: bool = False  # the receiving server says that it comes from its author's domain
    thread: int = 0
    talk: int = 0  # the conversation
    id: int = 0

    def warn(self, code: str) -> None:
        """Let the interface say something about it."""
        self.warnings = (*self.warnings, code)

    @property
    def direction(self) -> Direction:
        return Direction.OUT if self.letter.from_me else Direction.IN

    @property
    def subject(self) -> str:
        return self.message.subject

    @property
    def received_at(self) -> datetime:
        return self.parsed.mail.received_at

    @property
    def opens(self) -> bool:
        """Whether it puts a conversation of its own into the inbox (rules A3, D5)."""
        if self.old or self.letter.from_me or self.parsed.mail.role not in _OPENING_ROLES:
            return False
        return expects_answer(self.message.kind) or not self.letter.ancestors

    @property
    def reopens(self) -> bool:
        """Whether it brings an existing conversation back (rules A3, D5)."""
        return self.opens and expects_answer(self.message.kind)


def mail_of(parsed: Parsed, *, mailbox: Mailbox, key: bytes) -> Mail | None:
    """Return what ingest looks at, None for a header block that cannot be told from others.

    `key` is what our own ids and addresses were hashed with (rule C1).
    """
    message = parsed.message or _NOTHING_PARSED
    if message.loop and read_message_id(key, message.loop):
        message = replace(message, kind=MessageClass.OWN_LOOP)
    external_id = _external_id(parsed, message)
    if not external_id:
        return None
    sender = _author(message, mailbox)
    counterpart = _receiver(message) if _is_ours(parsed) else sender
    at = bounded_time(message.date, received=parsed.mail.received_at)
    return Mail(
        parsed=parsed,
        message=message,
        external_id=external_id,
        sender=sender,
        counterpart=counterpart,
        whom=identity_of(counterpart),
        letter=_letter(parsed, message, normalise_email(sender.address), mailbox, key),
        at=at,
        places=[place_of(mailbox, parsed.mail.location)],
        old=mailbox.closed_before is not None and at < mailbox.closed_before,
        warnings=message.warnings,
    )


def _letter(
    parsed: Parsed, message: ParsedMessage, sender: str, mailbox: Mailbox, key: bytes
) -> Letter:
    ancestors = reference_ids(message)
    written_to = [normalise_email(one.address) for one in (*message.to, *message.cc)]
    answered = [mine.conversation for name in ancestors if (mine := read_message_id(key, name))]
    addressed = [own.conversation for one in written_to if (own := read_address(key, one))]
    people = {without_token(one) for one in written_to}
    from_me = _is_ours(parsed)
    sender = sender or NOBODY
    if not from_me:
        people.add(sender)
    return Letter(
        message_id=message.message_id,
        ancestors=ancestors,
        sender=sender,
        people=frozenset(people - mailbox.own - {""}),
        from_me=from_me,
        # Where both name one conversation, the id tells more exactly where in it (rule P7).
        addressed=tuple(uid for uid in dict.fromkeys(addressed) if uid not in answered),
        answered=tuple(dict.fromkeys(answered)),
        group=f"<{mailbox.uid} {parsed.mail.thread}>" if parsed.mail.thread else "",
    )


def _external_id(parsed: Parsed, message: ParsedMessage) -> str:
    if message.message_id:
        return message.message_id
    if not parsed.mail.complete:
        return ""  # without its body it has no name; it comes again with one
    return content_id(parsed, message)


def content_id(parsed: Parsed, message: ParsedMessage) -> str:
    """Return a name made of what a mail says (rule C4)."""
    if parsed.unreadable:
        return f"{_RAW}{parsed.raw_sha256}"
    digest = hashlib.sha256()
    for one in message.from_:
        digest.update(normalise_email(one.address).encode() + b"\n")
    digest.update(message.date.isoformat().encode() if message.date else b"-")
    digest.update(b"\n" + message.subject.encode() + b"\n")
    digest.update(message.text.encode()[:_HASHED_BODY_BYTES])
    return f"{_HASH}{digest.hexdigest()}"


def _author(message: ParsedMessage, mailbox: Mailbox) -> Address:
    """Return who wrote: From, or Reply-To where a form of ours writes in a customer's name."""
    sender = message.from_[0] if message.from_ else Address()
    if normalise_email(sender.address) in mailbox.own:
        for one in message.reply_to:
            if normalise_email(one.address) not in mailbox.own | {""}:
                return one
    return sender


def _is_ours(parsed: Parsed) -> bool:
    return parsed.mail.role is FolderRole.SENT


def _receiver(message: ParsedMessage) -> Address:
    others = (*message.to, *message.cc, *message.bcc)
    return next((one for one in others if normalise_email(one.address)), Address())


def place_of(mailbox: Mailbox, location: Location) -> Place:
    """Return where on its server a mail lies."""
    return Place(mailbox.id, location.folder, location.uidvalidity, location.uid)


def message_id_of(row: MessageRow) -> str:
    """Return the Message-ID that a stored mail bears, '' where its sender gave none."""
    if row.external_id.startswith((_RAW, _HASH)):
        return ""
    return (
        row.external_id.rpartition("#")[0]
        if SAME_ID_OTHER_MAIL in row.warnings
        else row.external_id
    )


def identity_of(person: Address) -> IdentityKey:
    """Return the key by which a customer's address is known."""
    return IdentityKey("email", "", normalise_email(person.address))
