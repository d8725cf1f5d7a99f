"""Records of an export become rows again: structure around mail that was ingested before.

What is here already stays as it is; records that mean the same are led to it through `Uids`. Runs
on the writer thread. A record that is not as `records` writes it ends in KeyError, TypeError or
ValueError, and with it the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, select, text, update

from desktop_inbox.domain.clock import Hlc
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.pieces import from_json
from desktop_inbox.domain.same_person import secondary_key
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import (
    arrivals,
    bulk,
    chat_messages,
    conversations,
    customer_merging,
    customers,
    events,
    message_index,
    messages,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.schema import (
    account,
    agent,
    canned_response,
    conversation,
    customer,
    identity,
    message,
    message_location,
    saved_view,
    tag,
    thread,
    thread_participant,
    thread_reference,
)

# What else an account's settings say, such as its servers, is asked again: whoever made the file
# must not choose whom a password is sent to.
_KEPT_SETTINGS = ("name", "aliases", "identities", "since", "sent_copy")


class Uids:
    """What things of an export are called here."""

    def __init__(self) -> None:
        self._here: dict[str, str] = {}
        self.ids: dict[tuple[str, str], int] = {}  # rows, by table and uid in the export

    def call(self, uid: str, here: str) -> None:
        """Let a thing of the export be one that is here already."""
        if uid != here:
            self._here[uid] = here

    def of(self, uid: str) -> str:
        """Return what a thing is called here."""
        return self._here.get(uid, uid)

    def within(self, value: Any) -> Any:
        """Return a JSON value with every uid in it as it is here."""
        if isinstance(value, str):
            return self.of(value)
        if isinstance(value, list):
            return [self.within(one) for one in value]
        if isinstance(value, dict):
            return {name: self.within(one) for name, one in value.items()}
        return value


def _text(record: Record, name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _id(tx: Tx, table: Table, uids: Uids, uid: object) -> int | None:
    """Return the key of a row by its uid in the export, None where there is none."""
    if uid is None:
        return None
    key = (table.name, str(uid))
    if key not in uids.ids:
        found = tx.conn.scalar(select(table.c.id).where(table.c.uid == uids.of(str(uid))))
        if found is None:
            return None
        uids.ids[key] = int(found)
    return uids.ids[key]


# People, accounts and what conversations are labelled with


def plant_accounts(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Add accounts that are not here; they wait for somebody to sign in."""
    known = {
        (kind, normalise_email(address)): uid
        for uid, kind, address in tx.conn.execute(
            select(account.c.uid, account.c.kind, account.c.address).where(
                account.c.removed.is_(False)
            )
        )
    }
    for record in records:
        uid, address = _text(record, "uid"), _text(record, "address")
        here = known.get((_text(record, "kind"), normalise_email(address)))
        if here is not None:
            uids.call(uid, here)
            continue
        settings = dict(record["settings"])
        bulk.insert_new(
            tx.conn,
            account,
            [
                {
                    "uid": uid,
                    "kind": record["kind"],
                    "title": _text(record, "title"),
                    "address": address,
                    "settings": {n: settings[n] for n in _KEPT_SETTINGS if n in settings},
                    "enabled": False,
                    "state": "paused",
                }
            ],
        )
        key = _id(tx, account, uids, uid)
        assert key is not None
        tx.touch(account=key)


def plant_people(tx: Tx, people: Sequence[Record], addresses: Sequence[Record], uids: Uids) -> None:
    """Add customers and their addresses; one who has an address that is here is the one here."""
    keys = {
        _text(one, "uid"): customers.IdentityKey(
            _text(one, "kind"), uids.of(_text(one, "scope")), _text(one, "address")
        )
        for one in addresses
    }
    owners = customers.owners(tx.conn, keys.values())
    for one in addresses:
        owner = owners.get(keys[one["uid"]])
        if owner is not None:
            uids.call(_text(one, "customer"), _uid_of(tx, customer, owner.customer_id))
    rows = [
        {
            "uid": _text(one, "uid"),
            "name": _text(one, "name"),
            "company": _text(one, "company"),
            "notes": _text(one, "notes"),
            "first_seen_at": from_milliseconds(int(one["first_seen_at"])),
        }
        for one in people
        if uids.of(one["uid"]) == one["uid"]
    ]
    bulk.insert_new(tx.conn, customer, rows)
    bulk.insert_new(
        tx.conn,
        identity,
        [
            {
                "uid": one["uid"],
                "customer_id": _id(tx, customer, uids, one["customer"]),
                "kind": keys[one["uid"]].kind,
                "scope": keys[one["uid"]].scope,
                "address": keys[one["uid"]].address,
                "label": _text(one, "label"),
                "secondary": secondary_key(keys[one["uid"]].kind, keys[one["uid"]].address) or None,
            }
            for one in addresses
        ],
    )
    for one in people:
        into = _id(tx, customer, uids, one["merged_into"])
        if into is not None:
            key = _id(tx, customer, uids, one["uid"])
            tx.conn.execute(
                update(customer)
                .where(customer.c.id == key, customer.c.merged_into_id.is_(None))
                .values(merged_into_id=into)
            )
    customer_merging.show_with_roots(
        tx, {key for one in people if (key := _id(tx, customer, uids, one["uid"])) is not None}
    )
    planted = [_id(tx, customer, uids, one["uid"]) for one in people]
    customers.index(tx, [key for key in planted if key is not None])
    tx.touch(customer=[key for key in planted if key is not None])


