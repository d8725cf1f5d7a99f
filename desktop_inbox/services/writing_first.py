"""Through what a new message can begin, and how whoever is named for it can be reached.

Functions of accounts, and reads of a connection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import EMAIL, info_of
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.phones import region_of
from desktop_inbox.domain.reachable import reachable
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.store import accounts, chats, conversations, customer_merging, customers
from desktop_inbox.store.chats import Going
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.rows import AccountRow, DraftRow

_OPEN = frozenset({Status.OPEN, Status.SNOOZED})


def openings(rows: Iterable[AccountRow]) -> list[Way]:
    """Return each service of these accounts, before anybody is named; mail is not among them.

    What cannot write first is: whoever wrote there before can be answered. Where one service can
    be gone through several accounts, each is labelled by its own.
    """
    found = [
        way
        for account, info in channels.with_info(rows)
        if _begins(info)
        for way in _through(account, info, "")
    ]
    often = Counter((way.kind, way.service) for way in found)
    return [
        replace(way, label=way.title) if often[way.kind, way.service] > 1 else way for way in found
    ]


def towards(opening: Way, account: AccountRow, address: str) -> Way:
    """Return the way to a stranger's address through what `openings` told of this account."""
    assert opening.info is not None
    made = _through(account, opening.info, address)
    return next(way for way in made if way.service == opening.service)


def ways_to(conn: Any, address: str, *, kind: str, scope: str = "", now: datetime) -> list[Way]:
    """Return every way to whoever is named: all of a customer's, else what reaches a stranger.

    `kind` is of the identity and `scope` the account's uid that may know it alone.
    """
    named = named_by(kind, address) or address.strip()
    keys = [IdentityKey(kind, one, named) for one in dict.fromkeys(("", scope))]
    known = customers.owners(conn, keys)
    owner = next((known[key] for key in keys if key in known), None)
    if owner is None:
        return list(_to_stranger(conn, kind, named, now=now)) if named_by(kind, named) else []
    root = customer_merging.roots(conn, [owner.customer_id])[owner.customer_id]
    found = channels.ways(conn, root, now=now)
    going = going_on(conn, [way.chat_id for way in found if way.chat_id is not None])
    places = ((way, going.get(way.chat_id or 0)) for way in found)
    return [
        way if place is None else replace(way, goes_on_in=place.conversation_id)
        for way, place in places
    ]


def going_on(conn: Any, chat_ids: Sequence[int]) -> dict[int, Going]:
    """Return where a new message in each of these chats goes on: what is open, or snoozed.

    What is closed is over: a new message begins anew. Chats of which nothing is open are left out.
    """
    going = chats.going(conn, chat_ids)
    shown = conversations.roots(conn, [one.conversation_id for one in going.values()])
    rows = conversations.rows(conn, shown.values()) if shown else {}
    goes_on = {key for key, row in rows.items() if row.status in _OPEN}
    return {
        chat_id: replace(one, conversation_id=shown[one.conversation_id])
        for chat_id, one in going.items()
        if shown[one.conversation_id] in goes_on
    }


def ways_of_draft(conn: Any, draft: DraftRow, *, now: datetime) -> list[Way]:
    """Return every way to whom a new message is to that is being written; none for several."""
    people = (*draft.to, *draft.cc, *draft.bcc)
    account = accounts.row(conn, draft.account_id) if draft.account_id is not None else None
    info = info_of(account.kind) if account is not None else None
    if len(people) != 1 or account is None or info is None:
        return []
    return ways_to(conn, people[0].address, kind=info.identity, scope=account.uid, now=now)


def named_by(kind: str, typed: str, *, region: str = "") -> str:
    """Return the address that was typed as it is compared, '' where it names nobody.

    A number without a calling code is one of `region`, an ISO 3166 code.
    """
    return normalise_email(typed) if kind == EMAIL else reachable(kind, typed, region=region)


def home_of(account: AccountRow) -> str:
    """Return the country of an account's own number, '' where it has none."""
    return region_of(account.address.rpartition(":")[2])


def _to_stranger(conn: Any, kind: str, address: str, *, now: datetime) -> list[Way]:
    found = [
        way
        for account, info in channels.channels_known(conn)
        if info.identity == kind and _begins(info)
        for way in _through(account, info, address)
    ]
    return channels.usable_first(found, now)


def _begins(info: ConnectorInfo) -> bool:
    """Tell whether chats are written in there."""
    return info.kind != EMAIL and Capability.SEND in info.capabilities


def _through(account: AccountRow, info: ConnectorInfo, address: str) -> Iterator[Way]:
    """Return what would begin something with an address; none is named where that is empty."""
    known = info.chats_with
    for name in ("",) if known is None else known(account.address, account.settings, address):
        yield channels.way_through(
            account,
            info,
            None,
            opens=name,
            label=address,
            address=address,
            identity_id=None,
        )
