"""Parsed mail becomes one transaction: each message once, in the right conversation.

Runs on the store's writer thread. Everything is looked up and written for all items at once, and
the cursor is committed with what it acknowledges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from desktop_inbox.connectors.contract import (
    Batch,
    Cursor,
    FolderReset,
    FolderRole,
    Gone,
    Item,
    Location,
    SeenElsewhere,
)
from desktop_inbox.domain.conversations import Status, bounded_time, expects_answer
from desktop_inbox.domain.customers import display_name, normalise_email
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.messages import Address, Delivery, Direction, ParsedMessage
from desktop_inbox.domain.threading import normalised_subject, reference_ids
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import accounts, arrivals, conversations, customers, messages, outbox
from desktop_inbox.store.arrivals import Facts
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.messages import Known, Place
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.grouping import Claim, Letter, Threads
from desktop_inbox.sync.parsing import Parsed
from desktop_inbox.sync.scheduler import reopen

_HASHED_BODY_BYTES = 4096
_OPENING_ROLES = frozenset({FolderRole.INBOX, FolderRole.OTHER})
_NOTHING_PARSED = ParsedMessage()
# What external ids of mails without a Message-ID begin with; no Message-ID does.
_RAW = "raw:"
_HASH = "sha256:"

SAME_ID_OTHER_MAIL = "duplicate-message-id"  # a warning: another mail bears the same Message-ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """The account a batch comes from."""

    id: int
    uid: str
    own: frozenset[str]  # normalised addresses that are ours, of every account


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one batch came to (rule C8): every message fetched is counted in exactly one."""

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(
            stored=self.stored + other.stored,
            duplicates=self.duplicates + other.duplicates,
            quarantined=self.quarantined + other.quarantined,
        )


@dataclass(slots=True, eq=False)
class _Mail:
    """One mail on its way into the tables."""

    parsed: Parsed
    message: ParsedMessage
    external_id: str
    sender: Address
    letter: Letter
    at: datetime
    places: list[Place]
    warnings: tuple[str, ...] = ()
    thread: int = 0
    talk: int = 0  # the conversation
    id: int = 0

    @property
    def direction(self) -> Direction:
        return Direction.OUT if self.letter.from_me else Direction.IN

    @property
    def counterpart(self) -> Address:
        """Who this conversation is with, as far as this mail tells."""
        if not self.letter.from_me:
            return self.sender
        others = (*self.message.to, *self.message.cc, *self.message.bcc)
        return next((one for one in others if normalise_email(one.address)), Address())

    @property
    def opens(self) -> bool:
        """Whether it puts a conversation of its own into the inbox (rules A3, D5)."""
        if self.letter.from_me or self.parsed.mail.role not in _OPENING_ROLES:
            return False
        return expects_answer(self.message.kind) or not self.letter.ancestors

    @property
    def reopens(self) -> bool:
        """Whether it brings an existing conversation back (rules A3, D5)."""
        return self.opens and expects_answer(self.message.kind)


@dataclass(slots=True)
class _Sorted:
    """What is to be done with each mail of a batch."""

    new: dict[str, _Mail] = field(default_factory=dict)  # by external id
    completed: dict[int, _Mail] = field(default_factory=dict)  # by message id
    places: dict[Place, int] = field(default_factory=dict)  # of messages that are here already
    echoes: list[Known] = field(default_factory=list)
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0


def store_batch(tx: Tx, mailbox: Mailbox, batch: Batch, parsed: Sequence[Parsed]) -> Ingested:
    """Store everything one pull brought, and its cursor."""
    return store_items(tx, mailbox, batch.items, parsed, cursor=batch.cursor)


