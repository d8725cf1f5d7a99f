"""Lines of a conversation's history in words: who did what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import N_, _
from desktop_inbox.store.rows import EventRow
from desktop_inbox.ui.views.formats import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What uids in events are called."""

    tags: Mapping[str, str]
    agents: Mapping[str, str]
    me: str  # the name of whoever sits here
    my_uid: str


def describe(event: EventRow, *, names: Names, now: datetime) -> str:
    """Return one line for an event, '' for what nobody needs to read."""
    if event.kind in _BY_ITSELF and event.by_program:
        return _(_BY_ITSELF[event.kind])
    told = [
        words
        for change in event.changes
        if (words := _change(change, event.actor_name, names=names, now=now))
    ]
    return " · ".join(dict.fromkeys(told))


# What nobody did: why a conversation is where it is (rules A3, H1, H3).
_BY_ITSELF = {
    "conversation.woke": N_("The snooze ended: the conversation came back"),
    "conversation.reopened": N_("The customer wrote: the conversation came back"),
    "conversation.reminded": N_("No reply came: the conversation is back as you asked"),
    "server.star": N_("It got a star in another mail program"),
    "server.unstar": N_("Its star was taken off in another mail program"),
    "conversation.kept_open": N_("Asked the customer to write again, so that you can answer"),
    "conversation.answered": N_("The customer replied, so the reminder is off"),
}
# What says enough by its name, told of oneself and of somebody else.
_DEEDS = {
    "priority": (N_("You set the priority to {value}"), N_("{who} set the priority to {value}")),
    "subject": (N_("You changed the subject"), N_("{who} changed the subject")),
    "service_level": (
        N_("You chose another service level"),
        N_("{who} chose another service level"),
    ),
    "merged_into": (N_("You merged the conversation"), N_("{who} merged the conversation")),
}


def _change(
    change: tuple[str, str, str, object, object], actor: str, *, names: Names, now: datetime
) -> str:
    entity, _uid, field, before, after = change
    if field == "refusal" and isinstance(after, dict):
        return _refusal(after)
    if field == "automation":
        return _("Automatic answers were stopped: too many left at once")
    if field.startswith("returned:"):
        return _("The mail to {address} came back").format(
            address=visible(field.removeprefix("returned:"))
        )
    if (entity, field) == ("message", "kind"):
        return _kind(after, actor, names)
    if entity != "conversation":
        return ""
    if field.startswith("tag:"):
        return _tag(field.removeprefix("tag:"), bool(after), actor, names)
    if field == "status":
        return _status(str(before), str(after), actor, names)
    if field == "assignee":
        return _assignee(after, actor, names)
    if field == "snooze":
        return _snooze(after, actor, names, now)
    if field == "follow_up":
        return _follow_up(after, actor, names, now)
    if field == "starred":
        return _starred(bool(after), actor, names)
    if field.startswith("channel:"):
        return _channel(str(after), field.removeprefix("channel:"))
    if field in _DEEDS and (after or field != "merged_into"):
        value = _priorities().get(str(after), str(after)) if field == "priority" else ""
        mine, theirs = _DEEDS[field]
        return _by(actor, names, _(mine), _(theirs)).format(value=value, who=visible(actor))
    return ""


def _channel(kind: str, chat: str) -> str:
    from desktop_inbox.ui.views.channel_marks import named  # the first frame does without

    return _("The conversation goes on by {channel}").format(channel=visible(named(kind, chat)))


def _by(actor: str, names: Names, mine: str, theirs: str) -> str:
    """The sentence for the person who sits here, or for another."""
    return mine if not actor or actor == names.me else theirs


def _status(before: str, after: str, actor: str, names: Names) -> str:
    who = visible(actor)
    if after == "closed":
        text = _by(
            actor, names, _("You closed the conversation"), _("{who} closed the conversation")
        )
    elif after == "spam":
        text = _by(actor, names, _("You marked it as spam"), _("{who} marked it as spam"))
    elif after == "trash":
        text = _by(
            actor,
            names,
            _("You put the conversation into the trash"),
            _("{who} put the conversation into the trash"),
        )
    elif after == "open" and before in ("closed", "spam", "trash"):
        text = _by(
            actor, names, _("You reopened the conversation"), _("{who} reopened the conversation")
        )
    elif after == "open" and before == "snoozed":
        text = _("The conversation came back")
    else:
        return ""
    return text.format(who=who)


