"""Where the mails of a batch go, decided before anything is written, then carried out.

Runs on the store's writer thread, as part of `sync.ingest`'s one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from desktop_inbox.domain import tokens
from desktop_inbox.domain.imitation import is_look_alike
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import is_answer, normalised_subject, same_topic
from desktop_inbox.store import agents, arrivals, conversations, known_messages, threads
from desktop_inbox.store.arrivals import Facts
from desktop_inbox.store.customers import IdentityKey, Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Known
from desktop_inbox.sync import talks
from desktop_inbox.sync.grouping import Claim, Placed, Threads
from desktop_inbox.sync.linking import (
    LOOKS_LIKE_PARTICIPANT,
    NEW_PARTICIPANT,
    NEW_TOPIC,
    Links,
    record_links,
)
from desktop_inbox.sync.mail import Mail
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.talks import Talk

_AUTO_REPLY_DAYS = 7  # within which an automatic answer is to what was said last


@dataclass(slots=True)
class Plan:
    """Where the mails of a batch go, before anything is written.

    Threads and conversations that are yet to be stored have negative keys.
    """

    threads: Threads
    parents: dict[str, Known]  # messages that mails name, by external id
    conversation_of: dict[int, int]  # by thread
    facts: dict[int, Facts]
    alike: dict[str, list[int]] = field(default_factory=dict)  # threads by external id (rule C1f)
    joined: dict[int, int] = field(default_factory=dict)  # conversations that went into others
    links: Links = field(default_factory=Links)
    _subjects: dict[str, str] = field(default_factory=dict)  # of this batch, by Message-ID

    def add(self, mail: Mail) -> None:
        """Find the mail's thread; where it links several, their conversations become one."""
        placed = self.threads.place(mail.letter, alike=self.alike.get(mail.external_id, ()))
        mail.thread = placed.threads[0]
        here = self.conversation(placed.threads[0])
        for thread in placed.threads[1:]:
            here = self._join(here, self.conversation(thread))
        mail.talk = here
        self._follow_split(mail)
        self._note(mail, placed)
        self._subjects[mail.letter.message_id] = mail.message.subject

    def _note(self, mail: Mail, placed: Placed) -> None:
        """Remember what a person should be told of where it went (rules C2, C3)."""
        if mail.message.kind is MessageClass.BULK:
            return  # a list's members do not know of each other, and answer its letters
        if placed.refused is not None:
            self.links.branches.append((mail.talk, self.conversation(placed.refused)))
            if is_look_alike(mail.letter.sender, self.threads.people[placed.refused]):
                mail.warn(LOOKS_LIKE_PARTICIPANT)
        for thread in placed.branches:
            self.links.branches.append((self.conversation(thread), mail.talk))
        if placed.newcomer:
            mail.warn(NEW_PARTICIPANT)
        if mail.direction is Direction.IN and mail.message.kind is MessageClass.HUMAN:
            answered = self._answered_subject(mail)
            if not same_topic(mail.message.subject, answered):
                mail.warn(NEW_TOPIC)

    def _answered_subject(self, mail: Mail) -> str:
        for name in mail.letter.ancestors:
            parent = self.parents.get(name)
            if parent is not None and parent.thread_id == mail.thread:
                return parent.subject
            if name in self._subjects and self.threads.bears(mail.thread, name):
                return self._subjects[name]
        return ""

    def _follow_split(self, mail: Mail) -> None:
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
        if here == other:
            return here
        if self._touched(here) or self._touched(other):
            # Rule C5: what somebody works on is not moved under their hands; they are told.
            self.links.belong_together.append((here, other))
            return here
        kept, gone = sorted((here, other), key=lambda key: (key < 0, abs(key)))
        self.joined[gone] = kept
        return kept

    def _touched(self, key: int) -> bool:
        return key in self.facts and self.facts[key].touched

    def talks(self, mails: Iterable[Mail]) -> dict[int, Talk]:
        """Return what is to happen, by conversation."""
        found: dict[int, Talk] = {}
        for mail in mails:
            found.setdefault(self.root(mail.talk), Talk()).said.append(mail)
        for key, facts in self.facts.items():
            if self.root(key) in found:
                found[self.root(key)].facts.append(facts)
        return found


