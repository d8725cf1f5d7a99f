"""What a bubble says about its message in words: author, people, delivery. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.domain.customers import display_name, visible
from desktop_inbox.domain.messages import Address, Delivery, Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.errors import cause_words
from desktop_inbox.ui.views.formats import absolute, moment

_NAMED = 20  # people a tooltip names of each heading
_LONGEST_WORDS = 600  # characters of what a server said
# Held longer than this a message was sent later on purpose, not held for undo.
LONGEST_HOLD = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWords:
    """How far an outgoing message has come, and what can be done about it."""

    text: str
    icon: str = ""
    tone: str = "muted"
    detail: str = ""  # the server's own words, shown on a line of their own
    actions: tuple[tuple[str, str], ...] = ()  # action id, words
    counts_down: bool = False


def author(message: MessageRow, *, me: str) -> str:
    """Who wrote it, as a heading."""
    if message.direction is Direction.NOTE:
        if _is_mine(message, me):
            return _("Your note")
        return _("Note by {name}").format(name=visible(message.author_name))
    if message.direction is Direction.OUT:
        return _("You") if _is_mine(message, me) else visible(message.author_name)
    if message.direction is Direction.SYSTEM:
        return _("Desktop Inbox")
    if message.author_name:
        return visible(message.author_name)
    return display_name(message.from_[0]) if message.from_ else _("Unknown sender")


def _is_mine(message: MessageRow, me: str) -> bool:
    """Whether it is ours; `me` is '' while nobody else works here."""
    return not me or not message.author_name or message.author_name == me


def people(message: MessageRow) -> str:
    """From, to and copies in full, a line each, with the exact time."""
    lines = [
        (_("From"), message.from_),
        (_("Reply to"), message.reply_to),
        (_("To"), message.to),
        (_("Cc"), message.cc),
        (_("Bcc"), message.bcc),
    ]
    told = [
        f"{title}: {', '.join(map(_full, found[:_NAMED]))}{'…' if len(found) > _NAMED else ''}"
        for title, found in lines
        if found
    ]
    return "\n".join([*told, absolute(message.at)])


def _full(address: Address) -> str:
    return visible(str(address))


def others(message: MessageRow) -> str:
    """Whom else a message went to, in short; '' where it went to one person only."""
    found: Sequence[Address] = (*message.to, *message.cc)
    if len(found) < 2:
        return ""
    names = [display_name(address) for address in found]
    if len(names) > 3:
        more = len(names) - 2
        shown = ", ".join(names[:2])
        return ngettext("to {names} and {count} more", "to {names} and {count} more", more).format(
            names=shown, count=more
        )
    return _("to {names}").format(names=", ".join(names))


def delivery(message: MessageRow, *, now: datetime) -> DeliveryWords | None:
    """The state of an outgoing message; None for what does not travel."""
    if message.direction is not Direction.OUT or message.delivery is None:
        return None
    detail = delivery_detail(message)
    match message.delivery:
        case Delivery.QUEUED:
            return _queued(message, now=now)
        case Delivery.SENDING:
            return DeliveryWords(text=_("Sending…"), icon="send")
        case Delivery.UNCERTAIN:
            return DeliveryWords(
                text=_("May have been delivered"),
                icon="circle-help",
                tone="warn",
                detail=detail
                or _("The connection broke before the server confirmed that it has the message."),
                actions=(("check", _("Check")), ("again", _("Send again"))),
            )
        case Delivery.FAILED:
            return DeliveryWords(
                text=_("Not sent"),
                icon="circle-alert",
                tone="bad",
                detail=detail or _("The server refused the message."),
                actions=(("retry", _("Retry")), ("edit", _("Edit"))),
            )
        case Delivery.SENT:
            return DeliveryWords(text=_("Sent"), icon="check", detail=detail)
        case Delivery.DELIVERED:
            return DeliveryWords(text=_("Delivered"), icon="check-check", detail=detail)
        case Delivery.READ:
            return DeliveryWords(text=_("Read"), icon="check-check", tone="accent", detail=detail)


def _queued(message: MessageRow, *, now: datetime) -> DeliveryWords:
    due = message.not_before
    left = due - now if due else timedelta(0)
    if due is not None and left > LONGEST_HOLD:
        return DeliveryWords(
            text=_("Goes out {time}").format(time=moment(due, now=now)),
            icon="calendar-clock",
            actions=(("undo", _("Edit")),),
            counts_down=True,
        )
    if left > timedelta(0):
        seconds = -(-left // timedelta(seconds=1))
        return DeliveryWords(
            text=ngettext("Sending in {count} s", "Sending in {count} s", seconds).format(
                count=seconds
            ),
            icon="hourglass",
            actions=(("undo", _("Undo")),),
            counts_down=True,
        )
    detail = delivery_detail(message)
    next_at = message.delivery_detail.get("next_at")
    if detail and isinstance(next_at, datetime) and next_at > now:
        detail += "\n" + _("Next try at {time}.").format(time=moment(next_at, now=now))
    return DeliveryWords(
        text=_("Waiting to be sent"),
        icon="clock",
        detail=detail,
        actions=(("retry", _("Retry now")), ("edit", _("Edit"))) if detail else (),
    )


def delivery_detail(message: MessageRow) -> str:
    """Why it did not go out, the server's words, and recipients it refused, a line each (A14)."""
    detail = message.delivery_detail
    lines: list[str] = []
    if message.delivery in _TROUBLED:
        lines += [visible(line) for line in (_reason(detail), _words(detail)) if line]
    refused = detail.get("refused")
    if isinstance(refused, list):
        lines += [words for entry in refused if (words := _refusal(entry))]
    return "\n".join(dict.fromkeys(lines))


