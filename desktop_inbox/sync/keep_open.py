"""Asks who still waits to write again before their reply window closes, where an owner wants it.

Rule M4: off by default, by account, once a window, and within the caps of all that is automatic
(D3). A read and a function of a transaction; the scheduler calls both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.keep_open import text_of
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.reply_windows import ASKED_AHEAD
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import accounts, chat_ways, events, messages, reply_windows
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.reply_windows import Waiting
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync import automatic, chat_automatic
from desktop_inbox.sync.status import State

ASKED = "conversation.kept_open"


def due(conn: Any, wanted: Sequence[int], *, now: datetime, since: datetime) -> list[Waiting]:
    """Return who is to be asked now, of conversations in which there is an hour left at most.

    Only on accounts that have caught up after `since`, when the computer came to itself: an
    answer given on the phone meanwhile may not have come here yet.
    """
    asking = [
        one.id
        for one in accounts.list_all(conn)
        if one.enabled
        and one.state == State.ONLINE
        and one.last_sync_at is not None
        and one.last_sync_at >= since
        and _text(one)
    ]
    return reply_windows.waiting(conn, wanted, asking, until=now + ASKED_AHEAD, unless=ASKED)


def ask(tx: Tx, wanted: Sequence[int], *, since: datetime) -> None:
    """Queue the message for all of them who are due, as far as the caps allow."""
    for one in due(tx.conn, wanted, now=tx.now, since=since):
        account, row = accounts.row(tx.conn, one.account_id), messages.row(tx.conn, one.message_id)
        assert account is not None
        assert row is not None
        to = chat_ways.reached_as(tx.conn, one.identity_id)
        counted = chat_automatic.counted_as(one.identity_kind, to.address)
        why = automatic.refusal(
            tx,
            kind=row.kind,
            address=counted,
            conversation_id=one.conversation_id,
            own=frozenset(),
            answers=False,
        )
        if why is None:
            chat_automatic.queue(tx, account, row, to=to, counted=counted, text=_text(account))
            _tell(tx, one)


def _text(account: AccountRow) -> str:
    info = info_of(account.kind)
    return text_of(info.fields, account.settings) if info is not None else ""


def _tell(tx: Tx, one: Waiting) -> None:
    change = FieldChange(
        "conversation", one.conversation, "kept_open", None, to_milliseconds(tx.now)
    )
    events.record(
        tx,
        ASKED,
        [change],
        conversation=one.conversation,
        group_uid=new_uid(tx.now),
        actor="system",
    )