def store_items(
    tx: Tx, mailbox: Mailbox, items: Sequence[Item], parsed: Sequence[Parsed], *, cursor: Cursor
) -> Ingested:
    """Store what a service brought, and the cursor that acknowledges it.

    `parsed` is the mail among `items`. A batch may be stored in parts: all but the last keep the
    cursor as it was, and what is delivered again after a crash is recognised by its place.
    """
    _renumber(tx, mailbox, items)
    mails = [mail for one in parsed if (mail := _mail(one, mailbox)) is not None]
    todo = _sort(tx, mailbox, mails)
    touched = _insert(tx, mailbox, list(todo.new.values()))
    touched |= _complete(tx, mailbox, todo.completed)
    messages.put_places(tx, todo.places)
    touched |= _settle_echoes(tx, todo.echoes)
    touched |= _follow_server(tx, mailbox, items)
    if touched:
        conversations.refresh(tx, touched)
    counts = Ingested(stored=todo.stored, duplicates=todo.duplicates, quarantined=todo.quarantined)
    added = accounts.Totals(
        stored=counts.stored, duplicates=counts.duplicates, quarantined=counts.quarantined
    )
    accounts.set_cursor(tx, mailbox.id, cursor, added=added)
    return counts


def message_id_of(row: MessageRow) -> str:
    """Return the Message-ID that a stored mail bears, '' where its sender gave none."""
    if row.external_id.startswith((_RAW, _HASH)):
        return ""
    return (
        row.external_id.rpartition("#")[0]
        if SAME_ID_OTHER_MAIL in row.warnings
        else row.external_id
    )


# What a mail is


def _mail(parsed: Parsed, mailbox: Mailbox) -> _Mail | None:
    """Return what ingest looks at, None for a header block that cannot be told from others."""
    message = parsed.message or _NOTHING_PARSED
    external_id = _external_id(parsed, message)
    if not external_id:
        return None
    from_me = parsed.mail.role is FolderRole.SENT
    sender = _author(message, mailbox)
    sender_key = normalise_email(sender.address)
    people = {normalise_email(one.address) for one in (*message.to, *message.cc)}
    if not from_me:
        people.add(sender_key)
    return _Mail(
        parsed=parsed,
        message=message,
        external_id=external_id,
        sender=sender,
        letter=Letter(
            message_id=message.message_id,
            ancestors=reference_ids(message),
            sender=sender_key,
            people=frozenset(people - mailbox.own - {""}),
            from_me=from_me,
        ),
        at=bounded_time(message.date, received=parsed.mail.received_at),
        places=[_place(mailbox, parsed.mail.location)],
        warnings=message.warnings,
    )


def _external_id(parsed: Parsed, message: ParsedMessage) -> str:
    if message.message_id:
        return message.message_id
    if not parsed.mail.complete:
        return ""  # without its body it has no name; it comes again with one
    return _content_id(parsed, message)


def _content_id(parsed: Parsed, message: ParsedMessage) -> str:
    """Return a name made of what a mail says (rule C4)."""
    if parsed.unreadable:
        return f"{_RAW}{parsed.raw_sha256}"
    digest = hashlib.sha256()
    for one in message.from_:
        digest.update(normalise_email(one.address).encode() + b"\n")
    digest.update(message.date.isoformat().encode() if message.date else b"-")
    digest.update(b"\n" + message.subject.encode() + b"\n")
    digest.update(message.text.encode()[:_HASHED_BODY_BYTES])
    return f"{_HASH}{digest.hexdigest()}"


def _author(message: ParsedMessage, mailbox: Mailbox) -> Address:
    """Return who wrote: From, or Reply-To where a form of ours writes in a customer's name."""
    sender = message.from_[0] if message.from_ else Address()
    if normalise_email(sender.address) in mailbox.own:
        for one in message.reply_to:
            if normalise_email(one.address) not in mailbox.own | {""}:
                return one
    return sender


def _place(mailbox: Mailbox, location: Location) -> Place:
    return Place(mailbox.id, location.folder, location.uidvalidity, location.uid)


# What is to be done with it


def _sort(tx: Tx, mailbox: Mailbox, mails: Sequence[_Mail]) -> _Sorted:
    todo = _Sorted()
    lying = messages.by_places(tx.conn, [mail.places[0] for mail in mails])
    arrived = [mail for mail in mails if mail.places[0] not in lying]
    known = messages.by_external_ids(tx.conn, mailbox.id, [mail.external_id for mail in arrived])
    shown = messages.rows(tx.conn, {one.id for one in known.values()})
    for mail in mails:
        here = lying.get(mail.places[0])
        if here is not None:
            _again(todo, mail, here)
        elif _is_other_mail(mail, known, shown, todo):
            _rename(tx, mailbox, todo, mail)
        else:
            _first_time(todo, mail, known.get(mail.external_id))
    return todo


