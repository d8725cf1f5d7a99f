"""Parsed mail becomes one transaction: each message once, in the right conversation.

Runs on the store's writer thread. Everything is looked up and written for all items at once, and
the cursor is committed with what it acknowledges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from desktop_inbox.connectors.contract import Batch, Cursor, Item
from desktop_inbox.domain.customers import display_name, normalise_email
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import normalised_subject
from desktop_inbox.domain.uid import found_uid
from desktop_inbox.store import (
    accounts,
    agents,
    conversations,
    customers,
    known_messages,
    message_index,
    messages,
    outbox,
    threads,
)
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Known, Place
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync import automatic, bounces, following, people, senders, starring
from desktop_inbox.sync.counts import Ingested as Ingested
from desktop_inbox.sync.linking import FOUND
from desktop_inbox.sync.mail import (
    SAME_ID_OTHER_MAIL,
    Mail,
    content_id,
    mail_of,
)
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.parsing import Parsed
from desktop_inbox.sync.planning import Plan, carry_out, plan_for


@dataclass(slots=True)
class _Sorted:
    """What is to be done with each mail of a batch."""

    new: dict[str, Mail] = field(default_factory=dict)  # by external id
    completed: dict[int, Mail] = field(default_factory=dict)  # by message id
    places: dict[Place, int] = field(default_factory=dict)  # of messages that are here already
    again: dict[Place, int] = field(default_factory=dict)  # known places, told of once more
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
    following.renumber(tx, mailbox.id, items)
    key = agents.mail_key(tx.conn)
    mails = [mail for one in parsed if (mail := mail_of(one, mailbox=mailbox, key=key))]
    senders.judge(tx, mailbox, mails)
    todo = _sort(tx, mailbox, mails)
    touched = _insert(tx, mailbox, list(todo.new.values()))
    touched |= _complete(tx, mailbox, todo.completed)
    known_messages.put_places(tx, todo.places)
    touched |= _settle_echoes(tx, todo.echoes)
    whole = [*todo.new.values(), *todo.completed.values()]
    touched |= bounces.settle(tx, mailbox, whole)
    touched |= automatic.answer(tx, mailbox, whole)
    touched |= following.follow(tx, mailbox.id, items, known=todo.places, again=todo.again)
    if touched:
        conversations.refresh(tx, touched)
    starring.follow(tx, {one.id: True for one in todo.new.values() if one.parsed.mail.flagged})
    counts = Ingested(stored=todo.stored, duplicates=todo.duplicates, quarantined=todo.quarantined)
    added = accounts.Totals(
        stored=counts.stored, duplicates=counts.duplicates, quarantined=counts.quarantined
    )
    accounts.set_cursor(tx, mailbox.id, cursor, added=added)
    return counts


# What is to be done with it


def _sort(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> _Sorted:
    todo = _Sorted()
    lying = known_messages.by_places(tx.conn, [mail.places[0] for mail in mails])
    arrived = [mail for mail in mails if mail.places[0] not in lying]
    known = _known(tx, mailbox, arrived)
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


def _known(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> dict[str, Known]:
    """Return what is here already of these mails, in this account or another of ours (rule C4).

    What one account sent and another received are two messages: one left, one is to be read.
    """
    known = known_messages.by_external_ids(
        tx.conn, mailbox.id, [mail.external_id for mail in mails]
    )
    elsewhere = known_messages.by_message_ids(
        tx.conn, mailbox.id, {mail.external_id for mail in mails} - known.keys()
    )
    return known | {
        mail.external_id: twin
        for mail in mails
        if (twin := elsewhere.get(mail.external_id)) and twin.direction is mail.direction
    }


def _again(todo: _Sorted, mail: Mail, here: Known) -> None:
    """Take a mail whose place is known: its body has come, or it was delivered twice."""
    todo.again[mail.places[0]] = here.id
    if mail.parsed.mail.complete and not here.complete:
        todo.completed[here.id] = mail
        if mail.parsed.unreadable:
            todo.stored -= 1
            todo.quarantined += 1


def _first_time(todo: _Sorted, mail: Mail, known: Known | None) -> None:
    twin = todo.new.get(mail.external_id)
    if twin is not None:
        todo.duplicates += 1
        if not mail.parsed.mail.deleted:
            twin.places += mail.places
        if mail.parsed.mail.complete and not twin.parsed.mail.complete:
            twin.parsed, twin.message = mail.parsed, mail.message
    elif known is not None:
        todo.duplicates += 1
        # One that is marked as deleted lies elsewhere: a move without UIDPLUS left it behind.
        if not mail.parsed.mail.deleted:
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
    mail: Mail, known: Mapping[str, Known], shown: Mapping[int, MessageRow], todo: _Sorted
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


def _differ(mail: Mail, *, sender: Address, at: datetime, subject: str, text: str | None) -> bool:
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


def _text(mail: Mail) -> str | None:
    return mail.message.text if mail.parsed.mail.complete and not mail.parsed.unreadable else None


def _rename(tx: Tx, mailbox: Mailbox, todo: _Sorted, mail: Mail) -> None:
    """Keep both mails that bear one id: the later one goes by its content as well."""
    if not mail.parsed.mail.complete:
        return  # its content is not here yet; it comes again
    content = content_id(mail.parsed, mail.message).partition(":")[2]
    mail.external_id = f"{mail.external_id}#{content[:16]}"
    mail.warnings = (*mail.warnings, SAME_ID_OTHER_MAIL)
    mail.letter = replace(mail.letter, message_id="")  # it must not attract the other's answers
    known = known_messages.by_external_ids(tx.conn, mailbox.id, [mail.external_id])
    _first_time(todo, mail, known.get(mail.external_id))


# New messages


def _insert(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> set[int]:
    """Store messages that were not here, and return the conversations they are in."""
    if not mails:
        return set()
    owners = _owners(tx, mails)
    plan = plan_for(tx, mailbox, mails)
    for mail in mails:
        plan.add(mail)
    where = carry_out(tx, mailbox, plan, mails, owners)
    _insert_messages(tx, mailbox, plan, mails, where, owners)
    return set(where.values())


def _owners(tx: Tx, mails: Sequence[Mail]) -> dict[IdentityKey, Owner]:
    """Return whose the addresses are that mails come from or go to; strangers become customers."""
    wanted: dict[IdentityKey, tuple[Address, datetime]] = {}
    for mail in mails:
        key = mail.whom
        if key.address:
            person, known = mail.counterpart, wanted.get(key)
            named = person if known is None or not known[0].name else known[0]
            wanted[key] = (named, min(mail.at, known[1]) if known else mail.at)
    owners = people.owners_of(
        tx,
        {
            key: people.Stranger(name=_name(person), label=person.address, seen_at=at)
            for key, (person, at) in wanted.items()
        },
    )
    customers.verify(
        tx, [owners[mail.whom] for mail in mails if mail.proven and mail.whom in owners]
    )
    return owners


def _name(person: Address) -> str:
    """Return what a customer is called; '' where the header tells an address only (rule E2)."""
    shown = display_name(person)
    return "" if shown == person.address else shown


def _insert_messages(
    tx: Tx,
    mailbox: Mailbox,
    plan: Plan,
    mails: Sequence[Mail],
    where: Mapping[int, int],
    owners: Mapping[IdentityKey, Owner],
) -> None:
    ordered = sorted(mails, key=lambda mail: mail.at)
    for mail, key in zip(ordered, messages.next_ids(tx, [m.at for m in ordered]), strict=True):
        mail.id = key
    created = _create_threads(tx, mailbox, plan, mails, where)
    messages.insert_messages(
        tx,
        [
            _new_message(
                tx,
                mailbox,
                mail,
                conversation_id=where[plan.root(mail.talk)],
                thread_id=created.get(mail.thread, mail.thread),
                owner=owners.get(mail.whom),
            )
            for mail in ordered
        ],
    )
    _insert_contents(tx, mailbox, ordered)
    known_messages.put_places(tx, {place: mail.id for mail in mails for place in mail.places})


def _create_threads(
    tx: Tx, mailbox: Mailbox, plan: Plan, mails: Sequence[Mail], where: Mapping[int, int]
) -> dict[int, int]:
    """Store new threads and what is now known of the others; return ids of the new by key."""
    first: dict[int, Mail] = {}
    for mail in mails:
        if mail.thread < 0:
            first.setdefault(mail.thread, mail)
    uids = {
        key: found_uid(tx.workspace_uid, "thread", mailbox.uid, mail.external_id)
        for key, mail in first.items()
    }
    ids = threads.create(
        tx,
        [
            threads.NewThread(
                uid=uids[key],
                conversation_id=where[plan.conversation(key)],
                account_id=mailbox.id,
                external_id=mail.external_id,
            )
            for key, mail in first.items()
        ],
    )
    keys = {key: ids[uid] for key, uid in uids.items()}
    threads.add_claims(
        tx,
        [
            (name, keys.get(claim.thread, claim.thread), claim.named_by)
            for name, claim in plan.threads.new_claims()
        ],
    )
    threads.add_participants(
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
    mail: Mail,
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


def _insert_contents(tx: Tx, mailbox: Mailbox, mails: Iterable[Mail]) -> None:
    """Store bodies, attachments and index entries; of header blocks only the last."""
    whole = [mail for mail in mails if mail.parsed.mail.complete]
    messages.insert_bodies(
        tx,
        [
            messages.NewBody(
                message_id=mail.id,
                text=mail.message.text,
                visible_text=mail.message.visible_text,
                has_html=mail.message.has_html,
                invitation=mail.message.invitation,
                raw_sha256=mail.parsed.raw_sha256 or None,
                raw_packed=mail.parsed.raw_packed,
            )
            for mail in whole
        ],
    )
    messages.insert_attachments(
        tx, [file for mail in whole for file in _attachments(tx, mailbox, mail)]
    )
    message_index.put(
        tx,
        [
            message_index.entry(
                mail.id,
                subject=mail.message.subject,
                from_=mail.message.from_,
                to=mail.message.to,
                cc=mail.message.cc,
                bcc=mail.message.bcc,
                reply_to=mail.message.reply_to,
                body=mail.message.search_text,
            )
            for mail in mails
        ],
    )


def _attachments(tx: Tx, mailbox: Mailbox, mail: Mail) -> list[messages.NewAttachment]:
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


# Messages that were here


def _complete(tx: Tx, mailbox: Mailbox, mails: Mapping[int, Mail]) -> set[int]:
    """Give messages known from their headers the rest of what they say."""
    if not mails:
        return set()
    known = messages.rows(tx.conn, mails)
    for key, mail in mails.items():
        mail.id = key
        mail.at = known[key].at
        mail.external_id = known[key].external_id
        mail.warnings = (*mail.warnings, *(code for code in known[key].warnings if code in FOUND))
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
        if known.delivery in (Delivery.UNCERTAIN, Delivery.QUEUED):
            outbox.sent(tx, known.id)
            touched.add(known.conversation_id)
    return touched
