"""Mail that leaves without a person: who may get it, and the one automatic answer there is (D3).

Runs on the store's writer thread. Whatever sends by itself asks `refusal` first and goes through
`queue`, so that the caps hold for all of it together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from desktop_inbox.connectors.contract import FolderRole
from desktop_inbox.domain.automation import Refusal, over_a_cap
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, MessageClass, as_dated
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import chain, reply_subject
from desktop_inbox.domain.tokens import without_token
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.store import (
    accounts,
    arrivals,
    events,
    message_index,
    messages,
    outbox,
    suppression,
    threads,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync.grouping import BORNE, BY_US
from desktop_inbox.sync.mail import Mail, message_id_of
from desktop_inbox.sync.mailbox import AutoAnswer, Mailbox
from desktop_inbox.sync.marking import marks
from desktop_inbox.sync.senders import OWN_ADDRESS_FORGED, SENDER_NOT_PROVEN

STOPPED = "automation.stopped"
MAX_AGE = timedelta(hours=24)  # older mail is not answered by itself (rule G4)

_SNIPPET_CHARS = 200
# A forged sender would have the answer sent to somebody who never wrote.
_DOUBTFUL = frozenset({OWN_ADDRESS_FORGED, SENDER_NOT_PROVEN, "several-from"})


def refusal(
    tx: Tx,
    *,
    kind: MessageClass,
    address: str,
    conversation_id: int,
    own: frozenset[str],
    answers: bool = True,
) -> Refusal | None:
    """Return why nothing may be sent to a normalised address by itself now, None if it may (D3).

    `kind` is the class of the mail that was last written from there; what `answers` it may leave
    once a conversation. Where too much was sent in all, everything automatic stops until a person
    lets it go on.
    """
    if suppression.stopped_at(tx.conn) is not None:
        return Refusal.STOPPED
    if kind is not MessageClass.HUMAN:
        return Refusal.NOT_HUMAN
    if without_token(address) in own:
        return Refusal.OWN_ADDRESS
    found = suppression.of(tx.conn, [address]).get(address)
    if found is not None and found.until > tx.now:
        return Refusal.UNDELIVERABLE
    sent = suppression.sent_lately(tx.conn, conversation_id=conversation_id, now=tx.now)
    why = over_a_cap(
        sent, address=address, conversation=conversation_id, now=tx.now, answers=answers
    )
    if why is Refusal.TOO_MANY:
        suppression.stop(tx)
        _tell(tx, conversation_id)
    return why


def answer(tx: Tx, mailbox: Mailbox, mails: Iterable[Mail]) -> set[int]:
    """Queue the account's automatic answer to mail that calls for one; return what was touched.

    For whole messages only: whether a person wrote shows in the body too.
    """
    wanted = mailbox.auto_answer
    if wanted is None or not wanted.holds(tx.now):
        return set()
    account = accounts.row(tx.conn, mailbox.id)
    touched = set()
    for mail in mails:
        if account is not None and _calls_for_answer(tx, mailbox, mail):
            row = messages.row(tx.conn, mail.id)
            if row is not None and _may_get_it(tx, mailbox, wanted, mail, row):
                queue(tx, account, row, to=mail.message.from_[0], text=wanted.text)
                touched.add(row.conversation_id)
    return touched


def _calls_for_answer(tx: Tx, mailbox: Mailbox, mail: Mail) -> bool:
    """Tell whether a person wrote this to us just now (RFC 3834 section 2)."""
    arrived, message = mail.parsed.mail, mail.message
    if not (mail.id and arrived.complete) or arrived.role is not FolderRole.INBOX:
        return False
    if mail.direction is not Direction.IN or tx.now - arrived.received_at > MAX_AGE:
        return False
    if message.returns_nowhere or not message.from_ or _DOUBTFUL.intersection(mail.warnings):
        return False
    # Not what came through a list or as a blind copy: nobody there expects an answer.
    written_to = {without_token(normalise_email(one.address)) for one in (*message.to, *message.cc)}
    return bool(written_to & mailbox.own) and sendable(message.from_[0].address).ok


def _may_get_it(tx: Tx, mailbox: Mailbox, wanted: AutoAnswer, mail: Mail, row: MessageRow) -> bool:
    if not wanted.also_later and arrivals.was_answered(tx.conn, row.conversation_id):
        return False
    why = refusal(
        tx,
        kind=mail.message.kind,
        address=normalise_email(mail.message.from_[0].address),
        conversation_id=row.conversation_id,
        own=mailbox.own,
    )
    return why is None


def queue(tx: Tx, account: AccountRow, answered: MessageRow, *, to: Address, text: str) -> int:
    """Queue an answer that no person wrote, and count it; return its message id.

    Only after `refusal` had nothing against it.
    """
    conversation_id = answered.conversation_id
    uid = arrivals.uids(tx.conn, [conversation_id])[conversation_id]
    marked = marks(tx, account, conversation=uid, subject=reply_subject(answered.subject))
    parent = message_id_of(answered)
    at = as_dated(tx.now)
    (message_id,) = messages.next_ids(tx, [at])
    new = messages.NewMessage(
        id=message_id,
        uid=found_uid(tx.workspace_uid, "message", account.uid, marked.message_id),
        conversation_id=conversation_id,
        thread_id=threads.of_message(tx.conn, answered.id),
        account_id=account.id,
        direction=Direction.OUT,
        kind=MessageClass.AUTO_REPLY,
        external_id=marked.message_id,
        client_ref=marked.message_id,
        in_reply_to=parent,
        references=chain(answered.references, parent),
        subject=marked.subject,
        from_=(Address(name=str(account.settings.get("name", "")), address=account.address),),
        to=(to,),
        reply_to=marked.reply_to,
        at=at,
        snippet=snippet(text),
        delivery=Delivery.QUEUED,
    )
    keep(tx, new, answered, text=text, counted=normalise_email(to.address))
    _claim(tx, new)
    return message_id


def keep(
    tx: Tx, new: messages.NewMessage, answered: MessageRow, *, text: str, counted: str
) -> None:
    """Store and queue what no person wrote, and count it as sent to `counted`."""
    assert new.account_id is not None
    messages.insert_messages(tx, [new])
    messages.insert_bodies(tx, [messages.NewBody(message_id=new.id, text=text)])
    entry = message_index.entry(new.id, subject=new.subject, to=new.to, body=fold(text))
    message_index.put(tx, [entry])
    outbox.add(
        tx,
        new.id,
        account_id=new.account_id,
        not_before=tx.now,
        draft=_as_draft(new, answered, text),
    )
    suppression.note_send(tx, new.id, address=counted, conversation_id=answered.conversation_id)


def snippet(text: str) -> str:
    """Return what lists show of a text."""
    return " ".join(text.split())[:_SNIPPET_CHARS]


def _claim(tx: Tx, new: messages.NewMessage) -> None:
    """Let what answers it find its thread (rules C1, C2)."""
    if new.thread_id is None or new.client_ref is None:
        return
    named = dict.fromkeys((new.in_reply_to, *new.references))
    threads.add_claims(
        tx,
        [
            (new.client_ref, new.thread_id, BORNE),
            *((name, new.thread_id, BY_US) for name in named if name),
        ],
    )
    threads.add_participants(tx, [(new.thread_id, normalise_email(one.address)) for one in new.to])


def _as_draft(new: messages.NewMessage, answered: MessageRow, text: str) -> dict[str, object]:
    """Return the editor that a person gets who takes it back before it leaves (rule H5)."""
    return {
        "conversation_id": answered.conversation_id,
        "account_id": new.account_id,
        "mode": "reply",
        "answers_id": answered.id,
        "subject": new.subject,
        "body": text,
        "caret": len(text),
        "quote": False,
        "attachments": [],
        "to": [[one.name, one.address] for one in new.to],
        "cc": [],
        "bcc": [],
        "then_group": None,
    }


def _tell(tx: Tx, conversation_id: int) -> None:
    uid = arrivals.uids(tx.conn, [conversation_id])[conversation_id]
    events.record(
        tx,
        STOPPED,
        [FieldChange("workspace", tx.workspace_uid, "automation", "on", "stopped")],
        conversation=uid,
        group_uid=new_uid(tx.now),
        actor="system",
    )