def _again(todo: _Sorted, mail: _Mail, here: Known) -> None:
    """Take a mail whose place is known: its body has come, or it was delivered twice."""
    if mail.parsed.mail.complete and not here.complete:
        todo.completed[here.id] = mail
        if mail.parsed.unreadable:
            todo.stored -= 1
            todo.quarantined += 1


def _first_time(todo: _Sorted, mail: _Mail, known: Known | None) -> None:
    twin = todo.new.get(mail.external_id)
    if twin is not None:
        todo.duplicates += 1
        twin.places += mail.places
        if mail.parsed.mail.complete and not twin.parsed.mail.complete:
            twin.parsed, twin.message = mail.parsed, mail.message
    elif known is not None:
        todo.duplicates += 1
        todo.places[mail.places[0]] = known.id
        if mail.letter.from_me and known.direction is Direction.OUT:
            todo.echoes.append(known)
        elif mail.parsed.mail.complete and not known.complete:
            todo.completed[known.id] = mail
    else:
        todo.new[mail.external_id] = mail
        if mail.parsed.unreadable:
            todo.quarantined += 1
        else:
            todo.stored += 1


def _is_other_mail(
    mail: _Mail, known: Mapping[str, Known], shown: Mapping[int, MessageRow], todo: _Sorted
) -> bool:
    """Tell whether another mail, plainly a different one, has the same Message-ID (rule C4)."""
    twin = todo.new.get(mail.external_id)
    if twin is not None:
        return _differ(
            mail, sender=twin.sender, at=twin.at, subject=twin.message.subject, text=_text(twin)
        )
    here = known.get(mail.external_id)
    row = shown.get(here.id) if here else None
    if here is None or row is None:
        return False
    if mail.letter.from_me and here.direction is Direction.OUT:
        return False  # the copy of what we sent: a server may have changed how it reads
    sender = row.from_[0] if row.from_ else Address()
    return _differ(
        mail,
        sender=sender,
        at=row.at,
        subject=row.subject,
        text=row.text if row.complete and not row.unreadable else None,
    )


def _differ(mail: _Mail, *, sender: Address, at: datetime, subject: str, text: str | None) -> bool:
    """Compare senders first: whoever reuses an id in somebody else's name must not hide a mail."""
    mine = _text(mail)
    same_subject = normalised_subject(mail.message.subject) == normalised_subject(subject)
    same_text = mine is None or text is None or mine == text
    same_author = mail.message.from_[:1] and normalise_email(
        mail.message.from_[0].address
    ) == normalise_email(sender.address)
    if same_author:
        return mail.at != at and not (same_subject and same_text)
    return not (same_subject and same_text)


def _text(mail: _Mail) -> str | None:
    return mail.message.text if mail.parsed.mail.complete and not mail.parsed.unreadable else None


def _rename(tx: Tx, mailbox: Mailbox, todo: _Sorted, mail: _Mail) -> None:
    """Keep both mails that bear one id: the later one goes by its content as well."""
    if not mail.parsed.mail.complete:
        return  # its content is not here yet; it comes again
    content = _content_id(mail.parsed, mail.message).partition(":")[2]
    mail.external_id = f"{mail.external_id}#{content[:16]}"
    mail.warnings = (*mail.warnings, SAME_ID_OTHER_MAIL)
    mail.letter = replace(mail.letter, message_id="")  # it must not attract the other's answers
    known = messages.by_external_ids(tx.conn, mailbox.id, [mail.external_id])
    _first_time(todo, mail, known.get(mail.external_id))


# New messages


def _insert(tx: Tx, mailbox: Mailbox, mails: Sequence[_Mail]) -> set[int]:
    """Store messages that were not here, and return the conversations they are in."""
    if not mails:
        return set()
    owners = _owners(tx, mails)
    plan = _plan(tx, mailbox, mails)
    for mail in mails:
        plan.add(mail)
    where = _carry_out(tx, mailbox, plan, mails, owners)
    _insert_messages(tx, mailbox, plan, mails, where, owners)
    return set(where.values())


