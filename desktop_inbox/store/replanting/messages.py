"""Messages of an export that there is no raw mail of, such as replies written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.pieces import from_json
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk, chat_messages, message_index, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.uids import Uids, id_of, text_of
from desktop_inbox.store.schema import account, agent, conversation, identity, message, thread


def plant_messages(tx: Tx, records: Sequence[Record], uids: Uids) -> set[int]:
    """Add messages that have no raw form, such as replies written here; return conversations."""
    there = set(
        tx.conn.scalars(
            select(message.c.uid).where(
                message.c.uid.in_(bulk.values([text_of(one, "uid") for one in records]))
            )
        )
    )
    new = [one for one in records if one["uid"] not in there]
    keys = messages.next_ids(tx, [from_milliseconds(int(one["at"])) for one in new])
    made = [
        _message(tx, one, key, uids)
        for one, key in sorted(zip(new, keys, strict=True), key=lambda pair: pair[1])
    ]
    messages.insert_messages(tx, made)
    by_key = dict(zip(keys, new, strict=True))
    messages.insert_bodies(
        tx,
        [
            messages.NewBody(
                message_id=key,
                text=str(one["text"] or ""),
                visible_text=None if one["visible_text"] is None else str(one["visible_text"]),
                html=str(one.get("html") or ""),
            )
            for key, one in by_key.items()
        ],
    )
    for key, one in by_key.items():
        if one.get("pieces"):
            chat_messages.set_pieces(tx, key, from_json(one["pieces"]))
        if one.get("form"):
            chat_messages.set_form(tx, key, dict(one["form"]))
    messages.insert_attachments(
        tx, [_file(file, key) for key, one in by_key.items() for file in one["attachments"]]
    )
    message_index.put(tx, [_indexed(one, str(by_key[one.id]["text"] or "")) for one in made])
    return {one.conversation_id for one in made}


def _message(tx: Tx, record: Record, key: int, uids: Uids) -> messages.NewMessage:
    lies_in = id_of(tx, conversation, uids, record["conversation"])
    if lies_in is None:
        raise ValueError(record["uid"])
    people = {
        name: tuple(Address(name=str(one[0]), address=str(one[1])) for one in found)
        for name, found in record["people"].items()
    }
    received = record["received_at"]
    # What was on its way when it was exported has long been decided elsewhere.
    delivery = Delivery(record["delivery"]) if record["delivery"] else None
    if delivery in (Delivery.QUEUED, Delivery.SENDING):
        delivery = Delivery.UNCERTAIN
    return messages.NewMessage(
        id=key,
        uid=text_of(record, "uid"),
        conversation_id=lies_in,
        thread_id=id_of(tx, thread, uids, record["thread"]),
        account_id=id_of(tx, account, uids, record["account"]),
        direction=Direction(record["direction"]),
        kind=MessageClass(record["kind"]),
        author_identity_id=id_of(tx, identity, uids, record["author"]),
        agent_id=id_of(tx, agent, uids, record["agent"]),
        external_id=record["external_id"],
        client_ref=record["client_ref"],
        in_reply_to=text_of(record, "in_reply_to"),
        references=tuple(map(str, record["refs"])),
        subject=text_of(record, "subject"),
        from_=people.get("from", ()),
        to=people.get("to", ()),
        cc=people.get("cc", ()),
        bcc=people.get("bcc", ()),
        reply_to=people.get("reply_to", ()),
        at=from_milliseconds(int(record["at"])),
        received_at=None if received is None else from_milliseconds(int(received)),
        snippet=text_of(record, "snippet"),
        seen=bool(record["seen"]),
        complete=bool(record["complete"]),
        unreadable=record["unreadable"],
        delivery=delivery,
    )


def _file(file: Mapping[str, Any], key: int) -> messages.NewAttachment:
    return messages.NewAttachment(
        uid=str(file["uid"]),
        message_id=key,
        name=str(file["name"]),
        safe_name=str(file["safe_name"]),
        media_type=str(file["media_type"]),
        size=int(file["size"]),
        state=str(file["state"]),
        section=str(file["section"]),
        sha256=str(file["sha256"]),
        content_id=str(file["content_id"]),
        inline=bool(file["inline"]),
    )


def _indexed(new: messages.NewMessage, words: str) -> message_index.Indexed:
    if new.direction is Direction.NOTE:
        return message_index.Indexed(message_id=new.id, note=fold(words))
    return message_index.entry(
        new.id,
        subject=new.subject,
        from_=new.from_,
        to=new.to,
        cc=new.cc,
        bcc=new.bcc,
        reply_to=new.reply_to,
        body=fold(words),
    )
