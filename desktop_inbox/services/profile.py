"""What the business and the person at this desk are called. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.services.changing import Group
from desktop_inbox.store import agents
from desktop_inbox.store.database import Tx


def edit(tx: Tx, *, name: str | None = None, signature: str | None = None) -> str | None:
    """Change what is given; return the group to undo it by, None where nothing changed."""
    me = next(agent for agent in agents.list_all(tx.conn) if agent.uid == tx.agent.uid)
    given = {"name": name, "signature": signature}
    known = {"name": me.name, "signature": me.signature}
    changes = [
        FieldChange("agent", me.uid, field, known[field], value.strip())
        for field, value in given.items()
        if value is not None
    ]
    group = Group(tx)
    group.record("agent.edit", changes)
    return group.uid


def name_business(tx: Tx, name: str) -> str | None:
    """Call the business so; return the group to undo it by, None where nothing changed."""
    known = agents.business_name(tx.conn)
    group = Group(tx)
    group.record(
        "workspace.edit", [FieldChange("workspace", tx.workspace_uid, "name", known, name.strip())]
    )
    return group.uid
