"""What the steps of a macro are called. Words only."""

from __future__ import annotations

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.macros import ME, Deed, Step
from desktop_inbox.domain.states import Status
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui.views.priority_words import PRIORITIES

TITLES = {
    Deed.PRIORITY: N_("Set the priority"),
    Deed.ASSIGN: N_("Assign"),
    Deed.TAG: N_("Add a tag"),
    Deed.UNTAG: N_("Take a tag off"),
    Deed.STAR: N_("Star"),
    Deed.NOTE: N_("Write a note"),
    Deed.SNOOZE: N_("Snooze for"),
}


def value_words(deed: Deed, value: str) -> str:
    """What a step is done with."""
    match deed:
        case Deed.PRIORITY:
            return _(PRIORITIES[value])
        case Deed.ASSIGN:
            return _("me") if value == ME else _("nobody")
        case Deed.STAR:
            return _("on") if value == "on" else _("off")
        case Deed.SNOOZE:
            days = int(value)
            return ngettext("{n} day", "{n} days", days).format(n=days)
        case _:
            return visible(value)


def step_words(step: Step) -> str:
    """One step in a few words."""
    return f"{_(TITLES[step.deed])}: {value_words(step.deed, step.value)}"


def deeds(row: CannedRow) -> list[str]:
    """What a canned response does besides its words, each in a few words."""
    steps = (Step(deed=Deed.TAG, value=row.tag), *row.steps) if row.tag else row.steps
    closing = [_("close the conversation")] if row.status == Status.CLOSED.value else []
    return [*map(step_words, steps), *closing]
