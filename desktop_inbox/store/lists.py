"""What a list is asked for and how much each view holds: values only, with no database behind."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

OWNER_ID = 1  # the first agent of a workspace, and the only one until there is a team
VIEWS = (
    "inbox", "mine", "unassigned", "due", "snoozed", "drafts", "outbox", "closed", "spam", "all",
)  # fmt: skip
SAVED = "saved"  # the view that a person made: see `ListQuery.saved_id`

# What a list can be sorted by, as plain SQL that the indexes are made of too: the greatest comes
# first, what has no such moment has the least, and equals follow newest first.
NEVER = 9_000_000_000_000_000
SORT_KEYS = {
    "newest": "",
    "waiting": f"-ifnull(waiting_since, {NEVER})",
    "due": f"-ifnull(next_due_at, {NEVER})",
    "priority": "CASE priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 "
    "ELSE 0 END",
}
# Conversations that go on for longer than a week have an index of their own.
SHORT = timedelta(days=7)
LASTING = f"last_at - created_at NOT BETWEEN 0 AND {SHORT // timedelta(milliseconds=1)}"


class ListQuery(NamedTuple):
    """Which conversations a list shows. Everything must hold at once."""

    view: str = "inbox"  # one of VIEWS, or SAVED
    account_id: int | None = None
    tag_id: int | None = None
    saved_id: int | None = None  # which saved view, where `view` is SAVED
    sort: str = ""  # one of SORT_KEYS; '': as the view is meant to be, see `sort_of`
    unread: bool = False
    unassigned: bool = False
    text: str = ""  # as typed into the search field
    agent_id: int = OWNER_ID  # whose "mine" is


def sort_of(view: str, chosen: str = "") -> str:
    """Return what a view is sorted by: what was chosen, or what it is for."""
    if chosen in SORT_KEYS:
        return chosen
    return "due" if view == "due" else "newest"


class ViewCounts(NamedTuple):
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
