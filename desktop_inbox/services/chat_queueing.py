"""How a draft becomes messages of a chat: checked against its channel, given its place, stored.

Functions of a transaction. A text longer than a message becomes several where the channel's users
expect that; each keeps its own name, so that none is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.pieces import Piece, from_json, in_words, snippet_of
from desktop_inbox.domain.reply_windows import Window, window_of
from desktop_inbox.domain.splitting import split_text, utf8_bytes
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.templates import unresolved
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.services.changing import rows
from desktop_inbox.services.draft_files import insert_files
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import (
    chat_messages,
    chat_ways,
    chats,
    conversations,
    message_index,
    messages,
)
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AccountRow, IdentityRow, MessageRow
from desktop_inbox.sync.channel_events import tell_channel
from desktop_inbox.sync.chat_places import begin_thread
from desktop_inbox.sync.people import Stranger, owners_of
from desktop_inbox.sync.spoken import in_milliseconds, key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message of a chat goes."""

    conversation_id: int
    thread_id: int
    chat: ChatRow
    to: Address


def info_for(account: AccountRow) -> ConnectorInfo:
    """Return what an account's channel can do, with the limits its service has told.

    Raises:
        UserError: "no-account": this build does not know the channel.
    """
    info = info_of(account.kind)
    if info is None:
        raise UserError("no-account")
    return replace(info, limits={**info.limits, **account.limits})


# What may be sent


def check(tx: Tx, files: Files, draft: DraftContent, info: ConnectorInfo, *, text: str) -> None:
    """See that a channel takes what a draft holds.

    Raises:
        UserError: "message-empty"; "unresolved" (places); "attachment-missing" (name);
            "cannot-send-there"; "message-too-long" (limit, length); "too-many-files" (limit);
            "file-too-large" (name, limit).
    """
    if Capability.SEND not in info.capabilities:
        raise UserError("cannot-send-there")
    if not text.strip() and not draft.attachments and not draft.form:
        raise UserError("message-empty")
    if places := unresolved(draft.body):
        raise UserError("unresolved", places=places)
    for file in draft.attachments:
        if not files.has(str(file["sha256"])):
            raise UserError("attachment-missing", name=file["name"])
    _check_files(draft.attachments, info)
    _check_text(text, info)


def _check_files(attachments: Sequence[Mapping[str, object]], info: ConnectorInfo) -> None:
    most = info.limits.get("max_files")
    if Capability.ATTACHMENTS not in info.capabilities:
        most = 0
    if most is not None and len(attachments) > most:
        raise UserError("too-many-files", limit=most)
    largest = info.limits.get("max_file_bytes")
    for file in attachments:
        if largest is not None and int(str(file["size"])) > largest:
            raise UserError("file-too-large", name=file["name"], limit=largest)


def _check_text(text: str, info: ConnectorInfo) -> None:
    if info.splits:
        return
    for name, length in (("max_text", len(text)), ("max_text_bytes", len(text.encode()))):
        limit = info.limits.get(name)
        if limit is not None and length > limit:
            raise UserError("message-too-long", limit=limit, length=length)


def check_window(draft: DraftContent, window: Window, *, at: datetime) -> None:
    """See that a message may leave at its time (rule M1).

    Raises:
        UserError: "window-closed" (until).
    """
    form = draft.form or {}
    lets = window.lets(
        at, template=bool(form.get("template")), human_agent=bool(form.get("human_agent"))
    )
    if not lets:
        raise UserError("window-closed", until=window.until)


# Where it goes


