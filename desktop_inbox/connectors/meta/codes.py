"""What the numbered errors of Meta's services mean for whoever sends. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.errors import PermanentReason

_REASONS = {
    PermanentReason.WINDOW_CLOSED: (131047, 470, 2018278),
    PermanentReason.RECIPIENT: (131026, 131030, 131049, 130472, 131050, 551, 1545041),
    PermanentReason.MEDIA: (131051, 131052, 131053),
}
_BY_CODE = {code: reason for reason, codes in _REASONS.items() for code in codes}


def reason_of(code: int) -> PermanentReason:
    """Return why a message was not delivered."""
    return _BY_CODE.get(code, PermanentReason.INVALID)
