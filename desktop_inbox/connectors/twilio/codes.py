"""What Twilio's numbered errors mean for whoever sends. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.errors import PermanentReason

SIGN_IN = frozenset({20003})
# https://www.twilio.com/docs/api/errors
_REASONS = {
    PermanentReason.WINDOW_CLOSED: (63016,),
    PermanentReason.RECIPIENT: (
        21211, 21214, 21217, 21219, 21610, 21612, 21614, 30003, 30005, 30006, 63003, 63024,
    ),
    PermanentReason.TOO_LARGE: (21605, 21617),
    PermanentReason.MEDIA: (12300, 21620, 21623, 30019, 63019, 63021),
}  # fmt: skip
_BY_CODE = {code: reason for reason, codes in _REASONS.items() for code in codes}
BILLING = frozenset({20005, 30002})
RATE = frozenset({20429, 63018, 14107})


def reason_of(code: int) -> PermanentReason:
    """Return why a message failed that had been taken."""
    return _BY_CODE.get(code, PermanentReason.INVALID)


def told(code: int, message: str) -> str:
    """Return the words of an error with the number that Twilio explains it under."""
    return " ".join(filter(None, (str(code) if code else "", message)))
