"""What is to leave: drafts, texts to write them with, the outbox, and what servers are to do."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from desktop_inbox.store.schema.base import metadata
from desktop_inbox.store.types import Json, UtcTime

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
