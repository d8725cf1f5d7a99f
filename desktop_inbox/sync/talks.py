"""Conversations that a batch adds to: begun, brought back, told that an answer came.

Runs on the store's writer thread, as part of the one transaction of ingest; the same for mail and
for messaging channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, Protocol

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import arrivals, conversations, customers
from desktop_inbox.store.arrivals import Facts
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.coming_back import REOPENED, end_follow_up, reopen
from desktop_inbox.sync.mailbox import Mailbox

Owners = Mapping[IdentityKey, Owner]


class Said(Protocol):
    """What a conversation has to know of a message that comes into it."""

    @property
    def external_id(self) -> str: ...

    @property
    def at(self) -> datetime: ...

    @property
    def received_at(self) -> datetime: ...

    @property
    def subject(self) -> str: ...

    @property
    def whom(self) -> IdentityKey:
        """Who this conversation is with, as far as this message tells."""

    @property
    def opens(self) -> bool:
        """Whether it puts a conversation of its own into the inbox (rules A3, D5)."""

    @property
    def reopens(self) -> bool:
        """Whether it brings an existing conversation back (rules A3, D5)."""


class _Head(NamedTuple):
    """How a conversation begins."""

    at: datetime
    subject: str
    customer_id: int | None


_AT = attrgetter("at")


@dataclass(slots=True)
class Talk:
    """A conversation and what a batch adds to it."""

    said: list[Said] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)  # of those that turned out to be one, if any

    def head(self, owners: Owners) -> _Head:
        """Return the beginning: the earliest message says what it is about and with whom."""
        heads = [_Head(known.created_at, known.subject, known.customer_id) for known in self.facts]
        for one in self.said:
            owner = owners.get(one.whom)
            heads.append(_Head(one.at, one.subject, owner.customer_id if owner else None))
        heads.sort(key=_AT)
        named = (head.customer_id for head in heads if head.customer_id is not None)
        return heads[0]._replace(customer_id=next(named, None))

    @property
    def status(self) -> Status:
        """Return the status of one that nobody has chosen a status for."""
        opened = any(one.opens for one in self.said) or any(
            known.status is Status.OPEN for known in self.facts
        )
        return Status.OPEN if opened else Status.CLOSED

    def comes_back(self, known: Facts) -> bool:
        """Tell whether a new message reopens it, or ends its snooze (rules A3, D5, H1)."""
        if known.status not in (Status.CLOSED, Status.SNOOZED, Status.TRASH):
            return False
        if known.status is Status.SNOOZED and known.snooze_stays:
            return False
        if known.status_set_at is None:
            return self.status is Status.OPEN
        # Only what came after somebody closed it: old mail that a first sync brings is not news.
        return any(one.reopens and one.received_at > known.status_set_at for one in self.said)

    def answers(self, known: Facts) -> bool:
        """Tell whether a customer wrote what somebody waits for, not a machine (rule H3)."""
        since = known.follow_up_since
        return since is not None and any(
            one.reopens and one.received_at > since for one in self.said
        )


def begin(tx: Tx, mailbox: Mailbox, talks: Mapping[int, Talk], owners: Owners) -> dict[int, int]:
    """Store new conversations and return their ids by the key in `talks`."""
    uids = {}
    new = []
    blocked = _blocked(tx, owners)
    for key, talk in talks.items():
        head = talk.head(owners)
        uids[key] = found_uid(
            tx.workspace_uid, "conversation", mailbox.uid, talk.said[0].external_id
        )
        new.append(
            conversations.NewConversation(
                uid=uids[key],
                subject=head.subject,
                created_at=head.at,
                customer_id=head.customer_id,
                status=Status.SPAM if head.customer_id in blocked else talk.status,
            )
        )
    ids = conversations.create(tx, new)
    return {key: ids[uid] for key, uid in uids.items()}


def go_on(tx: Tx, talks: Mapping[int, Talk], owners: Owners) -> None:
    """Let conversations that are here take what is added to them; `talks` by their id."""
    beginnings = []
    answered: list[int] = []
    back: list[Facts] = []
    blocked = _blocked(tx, owners)
    for key, talk in talks.items():
        known = next(facts for facts in talk.facts if facts.id == key)
        head = talk.head(owners)
        # Rule E6: what somebody works on keeps its subject and its customer.
        if head.at < known.created_at and not known.touched:
            beginnings.append(
                arrivals.Beginning(
                    id=key, subject=head.subject, created_at=head.at, customer_id=head.customer_id
                )
            )
        if known.customer_id not in blocked and talk.comes_back(known):
            back.append(known)
        if talk.answers(known):
            answered.append(known.id)
    arrivals.set_beginnings(tx, beginnings)
    _bring_back(tx, back)
    for row in conversations.rows(tx.conn, answered).values() if answered else ():
        end_follow_up(tx, row)


def _bring_back(tx: Tx, back: Sequence[Facts]) -> None:
    arrivals.open_again(tx, [known.id for known in back if known.status_set_at is None])
    chosen = [known.id for known in back if known.status_set_at is not None]
    for row in conversations.rows(tx.conn, chosen).values() if chosen else ():
        reopen(tx, row, kind=REOPENED)


def _blocked(tx: Tx, owners: Owners) -> Set[int]:
    """Return who of them was blocked: what they write goes to spam and brings nothing back."""
    return customers.blocked(tx.conn, {owner.customer_id for owner in owners.values()})
