"""What a list is asked for and how much each view holds: values only, with no database behind."""

from __future__ import annotations

from dataclasses import dataclass

OWNER_ID = 1  # the first agent of a workspace, and the only one until there is a team
VIEWS = (
    "inbox", "mine", "unassigned", "due", "snoozed", "drafts", "outbox", "closed", "spam", "all",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which conversations a list shows. Everything must hold at once."""

    view: str = "inbox"  # one of VIEWS
    account_id: int | None = None
    tag_id: int | None = None
    unread: bool = False
    unassigned: bool = False
    text: str = ""  # as typed into the search field
    agent_id: int = OWNER_ID  # whose "mine" is


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCounts:
    """How many conversations each view holds; drafts and outbox count drafts and messages."""

    inbox: int = 0
    mine: int = 0
    unassigned: int = 0
    due: int = 0
    snoozed: int = 0
    drafts: int = 0
    outbox: int = 0
    closed: int = 0
    spam: int = 0
    unread: int = 0  # open ones with unread messages
