"""Who this workspace, this device and its people are; created once, at the very first start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from desktop_inbox.domain.tokens import KEY_BYTES
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import driver
from desktop_inbox.store.rows import AgentRow
from desktop_inbox.store.schema import agent, device, workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose transactions these are."""

    workspace_uid: str
    device_uid: str
    agent: AgentRow


def ensure(conn: Connection, *, device_uid: str | None, now: datetime) -> Identity:
    """Return who writes, creating the rows that a new workspace or a new device lacks.

    `device_uid` is kept outside the database, so that a restored copy on another laptop gets a
    device of its own; None takes the only device the database knows.
    """
    workspace_uid = conn.scalar(select(workspace.c.uid))
    if workspace_uid is None:
        workspace_uid = new_uid(now)
        conn.execute(
            insert(workspace).values(
                id=1,
                uid=workspace_uid,
                name="",
                created_at=now,
                mail_key=secrets.token_hex(KEY_BYTES),
            )
        )
    known = conn.scalars(select(device.c.uid).order_by(device.c.id)).all()
    chosen = device_uid or (known[0] if known else new_uid(now))
    if chosen not in known:
        conn.execute(insert(device).values(uid=chosen, name=""))
    return Identity(
        workspace_uid=workspace_uid, device_uid=chosen, agent=_ensure_agent(conn, now=now)
    )


def _ensure_agent(conn: Connection, *, now: datetime) -> AgentRow:
    first = list_all(conn)
    if first:
        return first[0]
    conn.execute(insert(agent).values(uid=new_uid(now), name="", email="", signature=""))
    return list_all(conn)[0]


def business_name(conn: Connection) -> str:
    """Return what the owner calls the business, '' where nobody said."""
    return str(conn.scalar(select(workspace.c.name)) or "")


def mail_key(conn: Connection) -> bytes:
    """Return what this workspace's own ids and addresses are hashed with (rule C1)."""
    return bytes.fromhex(str(conn.scalar(select(workspace.c.mail_key))))


def row(conn: Connection, agent_id: int) -> AgentRow:
    """Return one of the people of this workspace, who are never removed."""
    return AgentRow(**conn.execute(select(agent).where(agent.c.id == agent_id)).mappings().one())


def uid(conn: Connection, agent_id: int) -> str:
    """Return the uid of one of them."""
    (found,) = (
        driver.below(conn).execute("SELECT uid FROM agent WHERE id = ?", (agent_id,)).fetchone()
    )
    return str(found)


def list_all(conn: Connection) -> list[AgentRow]:
    """Return everybody who works in this workspace, the owner first."""
    found = conn.execute(select(agent).order_by(agent.c.id)).mappings()
    return [AgentRow(**row) for row in found]
