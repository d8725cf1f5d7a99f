"""Where messages of chats go: chats, threads and conversations found or begun.

Runs on the store's writer thread, as part of the one transaction of ingest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from desktop_inbox.connectors.chat import Moved
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import arrivals, chats, conversations, customer_merging, customers, threads
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.sync import talks
from desktop_inbox.sync.channel_events import tell_channel
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.spoken import Spoken
from desktop_inbox.sync.talks import Talk

_TOUCHED_WITHIN = timedelta(days=14)

Owners = Mapping[IdentityKey, Owner]


def places_for(
    tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken], owners: Owners
) -> dict[int, int]:
    """Find or begin where each message goes, oldest first; return conversations by thread.

    Fills in `Spoken.thread`. Conversations that are here already come back as for mail.
    """
    where: dict[int, int] = {}
    added: dict[int, list[Spoken]] = {}
    for row, some in _by_chat(tx, mailbox, spoken, owners):
        goes = None
        if row is not None:
            _learn(tx, row, some[-1], owners.get(some[-1].whom))
            goes = chats.going(tx.conn, [row.id]).get(row.id)
        if goes is None:
            thread_id, conversation_id, fresh = _begin(tx, mailbox, row, some, owners)
        else:
            thread_id, conversation_id, fresh = goes.thread_id, goes.conversation_id, False
        where[thread_id] = conversation_id
        for one in some:
            one.thread = thread_id
        if not fresh:
            added.setdefault(conversation_id, []).extend(some)
    _go_on(tx, added, owners)
    return where


def _by_chat(
    tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken], owners: Owners
) -> list[tuple[ChatRow | None, list[Spoken]]]:
    """Return messages by the chat they are in, None where it is new; a chat may have two names."""
    by_name: dict[str, list[Spoken]] = {}
    for one in spoken:
        by_name.setdefault(one.chat.external_id, []).append(one)
    known = chats.by_names(tx.conn, mailbox.id, by_name)
    found: dict[int | str, tuple[ChatRow | None, list[Spoken]]] = {}
    for name, some in by_name.items():
        row = known.get(name) or _named_now(tx, mailbox, name, some, owners)
        key = name if row is None else row.id
        found.setdefault(key, (row, []))[1].extend(some)
    for _, some in found.values():
        some.sort(key=lambda one: (one.at, one.external_id))
    return list(found.values())


def _go_on(tx: Tx, added: Mapping[int, list[Spoken]], owners: Owners) -> None:
    roots = conversations.roots(tx.conn, added)
    facts = arrivals.facts(tx, set(roots.values()))
    existing: dict[int, Talk] = {}
    for key, some in added.items():
        talk = existing.setdefault(roots[key], Talk(facts=[facts[roots[key]]]))
        talk.said.extend(some)
    talks.go_on(tx, existing, owners)


def _named_now(
    tx: Tx, mailbox: Mailbox, name: str, spoken: Sequence[Spoken], owners: Owners
) -> ChatRow | None:
    """Return the chat that we began with this person and the service has just named."""
    owner = None if spoken[0].chat.group else owners.get(spoken[0].whom)
    key = chats.unnamed(tx.conn, mailbox.id, owner.identity_id) if owner else None
    if key is None:
        return None
    chats.change(tx, key, external_id=name)
    chats.name(tx, mailbox.id, name, key)
    return chats.row(tx.conn, key)


def _learn(tx: Tx, row: ChatRow, last: Spoken, owner: Owner | None) -> None:
    """Note what a chat is called now, and with whom it is where it was only heard of before."""
    new: dict[str, object] = {}
    if last.chat.title and last.chat.title != row.title:
        new["title"] = last.chat.title
    if last.chat.group and not row.is_group:
        new["is_group"] = True
    if row.identity_id is None and owner is not None and not (row.is_group or last.chat.group):
        new["identity_id"] = owner.identity_id
    if new:
        chats.change(tx, row.id, **new)


def _begin(
    tx: Tx, mailbox: Mailbox, row: ChatRow | None, spoken: Sequence[Spoken], owners: Owners
) -> tuple[int, int, bool]:
    """Begin a chat's thread: in the customer's one lively conversation, else in one of its own.

    Returns thread, conversation, and whether the conversation is new.
    """
    first = spoken[0]
    chat = first.chat
    owner = None if chat.group else owners.get(first.whom)
    chat_id = row.id if row is not None else chats.create(
        tx,
        mailbox.id,
        chat.external_id,
        title=chat.title,
        is_group=chat.group,
        identity_id=owner.identity_id if owner else None,
    )  # fmt: skip
    imported = chats.thread_named(tx.conn, mailbox.id, chat.external_id)
    if imported is not None:
        chats.set_threads(tx, [imported.thread_id], chat_id)
        return imported.thread_id, imported.conversation_id, False
    lively = _lively(tx, first, owner)
    if lively is None:
        (conversation_id,) = talks.begin(
            tx, mailbox, {-1: Talk(said=list(spoken))}, owners
        ).values()
    else:
        conversation_id = lively
    thread_id = begin_thread(
        tx, mailbox.uid, chat_id, conversation_id=conversation_id, account_id=mailbox.id,
        name=chat.external_id,
    )  # fmt: skip
    if lively is not None:
        _tell_joined(tx, conversation_id, mailbox.kind, first)
    return thread_id, conversation_id, lively is None


def begin_thread(
    tx: Tx, account_uid: str, chat_id: int, *, conversation_id: int, account_id: int, name: str
) -> int:
    """Store a thread in which a chat goes on; `name` is unique within the account."""
    uid = found_uid(tx.workspace_uid, "thread", account_uid, name)
    new = threads.NewThread(
        uid=uid, conversation_id=conversation_id, account_id=account_id, external_id=name
    )
    thread_id = threads.create(tx, [new])[uid]
    chats.set_threads(tx, [thread_id], chat_id)
    return thread_id


def _lively(tx: Tx, first: Spoken, owner: Owner | None) -> int | None:
    """Return the one conversation that the customer has going, None for none or several.

    Whoever is new to us, or blocked, or a machine, begins one of their own (rule E6).
    """
    if owner is None or not first.joins:
        return None
    if owner.customer_id in customers.blocked(tx.conn, [owner.customer_id]):
        return None
    root = customer_merging.roots(tx.conn, [owner.customer_id])[owner.customer_id]
    found = chats.lively(tx.conn, root, around=first.at, within=_TOUCHED_WITHIN)
    return found[0] if len(found) == 1 else None


def _tell_joined(tx: Tx, conversation_id: int, kind: str, first: Spoken) -> None:
    uid = arrivals.uids(tx.conn, [conversation_id])[conversation_id]
    tell_channel(tx, uid, name=first.chat.external_id, kind=kind, actor="system")


# Chats that go on under another name


def move(tx: Tx, mailbox: Mailbox, moves: Iterable[Moved]) -> set[int]:
    """Let chats be found under their new names too; return the conversations to refresh."""
    touched: set[int] = set()
    for one in moves:
        known = chats.by_names(tx.conn, mailbox.id, [one.old, one.new.external_id])
        old, new = known.get(one.old), known.get(one.new.external_id)
        if one.old == one.new.external_id:
            continue
        if old is not None and new is not None and old.id != new.id:
            touched |= _join(tx, old, new)
            continue
        row = old or new
        chat_id = row.id if row is not None else chats.create(
            tx, mailbox.id, one.new.external_id, title=one.new.title, is_group=one.new.group
        )  # fmt: skip
        for name in (one.old, one.new.external_id):
            chats.name(tx, mailbox.id, name, chat_id)
        if row is not None and row.external_id == one.old:
            chats.change(tx, chat_id, external_id=one.new.external_id)
    return touched


def _join(tx: Tx, old: ChatRow, new: ChatRow) -> set[int]:
    """Let two chats turn out to be one, and their conversations too where nobody worked on them."""
    lying = chats.conversations_of(tx.conn, [old.id, new.id])
    chats.join(tx, old, new)
    mine, theirs = lying.get(new.id, []), lying.get(old.id, [])
    if not mine or not theirs or mine == theirs:
        return {*mine, *theirs}
    facts = arrivals.facts(tx, [*mine, *theirs])
    target = mine[0]
    gone = [key for key in theirs if key not in mine and not facts[key].touched]
    if not facts[target].touched and gone:
        earliest = min((facts[key] for key in (target, *gone)), key=lambda one: one.created_at)
        arrivals.join(tx, dict.fromkeys(gone, target))
        arrivals.set_beginnings(
            tx,
            [
                arrivals.Beginning(
                    id=target,
                    subject=earliest.subject,
                    created_at=earliest.created_at,
                    customer_id=earliest.customer_id,
                )
            ],
        )
    return {target}