def _owners(tx: Tx, mails: Sequence[_Mail]) -> dict[IdentityKey, Owner]:
    """Return whose the addresses are that mails come from or go to; strangers become customers."""
    wanted: dict[IdentityKey, tuple[Address, datetime]] = {}
    for mail in mails:
        person = mail.counterpart
        key = _identity(person)
        if key.address:
            known = wanted.get(key)
            named = person if known is None or not known[0].name else known[0]
            wanted[key] = (named, min(mail.at, known[1]) if known else mail.at)
    found = customers.owners(tx.conn, wanted)
    strangers = {key: value for key, value in wanted.items() if key not in found}
    if strangers:
        found |= _new_customers(tx, strangers)
    return found


def _identity(person: Address) -> IdentityKey:
    return IdentityKey("email", "", normalise_email(person.address))


def _new_customers(
    tx: Tx, strangers: Mapping[IdentityKey, tuple[Address, datetime]]
) -> dict[IdentityKey, Owner]:
    uids = {key: found_uid(tx.workspace_uid, "customer", *key) for key in strangers}
    ids = customers.create(
        tx,
        [
            customers.NewCustomer(uid=uids[key], name=_name(person), first_seen_at=at)
            for key, (person, at) in strangers.items()
        ],
    )
    found = customers.add_identities(
        tx,
        [
            customers.NewIdentity(
                uid=found_uid(tx.workspace_uid, "identity", *key),
                customer_id=ids[uids[key]],
                key=key,
                label=person.address,
            )
            for key, (person, _) in strangers.items()
        ],
    )
    customers.index(tx, ids.values())
    return found


def _name(person: Address) -> str:
    """Return what a customer is called; '' where the header tells an address only (rule E2)."""
    shown = display_name(person)
    return "" if shown == person.address else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """How a conversation begins."""

    at: datetime
    subject: str
    customer_id: int | None


@dataclass(slots=True)
class _Talk:
    """A conversation and what a batch adds to it."""

    mails: list[_Mail] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)  # of those that turned out to be one, if any

    def head(self, owners: Mapping[IdentityKey, Owner]) -> _Head:
        """Return the beginning: the earliest message says what it is about and with whom."""
        heads = [
            _Head(at=known.created_at, subject=known.subject, customer_id=known.customer_id)
            for known in self.facts
        ]
        for mail in self.mails:
            owner = owners.get(_identity(mail.counterpart))
            heads.append(
                _Head(
                    at=mail.at,
                    subject=mail.message.subject,
                    customer_id=owner.customer_id if owner else None,
                )
            )
        heads.sort(key=lambda head: head.at)
        named = next((head for head in heads if head.customer_id is not None), heads[0])
        return replace(heads[0], customer_id=named.customer_id)

    @property
    def status(self) -> Status:
        """Return the status of one that nobody has chosen a status for."""
        opened = any(mail.opens for mail in self.mails) or any(
            known.status is Status.OPEN for known in self.facts
        )
        return Status.OPEN if opened else Status.CLOSED

    def comes_back(self, known: Facts) -> bool:
        """Tell whether a new message reopens it, or ends its snooze (rules A3, D5, H1)."""
        if known.status not in (Status.CLOSED, Status.SNOOZED):
            return False
        if known.status_set_at is None:
            return self.status is Status.OPEN
        # Only what came after somebody closed it: old mail that a first sync brings is not news.
        return any(
            mail.reopens and mail.parsed.mail.received_at > known.status_set_at
            for mail in self.mails
        )


