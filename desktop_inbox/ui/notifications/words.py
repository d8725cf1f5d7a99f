"""What a notification says. Words only, in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QLocale

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.notices import Family, Happened, Kind, Telling
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.ui.notifications.shower import Card
from desktop_inbox.ui.views.formats import moment
from desktop_inbox.ui.views.row_words import length_words

REPLY, READ, CLOSE = "reply", "read", "close"
_LONGEST_TITLE = 90
_LONGEST_BODY = 280
_NAMED = 4  # in a summary

_DUE: dict[str, str] = {
    "first_response": N_("A first answer is due at {time}."),
    "next_response": N_("An answer is due at {time}."),
    "resolution": N_("A solution is due at {time}."),
    "periodic_update": N_("News from you is due at {time}."),
}
_WAS_DUE: dict[str, str] = {
    "first_response": N_("A first answer was due at {time}."),
    "next_response": N_("An answer was due at {time}."),
    "resolution": N_("A solution was due at {time}."),
    "periodic_update": N_("News from you was due at {time}."),
}
_CATEGORIES = {
    Kind.EMAIL: "email.arrived",
    Kind.CHAT: "im.received",
    Kind.MENTION: "im.received",
    Kind.FAILED_SEND: "email.bounced",
    Kind.ACCOUNT: "network.error",
}


def card(telling: Telling, *, privacy: str, now: datetime) -> Card:
    """Return a notification in words. `privacy` is "all", "name" (no text) or "none"."""
    write = _SUMMARIES[telling.family] if telling.is_summary else _SINGLE[telling.first.kind]
    title, body = write(telling, now) if privacy != "none" else _nameless(telling)
    if privacy == "name" and telling.family in (Family.MESSAGES, Family.WOKEN):
        body = ""
    return Card(
        title=_short(title, _LONGEST_TITLE),
        body=_short(body, _LONGEST_BODY),
        actions=_actions(telling),
        category=_CATEGORIES.get(telling.first.kind, ""),
        urgent=telling.first.kind in (Kind.BREACH, Kind.FAILED_SEND),
        sound=telling.sound,
    )


def sample(*, actions: bool) -> Card:
    """Return what the test button shows."""
    buttons = _("Its buttons work too.") if actions else ""
    return Card(
        title=_("This is how Desktop Inbox tells you of news"),
        body=_lines(_("A click on it opens the conversation."), buttons),
        actions=((REPLY, _("Reply")),) if actions else (),
        sound=True,
    )


def _actions(telling: Telling) -> tuple[tuple[str, str], ...]:
    """Buttons act on one conversation only; what several need is looked at in the window."""
    if telling.is_summary or telling.first.conversation_id is None:
        return ()
    if telling.family is Family.FAILURES:
        return ()
    buttons = ((REPLY, _("Reply")), (CLOSE, _("Close conversation")))
    if telling.family is Family.MESSAGES:
        return buttons[0], (READ, _("Mark read")), buttons[1]
    return buttons


# One thing


def _message(telling: Telling, _now: datetime) -> tuple[str, str]:
    one = telling.first
    return _name(one), _lines("" if one.kind is Kind.CHAT else one.subject, one.text)


def _mention(telling: Telling, _now: datetime) -> tuple[str, str]:
    one = telling.first
    return _("You were mentioned: {name}").format(name=_name(one)), _lines(one.text)


def _warning(telling: Telling, now: datetime) -> tuple[str, str]:
    one = telling.first
    due = _(_DUE.get(one.what, _DUE["next_response"]))
    due = due.format(time=moment(one.due_at or one.at, now=now))
    return _("Due soon: {name}").format(name=_name(one)), _lines(due, one.subject)


def _breach(telling: Telling, now: datetime) -> tuple[str, str]:
    one = telling.first
    if telling.while_away:
        title = _("Overdue {time}: {name}").format(time=length_words(now - one.at), name=_name(one))
        return title, _lines(_("The computer was off."), one.subject)
    due = _(_WAS_DUE.get(one.what, _WAS_DUE["next_response"]))
    body = _lines(due.format(time=moment(one.at, now=now)), one.subject)
    return _("Overdue: {name}").format(name=_name(one)), body


def _window(telling: Telling, now: datetime) -> tuple[str, str]:
    one = telling.first
    until = moment(one.due_at or one.at, now=now)
    if one.what == "closed":
        title = _("Reply window closed: {name}")
        body = _("You could answer until {time}.").format(time=until)
        away = _("The computer was off.") if telling.while_away else ""
        return title.format(name=_name(one)), _lines(body, away, one.subject)
    left = length_words((one.due_at or one.at) - now)
    title = _("{time} left to answer: {name}").format(time=left, name=_name(one))
    body = _("The channel lets you answer freely until {time}.").format(time=until)
    return title, _lines(body, one.subject)


def _failure(telling: Telling, _now: datetime) -> tuple[str, str]:
    one = telling.first
    if one.what == "uncertain":
        title = _("It is unknown whether this arrived: {subject}")
        body = _("Look whether {name} has it before you send it again.")
    else:
        title = _("Not sent: {subject}")
        body = _("Your message to {name} needs you.")
    subject = visible(one.subject) or _("(no subject)")
    return title.format(subject=subject), _lines(body.format(name=_name(one)), one.text)


def _account(telling: Telling, _now: datetime) -> tuple[str, str]:
    one = telling.first
    return _("{name} is not connected").format(name=_name(one)), _lines(one.text)


def _woke(telling: Telling, _now: datetime) -> tuple[str, str]:
    one = telling.first
    if one.what == "no answer":
        return _("No answer yet: {name}").format(name=_name(one)), _lines(one.subject)
    return _("Back from snoozing: {name}").format(name=_name(one)), _lines(one.subject, one.text)


# Several


def _messages(telling: Telling, _now: datetime) -> tuple[str, str]:
    count = len(telling.happened)
    title = ngettext("{count} new message", "{count} new messages", count)
    return title.format(count=_figure(count)), _names(telling)


def _clocks(telling: Telling, now: datetime) -> tuple[str, str]:
    overdue = [one for one in telling.happened if one.kind is Kind.BREACH]
    count = len(overdue) or len(telling.happened)
    if overdue:
        title = ngettext(
            "{count} conversation is overdue", "{count} conversations are overdue", count
        )
    else:
        title = ngettext(
            "{count} conversation is due soon", "{count} conversations are due soon", count
        )
    first = telling.first
    if not overdue:
        return title.format(count=_figure(count)), _names(telling)
    longest = _("{name} for {time}").format(name=_name(first), time=length_words(now - first.at))
    away = _("The computer was off.") if telling.while_away else ""
    return title.format(count=_figure(count)), _lines(longest, away)


def _windows(telling: Telling, _now: datetime) -> tuple[str, str]:
    count = len(telling.happened)
    if all(one.what == "closed" for one in telling.happened):
        title = ngettext("{count} reply window closed", "{count} reply windows closed", count)
    else:
        title = ngettext(
            "{count} reply window closes soon", "{count} reply windows close soon", count
        )
    return title.format(count=_figure(count)), _names(telling)


def _failures(telling: Telling, _now: datetime) -> tuple[str, str]:
    count = len(telling.happened)
    title = ngettext("{count} message was not sent", "{count} messages were not sent", count)
    return title.format(count=_figure(count)), _names(telling)


def _accounts(telling: Telling, _now: datetime) -> tuple[str, str]:
    count = len(telling.happened)
    title = ngettext(
        "{count} channel is not connected", "{count} channels are not connected", count
    )
    return title.format(count=_figure(count)), _names(telling)


def _woken(telling: Telling, _now: datetime) -> tuple[str, str]:
    count = len(telling.happened)
    title = ngettext(
        "{count} conversation is back",
        "{count} conversations are back",
        count,
    )
    return title.format(count=_figure(count)), _names(telling)


_Write = Callable[[Telling, datetime], tuple[str, str]]
_SINGLE: dict[Kind, _Write] = {
    Kind.CHAT: _message,
    Kind.EMAIL: _message,
    Kind.MENTION: _mention,
    Kind.WARNING: _warning,
    Kind.BREACH: _breach,
    Kind.WINDOW: _window,
    Kind.FAILED_SEND: _failure,
    Kind.ACCOUNT: _account,
    Kind.WOKE: _woke,
}
_SUMMARIES: dict[Family, _Write] = {
    Family.MESSAGES: _messages,
    Family.CLOCKS: _clocks,
    Family.WINDOWS: _windows,
    Family.FAILURES: _failures,
    Family.ACCOUNTS: _accounts,
    Family.WOKEN: _woken,
}


def _nameless(telling: Telling) -> tuple[str, str]:
    """What is left where neither names nor words may be seen by whoever passes the screen."""
    count = len(telling.happened)
    words = {
        Family.MESSAGES: ngettext("{count} new message", "{count} new messages", count),
        Family.CLOCKS: _("A conversation needs you"),
        Family.WINDOWS: _("A conversation needs you"),
        Family.FAILURES: ngettext(
            "{count} message was not sent", "{count} messages were not sent", count
        ),
        Family.ACCOUNTS: _("A channel needs you"),
        Family.WOKEN: ngettext(
            "{count} conversation is back", "{count} conversations are back", count
        ),
    }
    return words[telling.family].format(count=_figure(count)), ""


def _names(telling: Telling) -> str:
    every = list(dict.fromkeys(_name(one) for one in telling.happened))
    if len(every) <= _NAMED:
        return ", ".join(every)
    return _("{names} and {count} more").format(
        names=", ".join(every[:_NAMED]), count=_figure(len(every) - _NAMED)
    )


def _name(happened: Happened) -> str:
    return visible(happened.who) or _("Unknown sender")


def _lines(*lines: str) -> str:
    return "\n".join(visible(line) for line in lines if line.strip())


def _figure(count: int) -> str:
    return QLocale().toString(count)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
