"""How a draft becomes a stored message: checked, given its account and its place, written down.

Functions of a transaction. What a message shows on the wire (its Message-ID, its Date, its
References) is fixed here, before any attempt to send it (rule C6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Delivery, as_dated
from desktop_inbox.domain.rich_text import to_text
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.templates import unresolved
from desktop_inbox.domain.threading import chain
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.services import identities
from desktop_inbox.services.changing import rows
from desktop_inbox.services.draft_files import insert_files
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import (
    accounts,
    conversations,
    customers,
    known_messages,
    message_index,
    messages,
    threads,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync.channel_events import tell_channel
from desktop_inbox.sync.grouping import BORNE, BY_US
from desktop_inbox.sync.mail import message_id_of
from desktop_inbox.sync.marking import Marks

_SNIPPET_CHARS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes, and what it answers."""

    conversation_id: int
    thread_id: int
    answered: MessageRow | None


def check(tx: Tx, files: Files, draft: DraftContent, *, text: str, at: datetime | None) -> None:
    everybody = (*draft.to, *draft.cc, *draft.bcc)
    if not everybody:
        raise UserError("no-recipient")
    for person in everybody:
        verdict = sendable(person.address)
        if not verdict.ok:
            raise UserError("recipient-invalid", address=person.address, reason=verdict.reason)
    if not (text or draft.body).strip() and not draft.attachments:
        raise UserError("message-empty")
    if places := unresolved(draft.body) + unresolved(draft.subject):
        raise UserError("unresolved", places=places)
    for file in draft.attachments:
        if not files.has(str(file["sha256"])):
            raise UserError("attachment-missing", name=file["name"])
    if at is not None and at <= tx.now:
        raise UserError("send-in-the-past", at=at)


def plain_text(draft: DraftContent) -> str:
    """Return what its author wrote, as plain text says it."""
    if not draft.rich:
        return draft.body
    from desktop_inbox.mime.rich import read  # with a parser that few messages need

    return to_text(read(draft.rich))


def answered_by(tx: Tx, draft: DraftContent) -> MessageRow | None:
    if draft.answers_id is None:
        return None
    row = messages.row(tx.conn, draft.answers_id)
    if row is None:
        raise UserError("message-missing", id=draft.answers_id)
    return row


def account_for(tx: Tx, draft: DraftContent, answered: MessageRow | None) -> AccountRow:
    """Return the account it goes out through: the chosen one, else the one answered on."""
    known = {account.id: account for account in accounts.list_all(tx.conn)}
    for key in (draft.account_id, answered.account_id if answered else None):
        if key is not None and key in known:
            return known[key]
    if draft.conversation_id is not None:
        (row,) = rows(tx, draft.conversation_id)
        if row.account_id in known:
            return known[row.account_id]
    if len(known) == 1 and draft.account_id is None:
        return next(iter(known.values()))
    raise UserError("no-account")


def conversation_uid(tx: Tx, draft: DraftContent) -> str:
    """Return the name of the conversation it goes into, a new one where it begins one."""
    if draft.conversation_id is None:
        return new_uid(tx.now)
    (row,) = rows(tx, draft.conversation_id)
    return row.uid


def place_of(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    answered: MessageRow | None,
    *,
    conversation: str,
    ref: str,
) -> Place:
    if draft.conversation_id is None:
        conversation_id = _begin(tx, draft, conversation)
        return Place(conversation_id, _new_thread(tx, conversation_id, account, ref), None)
    (row,) = rows(tx, draft.conversation_id)
    if draft.mode == "forward":
        return Place(row.id, _new_thread(tx, row.id, account, ref), None)
    answered = answered or _latest(tx, row)
    thread_id = _thread_of(tx, answered, account) if answered else None
    if thread_id is None:
        thread_id = _new_thread(tx, row.id, account, ref)
    if answered is not None and answered.channel not in (account.kind, ""):
        tell_channel(tx, row.uid, name=ref, kind=account.kind, actor=None)
        answered = None  # a mail names mails alone
    return Place(row.id, thread_id, answered)


def _latest(tx: Tx, row: ConversationRow) -> MessageRow | None:
    """Return the message that an answer to the conversation as a whole answers."""
    public = [
        one
        for one in messages.of_conversation(tx.conn, row.id)
        if one.direction in (Direction.IN, Direction.OUT) and one.delivery is not Delivery.FAILED
    ]
    incoming = [one for one in public if one.direction is Direction.IN]
    return next(reversed(incoming or public), None)