@dataclass(slots=True)
class _Plan:
    """Where the mails of a batch go, before anything is written.

    Threads and conversations that are yet to be stored have negative keys.
    """

    threads: Threads
    parents: dict[str, Known]  # messages that mails name, by external id
    conversation_of: dict[int, int]  # by thread
    facts: dict[int, Facts]
    joined: dict[int, int] = field(default_factory=dict)  # conversations that went into others

    def add(self, mail: _Mail) -> None:
        """Find the mail's thread; where it links several, their conversations become one."""
        placed = self.threads.place(mail.letter)
        mail.thread = placed[0]
        here = self.conversation(placed[0])
        for thread in placed[1:]:
            here = self._join(here, self.conversation(thread))
        mail.talk = here
        self._follow_split(mail)

    def _follow_split(self, mail: _Mail) -> None:
        """Go where the message it answers was moved to, away from its thread (rule P7)."""
        for name in mail.letter.ancestors:
            parent = self.parents.get(name)
            if parent is None or not self.threads.bears(mail.thread, name):
                continue
            if parent.thread_id is not None and parent.thread_id != mail.thread:
                mail.thread = parent.thread_id
                mail.talk = parent.conversation_id
            return

    def conversation(self, thread: int) -> int:
        """Return the conversation a thread is in."""
        return self.root(self.conversation_of.setdefault(thread, thread))

    def root(self, key: int) -> int:
        """Return what a conversation went into, itself where into none."""
        while key in self.joined:
            key = self.joined[key]
        return key

    def _join(self, here: int, other: int) -> int:
        if here == other or self._touched(here) or self._touched(other):
            return here  # rule C5: what somebody works on is not moved under their hands
        kept, gone = sorted((here, other), key=lambda key: (key < 0, abs(key)))
        self.joined[gone] = kept
        return kept

    def _touched(self, key: int) -> bool:
        return key in self.facts and self.facts[key].touched

    def talks(self, mails: Iterable[_Mail]) -> dict[int, _Talk]:
        """Return what is to happen, by conversation."""
        talks: dict[int, _Talk] = {}
        for mail in mails:
            talks.setdefault(self.root(mail.talk), _Talk()).mails.append(mail)
        for key, facts in self.facts.items():
            if self.root(key) in talks:
                talks[self.root(key)].facts.append(facts)
        return talks


def _plan(tx: Tx, mailbox: Mailbox, mails: Sequence[_Mail]) -> _Plan:
    """Look up every thread that these mails may belong to."""
    named = {name for mail in mails for name in (mail.letter.message_id, *mail.letter.ancestors)}
    claims = messages.claims(tx.conn, mailbox.id, named - {""})
    rows = messages.threads(tx.conn, {thread for _, thread, _ in claims})
    roots = conversations.roots(tx.conn, {row.conversation_id for row in rows.values()})
    parents = messages.by_external_ids(tx.conn, mailbox.id, named - {""}) if rows else {}
    shown = {*roots.values(), *(known.conversation_id for known in parents.values())}
    return _Plan(
        parents=parents,
        threads=Threads.known(
            ((name, Claim(thread, by)) for name, thread, by in claims),
            {key: row.participants for key, row in rows.items()},
        ),
        conversation_of={key: roots[row.conversation_id] for key, row in rows.items()},
        facts=arrivals.facts(tx, shown),
    )


def _carry_out(
    tx: Tx,
    mailbox: Mailbox,
    plan: _Plan,
    mails: Sequence[_Mail],
    owners: Mapping[IdentityKey, Owner],
) -> dict[int, int]:
    """Write conversations and threads; return the conversation's id by its key in the plan."""
    talks = plan.talks(mails)
    ids = _create_conversations(
        tx, mailbox, {key: talk for key, talk in talks.items() if key < 0}, owners
    )
    arrivals.join(tx, {gone: plan.root(gone) for gone in plan.joined if gone > 0})
    existing = {key: talk for key, talk in talks.items() if key > 0}
    _change_conversations(tx, existing, owners)
    return ids | {key: key for key in existing}


def _create_conversations(
    tx: Tx, mailbox: Mailbox, talks: Mapping[int, _Talk], owners: Mapping[IdentityKey, Owner]
) -> dict[int, int]:
    uids = {}
    new = []
    for key, talk in talks.items():
        head = talk.head(owners)
        uids[key] = found_uid(
            tx.workspace_uid, "conversation", mailbox.uid, talk.mails[0].external_id
        )
        new.append(
            conversations.NewConversation(
                uid=uids[key],
                subject=head.subject,
                created_at=head.at,
                customer_id=head.customer_id,
                status=talk.status,
            )
        )
    ids = conversations.create(tx, new)
    return {key: ids[uid] for key, uid in uids.items()}


