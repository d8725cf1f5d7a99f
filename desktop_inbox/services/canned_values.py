"""What the variables of canned responses stand for in a conversation (rule F2). Only reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from desktop_inbox.domain import language
from desktop_inbox.domain.customers import first_name
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import (
    accounts,
    agents,
    conversations,
    customer_fields,
    customers,
    messages,
)
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import MessageRow

_DAYS_AHEAD = re.compile(r"date\.\+(\d{1,4})d\Z")
_READ = 3  # so many of a customer's last messages tell their language


def values_for(
    conn: Any, conversation_id: int | None, *, wanted: Collection[str], reads: str, now: datetime
) -> Mapping[str, str]:
    """Return what is known, by variable; days ahead only where they are `wanted`.

    `reads` is the language of the customer.

    Raises:
        UserError: "conversation-missing".
    """
    today = now.astimezone()
    values = {
        **_me(conn),
        "contact.language": reads,
        "date.today": today.date().isoformat(),
        "date.weekday": language.weekday(today, reads),
    }
    for name in wanted:
        if ahead := _DAYS_AHEAD.match(name):
            values[name] = (today + timedelta(days=int(ahead[1]))).date().isoformat()
    if conversation_id is None:
        return values
    row = conversations.row(conn, conversation_id)
    if row is None:
        raise UserError("conversation-missing", id=conversation_id)
    values |= _conversation(conn, row)
    values |= _contact(conn, row)
    values |= _account(conn, row)
    return values


def reader_language(conn: Any, conversation_id: int | None) -> str:
    """Return the language that is known of a customer, else the one they write in, else ''."""
    if conversation_id is None:
        return ""
    row = conversations.row(conn, conversation_id)
    customer_id = row.customer_id if row is not None else None
    customer = customers.row(conn, customer_id) if customer_id is not None else None
    if customer is not None and customer.language:
        return customer.language
    incoming = _incoming(conn, conversation_id)[-_READ:]
    return language.detect("\n".join(one.visible_text for one in reversed(incoming)))


def _me(conn: Any) -> dict[str, str]:
    me = agents.list_all(conn)[0]
    return {
        "me.name": me.name,
        "me.first_name": first_name(me.name),
        "me.email": me.email,
        "me.signature": me.signature,
    }


def _conversation(conn: Any, row: ConversationRow) -> dict[str, str]:
    values = {
        "conversation.id": str(row.id),
        "conversation.subject": row.subject,
        "conversation.channel": row.channel,
    }
    every = messages.of_conversation(conn, row.id)
    if every:
        values["conversation.created_at"] = _day(every[0].at)
    incoming = [one for one in every if one.direction is Direction.IN]
    if incoming:
        last = incoming[-1]
        values |= {
            "message.date": _day(last.at),
            "message.sender_name": last.author_name,
            "message.quoted": "\n".join(f"> {line}" for line in last.visible_text.splitlines()),
        }
    return values


def _contact(conn: Any, row: ConversationRow) -> dict[str, str]:
    customer = customers.row(conn, row.customer_id) if row.customer_id is not None else None
    if customer is None:
        return {}
    first = first_name(customer.name)
    known = {one.kind: one.label for one in reversed(customer.identities)}
    return {
        **_custom(conn, customer.id),
        "contact.name": customer.name,
        "contact.first_name": first,
        "contact.last_name": "".join(customer.name.split()[1:][-1:]),
        "contact.company": customer.company,
        "contact.email": known.get("email", ""),
        "contact.phone": known.get("phone", ""),
    }


def _custom(conn: Any, customer_id: int) -> dict[str, str]:
    """Return the fields that a business made for its customers, by their names."""
    known = customer_fields.values(conn, [customer_id]).get(customer_id, {})
    return {
        f"contact.custom.{field.name}": known.get(field.uid, "")
        for field in customer_fields.list_all(conn)
    }


def _account(conn: Any, row: ConversationRow) -> dict[str, str]:
    account = accounts.row(conn, row.account_id) if row.account_id is not None else None
    if account is None:
        return {}
    return {"account.name": account.title, "account.email": account.address}


def _incoming(conn: Any, conversation_id: int) -> list[MessageRow]:
    every = messages.of_conversation(conn, conversation_id)
    return [one for one in every if one.direction is Direction.IN]


def _day(moment: datetime) -> str:
    return moment.astimezone().date().isoformat()
