"""Answers, new messages, forwards and notes: written, queued, taken back, tried again.

Functions of a transaction. What a message shows on the wire (its Message-ID, its Date, its
References) is fixed when it is queued, before any attempt to send it (rule C6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import domain_of, normalise_email, sendable
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, Direction
from desktop_inbox.domain.templates import unresolved
from desktop_inbox.domain.threading import chain
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.changing import Group, rows
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import (
    accounts,
    arrivals,
    conversations,
    customers,
    drafts,
    messages,
    outbox,
)
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.rows import AccountRow, ConversationRow, MessageRow
from desktop_inbox.sync.grouping import BORNE, BY_US
from desktop_inbox.sync.mail import message_id_of
from desktop_inbox.sync.outbox import CUSTOMER_WROTE, SENT_ANYWAY

NO_HOLD = timedelta(0)
_SNIPPET_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What happens to the conversation once the answer is on its way: closed, or snoozed."""

    snooze_until: datetime | None = None
    snooze_until_reply: bool = False

    @property
    def snoozes(self) -> bool:
        """Whether it is snoozed rather than closed."""
        return self.snooze_until is not None or self.snooze_until_reply


CLOSE = After()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedReply:
    """A message that waits to be sent."""

    message_id: int
    conversation_id: int
    client_ref: str  # its Message-ID
    state: Delivery
    not_before: datetime  # end of undo send, or the time it was scheduled for


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message goes, and what it answers."""

    conversation_id: int
    thread_id: int
    answered: MessageRow | None


def queue_reply(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    text: str = "",
    html: str = "",
    draft_id: int | None = None,
) -> QueuedReply:
    """Queue what a draft says, as its mode has it: an answer, a forward or a new message.

    `text` is what leaves where that is more than the draft's body: with the signature and the
    quoted message below it. It leaves after `hold`, within which `cancel` takes it back, or at
    the time `at` (rules H4, H5). `then` says what happens to the conversation. `draft_id` names
    the draft of a new message; that of a conversation is found. Commit durably.

    Raises:
        UserError: "no-recipient"; "recipient-invalid" (address, reason); "message-empty";
            "unresolved" (places); "attachment-missing" (name); "no-account";
            "send-in-the-past"; "conversation-missing"; "message-missing".
    """
    _check(tx, files, draft, text=text, at=at)
    answered = _answered(tx, draft)
    account = _account(tx, draft, answered)
    ref = f"{new_uid(tx.now)}@{domain_of(account.address) or 'localhost.localdomain'}"
    place = _place(tx, draft, account, answered, ref)
    not_before = at or tx.now + hold
    message_id = _insert(
        tx, draft, account, place, ref=ref, at=at or tx.now, text=text or draft.body, html=html
    )
    group = _and_then(tx, place.conversation_id, then)
    outbox.add(
        tx,
        message_id,
        account_id=account.id,
        not_before=not_before,
        draft=_packed(draft, then_group=group, scheduled=at is not None),
    )
    _drop_draft(tx, draft, draft_id)
    conversations.refresh(tx, [place.conversation_id])
    return QueuedReply(
        message_id=message_id,
        conversation_id=place.conversation_id,
        client_ref=ref,
        state=Delivery.QUEUED,
        not_before=not_before,
    )


def compose_new(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    html: str = "",
    draft_id: int | None = None,
) -> QueuedReply:
    """Queue a message that begins a conversation; see `queue_reply`."""
    if draft.conversation_id is not None or draft.mode != "new":
        raise ValueError("a new message answers nothing")
    return queue_reply(
        tx, files, draft=draft, hold=hold, at=at, then=then, html=html, draft_id=draft_id
    )


def forward(
    tx: Tx,
    files: Files,
    *,
    draft: DraftContent,
    hold: timedelta = NO_HOLD,
    at: datetime | None = None,
    then: After | None = None,
    html: str = "",
) -> QueuedReply:
    """Queue a forward: a thread of its own, whose answers come to the same conversation (C7)."""
    if draft.mode != "forward":
        raise ValueError("not a forward")
    return queue_reply(tx, files, draft=draft, hold=hold, at=at, then=then, html=html)


def add_note(tx: Tx, conversation_id: int, text: str) -> int:
    """Write an internal note and return its message id; it never leaves the workspace.

    Raises:
        UserError: "message-empty"; "conversation-missing".
    """
    if not text.strip():
        raise UserError("message-empty")
    (row,) = rows(tx, conversation_id)
    uid = new_uid(tx.now)
    note = {
        "conversation": row.uid,
        "agent": tx.agent.uid,
        "at": to_milliseconds(tx.now),
        "text": text,
    }
    group = Group(tx)
    group.record(
        "note.new", [FieldChange("note", uid, "content", None, note)], conversation=row.uid
    )
    message_id = messages.by_uid(tx.conn, uid)
    assert message_id is not None
    mine = drafts.of_conversation(tx.conn, row.id, author_id=tx.agent.id)
    if mine is not None and mine.mode == "note":
        drafts.remove(tx, mine.id)
    return message_id


# What waits


def cancel(tx: Tx, message_id: int) -> int:
    """Take a message back before it leaves and return its draft's id, exactly as it was (H5).

    What was done to the conversation with it is undone as well. Another draft that was begun
    there meanwhile is kept apart.

    Raises:
        UserError: "too-late": it is being sent or has been; "message-missing".
    """
    packed = outbox.draft_of(tx.conn, message_id)
    row = messages.row(tx.conn, message_id)
    if packed is None or row is None:
        raise UserError("message-missing" if row is None else "too-late", id=message_id)
    if not outbox.take_back(tx, message_id):
        raise UserError("too-late", id=message_id)
    messages.remove(tx, message_id)
    content = _unpacked(packed)
    if isinstance(group := packed.get("then_group"), str):
        actions.undo(tx, group)
    if content.conversation_id is None:
        arrivals.remove_if_empty(tx, row.conversation_id)
    else:
        _set_aside(tx, content.conversation_id)
    conversations.refresh(tx, _existing(tx, row.conversation_id))
    return drafts.save(tx, content)


def retry(tx: Tx, message_id: int) -> None:
    """Send a message now that failed, or that waits for its next attempt.

    Raises:
        UserError: "not-waiting".
    """
    row = outbox.row(tx.conn, message_id)
    if row is None or row.state not in ("queued", "failed"):
        raise UserError("not-waiting", id=message_id)
    code = SENT_ANYWAY if row.error_code == CUSTOMER_WROTE else ""
    outbox.reschedule(tx, message_id, next_at=tx.now, code=code, detail="")


def resolve(tx: Tx, message_id: int, outcome: str) -> None:
    """Say what became of a message that may have been delivered: "sent", or send it "again".

    Raises:
        UserError: "not-uncertain"; "outcome-unknown".
    """
    row = outbox.row(tx.conn, message_id)
    if row is None or row.state != "uncertain":
        raise UserError("not-uncertain", id=message_id)
    match outcome:
        case "sent":
            outbox.sent(tx, message_id)
        case "again":
            outbox.reschedule(tx, message_id, next_at=tx.now, code="", detail="")
        case _:
            raise UserError("outcome-unknown", outcome=outcome)


# Before it is queued


def _check(tx: Tx, files: Files, draft: DraftContent, *, text: str, at: datetime | None) -> None:
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


def _answered(tx: Tx, draft: DraftContent) -> MessageRow | None:
    if draft.answers_id is None:
        return None
    row = messages.row(tx.conn, draft.answers_id)
    if row is None:
        raise UserError("message-missing", id=draft.answers_id)
    return row


def _account(tx: Tx, draft: DraftContent, answered: MessageRow | None) -> AccountRow:
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


def _place(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    answered: MessageRow | None,
    ref: str,
) -> _Place:
    if draft.conversation_id is None:
        conversation_id = _begin(tx, draft, account, ref)
        return _Place(conversation_id, _new_thread(tx, conversation_id, account, ref), None)
    (row,) = rows(tx, draft.conversation_id)
    if draft.mode == "forward":
        return _Place(row.id, _new_thread(tx, row.id, account, ref), None)
    answered = answered or _latest(tx, row)
    thread_id = _thread_of(tx, answered, account) if answered else None
    if thread_id is None:
        thread_id = _new_thread(tx, row.id, account, ref)
    return _Place(row.id, thread_id, answered)


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
    known = messages.by_external_ids(tx.conn, account.id, [answered.external_id])
    return known[answered.external_id].thread_id if known else None


def _begin(tx: Tx, draft: DraftContent, account: AccountRow, ref: str) -> int:
    uid = found_uid(tx.workspace_uid, "conversation", account.uid, ref)
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
    new = messages.NewThread(
        uid=uid, conversation_id=conversation_id, account_id=account.id, external_id=ref
    )
    return messages.create_threads(tx, [new])[uid]


def _insert(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    place: _Place,
    *,
    ref: str,
    at: datetime,
    text: str,
    html: str,
) -> int:
    """Store the message and let its answers find the thread."""
    parent = message_id_of(place.answered) if place.answered else ""
    references = chain(place.answered.references, parent) if place.answered else ()
    (message_id,) = messages.next_ids(tx, [at])
    own = Address(name=str(account.settings.get("name", "")), address=account.address)
    new = messages.NewMessage(
        id=message_id,
        uid=found_uid(tx.workspace_uid, "message", account.uid, ref),
        conversation_id=place.conversation_id,
        thread_id=place.thread_id,
        account_id=account.id,
        direction=Direction.OUT,
        agent_id=tx.agent.id,
        external_id=ref,
        client_ref=ref,
        in_reply_to=parent,
        references=references,
        subject=draft.subject,
        from_=(own,),
        to=draft.to,
        cc=draft.cc,
        bcc=draft.bcc,
        at=at,
        snippet=" ".join(draft.body.split())[:_SNIPPET_CHARS],
        delivery=Delivery.QUEUED,
    )
    messages.insert_messages(tx, [new])
    body = messages.NewBody(message_id=message_id, text=text, visible_text=draft.body, html=html)
    messages.insert_bodies(tx, [body])
    _insert_files(tx, draft, new)
    _index(tx, draft, message_id)
    _claim(tx, account.id, place.thread_id, new)
    return message_id


def _insert_files(tx: Tx, draft: DraftContent, message: messages.NewMessage) -> None:
    messages.insert_attachments(
        tx,
        [
            messages.NewAttachment(
                uid=found_uid(tx.workspace_uid, "attachment", message.uid, str(number)),
                message_id=message.id,
                name=str(file["name"]),
                safe_name=str(file.get("safe_name", file["name"])),
                media_type=str(file["media_type"]),
                size=int(str(file["size"])),
                state="file",
                sha256=str(file["sha256"]),
            )
            for number, file in enumerate(draft.attachments)
        ],
    )


def _index(tx: Tx, draft: DraftContent, message_id: int) -> None:
    people = " ".join(str(one) for one in (*draft.to, *draft.cc, *draft.bcc))
    names = " ".join(str(file["name"]) for file in draft.attachments)
    entry = messages.Indexed(
        message_id=message_id,
        subject=fold(draft.subject),
        people=fold(people),
        body=fold(f"{names}\n{draft.body}"),
    )
    messages.index(tx, [entry])


def _claim(tx: Tx, account_id: int, thread_id: int, message: messages.NewMessage) -> None:
    assert message.client_ref is not None
    claims = [(message.client_ref, thread_id, BORNE)]
    named = dict.fromkeys((message.in_reply_to, *message.references))
    claims += [(name, thread_id, BY_US) for name in named if name]
    messages.add_claims(tx, account_id, claims)
    messages.add_participants(
        tx,
        [(thread_id, normalise_email(one.address)) for one in (*message.to, *message.cc)],
    )


def _and_then(tx: Tx, conversation_id: int, then: After | None) -> str | None:
    if then is None:
        return None
    if then.snoozes:
        return actions.snooze(
            tx, conversation_id, until=then.snooze_until, until_reply=then.snooze_until_reply
        )
    return actions.close(tx, conversation_id)


def _drop_draft(tx: Tx, draft: DraftContent, draft_id: int | None) -> None:
    if draft_id is None and draft.conversation_id is not None:
        mine = drafts.of_conversation(tx.conn, draft.conversation_id, author_id=tx.agent.id)
        draft_id = mine.id if mine else None
    if draft_id is not None:
        drafts.remove(tx, draft_id)


# The editor, kept beside the queued message


def _packed(draft: DraftContent, *, then_group: str | None, scheduled: bool) -> dict[str, object]:
    return {
        "conversation_id": draft.conversation_id,
        "account_id": draft.account_id,
        "mode": draft.mode,
        "answers_id": draft.answers_id,
        "to": _pairs(draft.to),
        "cc": _pairs(draft.cc),
        "bcc": _pairs(draft.bcc),
        "subject": draft.subject,
        "body": draft.body,
        "caret": draft.caret,
        "attachments": [dict(file) for file in draft.attachments],
        "then_group": then_group,
        "hold_if_answered": scheduled,
    }


def _unpacked(packed: Mapping[str, object]) -> DraftContent:
    kept = {
        name: packed[name]
        for name in ("conversation_id", "account_id", "mode", "answers_id", "subject", "body",
                     "caret", "attachments")
    }  # fmt: skip
    people = {name: _addresses(packed[name]) for name in ("to", "cc", "bcc")}
    return DraftContent(**kept, **people)  # type: ignore[arg-type]


def _pairs(people: Iterable[Address]) -> list[list[str]]:
    return [[person.name, person.address] for person in people]


def _addresses(pairs: object) -> tuple[Address, ...]:
    assert isinstance(pairs, list)
    return tuple(Address(name=name, address=address) for name, address in pairs)


def _set_aside(tx: Tx, conversation_id: int) -> None:
    """Keep a draft that was begun since apart, so that the one that comes back has its place."""
    mine = drafts.of_conversation(tx.conn, conversation_id, author_id=tx.agent.id)
    if mine is None or not (mine.body.strip() or mine.attachments):
        return
    drafts.remove(tx, mine.id)
    drafts.save(
        tx,
        DraftContent(
            account_id=mine.account_id,
            mode="new",
            to=mine.to,
            cc=mine.cc,
            bcc=mine.bcc,
            subject=mine.subject,
            body=mine.body,
            caret=mine.caret,
            attachments=mine.attachments,
        ),
    )


def _existing(tx: Tx, conversation_id: int) -> list[int]:
    return [conversation_id] if conversations.row(tx.conn, conversation_id) else []
