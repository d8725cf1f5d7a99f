"""How a customer can be reached: each address of theirs, through each account of its kind.

Reads are functions of a connection, so that a composer asks them as it opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import EMAIL, info_of
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.reply_windows import Window, window_of
from desktop_inbox.store import accounts, chat_ways, chats, conversations, customers
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.rows import AccountRow, CustomerRow, IdentityRow
from desktop_inbox.sync.status import State

# Why a way cannot be gone now; the interface words each.
NO_ACCOUNT = "no-account-of-kind"
PAUSED = "paused"
NEEDS_SIGN_IN = "needs-sign-in"
BLOCKED = "blocked"
CANNOT_SEND = "cannot-send-there"
CANNOT_WRITE_FIRST = "cannot-write-first"
WINDOW_CLOSED = "window-closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One address of a customer through one account."""

    account_id: int | None  # None: there is no account of this kind
    kind: str  # of the channel; of the identity where there is no account
    title: str  # the account's
    label: str  # the address as it is shown
    chat_id: int | None = None  # the chat that is there; None: mail, or one would be begun
    why: str = ""  # '' where it can be used now, else one of the reasons above
    until: datetime | None = None  # when its window closes, or closed; None: it has none
    # After the window: what may still be sent.
    templates: bool = False
    human_agent: bool = False

    @property
    def usable(self) -> bool:
        """Whether a plain answer can leave this way now."""
        return not self.why


def ways(conn: Any, customer_id: int, *, now: datetime) -> list[Way]:
    """Return every way to a customer, those that can be used now first."""
    customer = customers.row(conn, customer_id)
    if customer is None:
        return []
    known = [(row, info) for row in accounts.list_all(conn) if (info := info_of(row.kind))]
    found = [
        _way(conn, customer, one, row, info, now=now)
        for row, info in known
        for one in chat_ways.identities(conn, customer.id, kind=info.identity, scopes=("", row.uid))
    ]
    found += _without_account(customer, {info.identity for _, info in known})
    return sorted(found, key=lambda way: not way.usable)


def ways_of_conversation(conn: Any, conversation_id: int, *, now: datetime) -> list[Way]:
    """Return every way to the customer of a conversation."""
    row = conversations.row(conn, conversation_id)
    if row is None or row.customer_id is None:
        return []
    return ways(conn, row.customer_id, now=now)


def _without_account(customer: CustomerRow, kinds: set[str]) -> Iterator[Way]:
    for one in customer.identities:
        if one.kind not in kinds:
            yield Way(
                account_id=None,
                kind=one.kind,
                title="",
                label=one.label or one.address,
                why=NO_ACCOUNT,
            )


def _way(
    conn: Any,
    customer: CustomerRow,
    identity: IdentityRow,
    account: AccountRow,
    info: ConnectorInfo,
    *,
    now: datetime,
) -> Way:
    known = chats.with_identities(conn, account.id, [identity.id]) if info.kind != EMAIL else []
    chat = known[-1] if known else None
    window = _window(account, info, chat)
    return Way(
        account_id=account.id,
        kind=account.kind,
        title=account.title,
        label=identity.label or identity.address,
        chat_id=chat.id if chat else None,
        why=_why(customer, account, info, chat, window, now=now),
        until=window.until,
        templates=Capability.TEMPLATES in info.capabilities,
        human_agent=Capability.HUMAN_AGENT in info.capabilities
        and window.lets(now, human_agent=True),
    )


def _window(account: AccountRow, info: ConnectorInfo, chat: ChatRow | None) -> Window:
    limits = {**info.limits, **account.limits}
    if chat is None:
        return window_of(limits, last_in_at=None, reply_until=None)
    return window_of(limits, last_in_at=chat.last_in_at, reply_until=chat.reply_until)


def _why(
    customer: CustomerRow,
    account: AccountRow,
    info: ConnectorInfo,
    chat: ChatRow | None,
    window: Window,
    *,
    now: datetime,
) -> str:
    begins = info.kind == EMAIL or Capability.OPEN_CHAT in info.capabilities
    reasons = (
        (customer.blocked, BLOCKED),
        (Capability.SEND not in info.capabilities, CANNOT_SEND),
        (not account.enabled, PAUSED),
        (account.state == State.NEEDS_SIGN_IN, NEEDS_SIGN_IN),
        (chat is None and not begins, CANNOT_WRITE_FIRST),
        (not window.lets(now), WINDOW_CLOSED),
    )
    return next((why for holds, why in reasons if holds), "")


def recipients(conn: Any, conversation_id: int, account: AccountRow) -> tuple[Address, ...]:
    """Return whom an answer through an account goes to: the customer, by the address it knows.

    Raises:
        UserError: "no-address-there"; "conversation-missing".
    """
    row = conversations.row(conn, conversation_id)
    if row is None:
        raise UserError("conversation-missing", id=conversation_id)
    info = info_of(account.kind)
    kind = info.identity if info else EMAIL
    found = chat_ways.identities(conn, row.customer_id, kind=kind, scopes=("", account.uid))
    if not found:
        raise UserError("no-address-there")
    return (Address(name=row.customer_name, address=found[0].address),)
