"""What becomes of messages that are here: changed, taken back, reacted to, delivered, read.

Runs on the store's writer thread, as part of the one transaction of ingest. News that come before
their message wait for it; the order in which news come does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.chat import Edited, Reacted, Receipt, Withdrawn
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.pieces import from_json, to_json
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import chat_messages, early_news, messages, outbox, reactions
from desktop_inbox.store.chat_messages import KnownMessage, Version
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import from_milliseconds, to_milliseconds
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.spoken import identity_of, in_milliseconds

News = Edited | Withdrawn | Reacted | Receipt
_REF = "ref:"


@dataclass(slots=True)
class Board:
    """Which of an account's messages news are about; fills up as messages are stored."""

    by_id: dict[str, KnownMessage] = field(default_factory=dict)
    by_ref: dict[str, KnownMessage] = field(default_factory=dict)

    def find(self, named: str) -> KnownMessage | None:
        """Return the message that goes by a name of `names_of`."""
        if named.startswith(_REF):
            return self.by_ref.get(named.removeprefix(_REF))
        return self.by_id.get(named)


def names_of(news: News) -> list[str]:
    """Return what news may find their message by, the surest first."""
    names = [news.external_id] if news.external_id else []
    if isinstance(news, Receipt) and news.client_ref:
        names.append(f"{_REF}{news.client_ref}")
    return names


def follow(
    tx: Tx,
    mailbox: Mailbox,
    news: Iterable[News],
    board: Board,
    owners: Mapping[IdentityKey, Owner],
) -> set[int]:
    """Take account of news; return the conversations to refresh."""
    touched: set[int] = set()
    late = False
    for one in news:
        packed = _packed(one, mailbox, owners)
        names = names_of(one)
        message = next((found for name in names if (found := board.find(name))), None)
        if message is not None:
            touched |= _apply(tx, message, packed)
        elif isinstance(one, Withdrawn) and (
            talk := reactions.take_back(tx, mailbox.id, one.external_id)
        ):
            touched.add(talk)
        elif names and packed:
            early_news.keep(tx, mailbox.id, names[0], packed)
            late = True
    if late:
        early_news.trim(tx, mailbox.id)
    return touched


def catch_up(tx: Tx, mailbox: Mailbox, arrived: Iterable[KnownMessage]) -> set[int]:
    """Let messages that have just come meet the news that came before them."""
    by_name: dict[str, KnownMessage] = {}
    for one in arrived:
        if one.external_id:
            by_name[one.external_id] = one
        if one.client_ref:
            by_name[f"{_REF}{one.client_ref}"] = one
    touched: set[int] = set()
    for named, packed in early_news.take(tx, mailbox.id, by_name):
        touched |= _apply(tx, by_name[named], packed)
    return touched


# News as they are kept while they wait


def _packed(news: News, mailbox: Mailbox, owners: Mapping[IdentityKey, Owner]) -> dict[str, object]:
    kept: dict[str, object] = {"at": to_milliseconds(in_milliseconds(news.at))}
    match news:
        case Edited():
            return kept | {"type": "edited", "text": news.text, "pieces": to_json(news.pieces)}
        case Withdrawn():
            return kept | {"type": "withdrawn"}
        case Reacted():
            who = reactions.OURS
            if news.author is not None:
                owner = owners.get(identity_of(news.author, mailbox))
                if owner is None:
                    return {}
                who = owner.identity_id
            return kept | {
                "type": "reacted",
                "who": who,
                "emojis": sorted(set(news.emojis)),
                "named": [list(pair) for pair in news.named],
            }
        case Receipt():
            return kept | {
                "type": "receipt",
                "state": news.state.value,
                "code": news.code,
                "detail": news.detail,
                "external_id": news.external_id,
            }


def _apply(tx: Tx, message: KnownMessage, packed: Mapping[str, Any]) -> set[int]:
    if not packed:
        return set()
    apply = _APPLIES[packed["type"]]
    apply(tx, message, from_milliseconds(packed["at"]), packed)
    return {message.conversation_id}


def _edit(tx: Tx, message: KnownMessage, at: datetime, packed: Mapping[str, Any]) -> None:
    version = Version(at=at, text=packed["text"], pieces=from_json(packed["pieces"]))
    if chat_messages.add_version(tx, message.id, version):
        chat_messages.say(tx, message.id, version)


def _withdraw(tx: Tx, message: KnownMessage, at: datetime, packed: Mapping[str, Any]) -> None:
    chat_messages.withdraw(tx, message.id, at)


def _react(tx: Tx, message: KnownMessage, at: datetime, packed: Mapping[str, Any]) -> None:
    who, emojis, named = packed["who"], packed["emojis"], packed["named"]
    if named:
        emojis = reactions.standing(tx, message.id, who, emojis, named)
    reactions.react(tx, message.id, who, emojis, at)


def _receive(tx: Tx, message: KnownMessage, at: datetime, packed: Mapping[str, Any]) -> None:
    """Move a message of ours on; what was accepted and then refused has come back (rule D6)."""
    if message.direction is not Direction.OUT:
        return
    state = Delivery(packed["state"])
    here = messages.row(tx.conn, message.id)
    waits = outbox.row(tx.conn, message.id)
    if here is None:
        return
    if packed["external_id"] and not here.external_id:
        chat_messages.accepted(tx, message.id, packed["external_id"])
    if state is Delivery.FAILED:
        _refused(tx, message.id, packed, waits=waits is not None)
        return
    if waits is not None and state in _PROVES_ACCEPTED:
        outbox.sent(tx, message.id)
    messages.set_delivery(tx, message.id, state)


_PROVES_ACCEPTED = (Delivery.SENT, Delivery.DELIVERED, Delivery.READ)


def _refused(tx: Tx, message_id: int, packed: Mapping[str, Any], *, waits: bool) -> None:
    code, detail = packed["code"] or "recipient", packed["detail"]
    if waits:
        outbox.fail(tx, message_id, code=code, detail=detail)
        return
    row = messages.row(tx.conn, message_id)
    known = row.delivery_detail if row else {}
    messages.set_delivery(
        tx, message_id, Delivery.RETURNED, detail={**known, "code": code, "detail": detail}
    )


_APPLIES: dict[str, Callable[[Tx, KnownMessage, datetime, Mapping[str, Any]], None]] = {
    "edited": _edit,
    "withdrawn": _withdraw,
    "reacted": _react,
    "receipt": _receive,
}
