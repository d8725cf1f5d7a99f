"""How a customer can be reached: each address of theirs, through each account of its kind.

Reads are functions of a connection, so that a composer asks them as it opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import EMAIL, info_of, limits_in, service_of
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

_NOTHING: frozenset[int] = frozenset()
_ALWAYS = Window()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One address of a customer through one account, or a group that talks in a conversation."""

    account_id: int | None  # None: there is no account of this kind
    kind: str  # of the channel; of the identity where there is no account
    title: str  # the account's
    label: str  # the address as it is shown; a group's title
    address: str = ""  # the address itself; '' of a group
    identity_id: int | None = None  # None: a group
    chat_id: int | None = None  # the chat that is there; None: mail, or one would be begun
    opens: str = ""  # what the service calls the one that would be; '' where it names it later
    service: str = ""  # such as "WhatsApp", where the channel reaches several; '' for the channel
    info: ConnectorInfo | None = None  # what the channel takes, as its service told last
    closed_for: str = ""  # one of the reasons above that time does not change; '' for none
    window: Window = _ALWAYS
    said: frozenset[int] = _NOTHING  # messages of the conversation that went this way
    goes_on_in: int | None = None  # the open conversation that takes a new message; see ways_to

    @property
    def key(self) -> tuple[object, ...]:
        """What it is known by as long as the account and the address are there."""
        return self.account_id, self.identity_id, self.chat_id, self.service, self.kind

    @property
    def templates(self) -> bool:
        """Whether approved texts may leave when the window is closed."""
        return self._can(Capability.TEMPLATES) and self.window.limited and not self.closed_for

    @property
    def takes_files(self) -> bool:
        """Whether files can be sent along."""
        return self._can(Capability.ATTACHMENTS)

    def why_not(self, at: datetime, *, template: bool = False, human_agent: bool = False) -> str:
        """Return why nothing can leave this way at a moment, '' where it can."""
        if self.closed_for:
            return self.closed_for
        lets = self.window.lets(at, template=template, human_agent=human_agent)
        return "" if lets else WINDOW_CLOSED

    def lets_human_agent(self, at: datetime) -> bool:
        """Whether what a person writes may still leave, though the window is closed."""
        mays = self._can(Capability.HUMAN_AGENT) and not self.why_not(at, human_agent=True)
        return mays and self.why_not(at) == WINDOW_CLOSED

    def _can(self, capability: Capability) -> bool:
        return self.info is not None and capability in self.info.capabilities


def ways(conn: Any, customer_id: int, *, now: datetime) -> list[Way]:
    """Return every way to a customer, those that can be used now first."""
    customer = customers.row(conn, customer_id)
    if customer is None:
        return []
    known = list(channels_known(conn))
    found = [
        way
        for account, info in known
        for one in chat_ways.identities(
            conn, customer.id, kind=info.identity, scopes=("", account.uid)
        )
        for way in to_identity(conn, one, account, info, blocked=customer.blocked)
    ]
    found += _without_account(customer, {info.identity for _, info in known})
    return usable_first(found, now)


def ways_of_conversation(conn: Any, conversation_id: int, *, now: datetime) -> list[Way]:
    """Return every way to the customer of a conversation, and to all who talk in it."""
    row = conversations.row(conn, conversation_id)
    if row is None:
        return []
    said = chat_ways.said_in(conn, conversation_id)
    found = ways(conn, row.customer_id, now=now) if row.customer_id is not None else []
    found = [replace(way, said=said.get(way.chat_id or 0, _NOTHING)) for way in found]
    if others := said.keys() - {way.chat_id for way in found}:
        found += [replace(way, said=said[way.chat_id or 0]) for way in _to_others(conn, others)]
    return usable_first(found, now)


def usable_first(found: Iterable[Way], now: datetime) -> list[Way]:
    """Return ways with those first that can be used now."""
    return sorted(found, key=lambda way: bool(way.why_not(now)))


def channels_known(conn: Any) -> Iterator[tuple[AccountRow, ConnectorInfo]]:
    """Return the accounts whose channel is known here, with what each takes."""
    yield from with_info(accounts.list_all(conn))


