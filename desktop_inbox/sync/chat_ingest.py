"""What a pull of a messaging channel brought becomes one transaction: each message once.

Runs on the store's writer thread; the cursor is committed with what it acknowledges. Every item
may come twice, late and out of order: the store ends the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desktop_inbox.connectors.chat import (
    Edited,
    Incoming,
    Moved,
    Person,
    Profile,
    Reacted,
    ReadUntil,
    Receipt,
    Unreadable,
    Withdrawn,
)
from desktop_inbox.connectors.contract import Cursor, Item
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.pieces import in_words
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import (
    accounts,
    chat_messages,
    chats,
    conversations,
    message_index,
    messages,
    outbox,
)
from desktop_inbox.store.chat_messages import KnownMessage
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.sync import chat_automatic, chat_files, chat_news, chat_priority, chat_reading
from desktop_inbox.sync.chat_news import Board
from desktop_inbox.sync.chat_people import owners_of_people
from desktop_inbox.sync.chat_places import move, places_for
from desktop_inbox.sync.counts import Ingested
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.spoken import Spoken, in_milliseconds, shown_as, spoken_of

Owners = Mapping[IdentityKey, Owner]
_NEWS = (Edited, Withdrawn, Reacted, Receipt)


@dataclass(slots=True)
class _Sorted:
    """What is to be done with each message of a batch."""

    new: dict[str, Spoken] = field(default_factory=dict)  # by external id
    readable: dict[int, Spoken] = field(default_factory=dict)  # placeholders that can be read now
    echoes: list[tuple[KnownMessage, Spoken]] = field(default_factory=list)
    floods: dict[int, int] = field(default_factory=dict)  # how many alike, by message id
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0


def is_chat(items: Sequence[Item]) -> bool:
    """Tell whether a batch comes from a messaging channel."""
    return bool(items) and isinstance(
        items[0], (Incoming, *_NEWS, ReadUntil, Profile, Moved, Unreadable)
    )


def store_chat(
    tx: Tx,
    mailbox: Mailbox,
    items: Sequence[Item],
    *,
    raw: Mapping[int, str],
    reply_window: timedelta | None,
    cursor: Cursor,
) -> Ingested:
    """Store what a messaging service brought, and the cursor that acknowledges it.

    `raw` are the files that events were kept in, by their place among `items`. `reply_window` is
    how long after a customer's message the channel lets us answer; None: always.
    """
    touched = move(tx, mailbox, [item for item in items if isinstance(item, Moved)])
    owners = owners_of_people(tx, mailbox, _people(items))
    spoken = [
        spoken_of(item, mailbox, raw.get(number, ""))
        for number, item in enumerate(items)
        if isinstance(item, (Incoming, Unreadable))
    ]
    board = _board(tx, mailbox, items)
    todo = _sort(tx, mailbox, spoken, board)
    arrived = _insert(tx, mailbox, list(todo.new.values()), owners)
    board.by_id |= {one.external_id: one for one in arrived}
    chat_priority.follow(tx, todo.new, arrived)
    touched |= {one.conversation_id for one in arrived}
    touched |= _read_after_all(tx, mailbox, todo.readable, owners)
    touched |= _settle_echoes(tx, todo.echoes, board)
    for message_id, repeats in todo.floods.items():
        chat_messages.set_repeats(tx, message_id, repeats)
    _note_windows(tx, mailbox, spoken, reply_window)
    touched |= chat_news.catch_up(tx, mailbox, arrived)
    news = [item for item in items if isinstance(item, _NEWS)]
    touched |= chat_news.follow(tx, mailbox, news, board, owners)
    touched |= chat_reading.follow(
        tx, mailbox, [item for item in items if isinstance(item, ReadUntil)]
    )
    touched |= chat_automatic.answer(tx, mailbox, todo.new.values())
    if touched:
        conversations.refresh(tx, touched)
    counts = Ingested(stored=todo.stored, duplicates=todo.duplicates, quarantined=todo.quarantined)
    added = accounts.Totals(
        stored=counts.stored, duplicates=counts.duplicates, quarantined=counts.quarantined
    )
    accounts.set_cursor(tx, mailbox.id, cursor, added=added)
    return counts


def _people(items: Iterable[Item]) -> Iterable[tuple[Person, datetime]]:
    """Yield everybody a batch tells of, with the moment they were seen at."""
    latest = max((item.at for item in items if isinstance(item, _TELLS_TIME)), default=None)
    for item in items:
        match item:
            case Incoming(author=person, at=at):
                yield person, in_milliseconds(at)
            case Reacted(author=Person() as person, at=at):
                yield person, in_milliseconds(at)
            case Profile(person=person) if latest is not None:
                yield person, in_milliseconds(latest)


_TELLS_TIME = (Incoming, Unreadable, *_NEWS, ReadUntil)


# What is to be done with it


def _board(tx: Tx, mailbox: Mailbox, items: Iterable[Item]) -> Board:
    ids: set[str] = set()
    refs: set[str] = set()
    for item in items:
        if isinstance(item, (Incoming, Unreadable, *_NEWS)):
            ids.add(item.external_id)
        if isinstance(item, (Incoming, Receipt)) and item.client_ref:
            refs.add(item.client_ref)
    by_id, by_ref = chat_messages.known(
        tx.conn, mailbox.id, external_ids=ids - {""}, client_refs=refs
    )
    return Board(by_id=by_id, by_ref=by_ref)


def _sort(tx: Tx, mailbox: Mailbox, spoken: Iterable[Spoken], board: Board) -> _Sorted:
    todo = _Sorted()
    for one in spoken:
        twin = todo.new.get(one.external_id)
        here = board.by_id.get(one.external_id)
        if twin is not None:
            _same_again(todo, twin, one)
        elif here is not None:
            _here_already(todo, here, one)
        elif (sent := _ours(tx, mailbox, one, board)) is not None:
            todo.duplicates += 1
            todo.echoes.append((sent, one))
            board.by_id[one.external_id] = sent
        else:
            todo.new[one.external_id] = one
            if isinstance(one.item, Unreadable):
                todo.quarantined += 1
            else:
                todo.stored += 1
    return todo


def _same_again(todo: _Sorted, twin: Spoken, one: Spoken) -> None:
    todo.duplicates += 1
    twin.repeats = max(twin.repeats, one.repeats)
    if twin.placeholder and not one.placeholder:
        todo.new[one.external_id] = one
        if isinstance(twin.item, Unreadable):
            todo.quarantined -= 1
            todo.stored += 1


def _here_already(todo: _Sorted, here: KnownMessage, one: Spoken) -> None:
    todo.duplicates += 1
    if here.placeholder and not one.placeholder:
        todo.readable.setdefault(here.id, one)
    if one.repeats > here.repeats:
        todo.floods[here.id] = max(one.repeats, todo.floods.get(here.id, 0))


def _ours(tx: Tx, mailbox: Mailbox, one: Spoken, board: Board) -> KnownMessage | None:
    """Return what we sent that this is the echo of: by name, or by what it says in its chat.

    By what it says only where a message of ours may just have left and no answer told its id.
    """
    item = one.item
    if not isinstance(item, Incoming) or not item.from_me:
        return None
    if item.client_ref:
        return board.by_ref.get(item.client_ref)
    chat = chats.by_names(tx.conn, mailbox.id, [item.chat.external_id]).get(item.chat.external_id)
    going = chats.going(tx.conn, [chat.id]).get(chat.id) if chat else None
    if going is None:
        return None
    taken = {known.id for known in board.by_id.values()}
    for known, text in chat_messages.on_the_way(tx.conn, going.thread_id):
        if known.id not in taken and text.split() == item.text.split():
            return known
    return None


# New messages


def _insert(tx: Tx, mailbox: Mailbox, new: Sequence[Spoken], owners: Owners) -> list[KnownMessage]:
    """Store messages that were not here, and return them."""
    if not new:
        return []
    ordered = sorted(new, key=lambda one: (one.at, one.external_id))
    where = places_for(tx, mailbox, ordered, owners)
    for one, key in zip(ordered, messages.next_ids(tx, [one.at for one in ordered]), strict=True):
        one.id = key
    seen_until = chat_reading.seen_until(tx, mailbox, ordered)
    messages.insert_messages(
        tx,
        [
            _new_message(
                tx,
                mailbox,
                one,
                conversation_id=where[one.thread],
                owner=owners.get(one.whom),
                seen_until=seen_until.get(one.chat.external_id),
            )
            for one in ordered
        ],
    )
    messages.insert_bodies(
        tx,
        [
            messages.NewBody(message_id=one.id, text=one.text, raw_sha256=one.raw_sha256 or None)
            for one in ordered
        ],
    )
    chat_messages.add_extras(
        tx,
        [
            chat_messages.Extras(message_id=one.id, pieces=one.pieces, repeats=one.repeats)
            for one in ordered
        ],
    )
    chat_files.insert(tx, mailbox, ordered)
    message_index.put(tx, [_indexed(one) for one in ordered])
    known, _ = chat_messages.known(
        tx.conn, mailbox.id, external_ids=[one.external_id for one in ordered]
    )
    chat_reading.read_on_arrival(tx, mailbox, ordered)
    return list(known.values())


def _new_message(
    tx: Tx,
    mailbox: Mailbox,
    one: Spoken,
    *,
    conversation_id: int,
    owner: Owner | None,
    seen_until: datetime | None,
) -> messages.NewMessage:
    item = one.item
    from_, to = _people_of(one, mailbox)
    elsewhere = isinstance(item, Incoming) and item.seen
    return messages.NewMessage(
        id=one.id,
        uid=found_uid(tx.workspace_uid, "message", mailbox.uid, one.external_id),
        conversation_id=conversation_id,
        thread_id=one.thread,
        account_id=mailbox.id,
        direction=one.direction,
        kind=one.kind,
        author_identity_id=owner.identity_id if owner and not one.from_me else None,
        external_id=one.external_id,
        in_reply_to=item.answers if isinstance(item, Incoming) else "",
        subject=one.subject,
        from_=from_,
        to=to,
        at=one.at,
        received_at=one.at,
        snippet=one.snippet,
        seen=one.from_me or elsewhere or (seen_until is not None and one.at <= seen_until),
        unreadable=item.why if isinstance(item, Unreadable) else None,
        delivery=Delivery.SENT if one.from_me else None,
    )


def _people_of(one: Spoken, mailbox: Mailbox) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return whom a message is from, and whom it went to."""
    person = (shown_as(one.author),) if one.author is not None else ()
    us = (Address(name=mailbox.own_name, address=mailbox.address),)
    return (us, person) if one.from_me else (person, us)


