"""A message of a messaging channel on its way into the tables. Pure; written by `chat_ingest`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desktop_inbox.connectors.chat import Chat, Incoming, Person, RemoteFile, Unreadable
from desktop_inbox.domain.conversations import expects_answer, kind_of_call
from desktop_inbox.domain.customers import normalise_email, visible
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.pieces import (
    SEALED,
    Call,
    Piece,
    Unknown,
    file_in_words,
    snippet_of,
)
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.sync.mailbox import Mailbox

NOBODY = IdentityKey("", "", "")


@dataclass(slots=True, eq=False)
class Spoken:
    """One message of a batch; ingest fills in where it goes."""

    item: Incoming | Unreadable
    whom: IdentityKey
    at: datetime
    raw_sha256: str = ""
    old: bool = False  # from before the owner began here: it arrives closed (rule B2)
    repeats: int = 1
    thread: int = 0
    id: int = 0

    @property
    def external_id(self) -> str:
        return self.item.external_id

    @property
    def chat(self) -> Chat:
        return self.item.chat

    @property
    def placeholder(self) -> bool:
        """Whether it says nothing yet, and may come again as what it stands for."""
        return isinstance(self.item, Unreadable) or self.pieces == (Unknown(kind=SEALED),)

    @property
    def author(self) -> Person | None:
        return self.item.author if isinstance(self.item, Incoming) else None

    @property
    def from_me(self) -> bool:
        return isinstance(self.item, Incoming) and self.item.from_me

    @property
    def direction(self) -> Direction:
        return Direction.OUT if self.from_me else Direction.IN

    @property
    def kind(self) -> MessageClass:
        if not isinstance(self.item, Incoming):
            return MessageClass.HUMAN
        call = next((one for one in self.item.pieces if isinstance(one, Call)), None)
        return kind_of_call(call, from_us=self.from_me) if call else self.item.kind

    @property
    def received_at(self) -> datetime:
        return self.at

    @property
    def subject(self) -> str:
        own = self.item.subject if isinstance(self.item, Incoming) else ""
        return visible(own or self.chat.title)

    @property
    def text(self) -> str:
        return self.item.text if isinstance(self.item, Incoming) else ""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return self.item.pieces if isinstance(self.item, Incoming) else ()

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        return self.item.files if isinstance(self.item, Incoming) else ()

    @property
    def opens(self) -> bool:
        """Whether it puts a conversation of its own into the inbox (rules A3, D5)."""
        return not self.old and not self.from_me

    @property
    def reopens(self) -> bool:
        """Whether it brings an existing conversation back (rules A3, D5)."""
        return self.opens and expects_answer(self.kind)

    @property
    def joins(self) -> bool:
        """Whether it goes on in what the customer has going, instead of beginning anew.

        A post never does: what is said of one thing in public has nothing to do with the next.
        """
        if isinstance(self.item, Incoming) and self.item.subject:
            return False
        return self.reopens or self.from_me or self.kind is MessageClass.SPOKEN

    @property
    def snippet(self) -> str:
        """One line of what it says, in lists."""
        files = [file_in_words(one.name, one.media_type, inline=one.inline) for one in self.files]
        return snippet_of(self.text, self.pieces, files)


def spoken_of(item: Incoming | Unreadable, mailbox: Mailbox, raw_sha256: str) -> Spoken:
    """Return what ingest looks at."""
    at = in_milliseconds(item.at)
    return Spoken(
        item=item,
        whom=identity_of(item.author, mailbox) if isinstance(item, Incoming) else NOBODY,
        at=at,
        raw_sha256=raw_sha256,
        old=mailbox.closed_before is not None and at < mailbox.closed_before,
        repeats=item.repeats if isinstance(item, Incoming) else 1,
    )


def in_milliseconds(at: datetime) -> datetime:
    """Return a moment as the store keeps it, so that it compares equal afterwards."""
    whole = at.astimezone(UTC)
    return whole - timedelta(microseconds=whole.microsecond % 1000)


def identity_of(person: Person, mailbox: Mailbox) -> IdentityKey:
    """Return the key by which somebody is known (rule E1)."""
    return key_of(person.kind, person.address, scope=mailbox.uid if person.scoped else "")


def key_of(kind: str, address: str, *, scope: str = "") -> IdentityKey:
    """Return an identity's key, normalised (rule E2)."""
    plain = normalise_email(address) if kind == "email" else address.strip()
    return IdentityKey(kind, scope, plain)


def shown_as(person: Person) -> Address:
    """Return a person as a message's header shows them."""
    return Address(name=visible(person.name), address=visible(person.label or person.address))
