"""How a queued message of a chat leaves: with its chat and pieces, and only while it may (M1, M3).

Reads of a connection and functions of a transaction; used by the outbox lane on the engine loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.errors import PermanentReason
from desktop_inbox.connectors.kinds import limits_in
from desktop_inbox.domain import buttons
from desktop_inbox.domain.messages import FilledTemplate, Outgoing
from desktop_inbox.domain.reply_windows import Window, window_of
from desktop_inbox.store import chat_ways, outbox
from desktop_inbox.store.chat_ways import WayOut
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.outgoing import Prepared


def complete(
    conn: Any, message_id: int, prepared: Prepared, info: ConnectorInfo, *, now: datetime
) -> Prepared:
    """Return a prepared message with what chats need, or why the channel does not take it now."""
    way = chat_ways.way_out(conn, message_id)
    message = prepared.message
    if message is None or way is None:
        return prepared
    if not _lets(way, info, now=now):
        return Prepared(None, PermanentReason.WINDOW_CLOSED.value)
    if problem := _over_a_limit(message, way, info):
        return Prepared(None, PermanentReason.TOO_LARGE.value, problem)
    return replace(prepared, message=with_chat(message, way))


def with_chat(message: Outgoing, way: WayOut) -> Outgoing:
    """Return a message with what the service has to know of its chat."""
    return replace(
        message,
        chat=way.chat,
        pieces=way.pieces,
        template=_template(way.form.get("template")),
        human_agent=bool(way.form.get("human_agent")),
        references=(),
    )


def _template(kept: Mapping[str, Any] | None) -> FilledTemplate | None:
    if not kept:
        return None
    return FilledTemplate(
        name=str(kept["name"]),
        language=str(kept["language"]),
        values=tuple(map(str, kept.get("values", ()))),
    )


def _lets(way: WayOut, info: ConnectorInfo, *, now: datetime) -> bool:
    return _window(way, info).lets(
        now, template=bool(way.form.get("template")), human_agent=bool(way.form.get("human_agent"))
    )


def _window(way: WayOut, info: ConnectorInfo) -> Window:
    limits = limits_in(info, way.chat)
    return window_of(limits, last_in_at=way.last_in_at, reply_until=way.reply_until)


def _over_a_limit(message: Outgoing, way: WayOut, info: ConnectorInfo) -> str:
    """Return which limit a message breaks; the service may have lowered one since."""
    offered = buttons.on(way.pieces)
    sizes = {
        "max_text": len(message.text),
        "max_text_bytes": len(message.text.encode()),
        "max_files": len(message.attachments),
        "max_file_bytes": max((file.size for file in message.attachments), default=0),
        "max_buttons": len(offered),
        "max_button_text": max((len(one.text) for one in offered), default=0),
    }
    over = (name for name, size in sizes.items() if size > info.limits.get(name, size))
    return next(over, "")


def give_up_closed(tx: Tx, account_id: int, info: ConnectorInfo) -> None:
    """Hand messages to a person that wait while their window has closed (rule M3)."""
    for way in chat_ways.waiting(tx.conn, account_id):
        if not _lets(way, info, now=max(tx.now, way.not_before)):
            outbox.fail(tx, way.message_id, code=PermanentReason.WINDOW_CLOSED.value, detail="")


def next_closing(conn: Any, account_id: int, info: ConnectorInfo) -> datetime | None:
    """Return when the next window of a waiting message closes."""
    ends = []
    for way in chat_ways.waiting(conn, account_id):
        window = _window(way, info)
        until = window.agent_until if way.form.get("human_agent") else window.until
        if window.limited and until is not None and not way.form.get("template"):
            ends.append(until)
    return min(ends, default=None)
