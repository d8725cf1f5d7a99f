"""What the rest of the program may know of e-mail without its libraries. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldType
from desktop_inbox.i18n import N_

_SECURITY = ("tls", "starttls", "none")

INFO = ConnectorInfo(
    kind="email",
    title=N_("E-mail"),
    capabilities=frozenset(
        {
            Capability.SEND,
            Capability.ATTACHMENTS,
            Capability.HTML,
            Capability.SUBJECT,
            Capability.COPIES,
            Capability.FETCH_ATTACHMENT,
            Capability.FIND_SENT,
            Capability.STORE_SENT,
            Capability.KEEP_DRAFT,
            Capability.SET_SEEN,
            Capability.MOVE,
            Capability.RECONCILE,
        }
    ),
    limits={"max_message_bytes": 25 * 2**20, "max_recipients": 100},
    fields=(
        Field(name="address", title=N_("E-mail address"), type=FieldType.EMAIL, required=True),
        Field(name="name", title=N_("Your name")),
        Field(name="username", title=N_("User name")),
        Field(name="password", title=N_("Password"), secret=True),
        Field(name="imap_host", title=N_("IMAP server"), type=FieldType.HOST, required=True),
        Field(name="imap_port", title=N_("IMAP port"), type=FieldType.PORT),
        Field(
            name="imap_security",
            title=N_("IMAP security"),
            type=FieldType.CHOICE,
            default="tls",
            choices=_SECURITY,
        ),
        Field(name="smtp_host", title=N_("SMTP server"), type=FieldType.HOST, required=True),
        Field(name="smtp_port", title=N_("SMTP port"), type=FieldType.PORT),
        Field(
            name="smtp_security",
            title=N_("SMTP security"),
            type=FieldType.CHOICE,
            default="tls",
            choices=_SECURITY,
        ),
        Field(name="ca_file", title=N_("Extra certificate authority"), type=FieldType.FILE),
        Field(
            name="sent_copy",
            title=N_("Copy in the Sent folder"),
            type=FieldType.CHOICE,
            default="auto",
            choices=("auto", "append", "never"),
        ),
        Field(
            name="mark_read",
            title=N_("Mark as read on the server"),
            type=FieldType.CHOICE,
            default="open",
            choices=("open", "close", "never"),
        ),
        Field(
            name="on_close",
            title=N_("Closed conversations on the server"),
            type=FieldType.CHOICE,
            default="keep",
            choices=("keep", "archive"),
        ),
        Field(
            name="deleted_elsewhere",
            title=N_("Messages deleted on the server"),
            type=FieldType.CHOICE,
            default="keep",
            choices=("keep", "mark", "mirror"),
        ),
        Field(name="idle_minutes", title=N_("Minutes between renewals"), default="15"),
        Field(
            name="server_drafts",
            title=N_("Copy of drafts in the Drafts folder"),
            type=FieldType.CHOICE,
            default="no",
            choices=("no", "yes"),
        ),
        Field(
            name="joining",
            title=N_("Who may join a conversation by answering"),
            type=FieldType.CHOICE,
            default="strict",
            choices=("strict", "domain", "lenient"),
        ),
        Field(
            name="reply_token",
            title=N_("Mark the address that answers go to"),
            type=FieldType.CHOICE,
            default="no",
            choices=("no", "yes"),
        ),
        Field(
            name="subject_token",
            title=N_("Mark the subject"),
            type=FieldType.CHOICE,
            default="no",
            choices=("no", "yes"),
        ),
        Field(
            name="same_subject_days",
            title=N_("Days within which the same subject is the same conversation"),
            default="0",
        ),
        Field(
            name="auto_answer",
            title=N_("Automatic answer"),
            type=FieldType.CHOICE,
            default="off",
            choices=("off", "new", "away"),
        ),
        Field(name="auto_answer_text", title=N_("Text of the automatic answer")),
        Field(name="since", title=N_("Nothing older than"), type=FieldType.DATE),
    ),
    poll_seconds=300,
)
