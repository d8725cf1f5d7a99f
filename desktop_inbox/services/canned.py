"""Canned responses: kept, found by their shortcut, filled in for a conversation (rules F).

Functions of a transaction, but for `preview`, which only reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desktop_inbox.domain.customers import first_name
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.templates import Rendered, render
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group
from desktop_inbox.store import accounts, agents, canned, conversations, customers
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CannedRow

_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


def add(tx: Tx, *, title: str, shortcut: str, body: str) -> int:
    """Keep a new canned response and return its id.

    Raises:
        UserError: "shortcut-invalid"; "shortcut-exists"; "canned-empty".
    """
    wanted = _checked(tx, shortcut, body)
    uid = new_uid(tx.now)
    group = Group(tx)
    group.record(
        "canned.new",
        [
            FieldChange("canned", uid, "title", None, title.strip() or wanted),
            FieldChange("canned", uid, "shortcut", None, wanted),
            FieldChange("canned", uid, "body", None, body),
            FieldChange("canned", uid, "deleted", True, False),
        ],
    )
    row = canned.by_shortcut(tx.conn, wanted)
    assert row is not None
    return row.id


def edit(
    tx: Tx,
    canned_id: int,
    *,
    title: str | None = None,
    shortcut: str | None = None,
    body: str | None = None,
) -> str | None:
    """Change what is given; return the group to undo it by.

    Raises:
        UserError: "canned-missing"; "shortcut-invalid"; "shortcut-exists"; "canned-empty".
    """
    row = _known(tx, canned_id)
    wanted = _checked(tx, shortcut or row.shortcut, row.body if body is None else body, row)
    given = {"title": title, "shortcut": wanted, "body": body}
    known = {"title": row.title, "shortcut": row.shortcut, "body": row.body}
    group = Group(tx)
    group.record(
        "canned.edit",
        [
            FieldChange("canned", row.uid, field, known[field], value)
            for field, value in given.items()
            if value is not None
        ],
    )
    return group.uid


def remove(tx: Tx, canned_id: int) -> str | None:
    """Take a canned response away; return the group to undo it by.

    Raises:
        UserError: "canned-missing".
    """
    row = _known(tx, canned_id)
    group = Group(tx)
    group.record("canned.remove", [FieldChange("canned", row.uid, "deleted", False, True)])
    return group.uid


def render_for(tx: Tx, canned_id: int, conversation_id: int | None) -> Rendered:
    """Fill a canned response in for a conversation (rule F2); what has no value stays visible.

    Counts the use, which ranks it higher.

    Raises:
        UserError: "canned-missing"; "conversation-missing".
    """
    rendered = preview(tx.conn, canned_id, conversation_id, now=tx.now)
    canned.used(tx, canned_id)
    return rendered


def preview(conn: Any, canned_id: int, conversation_id: int | None, *, now: datetime) -> Rendered:
    """Fill a canned response in as `render_for` does, for looking only; takes a connection.

    Raises:
        UserError: "canned-missing"; "conversation-missing".
    """
    row = canned.row(conn, canned_id)
    if row is None:
        raise UserError("canned-missing", id=canned_id)
    return render(row.body, _values(conn, conversation_id, now=now))


def _checked(tx: Tx, shortcut: str, body: str, row: CannedRow | None = None) -> str:
    wanted = shortcut.strip().lower()
    if not _SHORTCUT.match(wanted):
        raise UserError("shortcut-invalid", shortcut=shortcut)
    other = canned.by_shortcut(tx.conn, wanted)
    if other is not None and (row is None or other.id != row.id):
        raise UserError("shortcut-exists", shortcut=wanted)
    if not body.strip():
        raise UserError("canned-empty")
    return wanted


def _known(tx: Tx, canned_id: int) -> CannedRow:
    row = canned.row(tx.conn, canned_id)
    if row is None:
        raise UserError("canned-missing", id=canned_id)
    return row


def _values(conn: Any, conversation_id: int | None, *, now: datetime) -> Mapping[str, str]:
    me = agents.list_all(conn)[0]
    values = {
        "me.name": me.name,
        "me.first_name": first_name(me.name),
        "me.email": me.email,
        "me.signature": me.signature,
        "date.today": now.astimezone().date().isoformat(),
    }
    if conversation_id is None:
        return values
    row = conversations.row(conn, conversation_id)
    if row is None:
        raise UserError("conversation-missing", id=conversation_id)
    values |= {"conversation.id": str(row.id), "conversation.subject": row.subject}
    values |= {"conversation.channel": row.channel}
    customer = customers.row(conn, row.customer_id) if row.customer_id is not None else None
    if customer is not None:
        emails = [one.label for one in customer.identities if one.kind == "email"]
        values |= {
            "contact.name": customer.name,
            "contact.first_name": first_name(customer.name),
            "contact.company": customer.company,
            "contact.email": emails[0] if emails else "",
        }
    account = accounts.row(conn, row.account_id) if row.account_id is not None else None
    if account is not None:
        values |= {"account.name": account.title, "account.email": account.address}
    return values
