"""Drafts of an export become drafts again, of whoever sits here. Runs on the writer thread.

A record that is not as `records` writes it ends in KeyError, TypeError, ValueError or
AttributeError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from desktop_inbox.domain.pieces import from_json, to_json
from desktop_inbox.store import bulk
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds
from desktop_inbox.store.records import Record
from desktop_inbox.store.replanting.uids import Uids, text_of
from desktop_inbox.store.schema import account, conversation, draft, message

_MODES = frozenset({"reply", "reply_all", "forward", "note", "new"})
_KEPT = ("template", "human_agent", "aside", "opens")  # of a chat's form
_FIELDS = ("to", "cc", "bcc")


def plant_drafts(tx: Tx, records: Sequence[Record], uids: Uids) -> None:
    """Add drafts that are not here; where something is being written already, beside it (P4)."""
    places = _keys(tx, uids, records, "conversation")
    accounts = _keys(tx, uids, records, "account")
    answered = _keys(tx, uids, records, "answers")
    taken = set(
        tx.conn.scalars(
            select(draft.c.conversation_id).where(
                draft.c.author_id == tx.agent.id,
                draft.c.conversation_id.in_(bulk.values(places.values())),
            )
        )
    )
    rows = []
    for one in records:
        lies_in = places.get(str(one["conversation"]))
        alone = lies_in is None or lies_in in taken
        taken |= set() if lies_in is None else {lies_in}
        rows.append(
            {
                **_content(one),
                "author_id": tx.agent.id,
                "account_id": accounts.get(str(one["account"])),
                "conversation_id": None if alone else lies_in,
                "mode": "new" if alone else one["mode"],
                "answers_id": None if alone else answered.get(str(one.get("answers"))),
            }
        )
    bulk.insert_new(tx.conn, draft, rows)
    keys = bulk.keys_of(tx.conn, draft, [str(one["uid"]) for one in records])
    tx.touch(draft=keys.values(), conversation=places.values())


_TABLES = {"conversation": conversation, "account": account, "answers": message}


def _keys(tx: Tx, uids: Uids, records: Sequence[Record], name: str) -> dict[str, int]:
    """Return the rows that records refer to, by the uid they have in the export."""
    here = {str(one[name]): uids.of(str(one[name])) for one in records if one.get(name)}
    keys = bulk.keys_of(tx.conn, _TABLES[name], here.values())
    return {uid: keys[found] for uid, found in here.items() if found in keys}


def _content(one: Record) -> dict[str, object]:
    if one["mode"] not in _MODES:
        raise ValueError(one["mode"])
    recipients = one["recipients"]
    return {
        "uid": text_of(one, "uid"),
        "recipients": {
            name: [[str(person[0]), str(person[1])] for person in recipients.get(name, ())]
            for name in _FIELDS
        },
        "subject": text_of(one, "subject"),
        "body": text_of(one, "body"),
        "rich": text_of(one, "rich"),
        "sender": text_of(one, "sender"),
        "caret": min(max(int(one.get("caret") or 0), 0), len(one["body"])),
        "quote": bool(one.get("quote", True)),
        "attachments": [_file(file) for file in one["attachments"]],
        "form": _form(one.get("form")),
        "updated_at": from_milliseconds(int(one["updated_at"])),
    }


def _file(file: Mapping[str, Any]) -> dict[str, object]:
    words = {name: text_of(file, name) for name in ("name", "media_type", "sha256")}
    picture = {"content_id": text_of(file, "content_id")} if file.get("content_id") else {}
    return {**words, "size": int(file["size"]), **picture}


def _form(form: Mapping[str, Any] | None) -> dict[str, object] | None:
    """Return what a draft of a chat says besides its text; where it goes is chosen again."""
    if not form:
        return None
    kept: dict[str, object] = {name: form[name] for name in _KEPT if name in form}
    if form.get("pieces"):
        kept["pieces"] = to_json(from_json(form["pieces"]))
    return kept or None
