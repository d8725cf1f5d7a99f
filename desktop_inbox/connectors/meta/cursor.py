"""How far the conversations of an account were read, and what was brought of each. Pure.

Conversations come newest first: a sweep goes back page by page to where the last one began. What
moves to the top meanwhile is newer than that, so the next sweep finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2s

from desktop_inbox.connectors.payload import Payload, at, kept, part, words, written_date

OVERLAP = timedelta(minutes=2)
FIRST_LOOK = timedelta(days=90)
_MOST_CHATS = 200  # of one that was forgotten, known messages may come again
_AHEAD = timedelta(days=1)  # what bears a date from beyond this tells nothing of how far we are


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One conversation as it was last looked at."""

    names: frozenset[str] = frozenset()  # what its newest messages are known by
    # When it had changed last; '' where that was just then, and more may have come since.
    changed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a cursor holds."""

    since: datetime | None = None  # all before was brought; None: nothing yet
    top: datetime | None = None  # where the sweep under way began
    page: str = ""  # where it goes on; '' where the next one begins
    # By the conversation, least recently looked at first.
    brought: Mapping[str, Brought] = field(default_factory=dict)

    @property
    def horizon(self) -> datetime | None:
        """How far back conversations are looked at; None: all of them."""
        if self.since is not None:
            return self.since - OVERLAP
        return self.top - FIRST_LOOK if self.top is not None else None

    def begun(self, moments: Iterable[datetime], *, now: datetime) -> State:
        """Return the state as a sweep begins: what is newest bounds it, whatever comes later."""
        believable = [moment for moment in moments if moment <= now + _AHEAD]
        top = max(believable, default=self.since)
        if self.since is not None and top is not None:
            top = max(top, self.since)
        return replace(self, top=top)

    def held_at(self, moment: datetime | None) -> State:
        """Return the state of a sweep that left something out: the next one looks there too."""
        if moment is None or self.top is None:
            return self
        return replace(self, top=min(self.top, moment))

    def is_unchanged(self, chat: str, changed: str) -> bool:
        """Tell whether a conversation was looked at since it changed."""
        known = self.brought.get(chat)
        return known is not None and bool(changed) and known.changed == changed

    def looked(self, chat: str, brought: Brought) -> State:
        """Return the state after one conversation."""
        others = {name: known for name, known in self.brought.items() if name != chat}
        newest = list(others.items())[-(_MOST_CHATS - 1) :]
        return replace(self, brought={**dict(newest), chat: brought})

    def after(self, page: str) -> State:
        """Return the state after a page of conversations; '' where that was the last one."""
        if page:
            return replace(self, page=page)
        return replace(self, since=self.top, top=None, page="")


def name_of(message: Payload) -> str:
    """Return what a message is known by in a cursor: short, since there are many."""
    name = words(message, "id").encode() or kept(message)
    return blake2s(name, digest_size=8).hexdigest()


def read_state(cursor: object) -> State:
    """Read what `written` made; what is odd in it is begun anew."""
    brought: dict[str, Brought] = {}
    for chat in part(cursor, "brought"):
        names = at(cursor, "brought", chat, "names")
        if isinstance(names, list):
            brought[chat] = Brought(
                names=frozenset(filter(None, map(words, names))),
                changed=words(cursor, "brought", chat, "changed"),
            )
    return State(
        since=written_date(cursor, "since"),
        top=written_date(cursor, "top"),
        page=words(cursor, "page"),
        brought=brought,
    )


def written(state: State) -> dict[str, object]:
    """Return a state as a cursor holds it."""
    return {
        "since": state.since.isoformat() if state.since else "",
        "top": state.top.isoformat() if state.top else "",
        "page": state.page,
        "brought": {
            chat: {"names": sorted(one.names), "changed": one.changed}
            for chat, one in state.brought.items()
        },
    }