def _uid_of(tx: Tx, table: Table, key: int) -> str:
    return str(tx.conn.scalar(select(table.c.uid).where(table.c.id == key)))


_PLAIN: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "agents": (agent, ("uid", "name", "email", "signature")),
    "tags": (tag, ("uid", "name", "hue", "deleted")),
    "views": (saved_view, ("uid", "name", "condition", "position", "deleted")),
    "canned": (
        canned_response,
        (
            "uid",
            "title",
            "shortcut",
            "body",
            "bodies",
            "folder",
            "files",
            "channels",
            "tag",
            "status",
            "steps",
            "uses",
            "used_at",
            "deleted",
        ),
    ),
}
PLAIN_KINDS = tuple(_PLAIN)


def plant_plain(tx: Tx, kind: str, records: Iterable[Record]) -> None:
    """Add agents, tags, saved views or canned responses that are not here."""
    table, columns = _PLAIN[kind]
    bulk.insert_new(tx.conn, table, [{name: one[name] for name in columns} for one in records])


# Conversations around the mail that was ingested


def forget_places(tx: Tx, account_id: int, folder: str) -> None:
    """Let messages lie in no folder of their server that were only said to lie in this one."""
    tx.conn.execute(
        delete(message_location).where(
            message_location.c.account_id == account_id, message_location.c.folder == folder
        )
    )


def here_by_raw(tx: Tx, account_id: int, digests: Iterable[str]) -> dict[str, int]:
    """Return the messages of an account that are here, by the digest of their raw form."""
    found = tx.conn.execute(_BY_RAW, {"account": account_id, "digests": bulk.packed(list(digests))})
    return {row.raw_sha256: row.id for row in found}


_BY_RAW = text(
    """
    SELECT b.raw_sha256, m.id FROM message_body b JOIN message m ON m.id = b.message_id
    WHERE m.account_id = :account
        AND b.raw_sha256 IN (SELECT value FROM json_each(:digests))
    """
)


def plant_conversations(tx: Tx, records: Sequence[Record], uids: Uids) -> None:
    """Add conversations that are not here, as they were at the end."""
    bulk.insert_new(
        tx.conn,
        conversation,
        [
            {
                "uid": _text(one, "uid"),
                "subject": _text(one, "subject"),
                "customer_id": _id(tx, customer, uids, one["customer"]),
                "status": Status(one["status"]).value,
                "priority": Priority(one["priority"]).value,
                "created_at": from_milliseconds(int(one["created_at"])),
                "last_at": from_milliseconds(int(one["last_at"])),
            }
            for one in records
            if uids.of(one["uid"]) == one["uid"]
        ],
    )
    owners = {_id(tx, customer, uids, one["customer"]) for one in records}
    customer_merging.show_with_roots(tx, {key for key in owners if key is not None})
    for one in records:
        into = _id(tx, conversation, uids, one["merged_into"])
        if into is not None and uids.of(one["uid"]) == one["uid"]:
            tx.conn.execute(
                update(conversation)
                .where(conversation.c.uid == one["uid"], conversation.c.merged_into_id.is_(None))
                .values(merged_into_id=into)
            )