def _words(detail: dict[str, object]) -> str:
    text = detail.get("text")
    return text[:_LONGEST_WORDS] if isinstance(text, str) else ""


def _reason(detail: dict[str, object]) -> str:
    """What a cause means in our words; '' where the server's own say it all."""
    code = str(detail.get("code", ""))
    match code:
        case "" | "uncertain":
            return ""
        case "customer-wrote":
            return _("The customer wrote in the meantime, so this was held back.")
        case "interrupted":
            return _("The program ended while this was being sent.")
        case "gave-up":
            return _("The server could not be reached for a day.")
        case "attachment-missing":
            return _("A file of the message is missing.")
        case "bug":
            return _("A fault of this program stopped it.")
        case _:
            words = cause_words(code)
            return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


_TROUBLED = frozenset({Delivery.QUEUED, Delivery.UNCERTAIN, Delivery.FAILED})


def _refusal(entry: object) -> str:
    match entry:
        case {"address": str(address), "text": str(text), **rest}:
            code = rest.get("code", "")
        case [str(address), code, str(text)]:
            pass
        case _:
            return ""
    return _("{address} was refused: {words}").format(
        address=visible(address), words=visible(f"{code} {text}".strip())
    )


def troubles(message: MessageRow) -> list[str]:
    """What a reader must know about how far the text can be trusted, in sentences."""
    told: list[str] = []
    if message.unreadable:
        told.append(
            _(
                "This message could not be read as e-mail ({reason}). What follows is how it came."
            ).format(reason=visible(message.unreadable))
        )
    if not message.complete:
        told.append(_("The text is still being fetched."))
    doubtful = _counted(message, "suspicious-links")
    if doubtful:
        told.append(
            ngettext(
                "{count} link leads somewhere else than it says.",
                "{count} links lead somewhere else than they say.",
                doubtful,
            ).format(count=doubtful)
        )
    told += [sentence for code in message.warnings if (sentence := _warning(code))]
    return told


def _warning(code: str) -> str:
    match code:
        case "several-from":
            return _("This message claims several senders.")
        case "name-looks-like-address":
            return _("The sender's name looks like another address.")
        case "sender-mixes-scripts":
            return _("The sender's name mixes letters of several scripts.")
        case "shown-raw":
            return _("This message is damaged; it is shown as it came.")
        case "text-cut":
            return _("The text was too long and is cut here.")
        case _:
            return ""


def _counted(message: MessageRow, code: str) -> int:
    """The number in a warning such as "suspicious-links:3"; 0 where there is no such warning."""
    for warning in message.warnings:
        name, _colon, number = warning.partition(":")
        if name == code and number.isdigit():
            return int(number)
    return 0


def blocked(count: int) -> str:
    """How many remote things a message names that were not fetched; '' where none."""
    if not count:
        return ""
    return ngettext("{count} remote image blocked", "{count} remote images blocked", count).format(
        count=count
    )
