"""What the numbered errors of Meta's services mean for whoever sends, and for an account. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.errors import PermanentReason

_REASONS = {
    PermanentReason.WINDOW_CLOSED: (131047, 470, 2018278, 2534022),
    PermanentReason.RECIPIENT: (
        131026, 131030, 131049, 130472, 131050, 551, 1545041, 2018001, 2018108,
    ),
    PermanentReason.MEDIA: (131051, 131052, 131053, 2018008, 2018047, 2018294),
}  # fmt: skip
_BY_CODE = {code: reason for reason, codes in _REASONS.items() for code in codes}

SIGN_IN = frozenset({102, 190})
# Of 190: the password changed, the app was removed, the token ran out or was taken back, …
WITHDRAWN = frozenset({458, 460, 463, 464, 467, 492})
_PERMISSION = frozenset({3, 10})
_PERMISSIONS = range(200, 300)
RESTRICTED = frozenset({368, 1893063})
RATE = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})
# Meta itself does not know what became of the request.
TRANSIENT = frozenset({-1, 1, 2})


def reason_of(*codes: int) -> PermanentReason:
    """Return why a message was not delivered; the first code that tells decides."""
    return next((_BY_CODE[code] for code in codes if code in _BY_CODE), PermanentReason.INVALID)


def lacks_permission(code: int) -> bool:
    """Tell whether a refusal is for want of a permission that the owner can grant."""
    return code in _PERMISSION or code in _PERMISSIONS
