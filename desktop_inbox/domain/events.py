"""The log of what we did: each user action is one or more events that change single fields.

State is a function of this log and of the messages that came from outside; undo is an inverse
event, and a deletion is a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from desktop_inbox.domain.clock import Hlc


class FieldChange(NamedTuple):
    """One field of one entity went from `before` to `after` (JSON values; None for unset).

    Values that belong together are one field; a set is one field a member ("tag:UID" = True).
    """

    entity: str  # "conversation", "message", "customer", "tag", …
    uid: str
    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a person, a rule or an undo did."""

    uid: str
    hlc: Hlc  # the order; never the time or the row number
    actor: str  # "agent:UID", "rule:UID" or "system"
    at: datetime  # for display only
    kind: str  # "conversation.status", "conversation.tag", …
    group_uid: str  # events of one user action share it and are undone together
    changes: tuple[FieldChange, ...]
    conversation: str | None = None  # the uid of the one it is shown in
    undo_of: str | None = None


def inverse(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return the changes that take `changes` back, last first."""
    return tuple(
        change._replace(before=change.after, after=change.before)
        for change in reversed(tuple(changes))
    )


def undo(event: Event, *, uid: str, hlc: Hlc, at: datetime, group_uid: str, actor: str) -> Event:
    """Return the event that takes `event` back."""
    return replace(
        event,
        uid=uid,
        hlc=hlc,
        at=at,
        actor=actor,
        group_uid=group_uid,
        undo_of=event.uid,
        changes=inverse(event.changes),
    )


def effective(changes: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """Return the changes that change something."""
    return tuple(change for change in changes if change.before != change.after)