def plan_for(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> Plan:
    """Look up every thread that these mails may belong to."""
    if mailbox.linking.subject_token:
        _read_subjects(tx, mails)
    letters = [mail.letter for mail in mails]
    named = {name for one in letters for name in (one.message_id, one.group, *one.ancestors)}
    claims = threads.claims(tx.conn, named - {""})
    marked = arrivals.threads_of(
        tx.conn, {uid for one in letters for uid in (*one.addressed, *one.answered)}
    )
    alike = _alike(tx, mailbox, mails)
    offered = {thread for threads in (*marked.values(), *alike.values()) for thread in threads}
    rows = threads.rows(tx.conn, offered | {thread for _, thread, _ in claims})
    roots = conversations.roots(tx.conn, {row.conversation_id for row in rows.values()})
    parents = known_messages.by_message_ids(tx.conn, mailbox.id, named - {""}) if rows else {}
    shown = {*roots.values(), *(known.conversation_id for known in parents.values())}
    return Plan(
        parents=parents,
        threads=Threads.known(
            ((name, Claim(thread, by)) for name, thread, by in claims),
            {key: row.participants for key, row in rows.items()},
            marked=marked,
            admission=mailbox.linking.admission,
        ),
        conversation_of={key: roots[row.conversation_id] for key, row in rows.items()},
        facts=arrivals.facts(tx, shown),
        alike=alike,
    )


def _read_subjects(tx: Tx, mails: Iterable[Mail]) -> None:
    """Note which conversations the subjects name (rule C1e)."""
    key = agents.mail_key(tx.conn)
    for mail in mails:
        prefix = tokens.read_subject(key, mail.message.subject)
        if prefix and (uid := arrivals.named_like(tx.conn, prefix)):
            mail.letter = replace(mail.letter, answered=(*mail.letter.answered, uid))


def _alike(tx: Tx, mailbox: Mailbox, mails: Sequence[Mail]) -> dict[str, list[int]]:
    """Return threads of the same sender and subject, for answers that name no id (rule C1f)."""
    found = {}
    for mail in mails:
        letter, subject, days = mail.letter, mail.message.subject, mailbox.linking.same_subject_days
        if letter.ancestors or letter.from_me or not letter.sender:
            continue
        if mail.message.kind is MessageClass.AUTO_REPLY:
            # Many name no id; "Automatic reply: Blue mug?" is the answer to "Blue mug?" (rule D5).
            days, answers = _AUTO_REPLY_DAYS, True
            subject = subject.partition(":")[2] or subject
        else:
            answers = is_answer(subject)
        if days and answers:
            found[mail.external_id] = arrivals.threads_with(
                tx.conn,
                letter.sender,
                subject=normalised_subject(subject),
                since=mail.at - timedelta(days=days),
            )
    return found


def carry_out(
    tx: Tx,
    mailbox: Mailbox,
    plan: Plan,
    mails: Sequence[Mail],
    owners: Mapping[IdentityKey, Owner],
) -> dict[int, int]:
    """Write conversations and threads; return the conversation's id by its key in the plan."""
    grouped = plan.talks(mails)
    new = {key: talk for key, talk in grouped.items() if key < 0}
    existing = {key: talk for key, talk in grouped.items() if key > 0}
    ids = talks.begin(tx, mailbox, new, owners)
    arrivals.join(tx, {gone: plan.root(gone) for gone in plan.joined if gone > 0})
    talks.go_on(tx, existing, owners)
    where = ids | {key: key for key in existing}
    record_links(tx, plan.links, lambda key: where.get(plan.root(key), plan.root(key)))
    return where
