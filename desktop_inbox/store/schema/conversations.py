"""Conversations with the indexes that lists are read by, their tags, and saved views."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.store.lists import LASTING, SORT_KEYS
from desktop_inbox.store.schema.base import metadata, one_of
from desktop_inbox.store.types import Json, UtcTime

conversation = Table(
    "conversation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("customer_id", ForeignKey("customer.id")),  # empty only while nobody can be named
    # Whose it was before customers were merged; NULL: still is.
    Column("customer_origin_id", Integer),
    Column("subject", Text, nullable=False),
    Column("status", Text, one_of("status", Status), nullable=False),
    Column("priority", Text, one_of("priority", Priority), nullable=False, server_default="normal"),
    Column("assignee_id", ForeignKey("agent.id")),
    Column("snoozed_until", UtcTime),
    Column("snoozed_until_reply", Boolean, nullable=False, server_default=text("0")),
    Column("snooze_stays", Boolean, nullable=False, server_default=text("0")),  # whatever comes in
    Column("starred", Boolean, nullable=False, server_default=text("0")),
    # To come back then if the customer has not written since (rule H3).
    Column("follow_up_at", UtcTime),
    Column("follow_up_since", UtcTime),
    # When and why it came back by itself, "snooze" or "follow_up"; until somebody acts (rule H1).
    Column("woke_at", UtcTime),
    Column("woke_why", Text),
    Column("merged_into_id", ForeignKey("conversation.id")),  # itself: all its messages are gone
    # The uid of the policy it is pinned to, '' for none at all; NULL: by their conditions (rule B8)
    Column("pinned_policy", Text),
    Column("created_at", UtcTime, nullable=False),
    # Derived from messages by store.conversations.refresh, never incremented by hand:
    Column("account_id", ForeignKey("account.id")),  # of the latest public message
    Column("channel", Text, nullable=False, server_default=""),  # its kind
    Column("last_at", UtcTime, nullable=False),
    Column("last_in_at", UtcTime),
    Column("waiting_since", UtcTime),  # rule A2
    # The clock to look at first (rule B13), by store.service_levels:
    Column("next_due_at", UtcTime),  # NULL: none runs
    Column("warn_at", UtcTime),  # when most of its time is over
    Column("due_clock", Text),  # a domain.service_levels.ClockKind, NULL: none
    Column("due_state", Text),  # "running" (or over: see next_due_at) or "paused"
    Column("unread", Integer, nullable=False, server_default=text("0")),
    Column("message_count", Integer, nullable=False, server_default=text("0")),
    Column("has_attachment", Boolean, nullable=False, server_default=text("0")),
    Column("failed", Boolean, nullable=False, server_default=text("0")),
    Column("snippet", Text, nullable=False, server_default=""),
    Column("last_direction", Text, nullable=False, server_default="in"),
)
# Lists are read newest first and leave out what was merged away. Each filter has an index that
# gives that order by itself, status by status, and bears what else is asked at its end: a million
# ids, or a count, are read without looking at a single row.
_newest = (conversation.c.last_at.desc(), conversation.c.id.desc())
_merged = conversation.c.merged_into_id
_account, _assignee = conversation.c.account_id, conversation.c.assignee_id
_status, _unread = conversation.c.status, conversation.c.unread
_created, _customer = conversation.c.created_at, conversation.c.customer_id
Index("conversation_status", _status, *_newest, _merged, _created, _customer)
Index("conversation_assignee", _assignee, _status, *_newest, _merged)
Index("conversation_account_status", _account, _status, *_newest, _merged)
Index("conversation_unread_status", _status, *_newest, _merged, _unread, sqlite_where=_unread > 0)
Index("conversation_customer", _customer, *_newest, _merged)
# Of what was begun at some time most was said last soon after. Only what went on for longer, or
# was said before it was begun, has to be looked for elsewhere in the order.
Index("conversation_lasting", _status, *_newest, _merged, _created, sqlite_where=text(LASTING))
# Where few meet what a view or a search asks for, these name them; most rows are in none of them.
Index("conversation_created", _created)
Index("conversation_starred", _status, *_newest, _merged, sqlite_where=text("starred = 1"))
Index("conversation_failed", _status, *_newest, _merged, sqlite_where=text("failed = 1"))
Index(
    "conversation_with_file", conversation.c.has_attachment, sqlite_where=text("has_attachment = 1")
)
# The other orders of a list: what all views but "due" are narrowed by lies behind them.
_narrowing = (_merged, _assignee, _account, _unread, _customer)
for _name in ("waiting", "due", "priority"):
    _key = text(f"{SORT_KEYS[_name]} DESC")
    Index(f"conversation_by_{_name}", _status, _key, *_newest, *_narrowing)
# What is due soon, whatever its status: to snooze somebody who waits stops no clock (rule B6).
Index(
    "conversation_due",
    conversation.c.next_due_at,
    conversation.c.id,
    _merged,
    _status,
    conversation.c.warn_at,
    sqlite_where=conversation.c.next_due_at.is_not(None),
)
Index(
    "conversation_snoozed",
    conversation.c.snoozed_until,
    sqlite_where=conversation.c.snoozed_until.is_not(None),
)
Index(
    "conversation_follow_up",
    conversation.c.follow_up_at,
    sqlite_where=conversation.c.follow_up_at.is_not(None),
)
Index("conversation_merged", _merged, sqlite_where=_merged.is_not(None))

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("condition", Json),  # see domain.conditions
    Column("position", Text, nullable=False, server_default=""),  # sorts, then the uid
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

tag = Table(
    "tag",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, index=True),  # unique as a shortcut is
    Column("hue", Integer, nullable=False),  # 0 to 359
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

conversation_tag = Table(
    "conversation_tag",
    metadata,
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True, index=True),
    Column("last_at", UtcTime, nullable=False),  # copied from the conversation, for the order
    sqlite_with_rowid=False,
)
Index(
    "conversation_tag_newest",
    conversation_tag.c.tag_id,
    conversation_tag.c.last_at.desc(),
    conversation_tag.c.conversation_id.desc(),
)
