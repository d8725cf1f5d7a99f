"""What a server says about messages that are here: renumbered, read, gone, deleted (O1, O7).

Runs on the store's writer thread. Local facts outlive whatever happens to places: identity,
conversation, notes and tags of a message never depend on where it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop_inbox.connectors.contract import (
    FolderReset,
    Gone,
    Inventory,
    Item,
    Location,
    RawMail,
    SeenElsewhere,
)
from desktop_inbox.store import (
    accounts,
    conversations,
    known_messages,
    messages,
    places,
    server_actions,
)
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Place


def renumber(tx: Tx, account_id: int, items: Iterable[Item]) -> None:
    """Void the places in folders that were renumbered or are gone, before new ones are put."""
    for item in items:
        match item:
            case FolderReset(folder=folder, uidvalidity=uidvalidity, from_uid=int(first)):
                places.forget_from(tx, account_id, folder, uidvalidity=uidvalidity, first=first)
            case FolderReset(folder=folder, uidvalidity=uidvalidity):
                places.forget_folder(tx, account_id, folder, except_uidvalidity=uidvalidity)
            case Inventory(folder=folder, uidvalidity=uidvalidity, below=below, uids=uids):
                places.forget_others(
                    tx, account_id, folder, uidvalidity=uidvalidity, below=below, uids=uids
                )


def follow(
    tx: Tx,
    account_id: int,
    items: Sequence[Item],
    *,
    known: Mapping[Place, int],
    again: Mapping[Place, int],
) -> set[int]:
    """Take over what another program did to messages; return the conversations to refresh.

    `known` are the places that have just been found to hold messages which were here already,
    `again` those where we knew of them.
    """
    for item in items:
        if isinstance(item, Gone):
            places.forget(tx, account_id, item.folder, uidvalidity=item.uidvalidity, uids=item.uids)
    touched = _set_seen(tx, _said_seen(tx, account_id, items))
    if known:
        touched |= places.found_again(tx, known.values())
        touched |= _set_seen(tx, _arrived_seen(tx, account_id, items, known))
    if again:
        # Read elsewhere since we put it there. Not the other way: it may be read here since.
        told = _seen_at(account_id, items, again)
        touched |= _set_seen(tx, {key: True for key, seen in told.items() if seen})
    return touched


def _said_seen(tx: Tx, account_id: int, items: Sequence[Item]) -> dict[int, bool]:
    """Return what the server says of messages where they lay before, by message."""
    seen = {
        _place(account_id, item.location): item.seen
        for item in items
        if isinstance(item, SeenElsewhere)
    }
    for item in items:
        if isinstance(item, Inventory):
            seen |= _told(account_id, item)
    lying = known_messages.by_places(tx.conn, seen)
    return {one.id: seen[place] for place, one in lying.items() if one.seen != seen[place]}


def _arrived_seen(
    tx: Tx, account_id: int, items: Sequence[Item], known: Mapping[Place, int]
) -> dict[int, bool]:
    """Return what is said of messages where another program put them.

    One that was read on the way is read. An unread copy does not make the original unread, nor
    does any where the account does not tell its server what is read.
    """
    seen = _seen_at(account_id, items, known)
    unread = [key for key, value in seen.items() if not value]
    mirrored = set(places.lying_once(tx.conn, unread)) if unread else set()
    return {key: value for key, value in seen.items() if value or key in mirrored}


def _seen_at(account_id: int, items: Sequence[Item], lying: Mapping[Place, int]) -> dict[int, bool]:
    """Return what mails that have come say of the messages at some places."""
    return {
        lying[place]: item.seen
        for item in items
        if isinstance(item, RawMail) and (place := _place(account_id, item.location)) in lying
    }


def _set_seen(tx: Tx, wanted: Mapping[int, bool]) -> set[int]:
    if not wanted:
        return set()
    # What was marked here and not yet there is newer than what the server says.
    pending = server_actions.pending_seen(tx.conn, wanted)
    return messages.set_seen(tx, {key: wanted[key] for key in wanted.keys() - pending})


def _told(account_id: int, item: Inventory) -> dict[Place, bool]:
    unseen = set(item.unseen)
    return {
        Place(account_id, item.folder, item.uidvalidity, uid): uid not in unseen
        for uid in item.uids
    }


def _place(account_id: int, location: Location) -> Place:
    return Place(account_id, location.folder, location.uidvalidity, location.uid)


def settle(tx: Tx, account_id: int) -> None:
    """Take account of a whole look at the mailbox: what lies nowhere was deleted there (O7)."""
    row = accounts.row(tx.conn, account_id)
    wish = str(row.settings.get("deleted_elsewhere") or "keep") if row else "keep"
    touched = places.settle(tx, account_id, wish=wish)
    if touched:
        conversations.refresh(tx, touched)
