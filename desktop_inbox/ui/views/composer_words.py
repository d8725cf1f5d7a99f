"""What the composer says: modes, channels, concerns. Pure."""

from __future__ import annotations

from desktop_inbox.i18n import _
from desktop_inbox.ui.views.channel_choice import MAIL
from desktop_inbox.ui.views.composer_checks import Concern, Finding
from desktop_inbox.ui.views.formats import file_size


def channel_name(kind: str) -> str:
    """A channel in the middle of a sentence."""
    if kind == "email":
        return _("e-mail")
    if kind == "twilio":
        return "Twilio"  # its title counts up all that it carries
    from desktop_inbox.connectors.kinds import info_of  # the first frame does without

    info = info_of(kind)
    return _(info.title).partition(" (")[0] if info else kind


def mode_title(mode: str, channel: str, *, name: str) -> str:
    """What the first tab says: what will be sent, and on which channel, by its name."""
    if channel not in MAIL and mode == "new":
        return _("New message on {channel}").format(channel=name)
    if channel not in MAIL and mode in ("reply", "reply_all"):
        return _("Reply on {channel}").format(channel=name)
    return {
        "reply": _("Reply by e-mail"),
        "reply_all": _("Reply to all by e-mail"),
        "forward": _("Forward by e-mail"),
        "new": _("New e-mail"),
    }.get(mode, _("Reply by e-mail"))


def placeholder(mode: str) -> str:
    """What an empty editor says."""
    return {
        "note": _("Write a note only your team will see"),
        "forward": _("Say something about the forwarded message"),
        "new": _("Write a message"),
    }.get(mode, _("Write a reply. / inserts a canned response"))


def send_words(mode: str) -> str:
    return {"note": _("Add note"), "forward": _("Forward")}.get(mode, _("Send"))


def concern(finding: Finding) -> str:
    """A finding as a question or a refusal."""
    match finding.concern:
        case Concern.CHANNEL:
            return finding.about
        case Concern.NO_RECIPIENT:
            return _("Nobody to send it to: fill in a recipient.")
        case Concern.BAD_ADDRESS:
            words = _("This is no e-mail address: {about}. Correct it, or take it off.")
            return words.format(about=finding.about)
        case Concern.UNRESOLVED:
            return _("{about} has not been filled in.").format(about=finding.about)
        case Concern.EMPTY:
            return _("There is nothing to send yet.")
        case Concern.EMPTY_BODY:
            return _("The message has no text. Send it all the same?")
        case Concern.EMPTY_SUBJECT:
            return _("The message has no subject. Send it all the same?")
        case Concern.MISSING_ATTACHMENT:
            return _("The text says “{about}”, but no file is attached.").format(
                about=finding.about
            )
        case Concern.WRONG_SENDER:
            return _(
                "The customer wrote to {about}, but this goes out from another address."
            ).format(about=finding.about)
        case Concern.MANY_RECIPIENTS:
            return _("{about} people will get this and see each other's addresses.").format(
                about=finding.about
            )
        case Concern.MANY_MESSAGES:
            return _(
                "The text is so long that it leaves as {about} messages, one after the other. "
                "Send them all?"
            ).format(about=finding.about)
        case Concern.TOO_LARGE if finding.limit is not None:
            return _(
                "The files are {size} together; your mail server takes no more than {limit}."
            ).format(size=file_size(int(finding.about)), limit=file_size(finding.limit))
        case Concern.TOO_LARGE:
            return _(
                "The files are {size} together; most mail servers refuse so large a message."
            ).format(size=file_size(int(finding.about)))
