"""Every table of a workspace, in one readable file.

Times are aware UTC (`UtcTime`), closed sets are short text with a CHECK, JSON is for what is never
filtered on. Whatever may one day be shared between laptops has a `uid`; integer keys never leave
the device. Secrets are never here, only the names they are kept under.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.lists import LASTING, SORT_KEYS
from desktop_inbox.store.types import Json, UtcTime

metadata = MetaData()


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_is_known")


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

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("1")),
    Column("removed", Boolean, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False, server_default="starting"),
    Column("state_detail", Json),  # cause, server's words, next attempt
    Column("last_sync_at", UtcTime),
    Column("progress_done", Integer, nullable=False, server_default=text("0")),
    Column("progress_total", Integer, nullable=False, server_default=text("0")),
    # Older mail starts no service level clock (rule B2); NULL: since it was set up.
    Column("clocks_from", UtcTime),
    # What the service said it takes, such as max_message_bytes; absent where it never said.
    Column("limits", Json, nullable=False, server_default="{}"),
    # Texts that the service approved, as sync.chat_templates packs them.
    Column("templates", Json, nullable=False, server_default="[]"),
)

sync_cursor = Table(
    "sync_cursor",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("stored", Integer, nullable=False, server_default=text("0")),
    Column("duplicates", Integer, nullable=False, server_default=text("0")),
    Column("quarantined", Integer, nullable=False, server_default=text("0")),
    # When what the server holds was last compared with what lies here, and what was lacking (O8).
    Column("reconciled_at", UtcTime),
    Column("found_missing", Integer, nullable=False, server_default=text("0")),
)

receiving_server = Table(
    "receiving_server",
    metadata,
    # Who signs the topmost Authentication-Results of an account's mail (RFC 8601), and how often.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("name", Text, primary_key=True),  # its authserv-id; '' for mail without
    Column("seen", Integer, nullable=False),
    sqlite_with_rowid=False,
)

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
Index("customer_name", customer.c.name)  # borrowed names are told (rule E6)
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

conversation = Table(
    "conversation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("customer_id", ForeignKey("customer.id")),  # empty only while nobody can be named
    # Whose it was before customers were merged; NULL: still is.
    Column("customer_origin_id", Integer),
    Column("subject", Text, nullable=False),
    Column("status", Text, _one_of("status", Status), nullable=False),
    Column(
        "priority", Text, _one_of("priority", Priority), nullable=False, server_default="normal"
    ),
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
Index("conversation_starred", conversation.c.starred, sqlite_where=text("starred = 1"))
Index("conversation_failed", conversation.c.failed, sqlite_where=text("failed = 1"))
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

chat = Table(
    "chat",
    metadata,
    # A line of talk on a messaging service. It may go on in several conversations, one after the
    # other, as threads: the one with its latest message takes what comes next.
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("external_id", Text, nullable=False),  # as it is called now; '' while nobody answered
    Column("title", Text, nullable=False, server_default=""),
    Column("is_group", Boolean, nullable=False, server_default=text("0")),
    Column("identity_id", ForeignKey("identity.id"), index=True),  # whom it is with; NULL: a group
    # All by the service's clock (rule M5):
    Column("last_in_at", UtcTime),
    Column("reply_until", UtcTime),  # NULL: always, or nothing came in yet
    Column("read_until", UtcTime),  # the customer has read all up to here
    Column("seen_until", UtcTime),  # and we, on another device
)
Index("chat_window", chat.c.reply_until, sqlite_where=chat.c.reply_until.is_not(None))

chat_name = Table(
    "chat_name",
    metadata,
    # Every name a chat goes or went by: what comes late under an old one finds it.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

early_news = Table(
    "early_news",
    metadata,
    # What came of a message before the message itself: receipts, changes, reactions.
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("named", Text, nullable=False),  # its external id, or "ref:" and its client_ref
    Column("item", Json, nullable=False),  # as sync.chat_news packs it
    UniqueConstraint("account_id", "named", "item"),
)

thread = Table(
    "thread",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("external_id", Text, nullable=False),  # e-mail: the Message-ID of its first message seen
    Column("chat_id", ForeignKey("chat.id")),  # NULL: mail, which knows no chats
    UniqueConstraint("account_id", "external_id"),
)
Index("thread_chat", thread.c.chat_id, sqlite_where=thread.c.chat_id.is_not(None))

thread_reference = Table(
    "thread_reference",
    metadata,
    # Every Message-ID that a mail of the thread bears or names, and who named it (rules C1c, C2,
    # C5). Several threads may name one id: an outsider's claim must not hide a customer's. Not by
    # account: what was sent through one may be answered to another.
    Column("message_id", Text, primary_key=True),
    Column("thread_id", ForeignKey("thread.id"), primary_key=True, index=True),
    # A normalised address, "+" where we named it ourselves, "=" where a mail bears it.
    Column("named_by", Text, primary_key=True),
    sqlite_with_rowid=False,
)

thread_participant = Table(
    "thread_participant",
    metadata,
    # Who may join the thread by naming an id of it (rule C2): everybody in From, To and Cc but us.
    Column("thread_id", ForeignKey("thread.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    # Keys order by time (see store.messages.next_ids), so that search reads newest first by key.
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Where it is shown: the end of the merges that begin at the conversation it lies in, origin_id.
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("origin_id", Integer, nullable=False),  # no reference: it would need one more index
    Column("thread_id", ForeignKey("thread.id"), index=True),
    Column("account_id", ForeignKey("account.id")),
    Column("direction", Text, _one_of("direction", Direction), nullable=False),
    Column("kind", Text, _one_of("kind", MessageClass), nullable=False, server_default="human"),
    Column("author_identity_id", ForeignKey("identity.id")),
    Column("agent_id", ForeignKey("agent.id")),
    Column("external_id", Text),  # e-mail: Message-ID, or a content hash (rule C4)
    Column("client_ref", Text, unique=True),  # set on what we send from here
    Column("in_reply_to", Text, nullable=False, server_default=""),
    Column("refs", Json, nullable=False),  # References, oldest first
    Column("subject", Text, nullable=False, server_default=""),
    Column("people", Json, nullable=False),  # {"from": [[name, address], …], "to": …, "cc": …, …}
    Column("at", UtcTime, nullable=False),  # min(Date, received), rule A4
    Column("received_at", UtcTime),
    Column("snippet", Text, nullable=False, server_default=""),
    Column("seen", Boolean, nullable=False, server_default=text("1")),
    Column("flagged", Boolean, nullable=False, server_default=text("0")),  # on its server
    Column("complete", Boolean, nullable=False, server_default=text("1")),  # body is here
    Column("unreadable", Text),  # why it is shown raw
    Column("warnings", Json),
    Column("report", Json),  # what a bounce or an automatic answer says, see sync.reporting
    Column("delivery", Text, _one_of("delivery", Delivery)),
    Column("delivery_detail", Json),  # refused recipients, the provider's words
    Column("edited_at", UtcTime),
    Column("deleted_at", UtcTime),
    Column("withdrawn_at", UtcTime),  # its author took it back; what it said is kept
    Column("repeats", Integer, nullable=False, server_default=text("1")),  # how many alike it is
    UniqueConstraint("account_id", "external_id"),
)
Index("message_timeline", message.c.conversation_id, message.c.at, message.c.id)
Index(
    "message_note",
    message.c.conversation_id,
    message.c.deleted_at,
    sqlite_where=text("direction = 'note'"),
)
AUTOMATED = "direction = 'in' AND kind NOT IN ('human', 'spoken')"  # a machine wrote it (rule D1)
Index("message_automated", message.c.conversation_id, message.c.kind, sqlite_where=text(AUTOMATED))

message_body = Table(
    "message_body",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("visible_text", Text),  # NULL: the same as text
    Column("html", Text, nullable=False, server_default=""),  # of what is written here
    # Of mail: its HTML is read off the raw message when somebody looks at it, and made safe then.
    Column("has_html", Boolean, nullable=False, server_default="0"),
    Column("invitation", Json),  # the fields of domain.messages.Invitation
    Column("raw_sha256", Text),
    Column("raw_packed", LargeBinary),  # the raw message itself where it is small, else a file
    Column("pieces", Json),  # as domain.pieces keeps them
    # How it leaves on a messaging channel: {"template": …, "human_agent": true}
    Column("form", Json),
)

message_version = Table(
    "message_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("pieces", Json),
    UniqueConstraint("message_id", "at", "text"),
)

reaction = Table(
    "reaction",
    metadata,
    # What somebody thinks of a message now. Taken back it stays, empty, so that what comes late
    # does not bring it back.
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("identity_id", Integer, primary_key=True),  # whose; 0: ours
    Column("emojis", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

reaction_name = Table(
    "reaction_name",
    metadata,
    # What a service calls one emoji of somebody's, where it takes it back by that name.
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("identity_id", Integer, nullable=False),  # as of `reaction`
    Column("emoji", Text, nullable=False),
    Column("gone", Boolean, nullable=False),  # taken back, for good: a name is never used again
    sqlite_with_rowid=False,
)

message_location = Table(
    "message_location",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", Integer, primary_key=True),
    Column("uid", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    # The folder it lay in before somebody here had it moved; where an undo moves it back to.
    Column("moved_from", Text),
    sqlite_with_rowid=False,
)

message_gone = Table(
    "message_gone",
    metadata,
    # Messages that lie nowhere on their server any more, or not yet again: another program may be
    # moving them. Only what whole looks at the mailbox do not find was deleted (rule O7).
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("looks", Integer, nullable=False, server_default=text("0")),
)

server_action = Table(
    "server_action",
    metadata,
    # What was done here and is still to be done on the server, in the order it was done.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    # "seen", "answered", "flagged": "on" or "off";
    # "move": "junk", "trash", "archive" or "home", where it was
    # of chats: "read": "on"; "edit": the text; "withdraw": "on"; "react": a JSON list of emojis
    Column(
        "kind",
        Text,
        CheckConstraint(
            "kind IN ('seen', 'answered', 'flagged', 'move', 'read', 'edit', 'withdraw', 'react')"
        ),
        nullable=False,
    ),
    Column("target", Text, nullable=False),
    Column("event_uid", Text, nullable=False),  # what is taken back where the server refuses
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("message_id", "kind"),
    sqlite_autoincrement=True,
)
Index("server_action_account", server_action.c.account_id, server_action.c.id)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("safe_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    # "file": under its sha256; "message": inside the raw message; "server": not fetched yet.
    Column(
        "state", Text, CheckConstraint("state IN ('file', 'message', 'server')"), nullable=False
    ),
    Column("section", Text, nullable=False, server_default=""),
    Column("sha256", Text, nullable=False, server_default=""),
    Column("content_id", Text, nullable=False, server_default=""),
    Column("inline", Boolean, nullable=False, server_default=text("0")),
    # What came of reading its text: "text", "none", or why it cannot be read; NULL: still to come.
    Column("searched", Text),
)
Index(
    "attachment_unsearched",
    attachment.c.message_id.desc(),
    sqlite_where=text("searched IS NULL AND state <> 'server'"),
)

remote_file = Table(
    "remote_file",
    metadata,
    # A file that still lies with a messaging service, and when it is fetched next.
    Column("attachment_id", ForeignKey("attachment.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("reference", Text, nullable=False),  # for Connector.fetch_file alone
    Column("next_at", UtcTime),  # NULL: not by itself any more
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text, nullable=False, server_default=""),  # "too-large", "gone", …
)
Index("remote_file_due", remote_file.c.account_id, remote_file.c.next_at)

file_text = Table(
    "file_text",
    metadata,
    # The words in an attachment, found in `file_fts` under the same id. Ids order as messages do.
    Column("id", Integer, primary_key=True),
    Column("attachment_id", ForeignKey("attachment.id"), nullable=False, index=True),
    Column("text", LargeBinary, nullable=False),  # deflated UTF-8
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversation.id"), index=True),
    Column("account_id", ForeignKey("account.id")),
    Column("author_id", ForeignKey("agent.id"), nullable=False),
    # reply, reply_all, forward, note or new; what it answers
    Column("mode", Text, nullable=False),
    Column("answers_id", ForeignKey("message.id")),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("recipients", Json, nullable=False),  # {"to": [[name, address], …], "cc": …, "bcc": …}
    Column("subject", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("rich", Text, nullable=False, server_default=""),  # with its layout; '': it has none
    Column("sender", Text, nullable=False, server_default=""),  # uid of an identity; '': the usual
    Column("caret", Integer, nullable=False, server_default=text("0")),
    Column("quote", Boolean, nullable=False, server_default=text("1")),  # the answered text too
    # [{"name", "media_type", "size", "sha256"}, …], "content_id" of pictures in the text
    Column("attachments", Json, nullable=False),
    Column("form", Json),  # as message_body.form
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("conversation_id", "author_id"),
)

# Which drafts have a copy in the Drafts folder of their server, also after they are gone here.
draft_copy = Table(
    "draft_copy",
    metadata,
    Column("uid", Text, primary_key=True),  # the draft's
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("revision", Integer, nullable=False),  # of the draft as it was uploaded
    Column("uploaded_at", UtcTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", ForeignKey("message.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column(
        "state",
        Text,
        # "filing": accepted by the provider, its copy in Sent still to be stored.
        CheckConstraint("state IN ('queued', 'sending', 'uncertain', 'failed', 'filing')"),
        nullable=False,
    ),
    Column("phase", Text, nullable=False, server_default=""),  # "envelope" or "body" while sending
    Column("not_before", UtcTime, nullable=False),  # end of undo-send, or send-later
    Column("next_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("claimed_by", Text),
    Column("queued_at", UtcTime, nullable=False),
    Column("error_code", Text, nullable=False, server_default=""),
    Column("error_text", Text, nullable=False, server_default=""),
    Column("draft", Json, nullable=False),  # the editor as it was, for undo send (rule H5)
    Column("tried_since", UtcTime),  # the first attempt of this series that failed
    # Whom it is still to be delivered to; NULL for everybody, a list where others have it already.
    Column("recipients", Json),
    # While it is uncertain: when to look for it next (NULL: not by itself), and what came of it.
    Column("look_at", UtcTime),
    Column("looks", Integer, nullable=False, server_default=text("0")),
    Column("looked_at", UtcTime),
    Column("look_error", Text, nullable=False, server_default=""),  # '': it was not there
    # When its copy in Sent is looked for or filed; NULL once that is done.
    Column("copy_at", UtcTime),
    Column("copy_tries", Integer, nullable=False, server_default=text("0")),
)
Index("outbox_due", outbox.c.state, outbox.c.next_at)

suppression = Table(
    "suppression",
    metadata,
    # Addresses that mail came back from (rule D6).
    Column("address", Text, primary_key=True),  # normalised
    Column("since", UtcTime, nullable=False),  # undeliverable since
    Column("until", UtcTime, nullable=False),  # nothing is sent there by itself before
    Column("words", Text, nullable=False, server_default=""),  # of the server that refused
    sqlite_with_rowid=False,
)

automatic_send = Table(
    "automatic_send",
    metadata,
    # What was sent without a person, for the caps of rule D3.
    Column("message_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("conversation_id", Integer, nullable=False),
)

announced = Table(
    "announced",
    metadata,
    # What a person was already told of by a notification, so that a restart does not repeat it.
    Column("key", Text, primary_key=True),  # what and which, see domain.notices
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

canned_response = Table(
    "canned_response",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    # Unique by the services' refusal only: two laptops may name alike before they meet.
    Column("shortcut", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("bodies", Json, nullable=False, server_default=text("'{}'")),  # {"tr": text}
    Column("folder", Text, nullable=False, server_default=""),
    Column("files", Json, nullable=False, server_default=text("'[]'")),  # as a draft keeps them
    Column("channels", Json, nullable=False, server_default=text("'[]'")),  # []: on every channel
    # What it does where it is used: the uid of a tag, and the status after sending; '' for nothing.
    Column("tag", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default=""),
    Column("steps", Json, nullable=False, server_default=text("'[]'")),  # see domain.macros
    Column("uses", Integer, nullable=False, server_default=text("0")),
    Column("used_at", UtcTime),
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

sla_calendar = Table(
    "sla_calendar",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Oldest first: [{"from": ms, …}], as store.policies.hours_json writes opening hours (rule B9).
    Column("versions", Json, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

sla_policy = Table(
    "sla_policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    # Finished clocks keep the verdict of the one they were finished under (rule B8): oldest first,
    Column("versions", Json, nullable=False),  # [{"from": ms, …}] as store.policies.terms_json
    Column("deleted", Boolean, nullable=False, server_default=text("0")),
)

sla_moment = Table(
    "sla_moment",
    metadata,
    # When a clock that runs is to be spoken of: at its warnings, and when it is due (rule B11).
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    sqlite_with_rowid=False,
)
Index("sla_moment_at", sla_moment.c.at)

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

customer_tag = Table(
    "customer_tag",
    metadata,
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    # The log of what we did; see domain.events.
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("hlc", Text, nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("actor", Text, nullable=False),  # "agent:UID", "rule:UID" or "system"
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("group_uid", Text, nullable=False),
    Column("undo_of", Text),
    Column("conversation", Text),  # its uid
    Column("changes", Json, nullable=False),  # [[entity, uid, field, before, after], …]
)
Index("event_conversation", event.c.conversation, event.c.hlc)
Index("event_kind", event.c.kind, event.c.hlc)
Index("event_group", event.c.group_uid, event.c.hlc, event.c.kind)
Index("event_undo", event.c.undo_of, sqlite_where=event.c.undo_of.is_not(None))

field_clock = Table(
    "field_clock",
    metadata,
    # Which event last wrote a field, so that applying is idempotent and order does not matter.
    Column("entity", Text, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("hlc", Text, nullable=False),
    sqlite_with_rowid=False,
)

change_log = Table(
    "change_log",
    metadata,
    # What recent transactions touched, so that another process on this workspace can follow.
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),
    Column("changes", Json, nullable=False),
    sqlite_autoincrement=True,
)

# FTS5, contentless with delete: what was folded is searched, what is shown lies in `message`.
MESSAGE_FTS = """
CREATE VIRTUAL TABLE message_fts USING fts5(
    subject, sender, recipients, copied, body, note,
    content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
)
"""


# Twice the default: a first sync spends a tenth less on merging, and search notices nothing.
MESSAGE_FTS_MERGES = "INSERT INTO message_fts (message_fts, rank) VALUES ('automerge', 8)"

# Names, companies and addresses of customers, folded.
CUSTOMER_FTS = """
CREATE VIRTUAL TABLE customer_fts USING fts5(
    words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
)
"""

# Names of attachments and the words in them, folded.
FILE_FTS = """
CREATE VIRTUAL TABLE file_fts USING fts5(
    name, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
)
"""


def create_all(connection: Connection) -> None:
    """Create every table and index in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(MESSAGE_FTS)
    connection.exec_driver_sql(MESSAGE_FTS_MERGES)
    connection.exec_driver_sql(CUSTOMER_FTS)
    connection.exec_driver_sql(FILE_FTS)
