"""Frozen rows that reads return and the interface shows. Nothing here is live."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from desktop_inbox.store.moments import to_milliseconds

if TYPE_CHECKING:  # only named here, and the first frame of the window does without most of them
    from desktop_inbox.domain.conditions import Group
    from desktop_inbox.domain.macros import Step
    from desktop_inbox.domain.messages import Address, Delivery, Invitation, MessageClass
    from desktop_inbox.domain.states import Direction, Priority, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    id: int
    uid: str
    name: str
    hue: int  # 0 to 359
    count: int = 0  # open conversations that bear it, where asked for


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
class ConversationRow:
    """What one line of the list, and the head of the thread view, show."""

    id: int
    uid: str
    subject: str
    customer_id: int | None
    customer_name: str
    status: Status
    priority: Priority
    assignee_id: int | None
    assignee_name: str
    snoozed_until: datetime | None
    snoozed_until_reply: bool
    channel: str  # kind of the account of its latest message
    account_id: int | None
    last_at: datetime
    last_direction: Direction
    waiting_since: datetime | None
    next_due_at: datetime | None  # of the clock to look at first; None where none runs
    unread: int
    message_count: int
    has_attachment: bool
    failed: bool
    snippet: str
    draft_snippet: str  # '' where there is no draft
    tags: tuple[TagRow, ...]
    due_clock: str | None = None  # a ClockKind of domain.service_levels
    due_state: str | None = None  # "running" or "paused"
    warn_at: datetime | None = None  # when most of its time is over
    # Of the snippet: where what was searched for stands.
    marks: tuple[tuple[int, int], ...] = ()
    snooze_stays: bool = False  # a reply does not end the snooze
    starred: bool = False
    follow_up_at: datetime | None = None  # it comes back then if nobody answers
    woke_at: datetime | None = None  # when it came back by itself
    woke_why: str | None = None  # "snooze" or "follow_up"
    follow_up_since: datetime | None = None  # when somebody asked to be reminded

    # Values that belong together, as events name them:

    @property
    def snooze(self) -> dict[str, object] | None:
        """Until when it is snoozed, and whether a reply matters; None while it is not."""
        if self.snoozed_until is None and not self.snoozed_until_reply:
            return None
        until = None if self.snoozed_until is None else to_milliseconds(self.snoozed_until)
        ends: dict[str, object] = {"until": until, "until_reply": self.snoozed_until_reply}
        return ends | {"stays": True} if self.snooze_stays else ends

    @property
    def follow_up(self) -> dict[str, object] | None:
        """When somebody wants to be reminded, and since when."""
        if self.follow_up_at is None or self.follow_up_since is None:
            return None
        return {
            "at": to_milliseconds(self.follow_up_at),
            "since": to_milliseconds(self.follow_up_since),
        }

    @property
    def woke(self) -> dict[str, object] | None:
        """When it came back by itself, and why."""
        if self.woke_at is None:
            return None
        return {"at": to_milliseconds(self.woke_at), "why": self.woke_why}


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
    attachments: tuple[AttachmentRow, ...]


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
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    message_id: int
    conversation_id: int
    account_id: int
    customer_name: str
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
