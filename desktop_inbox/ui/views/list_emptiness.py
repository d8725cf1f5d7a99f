"""What the list says where a view has nothing to show. Words only."""

from __future__ import annotations

from typing import NamedTuple

from desktop_inbox.i18n import N_
from desktop_inbox.ui.views.view_choice import ViewChoice


class Emptiness(NamedTuple):
    """An icon, a heading and a sentence, both still to be translated."""

    icon: str
    title: str
    text: str


_OF_VIEWS = {
    "inbox": Emptiness(
        "inbox",
        N_("Nothing waits for you"),
        N_("New messages arrive here by themselves."),
    ),
    "mine": Emptiness(
        "user-check",
        N_("Nothing is assigned to you"),
        N_("Press A on a conversation to take it."),
    ),
    "unassigned": Emptiness(
        "user-x",
        N_("Every conversation has somebody"),
        N_("What nobody took yet shows up here."),
    ),
    "due": Emptiness(
        "clock",
        N_("Nothing is due"),
        N_("Whoever waits for an answer shows up here, the most urgent first."),
    ),
    "snoozed": Emptiness(
        "alarm-clock",
        N_("Nothing is snoozed"),
        N_("Press H on a conversation to have it come back later."),
    ),
    "drafts": Emptiness(
        "file-pen-line",
        N_("No drafts"),
        N_("What you start to write is kept here until you send it."),
    ),
    "outbox": Emptiness(
        "send",
        N_("Nothing waits to be sent"),
        N_("Messages stay here until the server took them."),
    ),
    "closed": Emptiness(
        "circle-check",
        N_("Nothing is closed yet"),
        N_("Press E on a conversation when it is done."),
    ),
    "spam": Emptiness("ban", N_("No spam"), N_("Conversations marked as spam end up here.")),
    "trash": Emptiness(
        "trash-2",
        N_("The trash is empty"),
        N_("What you throw away lies here and in the trash of its server."),
    ),
}
_ANYTHING_ELSE = Emptiness("inbox", N_("Nothing here"), N_("No conversation belongs to this yet."))


def of_view(choice: ViewChoice) -> Emptiness:
    """Return what an empty view says."""
    known = _OF_VIEWS.get(choice.view) if choice.plain else None
    return known or _ANYTHING_ELSE
