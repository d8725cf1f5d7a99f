"""What the owner of an e-mail account is asked, in plain words. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.email.settings import IDLE_MINUTES, IDLE_MINUTES_RANGE
from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

LONGEST_ANSWER = 5_000
_LONGEST_DAYS = 365
_SECURITY = ("tls", "starttls", "none")
_SECURITY_TITLES = (N_("TLS"), N_("STARTTLS"), N_("None (this computer)"))
_SWITCH = ("no", "yes")

_ACCOUNT = (
    Field(
        name="address",
        title=N_("E-mail address"),
        type=FieldType.EMAIL,
        required=True,
        fixed=True,
    ),
    Field(
        name="name",
        title=N_("Your name"),
        help=N_("Customers see it beside the address."),
    ),
)

_CONNECTION = (
    Field(
        name="username",
        title=N_("User name"),
        group=FieldGroup.CONNECTION,
        help=N_("Empty: the e-mail address."),
    ),
    Field(
        name="password",
        title=N_("Password"),
        secret=True,
        group=FieldGroup.CONNECTION,
        help=N_("Empty: the one that is known stays."),
    ),
    Field(
        name="imap_host",
        title=N_("IMAP server"),
        type=FieldType.HOST,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("Where mail is received."),
    ),
    Field(
        name="imap_port",
        title=N_("IMAP port"),
        type=FieldType.PORT,
        group=FieldGroup.CONNECTION,
        help=N_("Empty: 993 with TLS, else 143."),
    ),
    Field(
        name="imap_security",
        title=N_("IMAP security"),
        type=FieldType.CHOICE,
        default="tls",
        choices=_SECURITY,
        choice_titles=_SECURITY_TITLES,
        group=FieldGroup.CONNECTION,
    ),
    Field(
        name="smtp_host",
        title=N_("SMTP server"),
        type=FieldType.HOST,
        required=True,
        group=FieldGroup.CONNECTION,
        help=N_("Where mail is sent."),
    ),
    Field(
        name="smtp_port",
        title=N_("SMTP port"),
        type=FieldType.PORT,
        group=FieldGroup.CONNECTION,
        help=N_("Empty: 465 with TLS, 587 with STARTTLS."),
    ),
    Field(
        name="smtp_security",
        title=N_("SMTP security"),
        type=FieldType.CHOICE,
        default="tls",
        choices=_SECURITY,
        choice_titles=_SECURITY_TITLES,
        group=FieldGroup.CONNECTION,
    ),
    Field(
        name="ca_file",
        title=N_("Extra certificate authority"),
        type=FieldType.FILE,
        group=FieldGroup.CONNECTION,
        help=N_("A PEM file, for a server with a certificate of its own making."),
    ),
    Field(
        name="idle_minutes",
        title=N_("Minutes between renewals"),
        type=FieldType.NUMBER,
        default=str(IDLE_MINUTES),
        least=IDLE_MINUTES_RANGE[0],
        most=IDLE_MINUTES_RANGE[1],
        group=FieldGroup.CONNECTION,
        help=N_("Fewer, where new mail comes late because a router cuts quiet connections."),
    ),
)

# Set by signing in through the browser, together with the tokens in the keyring.
_BROWSER = tuple(
    Field(name=name, title=title, group=FieldGroup.CONNECTION, fixed=True)
    for name, title in (
        ("oauth", N_("Signs in through")),
        ("oauth_client_id", N_("Client id")),
        ("oauth_token_url", N_("Where tokens are renewed")),
    )
)

_MAILBOX = (
    Field(
        name="closed_before",
        title=N_("Older mail arrives closed"),
        type=FieldType.DATE,
        group=FieldGroup.MAILBOX,
        help=N_("From before this day: no notification, no service level. Found by search."),
    ),
    Field(
        name="since",
        title=N_("Nothing older than"),
        type=FieldType.DATE,
        group=FieldGroup.MAILBOX,
        help=N_("Older mail stays on the server. What is here already stays here."),
    ),
    Field(
        name="mark_read",
        title=N_("Mark as read on the server"),
        type=FieldType.CHOICE,
        default="open",
        choices=("open", "close", "never"),
        choice_titles=(N_("When it is read here"), N_("When it is closed here"), N_("Never")),
        group=FieldGroup.MAILBOX,
        help=N_("Whether your phone shows as read what was read here."),
    ),
    Field(
        name="on_close",
        title=N_("Closed conversations on the server"),
        type=FieldType.CHOICE,
        default="keep",
        choices=("keep", "archive"),
        choice_titles=(N_("Stay in the inbox"), N_("Move to the archive")),
        group=FieldGroup.MAILBOX,
        help=N_("What becomes of their messages in the mailbox."),
    ),
    Field(
        name="deleted_elsewhere",
        title=N_("Messages deleted on the server"),
        type=FieldType.CHOICE,
        default="keep",
        choices=("keep", "mark", "mirror"),
        choice_titles=(N_("Stay here"), N_("Stay here, marked"), N_("Are deleted here too")),
        group=FieldGroup.MAILBOX,
        help=N_("When another program, such as a phone, deletes a message."),
    ),
    Field(
        name="sent_copy",
        title=N_("Copy in the Sent folder"),
        type=FieldType.CHOICE,
        default="auto",
        choices=("auto", "append", "never"),
        choice_titles=(N_("Unless the provider files it"), N_("Always"), N_("Never")),
        group=FieldGroup.MAILBOX,
        help=N_("So that other programs show what was sent from here."),
    ),
    Field(
        name="server_drafts",
        title=N_("Copy of drafts in the Drafts folder"),
        type=FieldType.SWITCH,
        default="no",
        choices=_SWITCH,
        group=FieldGroup.MAILBOX,
        help=N_("So that other programs show what is being written here."),
    ),
)

_CONVERSATIONS = (
    Field(
        name="joining",
        title=N_("Who may join a conversation by answering"),
        type=FieldType.CHOICE,
        default="strict",
        choices=("strict", "domain", "lenient"),
        choice_titles=(
            N_("Who is part of it"),
            N_("And colleagues with the same domain"),
            N_("Everybody"),
        ),
        group=FieldGroup.CONVERSATIONS,
        help=N_("The answer of anybody else begins a conversation of its own."),
    ),
    Field(
        name="same_subject_days",
        title=N_("Days within which the same subject is the same conversation"),
        type=FieldType.NUMBER,
        default="0",
        most=_LONGEST_DAYS,
        group=FieldGroup.CONVERSATIONS,
        help=N_("For customers whose program leaves out what an answer belongs to. 0: never."),
    ),
    Field(
        name="reply_token",
        title=N_("Mark the address that answers go to"),
        type=FieldType.SWITCH,
        default="no",
        choices=_SWITCH,
        group=FieldGroup.CONVERSATIONS,
        help=N_("Answers find their conversation, where the mailbox takes shop+…@ addresses."),
    ),
    Field(
        name="subject_token",
        title=N_("Mark the subject"),
        type=FieldType.SWITCH,
        default="no",
        choices=_SWITCH,
        group=FieldGroup.CONVERSATIONS,
        help=N_("Puts a short mark behind the subject, by which answers find their place."),
    ),
)

_AUTOMATIC = (
    Field(
        name="auto_answer",
        title=N_("Automatic answer"),
        type=FieldType.CHOICE,
        default="off",
        choices=("off", "new", "away"),
        choice_titles=(
            N_("Off"),
            N_("To whoever begins a conversation"),
            N_("To everybody, while I am away"),
        ),
        group=FieldGroup.AUTOMATIC,
        help=N_("Once a conversation, and never to machines."),
    ),
    Field(
        name="auto_answer_text",
        title=N_("Text of the automatic answer"),
        type=FieldType.LONG_TEXT,
        most=LONGEST_ANSWER,
        group=FieldGroup.AUTOMATIC,
    ),
    Field(
        name="auto_answer_until",
        title=N_("Last day of the automatic answer"),
        type=FieldType.DATE,
        group=FieldGroup.AUTOMATIC,
        help=N_("Empty: until it is switched off."),
    ),
)

FIELDS = (*_ACCOUNT, *_CONNECTION, *_BROWSER, *_MAILBOX, *_CONVERSATIONS, *_AUTOMATIC)
