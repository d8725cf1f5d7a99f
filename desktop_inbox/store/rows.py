"""Frozen rows that reads return and the interface shows. Nothing here is live."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only named here, and the first frame of the window does without most of them
    from desktop_inbox.domain.conditions import Group
    from desktop_inbox.domain.macros import Step
    from desktop_inbox.domain.messages import Address, Delivery, Invitation, MessageClass
    from desktop_inbox.domain.pieces import Piece
    from desktop_inbox.domain.states import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    id: int
    uid: str
    name: str
    email: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    id: int
    uid: str
    kind: str
    title: str
    address: str
    settings: dict[str, object]
    enabled: bool
    state: str  # a sync.runner.State value
    state_detail: dict[str, object]
    last_sync_at: datetime | None
    progress_done: int
    progress_total: int
    open_count: int = 0  # open conversations whose latest message came through it
    limits: dict[str, int] = field(default_factory=dict)  # what the service said it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    id: int
    message_id: int
    name: str
    safe_name: str
    media_type: str
    size: int  # bytes
    state: str  # "file", "message" or "server"
    section: str
    sha256: str
    content_id: str
    inline: bool
    problem: str = ""  # of one on a messaging service: why it cannot be fetched, "gone", …


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionRow:
    """What somebody thinks of a message."""

    name: str  # whose; '' for our own
    ours: bool
    emojis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of a conversation, with its body."""

    id: int
    uid: str
    conversation_id: int
    account_id: int | None
    channel: str
    direction: Direction
    kind: MessageClass
    author_name: str  # the customer's, the agent's, or '' for the program
    external_id: str
    client_ref: str
    in_reply_to: str
    references: tuple[str, ...]
    subject: str
    from_: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    at: datetime
    snippet: str
    seen: bool
    complete: bool
    unreadable: str  # '' or why it is shown raw
    warnings: tuple[str, ...]
    delivered_to: tuple[str, ...]  # our addresses, where several accounts received it (rule C4)
    report: dict[str, object]  # {"absent_until": "2026-12-01"}; of a bounce {"about", "recipients"}
    delivery: Delivery | None
    delivery_detail: dict[str, object]
    not_before: datetime | None  # while queued: end of undo send, or send later
    text: str
    visible_text: str
    html: str  # of what was written here
    has_html: bool  # of mail: made safe from the raw message when it is looked at
    invitation: Invitation | None = None
    raw_sha256: str
    raw_packed: bytes = field(default=b"", repr=False)  # see store.raw_mails
    attachments: tuple[AttachmentRow, ...]
    # Of messaging channels:
    chat: str = ""  # what its channel calls the chat now
    pieces: tuple[Piece, ...] = ()
    edited_at: datetime | None = None  # what it said before: store.chat_messages.versions
    withdrawn_at: datetime | None = None  # its author took it back
    repeats: int = 1  # how many alike it stands for
    reactions: tuple[ReactionRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of history: what we did to a conversation."""

    uid: str
    at: datetime
    actor_name: str
    kind: str
    changes: tuple[tuple[str, str, str, object, object], ...]
    undone: bool
    by_program: bool = False  # nobody did it; it happened by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    id: int
    kind: str
    address: str
    label: str
    verified: bool = False  # its service vouches for it, or a mail proved it (rule E1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    id: int
    uid: str
    name: str
    company: str
    notes: str
    first_seen_at: datetime
    identities: tuple[IdentityRow, ...]
    vip: bool = False
    blocked: bool = False  # their mail goes to spam
    language: str = ""  # "tr", "en-GB"; '' where nobody has said
    time_zone: str = ""  # "Europe/Istanbul"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    id: int
    uid: str
    conversation_id: int | None
    account_id: int | None
    mode: str  # reply, reply_all, forward, note or new
    answers_id: int | None
    revision: int
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    body: str
    rich: str = ""  # the body with its layout, '' where it has none
    sender: str = ""  # uid of the identity it goes out under, '' for the one that answers
    caret: int
    quote: bool  # whether the answered message goes along below the text
    attachments: tuple[dict[str, object], ...]  # name, media_type, size, sha256, content_id
    form: dict[str, object] | None = None  # of messaging channels, as store.drafts.NewDraft has it
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    message_id: int
    conversation_id: int
    account_id: int
    customer_name: str  # or the address, where there is no name
    subject: str
    state: str  # queued, sending, uncertain, failed or filing
    not_before: datetime
    next_at: datetime
    attempts: int
    queued_at: datetime
    error_code: str
    error_text: str
    client_ref: str
    recipients: tuple[str, ...] | None  # who does not have it yet; None: nobody has it
    tried_since: datetime | None  # the first attempt of this series that failed
    look_at: datetime | None  # uncertain: when it is looked for next by itself
    looks: int
    looked_at: datetime | None  # uncertain: when it was looked for last
    look_error: str  # why that failed; '' where it was looked for and not there
    account_state: str  # of the account's runner, such as "needs_sign_in"
    account_enabled: bool
    channel: str = "email"  # the kind of its account


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedRow:
    id: int
    uid: str
    title: str
    shortcut: str
    body: str
    bodies: tuple[tuple[str, str], ...]  # (language, text), where it differs from `body`
    folder: str
    files: tuple[dict[str, object], ...]  # as a draft keeps them
    channels: tuple[str, ...]  # kinds it is for; () for every one
    tag: str  # the name of the tag that using it gives, or ''
    status: str  # what sending it makes of the conversation, or ''
    steps: tuple[Step, ...]  # what else sending it does
    uses: int
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedViewRow:
    id: int
    uid: str
    name: str
    position: str  # sorts among the others
    condition: Group | None  # None: a newer version made it, and it cannot be read here
