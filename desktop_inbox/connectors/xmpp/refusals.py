"""What error stanzas mean: told by their condition and type, never by their words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from desktop_inbox.connectors.errors import (
    ConnectorError,
    PermanentReason,
    RateLimited,
    TransientCause,
    TransientError,
)
from desktop_inbox.connectors.payload import written_date
from desktop_inbox.connectors.xmpp import names

WAIT_SECONDS = 30.0  # where a server that asks for patience names no time, as most do
_LONGEST_WAIT_SECONDS = 3600.0
_NOBODY = frozenset(
    {
        "item-not-found", "recipient-unavailable", "remote-server-not-found", "service-unavailable",
        "gone", "jid-malformed", "forbidden", "not-allowed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error stanza's (RFC 6120 8.3.2)."""

    condition: str
    words: str  # the server's
    type: str  # auth, cancel, continue, modify or wait; '' where it tells none
    until: datetime | None = None  # when it may be tried again, where it tells (XEP-0363, 4.2)

    @property
    def is_for_now(self) -> bool:
        """Whether it was too much or too fast, and may be said again as it is.

        A policy may also be violated by what is said (RFC 6120 8.3.3.12).
        """
        if self.condition == "policy-violation":
            return self.type in {"", "wait"}
        return self.condition == "resource-constraint"

    def limit(self, step: str) -> RateLimited:
        """Return how long to wait after one that is for now."""
        seconds = WAIT_SECONDS
        if self.until is not None:
            left = (self.until - datetime.now(UTC)).total_seconds()
            seconds = min(max(left, 1.0), _LONGEST_WAIT_SECONDS)
        return RateLimited(self.words, retry_after_seconds=seconds, step=step)

    def failure(self, step: str) -> ConnectorError:
        """Return what it means for a question that the server ought to answer."""
        if self.is_for_now:
            return self.limit(step)
        return TransientError(self.words, cause=TransientCause.SERVER, step=step)


def refusal_of(stanza: ET.Element) -> Refusal:
    """Read an error stanza."""
    error = stanza.find(f"{{{names.CLIENT}}}error")
    if error is None:
        error = names.element(names.CLIENT, "error")
    told = [one for one in error if one.tag.startswith(f"{{{names.ERRORS}}}")]
    text = next((one.text or "" for one in told if one.tag.endswith("}text")), "")
    conditions = (one.tag.partition("}")[2] for one in told if not one.tag.endswith("}text"))
    condition = next(filter(None, conditions), "undefined-condition")
    retry = error.find(f"{{{names.UPLOAD}}}retry")
    return Refusal(
        condition=condition,
        words=" ".join(text.split())[:500] or condition,
        type=error.get("type", ""),
        until=None if retry is None else written_date(retry.attrib, "stamp"),
    )


def reason_of(condition: str) -> PermanentReason:
    """Return what a condition means that is for good (RFC 6120 8.3.3)."""
    return PermanentReason.RECIPIENT if condition in _NOBODY else PermanentReason.INVALID
