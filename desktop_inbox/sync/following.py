"""What a server says about messages that are here: renumbered, read, gone, deleted (O1, O7).

Runs on the store's writer thread. Local facts outlive whatever happens to places: identity,
conversation, notes and tags of a message never depend on where it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop_inbox.connectors.contract import (
    FolderReset,
    Gone,
    Inventory,
    Item,
    Location,
    RawMail,
    SeenElsewhere,
)
from desktop_inbox.store import accounts, conversations, messages, places, server_actions
from desktop_inbox.store.database import Tx
from desktop_inbox.store.messages import Place


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


def follow(tx: Tx, account_id: int, items: Sequence[Item]) -> set[int]:
    """Take over what another program did to messages; return the conversations to refresh."""
    for item in items:
        if isinstance(item, Gone):
            places.forget(tx, account_id, item.folder, uidvalidity=item.uidvalidity, uids=item.uids)
    touched = _follow_seen(tx, account_id, items)
    arrived = [_place(account_id, one.location) for one in items if isinstance(one, RawMail)]
    if arrived and places.any_gone(tx.conn, account_id):
        lying = messages.by_places(tx.conn, arrived)
        touched |= places.found_again(tx, {known.id for known in lying.values()})
    return touched


def _follow_seen(tx: Tx, account_id: int, items: Sequence[Item]) -> set[int]:
    seen = {
        _place(account_id, item.location): item.seen
        for item in items
        if isinstance(item, SeenElsewhere)
    }
    for item in items:
        if isinstance(item, Inventory):
            seen |= _told(account_id, item)
    known = messages.by_places(tx.conn, seen)
    changed = {known[place].id: seen[place] for place in known if known[place].seen != seen[place]}
    # What was marked here and not yet there is newer than what the server says.
    for key in server_actions.pending_seen(tx.conn, changed):
        del changed[key]
    return messages.set_seen(tx, changed)


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