_NOT_FOLLOWED = {
    "flagged": N_("The server did not keep the star, so this was taken back"),
    "edit": N_("The service did not change the message: it says what it said before"),
    "withdraw": N_("The service did not take the message back: the customer still sees it"),
    "react": N_("The service did not keep the reaction, so this was taken back"),
}


def _refusal(why: Mapping[str, object]) -> str:
    """Why something that was done here was taken back: the server did not follow (rule O7)."""
    words = _NOT_FOLLOWED.get(str(why.get("action")))
    told = _(words) if words else _told_of_move(why)
    detail = visible(str(why.get("detail") or ""))
    return f"{told}: {detail}" if detail else told


def _told_of_move(why: Mapping[str, object]) -> str:
    return {
        "junk": _("The server did not move a message to spam, so this was taken back"),
        "trash": _("The server did not move a message to the trash, so this was taken back"),
        "archive": _("The server did not move a message to the archive, so this was taken back"),
        "home": _("The server did not move a message back, so this was taken back"),
    }.get(
        str(why.get("target")),
        _("The server did not mark a message as read or unread, so this was taken back"),
    )


def _assignee(after: object, actor: str, names: Names) -> str:
    who = visible(actor)
    if after is None:
        text = _by(
            actor, names, _("You took the assignment off"), _("{who} took the assignment off")
        )
        return text.format(who=who)
    if after == names.my_uid:
        return _by(
            actor, names, _("You took the conversation"), _("{who} assigned it to you")
        ).format(who=who)
    name = visible(names.agents.get(str(after), ""))
    return _by(
        actor, names, _("You assigned it to {name}"), _("{who} assigned it to {name}")
    ).format(who=who, name=name)


def _snooze(after: object, actor: str, names: Names, now: datetime) -> str:
    if not isinstance(after, dict):
        return ""
    until = after.get("until")
    if isinstance(until, int):
        at = moment(datetime.fromtimestamp(until / 1000, tz=UTC), now=now)
        text = _by(
            actor, names, _("You snoozed it until {time}"), _("{who} snoozed it until {time}")
        )
        return text.format(time=at, who=visible(actor))
    if after.get("until_reply"):
        text = _by(
            actor, names, _("You snoozed it until a reply"), _("{who} snoozed it until a reply")
        )
        return text.format(who=visible(actor))
    return ""


def _follow_up(after: object, actor: str, names: Names, now: datetime) -> str:
    at = after.get("at") if isinstance(after, dict) else None
    if not isinstance(at, int):
        text = _by(actor, names, _("You took the reminder off"), _("{who} took the reminder off"))
        return text.format(who=visible(actor))
    text = _by(
        actor,
        names,
        _("You asked for it to come back {time} if nobody replies"),
        _("{who} asked for it to come back {time} if nobody replies"),
    )
    when = moment(datetime.fromtimestamp(at / 1000, tz=UTC), now=now)
    return text.format(time=when, who=visible(actor))


def _starred(on: bool, actor: str, names: Names) -> str:
    if on:
        text = _by(actor, names, _("You gave it a star"), _("{who} gave it a star"))
    else:
        text = _by(actor, names, _("You took the star off"), _("{who} took the star off"))
    return text.format(who=visible(actor))


def _kind(after: object, actor: str, names: Names) -> str:
    if after == "automated":
        text = _by(
            actor,
            names,
            _("You marked it as written by a machine"),
            _("{who} marked it as written by a machine"),
        )
    else:
        text = _by(
            actor,
            names,
            _("You marked it as written by a person"),
            _("{who} marked it as written by a person"),
        )
    return text.format(who=visible(actor))


def _tag(uid: str, added: bool, actor: str, names: Names) -> str:
    name = visible(names.tags.get(uid, ""))
    if not name:
        return ""
    if added:
        text = _by(actor, names, _("You added tag {name}"), _("{who} added tag {name}"))
    else:
        text = _by(actor, names, _("You removed tag {name}"), _("{who} removed tag {name}"))
    return text.format(name=name, who=visible(actor))


def _priorities() -> dict[str, str]:
    return {"low": _("low"), "normal": _("normal"), "high": _("high"), "urgent": _("urgent")}
