"""Taking back what was done: the latest, or anything of the last thirty days in any order (H, P6).

A field becomes what it would be without the action, so what was changed again since stays, and
whatever the order in which actions are taken back, nothing is left of them. Taking back what took
something back does it again. Functions of a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import Event, FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import event_batches, events, unmade
from desktop_inbox.store.database import Tx
from desktop_inbox.store.event_history import (
    Field,
    History,
    conversations_here,
    in_force,
    made_by,
    touching,
)
from desktop_inbox.sync import server_actions

UNDONE_WITHIN = timedelta(days=30)
# What happens by itself while one reads or writes, and nobody means by "undo".
NOT_UNDONE = (
    "conversation.read", "conversation.woke", "conversation.reopened", "conversation.channel",
    "message.withdraw",  # a service does not give back what was taken back
)  # fmt: skip


def undo(tx: Tx, group_uid: str | None = None) -> str:
    """Take back one action, by default this person's latest; return the undoing group's uid.

    Raises:
        UserError: "nothing-to-undo"; "undo-by-itself": nobody did it; "undo-too-old" (days);
            "undo-done": it is taken back; "undo-changed": all of it was changed again since;
            "undo-gone": what it changed is not there any more.
    """
    if group_uid is None:
        actor = f"agent:{tx.agent.uid}"
        done = events.last_undoable(tx.conn, actor=actor, ignoring=NOT_UNDONE)
    else:
        done = events.group(tx.conn, group_uid)
    here, history = _undoable(tx.conn, done, now=tx.now)
    return _record(tx, here, _without(history, here))


def refusal(conn: Any, group_uid: str, *, now: datetime) -> UserError | None:
    """Return why an action cannot be taken back, None where it can."""
    try:
        _undoable(conn, events.group(conn, group_uid), now=now)
    except UserError as error:
        return error
    return None


def _undoable(
    conn: Any, done: Sequence[Event], *, now: datetime
) -> tuple[Sequence[Event], History]:
    """Return the events of an action that stand, with the history of what they changed."""
    _refuse(done, now=now)
    history = _history(conn, done)
    standing = [one for one in done if history.stands(one, ())]
    if not standing:
        raise UserError("undo-done")
    here = _still_here(conn, standing)
    if not here:
        raise UserError("undo-gone")
    struck = {one.uid for one in here}
    fields = {change[:3] for one in here for change in one.changes}
    if fields and all(history.covered(field, struck) for field in fields):
        raise UserError("undo-changed")
    return here, history


def without(conn: Any, done: Sequence[Event]) -> dict[str, list[FieldChange]]:
    """Return, by event, the changes that leave every field as if none of them had happened."""
    return _without(_history(conn, done), done)


def _history(conn: Any, done: Sequence[Event]) -> History:
    return History(touching(conn, done), partly=_takes_back_a_part)


def _without(history: History, done: Sequence[Event]) -> dict[str, list[FieldChange]]:
    struck = {one.uid for one in done}
    settled: set[Field] = set()
    changes: dict[str, list[FieldChange]] = {}
    for one in reversed(done):
        mine = changes.setdefault(one.uid, [])
        for change in reversed(one.changes):
            field = change[:3]
            if field in settled:
                continue  # one of the same action wrote it after this one
            settled.add(field)
            now, wanted = history.now(field), history.without(field, struck)
            if now != wanted:
                mine.append(FieldChange(*field, now, wanted))
    return changes


def _refuse(done: Sequence[Event], *, now: datetime) -> None:
    if not done:
        raise UserError("nothing-to-undo")
    if all(one.actor == "system" for one in done):
        raise UserError("undo-by-itself")
    if now - done[-1].at > UNDONE_WITHIN:
        raise UserError("undo-too-old", days=UNDONE_WITHIN.days)


def _takes_back_a_part(one: Event) -> bool:
    """Tell a server's refusal, which takes back what it names, from an undo, which does all."""
    return one.kind == server_actions.REFUSED


def _still_here(conn: Any, done: Sequence[Event]) -> list[Event]:
    """Leave out what was done to conversations that are gone: their only message was recalled."""
    known = conversations_here(conn, done)
    return [one for one in done if one.conversation is None or one.conversation in known]


def _record(tx: Tx, done: Sequence[Event], changes: dict[str, list[FieldChange]]) -> str:
    undoing = new_uid(tx.now)
    for kind, alike in groupby(reversed(done), key=lambda one: (one.kind, _batched(one, changes))):
        if kind[1]:
            _record_each(tx, kind[0], list(alike), changes, undoing)
            continue
        for one in alike:
            undone = events.record(
                tx,
                one.kind,
                changes[one.uid],
                conversation=one.conversation,
                group_uid=undoing,
                undo_of=one.uid,
            )
            server_actions.queue(tx, undone)
    _forget_the_unmade(tx, done)
    return undoing


def _forget_the_unmade(tx: Tx, done: Sequence[Event]) -> None:
    """Let nothing stay behind of what was made and taken back altogether."""
    made = made_by(done)
    standing = in_force(tx.conn, made)
    for entity, uids in made.items():
        unmade.forget(tx, entity, uids - standing[entity])


def _batched(one: Event, changes: dict[str, list[FieldChange]]) -> bool:
    """Tell whether taking an event back can be one of many recorded at once."""
    mine = changes[one.uid]
    return (
        one.conversation is not None
        and event_batches.takes(mine)
        and all(change.entity == "message" or change.uid == one.conversation for change in mine)
    )


def _record_each(
    tx: Tx,
    kind: str,
    done: Sequence[Event],
    changes: dict[str, list[FieldChange]],
    undoing: str,
) -> None:
    """Take back what was done alike to many conversations; where one comes twice, in turn."""
    left = list(done)
    while left:
        first = {str(one.conversation): one for one in reversed(left)}
        undone = event_batches.record_each(
            tx,
            kind,
            {uid: changes[one.uid] for uid, one in first.items()},
            group_uid=undoing,
            undo_of={uid: one.uid for uid, one in first.items()},
        )
        server_actions.queue_each(tx, undone)
        taken = {one.uid for one in first.values()}
        left = [one for one in left if one.uid not in taken]
