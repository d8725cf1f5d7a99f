"""People: customers, their addresses, what is known of them and who is not whom."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

customer = Table(
    "customer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("company", Text, nullable=False, server_default=""),
    Column("notes", Text, nullable=False, server_default=""),
    Column("merged_into_id", ForeignKey("customer.id")),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("vip", Boolean, nullable=False, server_default=text("0")),
    Column("blocked", Boolean, nullable=False, server_default=text("0")),  # their mail is spam
    Column("language", Text, nullable=False, server_default=""),  # "tr", "en-GB"
    Column("time_zone", Text, nullable=False, server_default=""),  # "Europe/Istanbul"
)
Index(
    "customer_merged",
    customer.c.merged_into_id,
    sqlite_where=customer.c.merged_into_id.is_not(None),
)
# Who bore a name first: borrowed names are told (rule E6).
Index("customer_name", customer.c.name, customer.c.first_seen_at)
Index("customer_vip", customer.c.vip, sqlite_where=text("vip = 1"))
Index("customer_blocked", customer.c.blocked, sqlite_where=text("blocked = 1"))
Index("customer_language", func.lower(customer.c.language), sqlite_where=text("language <> ''"))

identity = Table(
    "identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("customer_id", ForeignKey("customer.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # email, phone, telegram, …
    Column("scope", Text, nullable=False, server_default=""),  # '' or an account's uid
    Column("address", Text, nullable=False),  # normalised (rule E2)
    Column("label", Text, nullable=False),  # as first written
    # Whose it was before customers were merged; NULL: still is.
    Column("origin_id", Integer),
    # What it has in common with its variants, for suggestions only; NULL: the address itself.
    Column("secondary", Text),
    # Its service vouches for it, or a mail proved it: not only written down (rule E1).
    Column("verified", Boolean, nullable=False, server_default=text("0")),
    UniqueConstraint("kind", "scope", "address"),
)
Index("identity_secondary", identity.c.secondary, sqlite_where=identity.c.secondary.is_not(None))

identity_claim = Table(
    "identity_claim",
    metadata,
    # Of whom a service says that they are somebody else here as well: asked of a person (rule E3).
    Column("identity_id", ForeignKey("identity.id"), primary_key=True),
    Column("claimed_id", ForeignKey("identity.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

customer_field = Table(
    "customer_field",
    metadata,
    # What a business wants to know of its customers besides what everybody does.
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),  # unique as a shortcut is
    # '' while only a value has come, from another laptop, of a field not told of yet
    Column("kind", Text, nullable=False, server_default=""),
    Column("choices", Json),
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

customer_value = Table(
    "customer_value",
    metadata,
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("field_id", ForeignKey("customer_field.id"), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

customer_apart = Table(
    "customer_apart",
    metadata,
    # Two who were suggested as one, and are not; by uid, the smaller first.
    Column("one", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    sqlite_with_rowid=False,
)

customer_tag = Table(
    "customer_tag",
    metadata,
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    sqlite_with_rowid=False,
)
