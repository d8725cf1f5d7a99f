"""What is said of a message of a chat that did not arrive, or may have: why, and what to do. Pure.

A mail has a server, folders and addresses; a chat has a service, and often another way (rule N).
"""

from __future__ import annotations

from desktop_inbox.connectors.contract import Capability
from desktop_inbox.connectors.errors import PermanentReason
from desktop_inbox.connectors.kinds import info_of
from desktop_inbox.i18n import _

ARRIVED, ANOTHER_WAY = "arrived", "another-way"

Actions = tuple[tuple[str, str], ...]  # action id, words


def reason(code: str) -> str:
    """What a refusal means in our words; '' where the service's own say it all."""
    told: dict[str, str] = {
        PermanentReason.RECIPIENT: _("The service does not reach this customer there."),
        PermanentReason.WINDOW_CLOSED: _(
            "The time in which this customer may be written to there has passed."
        ),
        PermanentReason.TOO_LARGE: _("The message is too large for the service."),
        PermanentReason.MEDIA: _("The service does not take this kind of file."),
        PermanentReason.INVALID: _("The service refused the message."),
    }
    return told.get(code, "")


def after_refusal(code: str) -> Actions:
    """The one thing to do about a message that the service would not take."""
    if code in (PermanentReason.RECIPIENT, PermanentReason.WINDOW_CLOSED):
        return (("edit", _("Try another way")),)
    if code in (PermanentReason.TOO_LARGE, PermanentReason.MEDIA, PermanentReason.INVALID):
        return (("edit", _("Edit")),)
    return (("retry", _("Retry")), ("edit", _("Edit")))


def when_unknown(channel: str) -> Actions:
    """What to do where nobody knows: look, if the service lets us, else a person has to."""
    info = info_of(channel)
    looks = info is not None and Capability.FIND_SENT in info.capabilities
    check: Actions = (("check", _("Check now")),) if looks else ()
    return (*check, (ARRIVED, _("It arrived")), ("again", _("Send again")))
