"""What is said of the ways to a customer: until when, why not, and what can be done. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.ui.views.composer_words import channel_name
from desktop_inbox.ui.views.formats import moment
from desktop_inbox.ui.views.row_words import is_soon, length_words

GONE = "gone"  # the account was removed while somebody wrote
# Reasons for which nothing can be queued; with the others a message waits in the outbox.
HARD = frozenset(
    {
        GONE,
        channels.NO_ACCOUNT,
        channels.CANNOT_SEND,
        channels.CANNOT_WRITE_FIRST,
        channels.WINDOW_CLOSED,
    }
)

# Reasons for which a message only waits, whoever it is to.
WAITS = frozenset({channels.PAUSED, channels.NEEDS_SIGN_IN})

# What a person can do about a reason; see `channel_desk`.
ADD, RESUME, SIGN_IN, UNBLOCK = "add", "resume", "sign-in", "unblock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """Until when somebody can be answered."""

    text: str
    short: str  # where there is little room
    tone: str  # of the theme's colours


def countdown(way: Way, at: datetime, *, human_agent: bool = False) -> Countdown | None:
    """Return how long is left to answer, None where there is no end, or it has come."""
    window = way.window
    until = window.agent_until if human_agent and window.agent_until else window.until
    if not window.limited or until is None or until <= at:
        return None
    left = length_words(until - at)
    told = _("Can be answered until {time}, {left} left")
    return Countdown(
        text=told.format(time=moment(until, now=at), left=left),
        short=_("{left} left").format(left=left),
        tone="warn" if is_soon(until - at) else "muted",
    )


def name(way: Way) -> str:
    """What a way is through, in the middle of a sentence: WhatsApp, e-mail."""
    return way.service or channel_name(way.kind)


def badge(way: Way) -> str:
    """Whose badge a way has: of its service, where its channel carries several."""
    return way.service.lower() or way.kind


def title(way: Way) -> str:
    """A way in a list: Telegram · @elif."""
    no_channel = way.account_id is None  # then the kind is that of the address
    through = _("Phone") if no_channel and way.kind == "phone" else name(way)
    through = f"{through[:1].upper()}{through[1:]}"
    return " · ".join(visible(part) for part in (through, way.label) if part)


def hint(way: Way, at: datetime) -> str:
    """What stands beside it: until when, or why not and what to do about it."""
    match way.why_not(at):
        case "":
            until = way.window.until if way.window.limited else None
            return _("until {time}").format(time=moment(until, now=at)) if until else ""
        case channels.NO_ACCOUNT:
            return _("no channel for it yet: add one")
        case channels.PAUSED:
            return _("paused: let it go on")
        case channels.NEEDS_SIGN_IN:
            return _("not signed in: sign in again")
        case channels.BLOCKED:
            return _("blocked: unblock the customer")
        case channels.CANNOT_SEND:
            return _("only receives: take another channel")
        case channels.CANNOT_WRITE_FIRST:
            return _("the customer has to write first")
        case _ if way.lets_human_agent(at):
            return _("closed: answer as a person")
        case _ if way.templates and way.window.until is None:
            return _("begins with a template")
        case _ if way.templates:
            return _("closed: use a template")
        case _:
            return _("closed: wait until they write")


def reason(why: str, way: Way | None, at: datetime) -> str:
    """Why nothing can leave there now, in a sentence with what to do."""
    whose = visible(way.title or way.label) if way is not None else ""
    match why:
        case channels.NO_ACCOUNT:
            return _("No channel here reaches {name}. Add one, or choose another way.").format(
                name=whose
            )
        case channels.PAUSED:
            return _("{name} is paused: what you send waits until it goes on.").format(name=whose)
        case channels.NEEDS_SIGN_IN:
            return _("{name} is not signed in: what you send waits until you sign in.").format(
                name=whose
            )
        case channels.BLOCKED:
            return _("This customer is blocked: what they answer goes to spam.")
        case channels.CANNOT_SEND:
            return _("{name} only receives. Answer through another channel.").format(name=whose)
        case channels.CANNOT_WRITE_FIRST:
            return _("The customer has to write first there. Choose another channel.")
        case channels.WINDOW_CLOSED if way is not None and way.window.until is None:
            return _("The customer has not written there yet, so only a template may begin.")
        case channels.WINDOW_CLOSED if way is not None and way.window.until is not None:
            return _(
                "The time to answer there ended at {time}. It begins anew when the customer writes."
            ).format(time=moment(way.window.until, now=at))
        case channels.WINDOW_CLOSED:
            return _("The time to answer there is over.")
        case _:
            return _("This channel was removed. Choose another one; what you wrote stays.")


def no_mail() -> str:
    """Why nothing can be passed on."""
    return _("Forwards leave by e-mail. Choose another channel above, or add an e-mail account.")


def no_files_beside() -> str:
    """Why files do not go along with an approved text."""
    return _("Files do not go along with a template. Take them off, and send them later.")


def deed(why: str) -> tuple[str, str] | None:
    """What a press of a button does about a reason, as (action, words); None for nothing."""
    return {
        channels.NO_ACCOUNT: (ADD, _("Add a channel")),
        channels.PAUSED: (RESUME, _("Let it go on")),
        channels.NEEDS_SIGN_IN: (SIGN_IN, _("Sign in again")),
        channels.BLOCKED: (UNBLOCK, _("Unblock")),
    }.get(why)


def instead(way: Way, *, begins: bool = False) -> str:
    """A button that goes on another way, or begins there."""
    if begins and way.kind == "email":
        return _("Write by e-mail")
    if begins:
        return _("Write on {channel}").format(channel=name(way))
    if way.kind == "email":
        return _("Answer by e-mail")
    return _("Answer on {channel}").format(channel=name(way))
