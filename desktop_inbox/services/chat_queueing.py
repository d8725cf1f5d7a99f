"""How a draft becomes messages of a chat: checked against its channel, and stored.

Functions of a transaction. A text longer than a message becomes several where the channel's users
expect that; each keeps its own name, so that none is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import info_of, limits_in
from desktop_inbox.domain import buttons
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.pieces import Piece, from_json, in_words, snippet_of
from desktop_inbox.domain.reply_windows import Window, window_of
from desktop_inbox.domain.splitting import split_text, utf8_bytes
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.templates import unresolved
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.services.chat_placing import Place
from desktop_inbox.services.draft_files import insert_files
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import (
    chat_messages,
    chat_ways,
    message_index,
    messages,
)
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync.spoken import in_milliseconds


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
            "file-too-large" (name, limit); "buttons-need-text"; "too-many-buttons" (limit);
            "button-too-long" (label, limit).
    """
    if Capability.SEND not in info.capabilities:
        raise UserError("cannot-send-there")
    if not (text.strip() or draft.attachments or _says(draft)):
        raise UserError("message-empty")
    if places := unresolved(draft.body):
        raise UserError("unresolved", places=places)
    for file in draft.attachments:
        if not files.has(str(file["sha256"])):
            raise UserError("attachment-missing", name=file["name"])
    _check_files(draft.attachments, info)
    _check_buttons(buttons.of_form(draft.form), info, text=text)
    _check_text(_worded(text, draft, info), info)


def _says(draft: DraftContent) -> bool:
    """Tell whether a draft says something without a text: buttons are pressed about one."""
    form = draft.form or {}
    pieces = _pieces(form.get(buttons.PIECES))
    return bool(form.get("template")) or len(pieces) > len(buttons.on(pieces))


def _check_buttons(labels: Sequence[str], info: ConnectorInfo, *, text: str) -> None:
    room = button_room(info)
    if labels and not text.strip():
        raise UserError("buttons-need-text")
    if len(labels) > room.most:
        raise UserError("too-many-buttons", limit=room.most)
    for label in labels:
        if len(label) > room.longest:
            raise UserError("button-too-long", label=label, limit=room.longest)


def button_room(info: ConnectorInfo) -> buttons.Room:
    """Return which buttons a channel takes, drawn or as lines."""
    return buttons.room(info.limits, drawn=Capability.BUTTONS in info.capabilities)


def _worded(text: str, draft: DraftContent, info: ConnectorInfo) -> str:
    """Return what is said in words: buttons too where the channel has none."""
    drawn = button_room(info).drawn
    return text if drawn else buttons.told(text, buttons.of_form(draft.form))


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
    parts = parts_of(_worded(text, draft, info), info)
    at = in_milliseconds(at)
    ids = messages.next_ids(tx, [at] * len(parts))
    answers = _answered(tx, draft, account, info, place)
    pieces = _drawn(draft, info)
    for number, (message_id, words) in enumerate(zip(ids, parts, strict=True)):
        _insert_one(
            tx,
            draft if number == len(parts) - 1 else replace(draft, attachments=()),
            account,
            place,
            message_id=message_id,
            text=words,
            pieces=pieces if number == len(parts) - 1 else (),
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
    pieces: Sequence[Piece],
    at: datetime,
    ref: str,
    answers: str,
) -> None:
    form = draft.form or {}
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


def _drawn(draft: DraftContent, info: ConnectorInfo) -> tuple[Piece, ...]:
    """Return the pieces that go along; buttons only where the channel has some."""
    pieces = _pieces((draft.form or {}).get(buttons.PIECES))
    lines = () if button_room(info).drawn else buttons.on(pieces)
    return tuple(one for one in pieces if one not in lines)


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
    limits = limits_in(info, chat.external_id)
    return window_of(limits, last_in_at=chat.last_in_at, reply_until=chat.reply_until)
