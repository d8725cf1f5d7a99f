"""Other conversations that a history names, in words, with what can be done (rules C2, C5, P7).

Reading runs on a reader thread; the rest is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store import conversations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.rows import EventRow
from desktop_inbox.ui.views.offers import Offer

# What can be done; after the colon stands which conversation.
OPEN, JOIN, APART = "open", "join", "apart"

_LINKS = frozenset({"branched_from", "branch", "belongs_with", "split", "split_from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """The conversations that one history names, as they are now."""

    others: Mapping[str, ConversationRow]  # by the uid in the history; where its messages are now
    latest: Mapping[str, str]  # link -> the event that said it last: yes, or no more


NOTHING_RELATED = Related(others={}, latest={})


def read_related(conn: Any, row: ConversationRow, history: Sequence[EventRow]) -> Related:
    """Look up what a conversation's history names; what is part of it by now is left out."""
    named: dict[str, None] = {}
    latest: dict[str, str] = {}
    for event in history:
        for field, _said in _links(event, of=row.uid):
            named[field.partition(":")[2]] = None
            latest[field] = event.uid
    ids = {uid: key for uid in named if (key := conversations.by_uid(conn, uid)) is not None}
    shown = conversations.roots(conn, ids.values()) if ids else {}
    rows = conversations.rows(conn, {shown[key] for key in ids.values()} - {row.id})
    others = {uid: rows[shown[key]] for uid, key in ids.items() if shown[key] in rows}
    return Related(others=others, latest=latest)


def offer(event: EventRow, *, of: str, related: Related, me: str) -> Offer | None:
    """Say what an event tells of another conversation; None where it tells of none.

    `of` is the uid of the conversation whose history it is, `me` the name of whoever sits here.
    """
    for field, said in _links(event, of=of):
        if said:
            return _offer(field, event, related, me)
    return None


def _links(event: EventRow, *, of: str) -> Iterator[tuple[str, bool]]:
    for entity, uid, field, _before, after in event.changes:
        if entity == "conversation" and uid == of and field.partition(":")[0] in _LINKS:
            yield field, bool(after)


def _offer(field: str, event: EventRow, related: Related, me: str) -> Offer:
    name, _colon, uid = field.partition(":")
    other = related.others.get(uid)
    if name == "belongs_with":
        stands = other is not None and related.latest.get(field) == event.uid
        return _suggestion(other, uid) if stands and other is not None else Offer(text="")
    mine = not event.actor_name or event.actor_name == me or not me
    text = _sentence(name, mine=mine).format(subject=_subject(other), who=visible(event.actor_name))
    if other is None:
        return Offer(text=_bare(name))
    return Offer(text=text, actions=((f"{OPEN}:{other.id}", _("Open it")),))


def _suggestion(other: ConversationRow, uid: str) -> Offer:
    text = _("This may belong to “{subject}” ({name})").format(
        subject=_subject(other), name=visible(other.customer_name)
    )
    return Offer(
        text=text,
        actions=(
            (f"{OPEN}:{other.id}", _("Open it")),
            (f"{JOIN}:{other.id}", _("Join")),
            (f"{APART}:{uid}", _("Not the same")),
        ),
    )


def _subject(other: ConversationRow | None) -> str:
    return visible(other.subject) if other is not None and other.subject else _("(no subject)")


def _sentence(name: str, *, mine: bool) -> str:
    match name:
        case "branched_from":
            return _("Branched from “{subject}”, in which its sender takes no part")
        case "branch":
            return _("“{subject}” branched from here: its sender takes no part")
        case "split":
            return _("You split off “{subject}”") if mine else _("{who} split off “{subject}”")
        case _:
            if mine:
                return _("You split this off from “{subject}”")
            return _("{who} split this off from “{subject}”")


def _bare(name: str) -> str:
    """The sentence where the other one is gone, or part of this one again."""
    match name:
        case "branched_from":
            return _("Branched from another conversation, in which its sender takes no part")
        case "branch":
            return _("Somebody who takes no part here answered in a conversation of their own")
        case _:
            return _("Part of the conversation was split off")
