"""What a device published becomes a message; whatever the bytes. Pure.

A device that says the same again and again is one message that counts: alarms come in floods, and
nobody reads four hundred of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desktop_inbox.connectors.chat import Chat, Incoming, Person
from desktop_inbox.connectors.payload import EPOCH, line, second, words, written_date
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.states import Priority

ONE_FLOOD = timedelta(minutes=10)
_MOST_TEXT = 20_000
_MOST_NAME = 200
_URGENT = frozenset({"emergency", "alert", "critical", "crit", "fatal", "panic"})
_HIGH = frozenset({"error", "err", "high", "major", "alarm"})
_LOW = frozenset({"info", "informational", "notice", "debug", "low", "ok", "cleared"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A message as the broker handed it over."""

    topic: str
    payload: bytes
    retained: bool = False  # how the device is, not something that happened just now
    again: bool = False  # handed over before, and not acknowledged

    @property
    def print(self) -> str:
        """What tells whether two are the same."""
        return _digest(self.topic.encode("utf-8", "replace"), self.payload)[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a device says."""

    device: str
    text: str
    severity: str
    at: datetime
    name: str  # its own name of this message, '' where it gives none
    raw: bytes

    @property
    def flood(self) -> str:
        """The external id of all that is the same, within a while."""
        window = int((self.at - EPOCH) / ONE_FLOOD)
        parts = (self.device, self.severity, self.text, str(window))
        return _digest(*(part.encode("utf-8", "replace") for part in parts))[:32]

    def message(self, repeats: int) -> Incoming:
        """Return it as the contract has it, standing for `repeats` alike."""
        return Incoming(
            external_id=self.flood,
            chat=Chat(external_id=self.device, title=self.device),
            author=Person(
                kind="device", address=self.device, name=self.device, scoped=True, proven=False
            ),
            at=self.at,
            text=self.text,
            subject=self.device,
            kind=MessageClass.AUTOMATED,
            priority=priority_of(self.severity),
            raw=self.raw,
            repeats=repeats,
        )


def read(published: Published, *, now: datetime) -> Told:
    """Return what a message says: JSON with the usual keys, or its bytes as they are."""
    found = _object(published.payload)
    at = _moment(found)
    return Told(
        device=_device(found, published.topic),
        text=_text(found, published.payload),
        severity=_first(found, "severity", "level", "priority").lower()[:40],
        at=min(at, now) if at is not None else now,
        name=_first(found, "id", "event_id", "uuid")[:_MOST_NAME],
        raw=published.payload,
    )


def priority_of(severity: str) -> str:
    """Return the priority for a severity as devices write it; '' where it says nothing."""
    if severity in _URGENT:
        return Priority.URGENT.value
    if severity in _HIGH:
        return Priority.HIGH.value
    return Priority.LOW.value if severity in _LOW else ""


def _object(payload: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _first(found: Mapping[str, object], *keys: str) -> str:
    return next((text for key in keys if (text := line(found, key))), "")


def _device(found: Mapping[str, object], topic: str) -> str:
    told = _first(found, "device", "device_id", "deviceId", "host", "source")
    above = " ".join(topic.rpartition("/")[0].split()) or " ".join(topic.split())
    return (told or above or "?")[:_MOST_NAME]


def _text(found: Mapping[str, object], payload: bytes) -> str:
    for key in ("text", "message", "msg", "description"):
        if text := words(found, key).strip():
            return text[:_MOST_TEXT]
    whole = payload[: 4 * _MOST_TEXT].decode("utf-8", "replace")
    shown = words({"it": whole}, "it").strip()[:_MOST_TEXT]
    return shown if shown and "\ufffd" not in shown else f"{len(payload)} bytes"


def _moment(found: Mapping[str, object]) -> datetime | None:
    for key in ("ts", "time", "timestamp", "at"):
        moment = second(found, key) or written_date(found, key)
        if moment is not None and moment > EPOCH:
            return moment.astimezone(UTC)
    return None


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
