"""Fills a workspace with accounts, customers and conversations, a call each.

All functions take a `Tx` and return ids, so that a test says only what matters to it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import accounts, conversations, customers, message_index, messages
from desktop_inbox.store.customers import IdentityKey, NewCustomer, NewIdentity, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.messages import NewBody, NewMessage

NOON = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
SHOP = Address(name="Clay & Kiln", address="shop@claykiln.example")
MINA = Address(name="Mina Okafor", address="mina@orders.example")

_numbers = itertools.count(1)


def account(tx: Tx, *, address: str = SHOP.address, title: str = "Shop") -> int:
    """Store an e-mail account."""
    return accounts.create(tx, kind="email", title=title, address=address, settings={})


def customer(tx: Tx, who: Address = MINA) -> Owner:
    """Store a customer known by one address, once."""
    key = IdentityKey("email", "", normalise_email(who.address))
    known = customers.owners(tx.conn, [key]).get(key)
    if known is not None:
        return known
    uid = found_uid(tx.workspace_uid, "customer", key.address)
    stored = customers.create(tx, [NewCustomer(uid=uid, name=who.name, first_seen_at=NOON)])
    added = customers.add_identities(
        tx,
        [
            NewIdentity(
                uid=found_uid(tx.workspace_uid, "identity", *key),
                customer_id=stored[uid],
                key=key,
                label=who.address,
            )
        ],
    )
    customers.index(tx, stored.values())
    return added[key]


def conversation(
    tx: Tx,
    *,
    subject: str = "Cracked glaze",
    who: Address | None = MINA,
    status: Status = Status.OPEN,
    at: datetime = NOON,
) -> int:
    """Store an empty conversation."""
    uid = found_uid(tx.workspace_uid, "conversation", str(next(_numbers)))
    new = conversations.NewConversation(
        uid=uid,
        subject=subject,
        created_at=at,
        customer_id=customer(tx, who).customer_id if who else None,
        status=status,
    )
    return conversations.create(tx, [new])[uid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message to store: what a test wants to say of it, the rest is filled in."""

    text: str = "The bowl arrived with a crack."
    direction: Direction = Direction.IN
    at: datetime = NOON
    kind: MessageClass = MessageClass.HUMAN
    who: Address = MINA
    seen: bool = True
    delivery: Delivery | None = None
    subject: str = "Cracked glaze"
    html: str = ""
    message_id: str = ""
    thread_id: int | None = None
    attachments: tuple[str, ...] = field(default=())  # file names


def message(tx: Tx, conversation_id: int, mail: Mail, *, account_id: int | None = None) -> int:
    """Store one message with body, files and index, and refresh its conversation."""
    incoming = mail.direction is Direction.IN
    number = next(_numbers)
    external_id = mail.message_id or f"{number}@builders.example"
    (key,) = messages.next_ids(tx, [mail.at])
    from_, to = (mail.who, SHOP) if incoming else (SHOP, mail.who)
    messages.insert_messages(
        tx,
        [
            NewMessage(
                id=key,
                uid=found_uid(tx.workspace_uid, "message", external_id),
                conversation_id=conversation_id,
                thread_id=mail.thread_id,
                account_id=account_id,
                direction=mail.direction,
                kind=mail.kind,
                author_identity_id=customer(tx, mail.who).identity_id if incoming else None,
                agent_id=None if incoming else tx.agent.id,
                external_id=external_id if account_id is not None else None,
                subject=mail.subject,
                from_=(from_,),
                to=(to,),
                at=mail.at,
                snippet=mail.text[:200],
                seen=mail.seen,
                delivery=mail.delivery,
            )
        ],
    )
    messages.insert_bodies(tx, [NewBody(message_id=key, text=mail.text, html=mail.html)])
    messages.insert_attachments(tx, [_file(tx, key, name) for name in mail.attachments])
    message_index.put(
        tx,
        [
            message_index.entry(
                key, subject=mail.subject, from_=[from_], to=[to], body=fold(mail.text)
            )
        ],
    )
    conversations.refresh(tx, [conversation_id])
    return key


def _file(tx: Tx, message_id: int, name: str) -> messages.NewAttachment:
    return messages.NewAttachment(
        uid=found_uid(tx.workspace_uid, "attachment", str(message_id), name),
        message_id=message_id,
        name=name,
        safe_name=name,
        media_type="application/octet-stream",
        size=1000,
        state="message",
    )


_SUBJECTS = ("Cracked glaze", "Where is my order?", "Rechnung", "Kargo nerede?", "Wedding set")
_TEXTS = (
    "The bowl arrived with a crack along the rim.",
    "It has been nine days and the tracking page is empty.",
    "Könnten Sie mir bitte die Rechnung noch einmal schicken?",
    "İstanbul'a gönderilen kargo hâlâ gelmedi, ığdır şubesinde mi?",
    "We would like forty plates in the same blue, by June.",
)


def fill(tx: Tx, *, conversation_count: int = 20, messages_each: int = 3) -> list[int]:
    """Store conversations of several customers with messages in turn; return them oldest first."""
    account_id = account(tx)
    made = []
    for number in range(conversation_count):
        who = Address(name=f"Customer {number % 7}", address=f"customer{number % 7}@orders.example")
        subject = f"{_SUBJECTS[number % len(_SUBJECTS)]} {number}"
        at = NOON + timedelta(minutes=number)
        key = conversation(tx, subject=subject, who=who, at=at)
        for turn in range(messages_each):
            message(
                tx,
                key,
                Mail(
                    text=_TEXTS[(number + turn) % len(_TEXTS)],
                    direction=Direction.OUT if turn % 2 else Direction.IN,
                    at=at + timedelta(seconds=turn),
                    who=who,
                    seen=number % 3 != 0,
                    subject=subject,
                ),
                account_id=account_id,
            )
        made.append(key)
    return made
