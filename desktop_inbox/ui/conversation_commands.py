"""What actions of the one table do with conversations, whichever those are. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from desktop_inbox.domain.conversations import Priority
from desktop_inbox.ui.commands import Commands, Ids

Command: TypeAlias = Callable[[Ids], None]


def by_action(commands: Commands) -> dict[str, Command]:
    """Return the command of each action that needs to know no more than the conversations."""
    does: dict[str, Command] = {
        "conversation.close": commands.close,
        "conversation.reopen": commands.reopen,
        "conversation.assign": commands.assign_to_me,
        "conversation.unassign": commands.unassign,
        "conversation.read": commands.mark_read,
        "conversation.unread": commands.mark_unread,
        "conversation.spam": commands.spam,
        "conversation.trash": commands.throw_away,
        "conversation.rename": commands.offer_rename,
        "conversation.merge": commands.offer_merge,
        "conversation.snooze": commands.offer_snooze,
        "conversation.snooze_again": commands.snooze_again,
        "conversation.follow_up": commands.offer_follow_up,
        "conversation.star": commands.star,
        "conversation.automated": commands.automated,
    }
    for priority in Priority:
        does[priority_action(priority)] = partial(commands.prioritise, priority=priority)
    return does


def priority_action(priority: Priority) -> str:
    """Return the id of the action that gives a priority."""
    return f"priority.{priority.value}"
