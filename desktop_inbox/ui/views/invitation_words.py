"""What a calendar invitation asks for, in a few lines. Pure; any thread."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import QDate, QLocale, QTime

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Invitation
from desktop_inbox.i18n import _


def lines(invitation: Invitation) -> list[str]:
    """Say what it is, when, where and from whom; what it does not say is left out."""
    found = [_title(invitation), _when(invitation), visible(invitation.place)]
    if invitation.organiser:
        found.append(_("From {person}").format(person=visible(invitation.organiser)))
    return [line for line in found if line]


def _title(invitation: Invitation) -> str:
    summary = visible(invitation.summary) or _("(no subject)")
    match invitation.method:
        case "CANCEL":
            return _("Cancelled: {event}").format(event=summary)
        case "REPLY" | "COUNTER":
            return _("Answer to an invitation: {event}").format(event=summary)
        case "REQUEST":
            return _("Invitation: {event}").format(event=summary)
    return _("Event: {event}").format(event=summary)


def _when(invitation: Invitation) -> str:
    if not invitation.starts:
        return ""
    words = _moment(invitation.starts)
    if invitation.ends:
        same_day = invitation.ends[:10] == invitation.starts[:10] and "T" in invitation.ends
        end = _clock(invitation.ends) if same_day else _moment(invitation.ends)
        words = f"{words} – {end}"
    if invitation.zone:
        words = f"{words} ({visible(invitation.zone)})"
    if invitation.repeats:
        # Translators: {time} is when the first of them is
        return _("{time}, and again").format(time=words)
    return words


def _moment(written: str) -> str:
    day = date.fromisoformat(written[:10])
    shown = QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat)
    return f"{shown} {_clock(written)}" if "T" in written else shown


def _clock(written: str) -> str:
    at = datetime.fromisoformat(written)
    return QLocale().toString(QTime(at.hour, at.minute), QLocale.FormatType.ShortFormat)
