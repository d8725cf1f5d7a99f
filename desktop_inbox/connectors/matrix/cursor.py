"""How far we have come, and what is still owed: written as JSON with every batch. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from desktop_inbox.connectors.contract import Cursor
from desktop_inbox.connectors.payload import each, part, words, written_date

_MOST_SEALED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a sync left out of a room: from here back to where we were, or to a moment."""

    room: str
    start: str
    stop: str = ""  # where we were; '' where we come for the first time
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Debts:
    """What a cursor says."""

    since: str = ""
    gaps: list[Gap] = field(default_factory=list)
    # Rooms to come into, with a server that knows them.
    invited: dict[str, str] = field(default_factory=dict)
    # Which messages wait for the key of a session, and in which room.
    sealed: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def owe(self, session: str, room: str, event: str) -> None:
        """Note that a message could not be opened; the oldest are given up in the end."""
        _, events = self.sealed.setdefault(session, (room, []))
        if event not in events:
            events.append(event)
        while len(self.sealed) > 1 and self._number_sealed() > _MOST_SEALED:
            del self.sealed[next(iter(self.sealed))]
        del events[:-_MOST_SEALED]

    def _number_sealed(self) -> int:
        return sum(len(events) for _, events in self.sealed.values())

    def written(self) -> Cursor:
        """Return what `debts_of` reads."""
        return {
            "since": self.since,
            "gaps": [
                {
                    "room": one.room,
                    "start": one.start,
                    "stop": one.stop,
                    "until": one.until.isoformat() if one.until else "",
                }
                for one in self.gaps
            ],
            "invited": dict(self.invited),
            "sealed": {
                session: {"room": room, "events": list(events)}
                for session, (room, events) in self.sealed.items()
            },
        }


def debts_of(cursor: Cursor | None) -> Debts:
    """Read a cursor; what makes no sense is owed no more."""
    debts = Debts(since=words(cursor, "since"))
    for one in each(cursor, "gaps"):
        gap = Gap(
            room=words(one, "room"),
            start=words(one, "start"),
            stop=words(one, "stop"),
            until=written_date(one, "until"),
        )
        if gap.room and gap.start:
            debts.gaps.append(gap)
    invited = part(cursor, "invited")
    debts.invited = {room: words(invited, room) for room in invited}
    for session, sealed in part(cursor, "sealed").items():
        events = sealed.get("events") if isinstance(sealed, Mapping) else None
        if isinstance(events, list):
            named = [one for one in events if isinstance(one, str)]
            debts.sealed[session] = (words(sealed, "room"), named)
    return debts
