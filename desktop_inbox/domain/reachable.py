"""Whom a typed address names on a messaging channel, in the form it is compared in (E2). Pure."""

from __future__ import annotations

import re

from desktop_inbox.domain.phones import normalise_phone

LONGEST = 255  # of a Matrix identifier (appendix 4.2.1); a JID may be longer, nobody's is
_MATRIX = re.compile(r"@[^\s:@\x00]+:[^\s@/?#\\]+")
_XMPP = re.compile(r"[^\s@/\"&'<>:]+@[^\s@/:]+(?:/.*)?")

# The kinds of identity that a person can type; of others a service alone knows the names.
TYPED = frozenset({"phone", "matrix", "xmpp"})


def reachable(kind: str, typed: str, *, region: str = "") -> str:
    """Return what names somebody on channels that know people by this kind, '' for nobody.

    A number without a calling code is read as one of `region`, an ISO 3166 code.
    """
    text = typed.strip()
    match kind:
        case "phone":
            return normalise_phone(text, region=region)
        case "matrix" if len(text) <= LONGEST and _MATRIX.fullmatch(text):
            return text
        case "xmpp" if len(text) <= LONGEST and _XMPP.fullmatch(text):
            return text.partition("/")[0].lower()
        case _:
            return ""