def place_of(
    tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo, *, ref: str
) -> Place:
    """Return where an answer or a new message goes; what is not there yet is begun.

    Raises:
        UserError: "no-address-there"; "cannot-write-first"; "conversation-missing".
    """
    if draft.conversation_id is None:
        return _begin(tx, draft, account, info, ref=ref)
    (row,) = rows(tx, draft.conversation_id)
    wanted = _wanted(tx, draft, row.customer_id, account, info)
    going = chat_ways.chat_in(
        tx.conn,
        row.id,
        account_id=account.id,
        answers_id=draft.answers_id,
        chat_id=wanted.id if wanted else None,
    )
    if going is not None:
        chat = chats.row(tx.conn, going.chat_id)
        assert chat is not None
        return Place(conversation_id=row.id, thread_id=going.thread_id, chat=chat, to=_to(tx, chat))
    chat = wanted or _customers_chat(tx, row.customer_id, account, info)
    thread_id = begin_thread(
        tx, account.uid, chat.id, conversation_id=row.id, account_id=account.id, name=f"on:{ref}"
    )
    name = f"on:{ref}|{chat.external_id}"  # of this answer, and of a service it can be told by
    tell_channel(tx, row.uid, name=name, kind=account.kind, actor=None)
    return Place(conversation_id=row.id, thread_id=thread_id, chat=chat, to=_to(tx, chat))


