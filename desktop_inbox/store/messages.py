"""Messages, their bodies, attachments, places on servers and threads; in sets, for ingest.

Reads are functions of a connection, writes of a transaction. What writes change in lists is
computed by `conversations.refresh`, which the caller runs once for all it touched.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, Invitation, MessageClass, advance
from desktop_inbox.domain.pieces import from_json, in_words
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import bulk, conversations, file_texts
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AttachmentRow, MessageRow, ReactionRow
from desktop_inbox.store.schema import (
    account,
    agent,
    attachment,
    customer,
    identity,
    message,
    message_body,
    message_location,
    message_version,
    outbox,
    reaction,
    remote_file,
    thread,
    thread_participant,
    thread_reference,
)

_SEQUENCE_BITS = 16  # messages within one second


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message about to be stored, without its body."""

    id: int  # from next_ids
    uid: str
    conversation_id: int  # the one it lies in; merges are followed when it is stored
    direction: Direction
    at: datetime  # rule A4
    thread_id: int | None = None
    account_id: int | None = None
    kind: MessageClass = MessageClass.HUMAN
    author_identity_id: int | None = None
    agent_id: int | None = None
    external_id: str | None = None  # unique within the account (rule C4)
    client_ref: str | None = None  # unique; only for what is sent from here
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    from_: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    received_at: datetime | None = None
    snippet: str = ""
    seen: bool = True
    complete: bool = True
    unreadable: str | None = None
    warnings: tuple[str, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBody:
    """The text of a message."""

    message_id: int
    text: str
    visible_text: str | None = None  # None, or equal to text: nothing is quoted
    html: str = ""  # of what is written here
    has_html: bool = False  # of mail, which keeps its HTML in the raw message
    invitation: Invitation | None = None
    raw_sha256: str | None = None
    raw_packed: bytes = b""  # see store.raw_mails


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """A file that belongs to a message."""

    uid: str
    message_id: int
    name: str
    safe_name: str
    media_type: str
    size: int
    state: str  # "file", "message" or "server"
    section: str = ""
    sha256: str = ""
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies on a server."""

    account_id: int
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the search index holds of a message, folded by `domain.folding`."""

    message_id: int
    subject: str = ""
    sender: str = ""
    recipients: str = ""
    copied: str = ""
    body: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewThread:
    """One line of talk inside one account."""

    uid: str
    conversation_id: int
    account_id: int
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What ingest has to know of a message that is here already."""

    id: int
    uid: str
    conversation_id: int
    origin_id: int
    thread_id: int | None
    account_id: int | None
    external_id: str | None
    direction: Direction
    complete: bool
    seen: bool
    delivery: Delivery | None
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """A thread, the conversation it lies in, and who may join it (rule C2)."""

    id: int
    uid: str
    conversation_id: int
    account_id: int
    external_id: str
    participants: frozenset[str]


# Reading


def of_conversation(conn: Connection, conversation_id: int) -> list[MessageRow]:
    """Return the timeline of a conversation with bodies and attachments, oldest first."""
    query = _MESSAGES.where(
        message.c.conversation_id == conversation_id, message.c.deleted_at.is_(None)
    ).order_by(message.c.at, message.c.id)
    return _rows(conn, query)


def rows(conn: Connection, wanted: Iterable[int]) -> dict[int, MessageRow]:
    """Return the messages with these ids; those that are gone are left out."""
    query = _MESSAGES.where(message.c.id.in_(bulk.values(wanted)), message.c.deleted_at.is_(None))
    return {row.id: row for row in _rows(conn, query)}


def row(conn: Connection, message_id: int) -> MessageRow | None:
    """Return one message, None where there is none."""
    return rows(conn, [message_id]).get(message_id)


def by_uid(conn: Connection, uid: str) -> int | None:
    """Return the id of the message with this uid."""
    return conn.scalar(select(message.c.id).where(message.c.uid == uid))


def by_client_ref(conn: Connection, client_ref: str) -> int | None:
    """Return the id of the message that was queued here under `client_ref`."""
    return conn.scalar(select(message.c.id).where(message.c.client_ref == client_ref))


def attachment_row(conn: Connection, attachment_id: int) -> AttachmentRow | None:
    """Return one attachment, None where there is none."""
    found = conn.execute(_ATTACHMENTS.where(attachment.c.id == attachment_id)).mappings().first()
    return AttachmentRow(**found) if found else None


def places(conn: Connection, message_id: int) -> list[Place]:
    """Return where a message lies on its servers."""
    found = conn.execute(
        select(
            *message_location.c["account_id", "folder", "uidvalidity", "uid"],
        ).where(message_location.c.message_id == message_id)
    )
    return [Place(*row) for row in found]


_ATTACHMENTS = select(
    *attachment.c[
        "id", "message_id", "name", "safe_name", "media_type", "size", "state", "section",
        "sha256", "content_id", "inline",
    ],
    func.coalesce(remote_file.c.problem, "").label("problem"),
).outerjoin(remote_file, remote_file.c.attachment_id == attachment.c.id)  # fmt: skip
_MESSAGES = (
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
        agent.c.name.label("agent_name"),
        customer.c.name.label("customer_name"),
        outbox.c.not_before,
    )
    .select_from(message)
    .outerjoin(message_body, message_body.c.message_id == message.c.id)
    .outerjoin(account, account.c.id == message.c.account_id)
    .outerjoin(agent, agent.c.id == message.c.agent_id)
    .outerjoin(identity, identity.c.id == message.c.author_identity_id)
    .outerjoin(customer, customer.c.id == identity.c.customer_id)
    .outerjoin(outbox, outbox.c.message_id == message.c.id)
)  # fmt: skip


def _rows(conn: Connection, query: Select[tuple[object, ...]]) -> list[MessageRow]:
    found = conn.execute(query).mappings().all()
    files: dict[int, list[AttachmentRow]] = defaultdict(list)
    wanted = bulk.values(row["id"] for row in found)
    of_these = _ATTACHMENTS.where(attachment.c.message_id.in_(wanted)).order_by(attachment.c.id)
    for row in conn.execute(of_these).mappings():
        files[row["message_id"]].append(AttachmentRow(**row))
    several = _delivered_to(conn, wanted)
    of_chats = [row["id"] for row in found if row["channel"] not in (None, "email")]
    thought = _reactions(conn, of_chats) if of_chats else {}
    return [
        replace(
            _row(row, tuple(files.get(row["id"], ())), several.get(row["id"], ())),
            reactions=tuple(thought[row["id"]]),
        )
        if row["id"] in thought
        else _row(row, tuple(files.get(row["id"], ())), several.get(row["id"], ()))
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
    found: RowMapping, files: tuple[AttachmentRow, ...], delivered_to: tuple[str, ...]
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


# Looking up, for a whole batch at once


def next_ids(tx: Tx, times: Sequence[datetime]) -> list[int]:
    """Return a new id for a message of each of these times.

    An id is the second in the upper bits and a number within it in the lower ones, so that ids
    order as times do and search can read the newest first by key alone.
    """
    seconds = [max(1, int(at.timestamp())) for at in times]
    taken = {
        second: last
        for second, last in tx.conn.execute(_LAST_IDS, {"seconds": json.dumps(sorted({*seconds}))})
        if last is not None
    }
    found = []
    for second in seconds:
        key = taken.get(second, (second << _SEQUENCE_BITS) - 1) + 1
        taken[second] = key
        found.append(key)
    return found


_LAST_IDS = text(
    """
    SELECT value, (
        SELECT max(id) FROM message WHERE id BETWEEN value << 16 AND ((value + 1) << 16) - 1
    ) FROM json_each(:seconds)
    """
)


def by_external_ids(
    conn: Connection, account_id: int, external_ids: Iterable[str]
) -> dict[str, Known]:
    """Return the messages of an account that are here already, by external id (rule C4)."""
    wanted = {"account": account_id, "names": bulk.packed(external_ids)}
    return {row.external_id: _one_known(row) for row in conn.execute(_KNOWN_HERE, wanted).all()}


def by_external_ids_anywhere(
    conn: Connection, external_ids: Iterable[str], *, account_ids: Iterable[int]
) -> dict[str, Known]:
    """Return messages with these external ids in any of several accounts."""
    query = _KNOWN.where(
        message.c.account_id.in_(bulk.values(account_ids)),
        message.c.external_id.in_(bulk.values(external_ids)),
    )
    return {row.external_id: _one_known(row) for row in conn.execute(query)}


def by_message_ids(
    conn: Connection, account_id: int, message_ids: Iterable[str]
) -> dict[str, Known]:
    """Return the mails that bear these Message-IDs in any account, this one's where it has one."""
    wanted = {"account": account_id, "names": bulk.packed(message_ids)}
    return {row.external_id: _one_known(row) for row in conn.execute(_KNOWN_ANYWHERE, wanted)}


def by_places(conn: Connection, wanted: Iterable[Place]) -> dict[Place, Known]:
    """Return which message lies at each of these places, where we know one."""
    found: dict[Place, Known] = {}
    by_folder: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for place in wanted:
        by_folder[place.account_id, place.folder, place.uidvalidity].append(place.uid)
    for (account_id, folder, uidvalidity), uids in by_folder.items():
        lying = conn.execute(
            _KNOWN_IN_FOLDER,
            {
                "account": account_id,
                "folder": folder,
                "uidvalidity": uidvalidity,
                "uids": bulk.packed(uids),
            },
        )
        for row in lying:
            place = Place(account_id, folder, uidvalidity, row.place_uid)
            found[place] = _one_known(row)
    return found


_KNOWN = select(
    *message.c[
        "id", "uid", "conversation_id", "origin_id", "thread_id", "account_id", "external_id",
        "direction", "complete", "seen", "delivery", "subject",
    ]
)  # fmt: skip
_KNOWN_HERE = _KNOWN.where(
    message.c.account_id == bindparam("account"),
    message.c.external_id.in_(bulk.values_of("names")),
)
_KNOWN_ANYWHERE = _KNOWN.where(
    message.c.account_id.in_(select(account.c.id).where(account.c.kind == "email")),
    message.c.external_id.in_(bulk.values_of("names")),
).order_by(message.c.account_id == bindparam("account"))
_KNOWN_IN_FOLDER = (
    _KNOWN.add_columns(message_location.c.uid.label("place_uid"))
    .join(message_location, message_location.c.message_id == message.c.id)
    .where(
        message_location.c.account_id == bindparam("account"),
        message_location.c.folder == bindparam("folder"),
        message_location.c.uidvalidity == bindparam("uidvalidity"),
        message_location.c.uid.in_(bulk.values_of("uids")),
    )
)


def _one_known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(
        id=row.id,
        uid=row.uid,
        conversation_id=row.conversation_id,
        origin_id=row.origin_id,
        thread_id=row.thread_id,
        account_id=row.account_id,
        external_id=row.external_id,
        direction=Direction(row.direction),
        complete=row.complete,
        seen=row.seen,
        delivery=Delivery(row.delivery) if row.delivery else None,
        subject=row.subject,
    )


def claims(conn: Connection, message_ids: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return which threads claim these Message-IDs, as (id, thread, named by) (rule C1c)."""
    wanted = {"names": bulk.packed(message_ids)}
    return [(name, key, by) for name, key, by in conn.execute(_CLAIMS, wanted).all()]


_CLAIMS = select(*thread_reference.c["message_id", "thread_id", "named_by"]).where(
    thread_reference.c.message_id.in_(bulk.values_of("names"))
)


def threads(conn: Connection, wanted: Iterable[int]) -> dict[int, ThreadRow]:
    """Return these threads with their participants."""
    keys = {"keys": bulk.packed(wanted)}
    people: dict[int, set[str]] = defaultdict(set)
    for key, address in conn.execute(_PARTICIPANTS, keys).all():
        people[key].add(address)
    return {
        row["id"]: ThreadRow(**row, participants=frozenset(people.get(row["id"], ())))
        for row in conn.execute(_THREADS, keys).mappings()
    }


_PARTICIPANTS = select(*thread_participant.c["thread_id", "address"]).where(
    thread_participant.c.thread_id.in_(bulk.values_of("keys"))
)
_THREADS = select(*thread.c["id", "uid", "conversation_id", "account_id", "external_id"]).where(
    thread.c.id.in_(bulk.values_of("keys"))
)


def thread_of(conn: Connection, message_id: int) -> int | None:
    """Return the thread a message belongs to."""
    return conn.scalar(select(message.c.thread_id).where(message.c.id == message_id))


def reports_in(conn: Connection, threads: Iterable[int]) -> list[tuple[int, dict[str, object]]]:
    """Return the messages of these threads that report something, and what."""
    found = conn.execute(
        select(message.c.id, message.c.report).where(
            message.c.thread_id.in_(bulk.values(threads)), message.c.report.is_not(None)
        )
    )
    return [(key, report) for key, report in found]


def threads_of_conversation(conn: Connection, conversation_id: int) -> list[int]:
    """Return the threads that lie in a conversation, merges aside, oldest first."""
    return list(
        conn.scalars(
            select(thread.c.id)
            .where(thread.c.conversation_id == conversation_id)
            .order_by(thread.c.id)
        )
    )


# Writing


def insert_messages(tx: Tx, new: Sequence[NewMessage]) -> None:
    """Store messages. Ids come from `next_ids`; bodies and the index are stored apart."""
    if not new:
        return
    shown = conversations.roots(tx.conn, {one.conversation_id for one in new})
    bulk.insert_all(tx.conn, message, [_columns(one, shown[one.conversation_id]) for one in new])
    tx.touch(message=[one.id for one in new], conversation=shown.values())


def _columns(new: NewMessage, shown_in: int) -> dict[str, object]:
    return {
        "id": new.id,
        "uid": new.uid,
        "conversation_id": shown_in,
        "origin_id": new.conversation_id,
        "thread_id": new.thread_id,
        "account_id": new.account_id,
        "direction": new.direction.value,
        "kind": new.kind.value,
        "author_identity_id": new.author_identity_id,
        "agent_id": new.agent_id,
        "external_id": new.external_id,
        "client_ref": new.client_ref,
        "in_reply_to": new.in_reply_to,
        "refs": new.references,
        "subject": new.subject,
        "people": people_json(
            from_=new.from_, to=new.to, cc=new.cc, bcc=new.bcc, reply_to=new.reply_to
        ),
        "at": new.at,
        "received_at": new.received_at,
        "snippet": new.snippet,
        "seen": new.seen,
        "complete": new.complete,
        "unreadable": new.unreadable,
        "warnings": new.warnings or None,
        "delivery": new.delivery.value if new.delivery else None,
    }


def people_json(
    *,
    from_: Iterable[Address] = (),
    to: Iterable[Address] = (),
    cc: Iterable[Address] = (),
    bcc: Iterable[Address] = (),
    reply_to: Iterable[Address] = (),
) -> dict[str, list[tuple[str, str]]]:
    """Return headers with addresses as they are stored; empty ones are left out."""
    fields = {"from": from_, "to": to, "cc": cc, "bcc": bcc, "reply_to": reply_to}
    packed = {
        field: [(person.name, person.address) for person in people]
        for field, people in fields.items()
    }
    return {field: pairs for field, pairs in packed.items() if pairs}


def complete_messages(tx: Tx, found: Sequence[NewMessage]) -> None:
    """Replace what was known from headers alone by what the whole messages say.

    Identity, conversation, thread, direction, delivery and seen stay as they are.
    """
    if not found:
        return
    kept = {
        "id", "uid", "conversation_id", "origin_id", "thread_id", "account_id", "direction",
        "delivery", "seen", "external_id", "client_ref", "agent_id", "author_identity_id",
    }  # fmt: skip
    columns = [_columns(one, one.conversation_id) for one in found]
    changed = [name for name in columns[0] if name not in kept]
    statement = (
        update(message)
        .where(message.c.id == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )
    tx.conn.execute(
        statement,
        [{"key": row["id"], **{f"new_{name}": row[name] for name in changed}} for row in columns],
    )
    tx.touch(message=[one.id for one in found])


def insert_bodies(tx: Tx, bodies: Sequence[NewBody]) -> None:
    """Store bodies, replacing those that came before."""
    bulk.replace_all(
        tx.conn,
        message_body,
        [
            {
                "message_id": body.message_id,
                "text": body.text,
                "visible_text": body.visible_text if body.visible_text != body.text else None,
                "html": body.html,
                "has_html": body.has_html,
                "invitation": asdict(body.invitation) if body.invitation else None,
                "raw_sha256": body.raw_sha256,
                "raw_packed": body.raw_packed or None,
            }
            for body in bodies
        ],
    )


def insert_attachments(tx: Tx, files: Sequence[NewAttachment]) -> None:
    """Store attachments; those already here stay as they are."""
    bulk.insert_new(
        tx.conn,
        attachment,
        [
            {
                "uid": file.uid,
                "message_id": file.message_id,
                "name": file.name,
                "safe_name": file.safe_name,
                "media_type": file.media_type,
                "size": file.size,
                "state": file.state,
                "section": file.section,
                "sha256": file.sha256,
                "content_id": file.content_id,
                "inline": file.inline,
            }
            for file in files
        ],
    )


def set_attachment_file(tx: Tx, attachment_id: int, *, sha256: str, size: int) -> None:
    """Note that an attachment now lies among our files."""
    message_id = tx.conn.scalar(
        update(attachment)
        .where(attachment.c.id == attachment_id)
        .values(state="file", sha256=sha256, size=size)
        .returning(attachment.c.message_id)
    )
    if message_id is not None:
        tx.touch(message=message_id)


def index(tx: Tx, entries: Sequence[Indexed]) -> None:
    """Put messages into the search index, in place of what it held of them."""
    if entries:
        tx.conn.exec_driver_sql(
            "INSERT OR REPLACE INTO message_fts"
            " (rowid, subject, sender, recipients, copied, body, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            # By key: inserting in another order costs a third more.
            sorted(map(_INDEXED, entries)),
        )


_INDEXED = attrgetter("message_id", "subject", "sender", "recipients", "copied", "body", "note")


def indexed(
    message_id: int,
    *,
    subject: str,
    body: str,
    from_: Iterable[Address] = (),
    to: Iterable[Address] = (),
    cc: Iterable[Address] = (),
    bcc: Iterable[Address] = (),
    reply_to: Iterable[Address] = (),
) -> Indexed:
    """Return what is indexed of a mail; its `body` is folded already.

    Who is to receive the answers counts as sender, whom nobody sees as recipient.
    """
    return Indexed(
        message_id=message_id,
        subject=fold(subject),
        sender=fold(" ".join(map(str, (*from_, *reply_to)))),
        recipients=fold(" ".join(map(str, (*to, *bcc)))),
        copied=fold(" ".join(map(str, cc))),
        body=body,
    )


def index_words(tx: Tx, message_id: int, *, body: str) -> None:
    """Put the words of a note into the search index."""
    index(tx, [Indexed(message_id=message_id, note=fold(body))])


def unindex(tx: Tx, message_ids: Iterable[int]) -> None:
    """Take messages out of the search index."""
    tx.conn.execute(
        text("DELETE FROM message_fts WHERE rowid = :id"),
        [{"id": message_id} for message_id in message_ids],
    )


def put_places(tx: Tx, lying: Mapping[Place, int]) -> None:
    """Note where messages lie; a place holds one message, the last one reported."""
    bulk.replace_all(
        tx.conn,
        message_location,
        [
            {
                "account_id": place.account_id,
                "folder": place.folder,
                "uidvalidity": place.uidvalidity,
                "uid": place.uid,
                "message_id": message_id,
            }
            for place, message_id in lying.items()
        ],
    )


def create_threads(tx: Tx, new: Sequence[NewThread]) -> dict[str, int]:
    """Store threads and return their ids by uid; those already here stay as they are."""
    return bulk.ensure_named(
        tx.conn,
        thread,
        [
            {
                "uid": one.uid,
                "conversation_id": one.conversation_id,
                "account_id": one.account_id,
                "external_id": one.external_id,
            }
            for one in new
        ],
    )


def add_claims(tx: Tx, new: Iterable[tuple[str, int, str]]) -> None:
    """Note that threads bear or name Message-IDs, as (id, thread, named by)."""
    bulk.insert_new(
        tx.conn,
        thread_reference,
        [{"message_id": name, "thread_id": key, "named_by": by} for name, key, by in new],
    )


def add_participants(tx: Tx, pairs: Iterable[tuple[int, str]]) -> None:
    """Let these normalised addresses join these threads (rule C2)."""
    bulk.insert_new(
        tx.conn,
        thread_participant,
        [{"thread_id": thread_id, "address": address} for thread_id, address in pairs if address],
    )


def move_threads(tx: Tx, thread_ids: Iterable[int], *, to_conversation: int) -> None:
    """Let threads lie in another conversation, with all their messages.

    Refreshes both sides.
    """
    keys = list(thread_ids)
    left = tx.conn.scalars(
        select(thread.c.conversation_id).where(thread.c.id.in_(bulk.values(keys))).distinct()
    ).all()
    shown = conversations.roots(tx.conn, [to_conversation])[to_conversation]
    tx.conn.execute(
        update(thread)
        .where(thread.c.id.in_(bulk.values(keys)))
        .values(conversation_id=to_conversation)
    )
    moved = tx.conn.scalars(
        update(message)
        .where(message.c.thread_id.in_(bulk.values(keys)))
        .values(origin_id=to_conversation, conversation_id=shown)
        .returning(message.c.id)
    ).all()
    tx.touch(message=moved)
    conversations.refresh(tx, [*left, to_conversation])


def set_seen(tx: Tx, seen: Mapping[int, bool]) -> set[int]:
    """Mark messages read or unread; return the conversations to refresh."""
    touched: set[int] = set()
    for value in (True, False):
        keys = [key for key, is_seen in seen.items() if is_seen is value]
        if not keys:
            continue
        found = tx.conn.execute(
            update(message)
            .where(message.c.id.in_(bulk.values(keys)), message.c.seen.is_(not value))
            .values(seen=value)
            .returning(message.c.id, message.c.conversation_id)
        ).all()
        tx.touch(message=[key for key, _ in found])
        touched.update(conversation_id for _, conversation_id in found)
    return touched


def set_delivery(
    tx: Tx, message_id: int, reported: Delivery, *, detail: Mapping[str, object] | None = None
) -> Delivery | None:
    """Note how far an outgoing message has come; return the state it now has.

    A message that was accepted never goes back (`domain.messages.advance`). None where there is
    no such message. The caller refreshes its conversation.
    """
    found = tx.conn.execute(
        select(message.c.delivery, message.c.conversation_id).where(message.c.id == message_id)
    ).first()
    if found is None:
        return None
    state = advance(Delivery(found.delivery), reported) if found.delivery else reported
    values: dict[str, object] = {"delivery": state.value}
    if detail is not None and state is reported:
        values["delivery_detail"] = dict(detail)
    tx.conn.execute(update(message).where(message.c.id == message_id).values(values))
    tx.touch(message=message_id, conversation=found.conversation_id)
    return state


def set_report(tx: Tx, message_id: int, report: Mapping[str, object]) -> None:
    """Note what a bounce or an automatic answer says, as `sync.bounces` packs it."""
    tx.conn.execute(update(message).where(message.c.id == message_id).values(report=dict(report)))
    tx.touch(message=message_id)


def remove(tx: Tx, message_id: int) -> None:
    """Take back a message that never left, as if it had not been written (rule H5).

    The caller refreshes its conversation. Files stay; they may belong to others.
    """
    conversation_id = tx.conn.scalar(
        select(message.c.conversation_id).where(message.c.id == message_id)
    )
    if conversation_id is None:
        return
    tx.conn.execute(delete(outbox).where(outbox.c.message_id == message_id))
    file_texts.forget_messages(tx, [message_id])
    files = select(attachment.c.id).where(attachment.c.message_id == message_id)
    tx.conn.execute(delete(remote_file).where(remote_file.c.attachment_id.in_(files)))
    for dependent in (attachment, message_location, message_version, reaction, message_body):
        tx.conn.execute(delete(dependent).where(dependent.c.message_id == message_id))
    unindex(tx, [message_id])
    tx.conn.execute(delete(message).where(message.c.id == message_id))
    tx.touch(message=message_id, conversation=conversation_id)
