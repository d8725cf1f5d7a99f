"""Through what a new message can begin, and how whoever is named for it can be reached.

Reads, functions of a connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.kinds import EMAIL
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.phones import region_of
from desktop_inbox.domain.reachable import reachable
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.store import customer_merging, customers
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.rows import AccountRow


def openings(conn: Any, *, now: datetime) -> list[Way]:
    """Return each service of each channel, before anybody is named; mail is not among them.

    What cannot write first is: whoever wrote there before can be answered.
    """
    found = [
        way
        for account, info in channels.channels_known(conn)
        if info.kind != EMAIL and Capability.SEND in info.capabilities
        for way in _through(account, info, "")
    ]
    return channels.usable_first(found, now)


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
    return channels.ways(conn, root, now=now)


def named_by(kind: str, typed: str, *, account: AccountRow | None = None, region: str = "") -> str:
    """Return the address that was typed as it is compared, '' where it names nobody.

    A number without a calling code is one of the country of the account's own, else of `region`.
    """
    if kind == EMAIL:
        return normalise_email(typed)
    own = region_of(account.address.rpartition(":")[2]) if account is not None else ""
    return reachable(kind, typed, region=own or region)


def _to_stranger(conn: Any, kind: str, address: str, *, now: datetime) -> list[Way]:
    found = [
        way
        for account, info in channels.channels_known(conn)
        if info.identity == kind and info.kind != EMAIL
        for way in _through(account, info, address)
    ]
    return channels.usable_first(found, now)


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