def plant_threads(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Add threads, in place of those that ingest began with the same first mail."""
    for one in records:
        uid = _text(one, "uid")
        account_id = _id(tx, account, uids, one["account"])
        lies_in = _id(tx, conversation, uids, one["conversation"])
        if account_id is None or lies_in is None:
            raise ValueError(uid)
        begun = tx.conn.execute(
            select(thread.c.id, thread.c.uid).where(
                thread.c.account_id == account_id, thread.c.external_id == one["external_id"]
            )
        ).first()
        if begun is None:
            bulk.insert_new(
                tx.conn,
                thread,
                [
                    {
                        "uid": uid,
                        "conversation_id": lies_in,
                        "account_id": account_id,
                        "external_id": _text(one, "external_id"),
                    }
                ],
            )
        else:
            uids.call(uid, begun.uid)
        key = _id(tx, thread, uids, uid)
        assert key is not None
        bulk.insert_new(
            tx.conn,
            thread_reference,
            [
                {"message_id": str(name), "thread_id": key, "named_by": str(by)}
                for name, by in one["claims"]
            ],
        )
        bulk.insert_new(
            tx.conn,
            thread_participant,
            [{"thread_id": key, "address": str(address)} for address in one["participants"]],
        )


def place(tx: Tx, placed: Mapping[int, Record], uids: Uids) -> set[int]:
    """Put ingested messages where the export says they lie; return conversations that changed.

    Conversations that ingest began for them, and that are empty now, are gone.
    """
    before = set()
    after = set()
    for key, record in placed.items():
        lies_in = _id(tx, conversation, uids, record["conversation"])
        if lies_in is None:
            raise ValueError(record["uid"])
        thread_id = _id(tx, thread, uids, record["thread"])
        shown = conversations.roots(tx.conn, [lies_in])[lies_in]
        before |= set(tx.conn.scalars(select(message.c.origin_id).where(message.c.id == key)).all())
        tx.conn.execute(
            update(message)
            .where(message.c.id == key)
            .values(
                uid=_text(record, "uid"),
                origin_id=lies_in,
                conversation_id=shown,
                thread_id=thread_id,
                seen=bool(record["seen"]),
                flagged=bool(record.get("flagged")),
            )
        )
        if thread_id is not None:
            tx.conn.execute(
                update(thread).where(thread.c.id == thread_id).values(conversation_id=lies_in)
            )
        after |= {lies_in, shown}
        tx.touch(message=key)
    left = {key for key in before - after if not arrivals.remove_if_empty(tx, key)}
    return after | left


# What there is no raw mail of


def plant_messages(tx: Tx, records: Sequence[Record], uids: Uids) -> set[int]:
    """Add messages that have no raw form, such as replies written here; return conversations."""
    there = set(
        tx.conn.scalars(
            select(message.c.uid).where(
                message.c.uid.in_(bulk.values([_text(one, "uid") for one in records]))
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
    lies_in = _id(tx, conversation, uids, record["conversation"])
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
        uid=_text(record, "uid"),
        conversation_id=lies_in,
        thread_id=_id(tx, thread, uids, record["thread"]),
        account_id=_id(tx, account, uids, record["account"]),
        direction=Direction(record["direction"]),
        kind=MessageClass(record["kind"]),
        author_identity_id=_id(tx, identity, uids, record["author"]),
        agent_id=_id(tx, agent, uids, record["agent"]),
        external_id=record["external_id"],
        client_ref=record["client_ref"],
        in_reply_to=_text(record, "in_reply_to"),
        references=tuple(map(str, record["refs"])),
        subject=_text(record, "subject"),
        from_=people.get("from", ()),
        to=people.get("to", ()),
        cc=people.get("cc", ()),
        bcc=people.get("bcc", ()),
        reply_to=people.get("reply_to", ()),
        at=from_milliseconds(int(record["at"])),
        received_at=None if received is None else from_milliseconds(int(received)),
        snippet=_text(record, "snippet"),
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


# The log of what was done


def replay(tx: Tx, records: Iterable[Record], uids: Uids) -> None:
    """Let events happen that have not happened here: notes, tags, merges, edits."""
    for one in records:
        events.apply(
            tx,
            Event(
                uid=_text(one, "uid"),
                hlc=Hlc.parse(_text(one, "hlc")),
                actor=_text(one, "actor"),
                at=from_milliseconds(int(one["at"])),
                kind=_text(one, "kind"),
                group_uid=_text(one, "group_uid"),
                changes=tuple(FieldChange(*uids.within(change)) for change in one["changes"]),
                conversation=None if one["conversation"] is None else uids.of(one["conversation"]),
                undo_of=one["undo_of"],
            ),
        )
