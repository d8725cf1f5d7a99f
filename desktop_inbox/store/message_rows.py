"""Rows of messages as they are shown: with their text, their files, who wrote and who thought what.

Reads are functions of a connection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from desktop_inbox.domain.messages import Address, Delivery, Invitation, MessageClass
from desktop_inbox.domain.pieces import from_json, in_words
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk
from desktop_inbox.store.rows import AttachmentRow, MessageRow, ReactionRow
from desktop_inbox.store.schema import (
    account,
    agent,
    attachment,
    chat,
    customer,
    identity,
    message,
    message_body,
    message_location,
    outbox,
    reaction,
    remote_file,
    thread,
)

ATTACHMENTS = select(
    *attachment.c[
        "id", "message_id", "name", "safe_name", "media_type", "size", "state", "section",
        "sha256", "content_id", "inline",
    ],
    func.coalesce(remote_file.c.problem, "").label("problem"),
).outerjoin(remote_file, remote_file.c.attachment_id == attachment.c.id)  # fmt: skip
MESSAGES = (
    select(
        *message.c[
            "id", "uid", "conversation_id", "account_id", "direction", "kind", "external_id",
            "client_ref", "in_reply_to", "refs", "subject", "people", "at", "snippet", "seen",
            "complete", "unreadable", "warnings", "report", "delivery", "delivery_detail",
            "edited_at", "withdrawn_at", "repeats",
        ],
        *message_body.c[
            "text", "visible_text", "html", "has_html", "invitation", "raw_sha256", "raw_packed",
            "pieces",
        ],
        account.c.kind.label("channel"),
        chat.c.external_id.label("chat"),
        agent.c.name.label("agent_name"),
        customer.c.name.label("customer_name"),
        outbox.c.not_before,
    )
    .select_from(message)
    .outerjoin(message_body, message_body.c.message_id == message.c.id)
    .outerjoin(account, account.c.id == message.c.account_id)
    .outerjoin(thread, thread.c.id == message.c.thread_id)
    .outerjoin(chat, chat.c.id == thread.c.chat_id)
    .outerjoin(agent, agent.c.id == message.c.agent_id)
    .outerjoin(identity, identity.c.id == message.c.author_identity_id)
    .outerjoin(customer, customer.c.id == identity.c.customer_id)
    .outerjoin(outbox, outbox.c.message_id == message.c.id)
)  # fmt: skip


def read(conn: Connection, query: Select[tuple[object, ...]]) -> list[MessageRow]:
    """Return what a query over `MESSAGES` finds, in its order."""
    found = conn.execute(query).mappings().all()
    files: dict[int, list[AttachmentRow]] = defaultdict(list)
    wanted = bulk.values(row["id"] for row in found)
    of_these = ATTACHMENTS.where(attachment.c.message_id.in_(wanted)).order_by(attachment.c.id)
    for row in conn.execute(of_these).mappings():
        files[row["message_id"]].append(AttachmentRow(**row))
    several = _delivered_to(conn, wanted)
    of_chats = [row["id"] for row in found if row["channel"] not in (None, "email")]
    thought = _reactions(conn, of_chats) if of_chats else {}
    return [
        _row(
            row,
            files=tuple(files.get(row["id"], ())),
            delivered_to=several.get(row["id"], ()),
            reactions=tuple(thought.get(row["id"], ())),
        )
        for row in found
    ]


def _reactions(conn: Connection, wanted: Iterable[int]) -> dict[int, list[ReactionRow]]:
    found: dict[int, list[ReactionRow]] = defaultdict(list)
    query = (
        select(*reaction.c["message_id", "identity_id", "emojis"], customer.c.name)
        .outerjoin(identity, identity.c.id == reaction.c.identity_id)
        .outerjoin(customer, customer.c.id == identity.c.customer_id)
        .where(reaction.c.message_id.in_(bulk.values(wanted)), reaction.c.emojis != [])
        .order_by(reaction.c.at, reaction.c.identity_id)
    )
    for one in conn.execute(query).mappings():
        row = ReactionRow(
            name=one["name"] or "", ours=one["identity_id"] == 0, emojis=tuple(one["emojis"])
        )
        found[one["message_id"]].append(row)
    return found


def _delivered_to(conn: Connection, wanted: Select[Any]) -> dict[int, tuple[str, ...]]:
    """Return the addresses of our accounts that received a message, of those several did (C4)."""
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(message_location.c.message_id, account.c.address)
        .join(account, account.c.id == message_location.c.account_id)
        .where(message_location.c.message_id.in_(wanted))
        .order_by(account.c.id)
        .distinct()
    )
    for key, address in conn.execute(query):
        found[key].append(address)
    return {key: tuple(some) for key, some in found.items() if len(some) > 1}


def _row(
    found: RowMapping,
    *,
    files: tuple[AttachmentRow, ...],
    delivered_to: tuple[str, ...],
    reactions: tuple[ReactionRow, ...],
) -> MessageRow:
    people = {
        field: tuple(Address(name=name, address=address) for name, address in pairs)
        for field, pairs in found["people"].items()
    }
    from_ = people.get("from", ())
    text = found["text"] or ""
    visible = found["visible_text"]
    pieces = from_json(found["pieces"]) if found["pieces"] else ()
    return MessageRow(
        id=found["id"],
        uid=found["uid"],
        conversation_id=found["conversation_id"],
        account_id=found["account_id"],
        channel=found["channel"] or "",
        chat=found["chat"] or "",
        direction=Direction(found["direction"]),
        kind=MessageClass(found["kind"]),
        author_name=_author(found, from_),
        external_id=found["external_id"] or "",
        client_ref=found["client_ref"] or "",
        in_reply_to=found["in_reply_to"],
        references=tuple(found["refs"]),
        subject=found["subject"],
        from_=from_,
        to=people.get("to", ()),
        cc=people.get("cc", ()),
        bcc=people.get("bcc", ()),
        reply_to=people.get("reply_to", ()),
        at=found["at"],
        snippet=found["snippet"],
        seen=found["seen"],
        complete=found["complete"],
        unreadable=found["unreadable"] or "",
        warnings=tuple(found["warnings"] or ()),
        report=found["report"] or {},
        delivered_to=delivered_to,
        delivery=Delivery(found["delivery"]) if found["delivery"] else None,
        delivery_detail=found["delivery_detail"] or {},
        not_before=found["not_before"],
        text=text,
        visible_text=(text if visible is None else visible) or in_words(pieces),
        html=found["html"] or "",
        has_html=bool(found["has_html"]),
        invitation=Invitation(**found["invitation"]) if found["invitation"] else None,
        raw_sha256=found["raw_sha256"] or "",
        raw_packed=found["raw_packed"] or b"",
        attachments=files,
        reactions=reactions,
        pieces=pieces,
        edited_at=found["edited_at"],
        withdrawn_at=found["withdrawn_at"],
        repeats=found["repeats"],
    )


def _author(found: RowMapping, from_: tuple[Address, ...]) -> str:
    sender = (from_[0].name or from_[0].address) if from_ else ""
    if found["direction"] == Direction.IN:
        return found["customer_name"] or sender
    return found["agent_name"] or sender