def _indexed(one: Spoken) -> message_index.Indexed:
    names = (file.name for file in one.files)
    people = [shown_as(one.author)] if one.author is not None else []
    return message_index.entry(
        one.id,
        subject=one.subject,
        from_=() if one.from_me else people,
        to=people if one.from_me else (),
        body=fold("\n".join((*names, one.text, in_words(one.pieces)))),
    )


# Messages that were here


def _read_after_all(
    tx: Tx, mailbox: Mailbox, readable: Mapping[int, Spoken], owners: Owners
) -> set[int]:
    """Let placeholders become the messages they stood for, with what came along with them."""
    known = messages.rows(tx.conn, readable)
    for key, one in readable.items():
        owner = owners.get(one.whom)
        from_, to = _people_of(one, mailbox)
        chat_messages.readable(
            tx,
            key,
            author_identity_id=owner.identity_id if owner and not one.from_me else None,
            direction=one.direction.value,
            people=messages.people_json(from_=from_, to=to),
            snippet=one.snippet,
            kind=one.kind.value,
        )
        if one.from_me:
            messages.set_delivery(tx, key, Delivery.SENT)
        one.id = key
        body = messages.NewBody(message_id=key, text=one.text, raw_sha256=one.raw_sha256 or None)
        messages.insert_bodies(tx, [body])
        chat_messages.set_pieces(tx, key, one.pieces)
        message_index.put(tx, [_indexed(one)])
    chat_files.insert(tx, mailbox, list(readable.values()))
    return {row.conversation_id for row in known.values()}


def _settle_echoes(tx: Tx, echoes: Iterable[tuple[KnownMessage, Spoken]], board: Board) -> set[int]:
    """Take the echo of what we sent as proof that it left after all."""
    touched = set()
    for known, one in echoes:
        chat_messages.accepted(tx, known.id, one.external_id)
        if outbox.row(tx.conn, known.id) is not None:
            outbox.sent(tx, known.id)
        touched.add(known.conversation_id)
    return touched


def _note_windows(
    tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken], reply_window: timedelta | None
) -> None:
    """Note until when each customer may be answered, by the service's clock (rules M1, M5)."""
    incoming = [
        (one, one.item) for one in spoken if isinstance(one.item, Incoming) and not one.item.from_me
    ]
    names = {one.chat.external_id for one, _ in incoming}
    known = chats.by_names(tx.conn, mailbox.id, names)
    for one, item in incoming:
        until = item.reply_until
        if until is None and reply_window is not None:
            until = one.at + reply_window
        chats.came_in(tx, known[one.chat.external_id].id, at=one.at, reply_until=until)