def _change_conversations(
    tx: Tx, talks: Mapping[int, _Talk], owners: Mapping[IdentityKey, Owner]
) -> None:
    beginnings = []
    back: list[Facts] = []
    for key, talk in talks.items():
        known = next(facts for facts in talk.facts if facts.id == key)
        head = talk.head(owners)
        # Rule E6: what somebody works on keeps its subject and its customer.
        if head.at < known.created_at and not known.touched:
            beginnings.append(
                arrivals.Beginning(
                    id=key, subject=head.subject, created_at=head.at, customer_id=head.customer_id
                )
            )
        if talk.comes_back(known):
            back.append(known)
    arrivals.set_beginnings(tx, beginnings)
    arrivals.open_again(tx, [known.id for known in back if known.status_set_at is None])
    chosen = [known.id for known in back if known.status_set_at is not None]
    for row in conversations.rows(tx.conn, chosen).values() if chosen else ():
        reopen(tx, row, kind="conversation.reopened")


def _insert_messages(
    tx: Tx,
    mailbox: Mailbox,
    plan: _Plan,
    mails: Sequence[_Mail],
    where: Mapping[int, int],
    owners: Mapping[IdentityKey, Owner],
) -> None:
    ordered = sorted(mails, key=lambda mail: mail.at)
    for mail, key in zip(ordered, messages.next_ids(tx, [m.at for m in ordered]), strict=True):
        mail.id = key
    threads = _create_threads(tx, mailbox, plan, mails, where)
    messages.insert_messages(
        tx,
        [
            _new_message(
                tx,
                mailbox,
                mail,
                conversation_id=where[plan.root(mail.talk)],
                thread_id=threads.get(mail.thread, mail.thread),
                owner=owners.get(_identity(mail.counterpart)),
            )
            for mail in ordered
        ],
    )
    _insert_contents(tx, mailbox, ordered)
    messages.put_places(tx, {place: mail.id for mail in mails for place in mail.places})


def _create_threads(
    tx: Tx, mailbox: Mailbox, plan: _Plan, mails: Sequence[_Mail], where: Mapping[int, int]
) -> dict[int, int]:
    """Store new threads and what is now known of the others; return ids of the new by key."""
    first: dict[int, _Mail] = {}
    for mail in mails:
        if mail.thread < 0:
            first.setdefault(mail.thread, mail)
    uids = {
        key: found_uid(tx.workspace_uid, "thread", mailbox.uid, mail.external_id)
        for key, mail in first.items()
    }
    ids = messages.create_threads(
        tx,
        [
            messages.NewThread(
                uid=uids[key],
                conversation_id=where[plan.conversation(key)],
                account_id=mailbox.id,
                external_id=mail.external_id,
            )
            for key, mail in first.items()
        ],
    )
    keys = {key: ids[uid] for key, uid in uids.items()}
    messages.add_claims(
        tx,
        mailbox.id,
        [
            (name, keys.get(claim.thread, claim.thread), claim.named_by)
            for name, claim in plan.threads.new_claims()
        ],
    )
    messages.add_participants(
        tx,
        [
            (keys.get(mail.thread, mail.thread), address)
            for mail in mails
            for address in mail.letter.people
        ],
    )
    return keys


def _new_message(
    tx: Tx,
    mailbox: Mailbox,
    mail: _Mail,
    *,
    conversation_id: int,
    thread_id: int | None,
    owner: Owner | None,
) -> messages.NewMessage:
    message = mail.message
    return messages.NewMessage(
        id=mail.id,
        uid=found_uid(tx.workspace_uid, "message", mailbox.uid, mail.external_id),
        conversation_id=conversation_id,
        thread_id=thread_id,
        account_id=mailbox.id,
        direction=mail.direction,
        kind=message.kind,
        author_identity_id=owner.identity_id if owner and not mail.letter.from_me else None,
        external_id=mail.external_id,
        in_reply_to=message.in_reply_to[0] if message.in_reply_to else "",
        references=message.references,
        subject=message.subject,
        from_=message.from_,
        to=message.to,
        cc=message.cc,
        bcc=message.bcc,
        reply_to=message.reply_to,
        at=mail.at,
        received_at=mail.parsed.mail.received_at,
        snippet=message.snippet,
        seen=mail.parsed.mail.seen or mail.letter.from_me,
        complete=mail.parsed.mail.complete,
        unreadable=mail.parsed.unreadable or None,
        warnings=mail.warnings,
        delivery=Delivery.SENT if mail.letter.from_me else None,
    )