def with_info(rows: Iterable[AccountRow]) -> Iterator[tuple[AccountRow, ConnectorInfo]]:
    """Return those of these accounts whose channel is known here, with what each takes."""
    for row in rows:
        if info := info_of(row.kind):
            yield row, replace(info, limits={**info.limits, **row.limits})


def _without_account(customer: CustomerRow, kinds: set[str]) -> Iterator[Way]:
    for one in customer.identities:
        if one.kind not in kinds:
            yield Way(
                account_id=None,
                kind=one.kind,
                title="",
                label=one.label or one.address,
                address=one.address,
                identity_id=one.id,
                closed_for=NO_ACCOUNT,
            )


def to_identity(
    conn: Any,
    identity: IdentityRow,
    account: AccountRow,
    info: ConnectorInfo,
    *,
    blocked: bool = False,
) -> Iterator[Way]:
    """Return a way for each chat with somebody, and for each that could be begun beside them."""
    known = chats.with_identities(conn, account.id, [identity.id]) if info.kind != EMAIL else []
    for chat, opens in (*((one, "") for one in known), *_begun(account, info, identity, known)):
        yield way_through(
            account,
            info,
            chat,
            opens=opens,
            label=identity.label or identity.address,
            address=identity.address,
            identity_id=identity.id,
            blocked=blocked,
        )


def _begun(
    account: AccountRow, info: ConnectorInfo, identity: IdentityRow, known: Sequence[ChatRow]
) -> Iterator[tuple[None, str]]:
    """Return what chats would be called that could be begun: on services without one."""
    if info.chats_with is None:
        yield from () if known else [(None, "")]
        return
    there = {service_of(info.kind, chat.external_id) for chat in known}
    for name in info.chats_with(account.address, account.settings, identity.address):
        if service_of(info.kind, name) not in there:
            yield None, name


def _to_others(conn: Any, chat_ids: Iterable[int]) -> Iterator[Way]:
    """Return the ways into chats with a group, or with somebody else than the customer."""
    known = {account.id: (account, info) for account, info in channels_known(conn)}
    for chat_id in sorted(chat_ids):
        chat = chats.row(conn, chat_id)
        if chat is None or chat.account_id not in known:
            continue
        account, info = known[chat.account_id]
        who = Address(name=chat.title) if chat.identity_id is None else None
        who = who or chat_ways.reached_as(conn, chat.identity_id or 0)
        yield way_through(
            account,
            info,
            chat,
            label=who.name or who.address,
            address=who.address,
            identity_id=chat.identity_id,
        )


def way_through(
    account: AccountRow,
    info: ConnectorInfo,
    chat: ChatRow | None,
    *,
    label: str,
    address: str,
    identity_id: int | None,
    opens: str = "",
    blocked: bool = False,
) -> Way:
    """Return the way into a chat, or where there is none yet, into the one it would open."""
    name = chat.external_id if chat else opens
    return Way(
        account_id=account.id,
        kind=account.kind,
        title=account.title,
        label=label,
        address=address,
        identity_id=identity_id,
        chat_id=chat.id if chat else None,
        opens=opens,
        service=service_of(account.kind, name),
        info=info,
        closed_for=_closed_for(account, info, begun=chat is not None, blocked=blocked),
        window=_window(limits_in(info, name), chat),
    )


def _window(limits: Mapping[str, int], chat: ChatRow | None) -> Window:
    if chat is None:
        return window_of(limits, last_in_at=None, reply_until=None)
    return window_of(limits, last_in_at=chat.last_in_at, reply_until=chat.reply_until)


def _closed_for(account: AccountRow, info: ConnectorInfo, *, begun: bool, blocked: bool) -> str:
    begins = info.kind == EMAIL or Capability.OPEN_CHAT in info.capabilities
    reasons = (
        (blocked, BLOCKED),
        (Capability.SEND not in info.capabilities, CANNOT_SEND),
        (not account.enabled, PAUSED),
        (account.state == State.NEEDS_SIGN_IN, NEEDS_SIGN_IN),
        (not begun and not begins, CANNOT_WRITE_FIRST),
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