def _thread_of(tx: Tx, answered: MessageRow, account: AccountRow) -> int | None:
    if answered.account_id != account.id:
        return None
    known = known_messages.by_external_ids(tx.conn, account.id, [answered.external_id])
    return known[answered.external_id].thread_id if known else None


def _begin(tx: Tx, draft: DraftContent, uid: str) -> int:
    new = conversations.NewConversation(
        uid=uid,
        subject=draft.subject,
        created_at=tx.now,
        customer_id=_customer(tx, draft),
        status=Status.OPEN,
    )
    return conversations.create(tx, [new])[uid]


def _customer(tx: Tx, draft: DraftContent) -> int:
    """Return whom a new message is to: its first recipient, made known if need be."""
    person = (*draft.to, *draft.cc, *draft.bcc)[0]
    key = IdentityKey("email", "", normalise_email(person.address))
    known = customers.owners(tx.conn, [key]).get(key)
    if known is not None:
        return known.customer_id
    uid = found_uid(tx.workspace_uid, "customer", *key)
    new = customers.NewCustomer(uid=uid, name=person.name.strip(), first_seen_at=tx.now)
    ids = customers.create(tx, [new])
    identity = customers.NewIdentity(
        uid=found_uid(tx.workspace_uid, "identity", *key),
        customer_id=ids[uid],
        key=key,
        label=person.address,
    )
    customers.add_identities(tx, [identity])
    customers.index(tx, ids.values())
    return ids[uid]


def _new_thread(tx: Tx, conversation_id: int, account: AccountRow, ref: str) -> int:
    uid = found_uid(tx.workspace_uid, "thread", account.uid, ref)
    new = threads.NewThread(
        uid=uid, conversation_id=conversation_id, account_id=account.id, external_id=ref
    )
    return threads.create(tx, [new])[uid]


def insert(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    place: Place,
    *,
    marks: Marks,
    at: datetime,
    text: str,
    html: str,
) -> int:
    """Store the message and let its answers find the thread."""
    parent = message_id_of(place.answered) if place.answered else ""
    references = chain(place.answered.references, parent) if place.answered else ()
    at = as_dated(at)
    (message_id,) = messages.next_ids(tx, [at])
    answered = place.answered or answered_by(tx, draft)
    own = identities.chosen(account, draft.sender, answered).sender
    written = plain_text(draft)
    new = messages.NewMessage(
        id=message_id,
        uid=found_uid(tx.workspace_uid, "message", account.uid, marks.message_id),
        conversation_id=place.conversation_id,
        thread_id=place.thread_id,
        account_id=account.id,
        direction=Direction.OUT,
        agent_id=tx.agent.id,
        external_id=marks.message_id,
        client_ref=marks.message_id,
        in_reply_to=parent,
        references=references,
        subject=marks.subject,
        from_=(own,),
        to=draft.to,
        cc=draft.cc,
        bcc=draft.bcc,
        reply_to=marks.reply_to,
        at=at,
        snippet=" ".join(written.split())[:_SNIPPET_CHARS],
        delivery=Delivery.QUEUED,
    )
    messages.insert_messages(tx, [new])
    body = messages.NewBody(message_id=message_id, text=text, visible_text=written, html=html)
    messages.insert_bodies(tx, [body])
    insert_files(tx, draft, new)
    _index(tx, draft, message_id, written)
    _claim(tx, place.thread_id, new)
    return message_id


def _index(tx: Tx, draft: DraftContent, message_id: int, written: str) -> None:
    names = " ".join(str(file["name"]) for file in draft.attachments)
    entry = message_index.entry(
        message_id,
        subject=draft.subject,
        to=draft.to,
        cc=draft.cc,
        bcc=draft.bcc,
        body=fold(f"{names}\n{written}"),
    )
    message_index.put(tx, [entry])


def _claim(tx: Tx, thread_id: int, message: messages.NewMessage) -> None:
    assert message.client_ref is not None
    claims = [(message.client_ref, thread_id, BORNE)]
    named = dict.fromkeys((message.in_reply_to, *message.references))
    claims += [(name, thread_id, BY_US) for name in named if name]
    threads.add_claims(tx, claims)
    threads.add_participants(
        tx,
        [(thread_id, normalise_email(one.address)) for one in (*message.to, *message.cc)],
    )
