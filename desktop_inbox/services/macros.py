"""Doing a macro's steps to a conversation, all of them or none. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desktop_inbox.domain.conversations import Priority
from desktop_inbox.domain.macros import ME, Deed, Step
from desktop_inbox.domain.states import Status
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import notes
from desktop_inbox.services.changing import as_one
from desktop_inbox.store import tags
from desktop_inbox.store.database import Tx


def carry_out(
    tx: Tx,
    conversation_id: int,
    steps: Sequence[Step],
    *,
    tag: str = "",
    status: str = "",
    group_uid: str | None = None,
) -> str | None:
    """Do what a canned response does besides its words; return the group to undo it by.

    Raises:
        UserError: "conversation-missing"; what the steps refuse. Nothing is done then.
    """
    group = group_uid or new_uid(tx.now)
    with as_one(group):
        done = [_do(tx, conversation_id, step) for step in steps]
        if tag:
            done.append(actions.tag(tx, conversation_id, tag))
        if status:
            done.append(actions.set_status(tx, conversation_id, Status(status)))
    return group if any(done) else None


def _do(tx: Tx, key: int, step: Step) -> object:
    value = step.value
    match step.deed:
        case Deed.PRIORITY:
            return actions.set_priority(tx, key, Priority(value))
        case Deed.ASSIGN:
            return actions.assign_to_me(tx, key) if value == ME else actions.assign(tx, key, None)
        case Deed.TAG:
            return actions.tag(tx, key, value)
        case Deed.UNTAG:
            return actions.untag(tx, key, value) if tags.by_name(tx.conn, value) else None
        case Deed.STAR:
            return actions.star(tx, key, on=value == "on")
        case Deed.NOTE:
            return notes.add(tx, key, value)
        case Deed.SNOOZE:
            return actions.snooze(tx, key, until=tx.now + timedelta(days=int(value)))
