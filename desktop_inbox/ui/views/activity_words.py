"""What was done in the workspace, in words: one line an action. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QLocale

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.activity import ActivityRow
from desktop_inbox.store.rows import EventRow
from desktop_inbox.ui.views.event_words import Names
from desktop_inbox.ui.views.event_words import describe as in_history

_SPLIT = "conversation.split"
# Kinds whose words the history of a conversation does not have; `{name}` is what they are about.
_KINDS: Mapping[str, tuple[str, str]] = {
    "conversation.unread": (N_("You marked it unread"), N_("{who} marked it unread")),
    _SPLIT: (
        N_("You split the conversation"),
        N_("{who} split the conversation"),
    ),
    "conversation.merge": (
        N_("You merged conversations"),
        N_("{who} merged conversations"),
    ),
    "conversation.tag": (N_("You changed the tags"), N_("{who} changed the tags")),
    "conversation.service_level": (
        N_("You chose the service level"),
        N_("{who} chose the service level"),
    ),
    "note.new": (N_("You wrote a note"), N_("{who} wrote a note")),
    "customer.edit": (N_("You changed a customer"), N_("{who} changed a customer")),
    "customer.tag": (N_("You changed a customer's tags"), N_("{who} changed a customer's tags")),
    "customer.merge": (N_("You merged two customers"), N_("{who} merged two customers")),
    "customer.unmerge": (N_("You split two customers"), N_("{who} split two customers")),
    "customer.apart": (
        N_("You kept two customers apart"),
        N_("{who} kept two customers apart"),
    ),
    "customer_field.new": (
        N_("You made the customer field {name}"),
        N_("{who} made the customer field {name}"),
    ),
    "tag.new": (N_("You made the tag {name}"), N_("{who} made the tag {name}")),
    "tag.name": (N_("You renamed a tag to {name}"), N_("{who} renamed a tag to {name}")),
    "tag.colour": (N_("You changed a tag's colour"), N_("{who} changed a tag's colour")),
    "tag.remove": (N_("You removed a tag"), N_("{who} removed a tag")),
    "canned.new": (
        N_("You made a canned response"),
        N_("{who} made a canned response"),
    ),
    "canned.edit": (
        N_("You changed a canned response"),
        N_("{who} changed a canned response"),
    ),
    "canned.remove": (
        N_("You removed a canned response"),
        N_("{who} removed a canned response"),
    ),
    "view.new": (N_("You made the view {name}"), N_("{who} made the view {name}")),
    "view.edit": (N_("You changed a view"), N_("{who} changed a view")),
    "view.move": (N_("You moved a view"), N_("{who} moved a view")),
    "view.remove": (N_("You removed a view"), N_("{who} removed a view")),
    **dict.fromkeys(
        ("policy.new", "policy.edit", "policy.move", "policy.remove"),
        (N_("You changed the service levels"), N_("{who} changed the service levels")),
    ),
    **dict.fromkeys(
        ("hours.new", "hours.edit", "hours.remove"),
        (N_("You changed the business hours"), N_("{who} changed the business hours")),
    ),
    "agent.edit": (N_("You changed your profile"), N_("{who} changed the profile")),
    "server.star": (
        N_("It got a star in another mail program"),
        N_("It got a star in another mail program"),
    ),
    "server.unstar": (
        N_("Its star was taken off in another mail program"),
        N_("Its star was taken off in another mail program"),
    ),
    "server.refused": (
        N_("The server did not follow, so it was taken back"),
        N_("The server did not follow, so it was taken back"),
    ),
}
_ON_THE_WAY = {"tag.new": 1, "tag.colour": 2}
_OTHER = (N_("You changed the settings"), N_("{who} changed the settings"))

# What can be shown alone: words, and how kinds begin.
FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Everything"), ()),
    (N_("Conversations"), ("conversation.", "note.", "server.")),
    (N_("Customers"), ("customer.", "customer_field.")),
    (N_("Tags"), ("tag.", "conversation.tag", "customer.tag")),
    (N_("Canned responses"), ("canned.",)),
)


def describe(row: ActivityRow, *, names: Names, now: datetime) -> str:
    """Return what was done, in one line."""
    # Giving a tag that is new makes it on the way; what was meant is the giving.
    events = sorted(row.events, key=lambda one: _ON_THE_WAY.get(one.kind, 0))
    words = next(filter(None, (_event(one, names, now) for one in events)), "")
    if row.takes_back:
        words = _("Taken back: {what}").format(what=words)
    if row.conversations > 1 and row.events[0].kind != _SPLIT:
        count = QLocale().toString(row.conversations)
        more = ngettext("{count} conversation", "{count} conversations", row.conversations)
        words = f"{words} · {more.format(count=count)}"
    return words


def _event(one: EventRow, names: Names, now: datetime) -> str:
    # What is split off has a subject and a customer of its own, which is not what was done.
    told = "" if one.kind == _SPLIT else in_history(one, names=names, now=now)
    if told:
        return told
    mine, theirs = _KINDS.get(one.kind, _OTHER)
    who = visible(one.actor_name)
    text = _(mine if not who or who == names.me else theirs)
    return text.format(who=who, name=_name(one))


def _name(one: EventRow) -> str:
    return next(
        (visible(str(after)) for _e, _u, field, _b, after in one.changes if field == "name"), ""
    )


def about(row: ActivityRow) -> str:
    """Return where it was done: the subject and the customer, or who was changed."""
    if row.conversation_id is None:
        return visible(row.customer_name)
    parts = (row.customer_name, row.subject or _("(no subject)"))
    return " · ".join(visible(part) for part in parts if part)
