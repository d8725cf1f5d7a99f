"""What a server says of messages that are here: renumbered, marked, gone, deleted (O1, O7).

Runs on the store's writer thread. Local facts outlive whatever happens to places: identity,
conversation, notes and tags of a message never depend on where it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from desktop_inbox.connectors.contract import (
    FolderReset,
    Gone,
    Inventory,
    Item,
    Location,
    MarkedElsewhere,
    RawMail,
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
from desktop_inbox.sync import starring


class Marks(NamedTuple):
    """How a server says that a message is marked."""

    seen: bool
    flagged: bool


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
        elif isinstance(item, MarkedElsewhere) and item.deleted:
            places.forget_left(tx, _place(account_id, item.location))
    told = _marked_where_they_lay(tx, account_id, items)
    touched = _set_seen(tx, {key: marks.seen for key, marks in told.items()})
    starring.follow(tx, {key: marks.flagged for key, marks in told.items()})
    if known:
        touched |= places.found_again(tx, known.values())
        touched |= _take_over_where_found(tx, account_id, items, known)
    if again:
        # Read elsewhere since we put it there. Not the other way: it may be read here since.
        arrived = _marks_at(account_id, items, again)
        touched |= _set_seen(tx, {key: True for key, marks in arrived.items() if marks.seen})
        starring.follow(tx, {key: True for key, marks in arrived.items() if marks.flagged})
    return touched


def _marked_where_they_lay(tx: Tx, account_id: int, items: Sequence[Item]) -> dict[int, Marks]:
    """Return what the server says of messages where they lay before, by message."""
    told = {
        _place(account_id, item.location): Marks(item.seen, item.flagged)
        for item in items
        if isinstance(item, MarkedElsewhere)
    }
    for item in items:
        if isinstance(item, Inventory):
            told |= _told(account_id, item)
    lying = known_messages.by_places(tx.conn, told)
    return {one.id: told[place] for place, one in lying.items()}


def _take_over_where_found(
    tx: Tx, account_id: int, items: Sequence[Item], known: Mapping[Place, int]
) -> set[int]:
    """Take over what is said of messages where another program put them.

    One that was read on the way is read, one that was flagged has a star. An unmarked copy says
    nothing of the original, nor does an unread one where the account does not tell its server
    what is read.
    """
    marks = _marks_at(account_id, items, known)
    unread = [key for key, one in marks.items() if not one.seen]
    mirrored = set(places.lying_once(tx.conn, unread)) if unread else set()
    starring.follow(tx, {key: True for key, one in marks.items() if one.flagged})
    return _set_seen(
        tx, {key: one.seen for key, one in marks.items() if one.seen or key in mirrored}
    )


def _marks_at(
    account_id: int, items: Sequence[Item], lying: Mapping[Place, int]
) -> dict[int, Marks]:
    """Return what mails that have come say of the messages at some places."""
    return {
        lying[place]: Marks(item.seen, item.flagged)
        for item in items
        if isinstance(item, RawMail) and (place := _place(account_id, item.location)) in lying
    }


def _set_seen(tx: Tx, wanted: Mapping[int, bool]) -> set[int]:
    if not wanted:
        return set()
    # What was marked here and not yet there is newer than what the server says.
    pending = server_actions.pending_seen(tx.conn, wanted)
    return messages.set_seen(tx, {key: wanted[key] for key in wanted.keys() - pending})


def _told(account_id: int, item: Inventory) -> dict[Place, Marks]:
    unseen, flagged = set(item.unseen), set(item.flagged)
    return {
        Place(account_id, item.folder, item.uidvalidity, uid): Marks(
            uid not in unseen, uid in flagged
        )
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