def _insert_contents(tx: Tx, mailbox: Mailbox, mails: Iterable[_Mail]) -> None:
    """Store bodies, attachments and index entries; of header blocks only the last."""
    whole = [mail for mail in mails if mail.parsed.mail.complete]
    messages.insert_bodies(
        tx,
        [
            messages.NewBody(
                message_id=mail.id,
                text=mail.message.text,
                visible_text=mail.message.visible_text,
                html=mail.message.html,
                raw_sha256=mail.parsed.raw_sha256 or None,
            )
            for mail in whole
        ],
    )
    messages.insert_attachments(
        tx, [file for mail in whole for file in _attachments(tx, mailbox, mail)]
    )
    messages.index(
        tx,
        [
            messages.Indexed(
                message_id=mail.id,
                subject=fold(mail.message.subject),
                people=fold(_people_text(mail.message)),
                body=mail.message.search_text,
            )
            for mail in mails
        ],
    )


def _attachments(tx: Tx, mailbox: Mailbox, mail: _Mail) -> list[messages.NewAttachment]:
    parts = [("message", part) for part in mail.message.attachments]
    parts += [("server", part) for part in mail.parsed.mail.remote_parts]
    return [
        messages.NewAttachment(
            uid=found_uid(
                tx.workspace_uid, "attachment", mailbox.uid, mail.external_id, state, str(number)
            ),
            message_id=mail.id,
            name=part.name,
            safe_name=part.safe_name,
            media_type=part.media_type,
            size=part.size,
            state=state,
            section=part.section,
            sha256=part.sha256,
            content_id=part.content_id,
            inline=part.inline,
        )
        for number, (state, part) in enumerate(parts)
    ]


def _people_text(message: ParsedMessage) -> str:
    people = (*message.from_, *message.to, *message.cc, *message.bcc, *message.reply_to)
    return " ".join(str(one) for one in people)


# Messages that were here


def _complete(tx: Tx, mailbox: Mailbox, mails: Mapping[int, _Mail]) -> set[int]:
    """Give messages known from their headers the rest of what they say."""
    if not mails:
        return set()
    known = messages.rows(tx.conn, mails)
    for key, mail in mails.items():
        mail.id = key
        mail.at = known[key].at
        mail.external_id = known[key].external_id
    messages.complete_messages(
        tx,
        [
            _new_message(
                tx,
                mailbox,
                mail,
                conversation_id=known[key].conversation_id,
                thread_id=None,
                owner=None,
            )
            for key, mail in mails.items()
        ],
    )
    _insert_contents(tx, mailbox, list(mails.values()))
    return {row.conversation_id for row in known.values()}


def _settle_echoes(tx: Tx, echoes: Iterable[Known]) -> set[int]:
    """Take the copy in Sent as proof that a message left after all."""
    touched = set()
    for known in echoes:
        if known.delivery is Delivery.UNCERTAIN:
            outbox.sent(tx, known.id)
            touched.add(known.conversation_id)
    return touched


# What the server says about messages


def _renumber(tx: Tx, mailbox: Mailbox, items: Iterable[Item]) -> None:
    for item in items:
        if isinstance(item, FolderReset):
            messages.forget_folder(tx, mailbox.id, item.folder, except_uidvalidity=item.uidvalidity)


def _follow_server(tx: Tx, mailbox: Mailbox, items: Sequence[Item]) -> set[int]:
    seen = {
        _place(mailbox, item.location): item.seen
        for item in items
        if isinstance(item, SeenElsewhere)
    }
    known = messages.by_places(tx.conn, seen)
    touched = messages.set_seen(tx, {known[place].id: seen[place] for place in known})
    for item in items:
        if isinstance(item, Gone):
            messages.forget_places(
                tx, mailbox.id, item.folder, uidvalidity=item.uidvalidity, uids=item.uids
            )
    return touched
