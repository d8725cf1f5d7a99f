"""Whose workspace this is: the workspace itself, its laptops and agents, what they were told of."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Table, Text, text

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import UtcTime

workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # What our ids and addresses are hashed with (rule C1), in hex. No credential: it opens
    # nothing, and whoever has the database has all that it guards. Here it survives a restore.
    Column("mail_key", Text, nullable=False),
    Column("automation_stopped_at", UtcTime),  # too many automatic mails at once (rule D3)
    # A person knows and does not want to be asked again.
    Column("automation_left_off", Boolean, nullable=False, server_default=text("0")),
    # What is promised has changed: clocks of conversations up to this one are still to be computed
    # anew; NULL: none is (rule B8).
    Column("clocks_up_to", Integer),
)

device = Table(
    "device",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

agent = Table(
    "agent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("signature", Text, nullable=False, server_default=""),
)

announced = Table(
    "announced",
    metadata,
    # What a person was already told of by a notification, so that a restart does not repeat it.
    Column("key", Text, primary_key=True),  # what and which, see domain.notices
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)