def _wanted(
    tx: Tx, draft: DraftContent, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> ChatRow | None:
    """Return the chat that somebody chose, by itself or by whom it is with; None: nobody did.

    What was chosen may be gone since: then the conversation goes on as if nothing had been.
    """
    form = draft.form or {}
    if isinstance(chosen := form.get("chat"), int):
        chat = chats.row(tx.conn, chosen)
        return chat if chat is not None and chat.account_id == account.id else None
    if isinstance(chosen := form.get("identity"), int):
        theirs = _reached(tx, customer_id, account, info)
        if any(one.id == chosen for one in theirs):
            return _chat_with(tx, [chosen], account, info)
    return None


def _reached(
    tx: Tx, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> list[IdentityRow]:
    return chat_ways.identities(tx.conn, customer_id, kind=info.identity, scopes=("", account.uid))


def _customers_chat(
    tx: Tx, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> ChatRow:
    """Return the chat in which a customer is reached through an account, begun if need be."""
    reached = _reached(tx, customer_id, account, info)
    if not reached:
        raise UserError("no-address-there")
    return _chat_with(tx, [one.id for one in reached], account, info)


def _chat_with(
    tx: Tx, identity_ids: Sequence[int], account: AccountRow, info: ConnectorInfo
) -> ChatRow:
    """Return the latest chat with any of these, else one that is begun with the first."""
    known = chats.with_identities(tx.conn, account.id, identity_ids)
    if known:
        return known[-1]
    if Capability.OPEN_CHAT not in info.capabilities:
        raise UserError("cannot-write-first")
    return _new_chat(tx, account, identity_ids[0])


def _new_chat(tx: Tx, account: AccountRow, identity_id: int) -> ChatRow:
    key = chats.create(tx, account.id, "", identity_id=identity_id)
    made = chats.row(tx.conn, key)
    assert made is not None
    return made


def _begin(
    tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo, *, ref: str
) -> Place:
    """Begin a conversation with whom the draft is to."""
    if not draft.to:
        raise UserError("no-recipient")
    person = draft.to[0]
    key = key_of(info.identity, person.address)
    if not key.address:
        raise UserError("no-recipient")
    stranger = Stranger(name=person.name.strip(), label=person.address, seen_at=tx.now)
    owner = owners_of(tx, {key: stranger})[key]
    chat = _chat_with(tx, [owner.identity_id], account, info)
    uid = new_uid(tx.now)
    new = conversations.NewConversation(
        uid=uid,
        subject=draft.subject,
        created_at=tx.now,
        customer_id=owner.customer_id,
        status=Status.OPEN,
    )
    conversation_id = conversations.create(tx, [new])[uid]
    thread_id = begin_thread(
        tx,
        account.uid,
        chat.id,
        conversation_id=conversation_id,
        account_id=account.id,
        name=f"on:{ref}",
    )
    return Place(conversation_id=conversation_id, thread_id=thread_id, chat=chat, to=_to(tx, chat))


def _to(tx: Tx, chat: ChatRow) -> Address:
    if chat.identity_id is None:
        return Address(name=chat.title, address=chat.external_id)
    return chat_ways.reached_as(tx.conn, chat.identity_id)


# Storing

_SENT = ("template", "human_agent")  # of a draft's form: what the service is told


def insert(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    info: ConnectorInfo,
    place: Place,
    *,
    text: str,
    at: datetime,
    ref: str,
) -> list[int]:
    """Store what a draft says, in one message or several, and return their ids in order."""
    parts = parts_of(text, info)
    at = in_milliseconds(at)
    ids = messages.next_ids(tx, [at] * len(parts))
    answers = _answered(tx, draft, account, info, place)
    for number, (message_id, words) in enumerate(zip(ids, parts, strict=True)):
        _insert_one(
            tx,
            draft if number == len(parts) - 1 else replace(draft, attachments=()),
            account,
            place,
            message_id=message_id,
            text=words,
            at=at,
            ref=ref if number == 0 else new_uid(tx.now),
            answers=answers if number == 0 else "",
        )
    return ids


def parts_of(text: str, info: ConnectorInfo) -> list[str]:
    """Return a text in the messages it leaves in; what the channel counts decides."""
    limits = info.limits if info.splits else {}
    for name, measure in (("max_text_bytes", utf8_bytes), ("max_text", len)):
        if name in limits:
            return split_text(text, limits[name], measure=measure) or [text]
    return [text]


def _insert_one(
    tx: Tx,
    draft: DraftContent,
    account: AccountRow,
    place: Place,
    *,
    message_id: int,
    text: str,
    at: datetime,
    ref: str,
    answers: str,
) -> None:
    form = draft.form or {}
    pieces = _pieces(form.get("pieces", ()))
    names = [str(file["name"]) for file in draft.attachments]
    new = messages.NewMessage(
        id=message_id,
        uid=found_uid(tx.workspace_uid, "message", account.uid, ref),
        conversation_id=place.conversation_id,
        thread_id=place.thread_id,
        account_id=account.id,
        direction=Direction.OUT,
        agent_id=tx.agent.id,
        client_ref=ref,
        in_reply_to=answers,
        from_=(Address(name=str(account.settings.get("name") or ""), address=account.address),),
        to=(place.to,),
        at=at,
        snippet=snippet_of(text, pieces, names),
        delivery=Delivery.QUEUED,
    )
    messages.insert_messages(tx, [new])
    messages.insert_bodies(tx, [messages.NewBody(message_id=message_id, text=text)])
    chat_messages.set_pieces(tx, message_id, pieces)
    chat_messages.set_form(tx, message_id, {name: form[name] for name in _SENT if name in form})
    insert_files(tx, draft, new)
    words = "\n".join(chain(names, (text, in_words(pieces))))
    entry = message_index.entry(message_id, subject="", to=new.to, body=fold(words))
    message_index.put(tx, [entry])


def _pieces(kept: object) -> tuple[Piece, ...]:
    return from_json(kept) if isinstance(kept, (list, tuple)) else ()


def _answered(
    tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo, place: Place
) -> str:
    """Return the external id of the message that is pointed at, '' for none.

    Only of one in the same chat, and not of the last one in it: everybody sees what answers that.
    """
    if draft.answers_id is None or Capability.QUOTE not in info.capabilities:
        return ""
    row: MessageRow | None = messages.row(tx.conn, draft.answers_id)
    if row is None or row.account_id != account.id:
        return ""
    return "" if chat_ways.is_latest(tx.conn, place.chat.id, row.id) else row.external_id


def window(info: ConnectorInfo, chat: ChatRow) -> Window:
    """Return until when somebody may be answered in a chat."""
    return window_of(info.limits, last_in_at=chat.last_in_at, reply_until=chat.reply_until)
