"""What a bubble says about its message in words: author, people, doubts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import QLocale

from desktop_inbox.connectors.kinds import EMAIL, info_of, service_of
from desktop_inbox.domain.customers import display_name, normalise_email, visible
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.pieces import Call
from desktop_inbox.domain.states import Direction
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.mime.html.hosts import same_organisation
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.channel_marks import mark
from desktop_inbox.ui.views.formats import absolute, day_words, local_day, moment
from desktop_inbox.ui.views.message_text import Doubts
from desktop_inbox.ui.views.offers import Offer

SPLIT = "split"
SNOOZE_ABSENCE = "snooze-absence"

_NAMED = 20  # people a tooltip names of each heading


def author(message: MessageRow, *, me: str) -> str:
    """Who wrote it, as a heading."""
    if message.direction is Direction.NOTE:
        if _is_mine(message, me):
            return _("Your note")
        return _("Note by {name}").format(name=visible(message.author_name))
    if message.direction is Direction.OUT and message.kind is MessageClass.AUTO_REPLY:
        return _("Automatic answer")
    if message.direction is Direction.OUT:
        return _("You") if _is_mine(message, me) else visible(message.author_name)
    if message.direction is Direction.SYSTEM:
        return _("Desktop Inbox")
    if message.author_name:
        return visible(message.author_name)
    return display_name(message.from_[0]) if message.from_ else _("Unknown sender")


def channel(message: MessageRow) -> str:
    """Through which channel it came or went."""
    service = service_of(message.channel, message.chat)
    info = info_of(message.channel)
    return service or (_(info.title) if info is not None else visible(message.channel))


def badge(message: MessageRow) -> str:
    """Whose badge it has; a call is one, whoever put it through."""
    if any(isinstance(piece, Call) for piece in message.pieces):
        return "phone"
    return mark(message.channel, message.chat)


def in_chat(message: MessageRow) -> bool:
    """Whether it travelled in a messaging channel."""
    return message.channel not in ("", EMAIL) and message.direction in (Direction.IN, Direction.OUT)


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


def troubles(message: MessageRow) -> list[str]:
    """What a reader must know about how far the text can be trusted, in sentences."""
    told: list[str] = []
    if message.unreadable:
        told.append(_unreadable(message))
    if message.withdrawn_at is not None:
        told.append(_taken_back(message))
    if message.repeats > 1:
        told.append(
            ngettext(
                "It came {count} time; it is shown once.",
                "It came {count} times; it is shown once.",
                message.repeats,
            ).format(count=QLocale().toString(message.repeats))
        )
    if not message.complete:
        told.append(_("The text is still being fetched."))
    told += [sentence for code in message.warnings if (sentence := _warning(code))]
    elsewhere = _answers_go_elsewhere(message)
    return [*told, elsewhere] if elsewhere else told


def _unreadable(message: MessageRow) -> str:
    reason = visible(message.unreadable)
    if in_chat(message):
        text = _("This message could not be read ({reason}). View its source to see how it came.")
        return text.format(reason=reason)
    return _(
        "This message could not be read as e-mail ({reason}). What follows is how it came."
    ).format(reason=reason)


def _taken_back(message: MessageRow) -> str:
    assert message.withdrawn_at is not None
    at = moment(message.withdrawn_at, now=message.at)
    if message.direction is Direction.OUT:
        return _("Taken back ({time}). What it said is kept here.").format(time=at)
    return _("The sender took this back ({time}). What it said is kept here.").format(time=at)


def offers(message: MessageRow, *, now: datetime) -> list[Offer]:
    """What a reader may want to do about a message, each with the reason (rules C3, D5)."""
    found: list[Offer] = []
    if "new-topic" in message.warnings:
        split = ((SPLIT, _("Split from here")),)
        found.append(Offer(text=_("The subject is new."), actions=split))
    back = absent_until(message)
    if back is not None:
        today = local_day(now)
        text = _("Out of office until {day}").format(day=day_words(back, today=today))
        snooze = ((SNOOZE_ABSENCE, _("Snooze until then")),)
        found.append(Offer(text=text, actions=snooze if back > today else ()))
    return found


def absent_until(message: MessageRow) -> date | None:
    """The day its sender is back, as an automatic answer says."""
    said = message.report.get("absent_until")
    return date.fromisoformat(said) if isinstance(said, str) else None


def doubts(found: Doubts) -> list[str]:
    """What is doubtful about the contents of a message, in sentences."""
    told: list[str] = []
    if found.misleading:
        told.append(
            ngettext(
                "{count} link leads somewhere else than it says.",
                "{count} links lead somewhere else than they say.",
                found.misleading,
            ).format(count=found.misleading)
        )
    if found.veiled:
        told.append(
            ngettext(
                "{count} link hides which site it leads to.",
                "{count} links hide which site they lead to.",
                found.veiled,
            ).format(count=found.veiled)
        )
    if found.forms:
        told.append(_("A form was taken out: type no passwords into mail."))
    return told


def link_doubts(warnings: Sequence[str]) -> list[str]:
    """What is doubtful about one link, in sentences."""
    return [_link_doubt(code) for code in warnings]


def _link_doubt(code: str) -> str:
    match code:
        case "text-names-other-host":
            return _("Its words name another site.")
        case "ip-host":
            return _("It leads to a bare number instead of a name.")
        case "punycode":
            return _("The name of the site is spelt with letters of other alphabets.")
        case "mixed-scripts":
            return _("The name of the site imitates another one.")
        case "login-in-url":
            return _("What stands before the @ is not the site.")
        case _:
            return _("The address is damaged.")


def _answers_go_elsewhere(message: MessageRow) -> str:
    """A sentence where answers would leave for another domain than the message came from."""
    if message.direction is not Direction.IN or not message.from_ or not message.reply_to:
        return ""
    home = _domain(message.from_[0])
    away = [_domain(address) for address in message.reply_to]
    strange = next(
        (domain for domain in away if domain and not same_organisation(domain, home)), ""
    )
    if not strange or not home:
        return ""
    return _("Answers to this message go to {domain}, not to {sender}.").format(
        domain=visible(strange), sender=visible(home)
    )


def _domain(address: Address) -> str:
    return normalise_email(address.address).rpartition("@")[2]


def _warning(code: str) -> str:
    match code:
        case "deleted-on-server":
            return _("This message was deleted on the server; it is kept here.")
        case "several-from":
            return _("This message claims several senders.")
        case "sender-unreadable":
            return _("The sender's address cannot be read.")
        case "name-looks-like-address":
            return _("The sender's name looks like another address.")
        case "sender-mixes-scripts":
            return _("The sender's address mixes letters that look alike.")
        case "name-mixes-scripts":
            return _("The sender's name mixes letters that look alike.")
        case "name-is-ours":
            return _("The sender uses our own name, but the address is not ours.")
        case "name-of-customer":
            return _("The sender has the name of a customer, who writes from another address.")
        case "looks-like-participant":
            return _("This address looks almost like one of a customer, but is another.")
        case "own-address-forged":
            return _("Forged: somebody else sent this in our own name.")
        case "sender-not-proven":
            return _("Our mail server could not confirm that this comes from the named sender.")
        case "new-participant":
            return _("The sender took no part in this conversation before.")
        case "unknown-charset":
            return _("The message does not say how its letters are written; some may be wrong.")
        case "too-large":
            return _("This message is too large to be read in full.")
        case "shown-raw":
            return _("This message is damaged; it is shown as it came.")
        case "text-cut":
            return _("The text was too long and is cut here.")
        case _:
            return ""


def blocked(count: int) -> str:
    """How many remote things a message names that were not fetched; '' where none."""
    if not count:
        return ""
    return ngettext("{count} remote image blocked", "{count} remote images blocked", count).format(
        count=count
    )
