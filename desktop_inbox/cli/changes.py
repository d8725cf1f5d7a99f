"""Changing what conversations are; each command can be taken back."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from desktop_inbox.cli.conversations import described, find, rows_for_person
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import conversations as service
from desktop_inbox.services import joining
from desktop_inbox.store import agents
from desktop_inbox.store.database import Tx


def change(session: Session, options: Namespace) -> None:
    """Change what a conversation is: all that was asked for, or nothing."""
    plain = (options.status, options.assignee, options.priority, options.snooze)
    if all(value is None for value in plain) and not (options.tag or options.untag):
        raise UserError("nothing-to-change")
    session.write(lambda tx: _change(tx, options))
    _show(session, options.id)


def merge(session: Session, options: Namespace) -> None:
    """Let a conversation go on in another."""
    session.write(lambda tx: joining.merge(tx, options.id, options.into))
    _show(session, options.into)


def split(session: Session, options: Namespace) -> None:
    """Make a conversation of a message and all that follows it."""
    new_id, _group = session.write(lambda tx: joining.split(tx, options.id, options.message))
    _show(session, new_id)


def undo(session: Session, options: Namespace) -> None:
    """Take the last change back."""
    group = session.write(service.undo)
    session.output.document({"group": group}, ["Taken back."])


def snooze(tx: Tx, conversation_id: int, end: datetime | str) -> None:
    """Snooze until a time, or until the customer writes."""
    if isinstance(end, datetime):
        service.snooze(tx, conversation_id, until=end)
    else:
        service.snooze(tx, conversation_id, until_reply=True)


def _change(tx: Tx, options: Namespace) -> None:
    key = options.id
    if options.status is not None:
        service.set_status(tx, key, Status(options.status))
    if options.assignee is not None:
        service.assign(tx, key, _agent_id(tx, options.assignee))
    if options.priority is not None:
        service.set_priority(tx, key, Priority(options.priority))
    for name in options.tag:
        service.tag(tx, key, name)
    for name in options.untag:
        service.untag(tx, key, name)
    if options.snooze is not None:
        snooze(tx, key, options.snooze)


def _agent_id(tx: Tx, name: str) -> int | None:
    if name == "nobody":
        return None
    if name == "me":
        return tx.agent.id
    wanted = name.casefold()
    for agent in agents.list_all(tx.conn):
        if wanted in (agent.name.casefold(), agent.email.casefold()):
            return agent.id
    raise UserError("agent-missing", id=name)


def _show(session: Session, conversation_id: int) -> None:
    row = find(session, conversation_id)
    session.output.document(described(session, [row])[0], rows_for_person([row]))
