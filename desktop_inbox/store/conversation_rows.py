"""What the list shows of a conversation, as a read returned it: frozen, nothing here is live.

Apart from the other rows, because the first frame of the window does without those.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from desktop_inbox.store.moments import to_milliseconds

if TYPE_CHECKING:
    from desktop_inbox.domain.states import Direction, Priority, Status


class TagRow(NamedTuple):
    """A tag as it stands on what bears it."""

    id: int
    uid: str
    name: str
    hue: int  # 0 to 359
    open_count: int = 0  # conversations that bear it, where asked for


class ConversationRow(NamedTuple):
    """What one line of the list, and the head of the thread view, show.

    A named tuple, as each page makes fifty: a frozen data class sets each field by its own call.
    """

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
    reply_until: datetime | None = None  # how long its chat may be answered; None: always
    chat: str = ""  # what its channel calls the chat it goes on in; '' for mail

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
