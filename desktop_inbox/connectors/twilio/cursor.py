"""How far each list of Twilio's was read, and what is not over yet. Pure.

Lists come newest first: a sweep goes back page by page to where the last one began, and a little
further, since entries appear late and dates count in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from desktop_inbox.connectors.payload import each, part, words, written_date

OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=90)
_MOST_SEEN = 5000
_AHEAD = timedelta(days=1)  # what bears a date from beyond this tells nothing of how far we are
# What is on its way is asked after, less and less often, and not for ever.
_SOONEST = timedelta(seconds=5)
_LATEST = timedelta(hours=6)
_GIVEN_UP = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One list: what lies before `since` was brought."""

    since: datetime
    top: datetime  # the newest entry of the sweep under way
    page: str = ""  # where it goes on; '' where the next one begins
    seen: Mapping[str, datetime] = field(default_factory=dict)  # sids of the overlap

    def after(self, found: Iterable[tuple[str, datetime]], *, page: str, now: datetime) -> Sweep:
        """Return the sweep after one page."""
        news = dict(found)
        believable = [moment for moment in news.values() if moment <= now + _AHEAD]
        top = max((self.top, *believable))
        seen = {**self.seen, **news}
        recent = {name: moment for name, moment in seen.items() if moment > top - OVERLAP}
        if page:  # the older overlap is met again where this sweep ends
            return replace(self, top=top, page=page, seen={**self.seen, **recent})
        newest = sorted(recent.items(), key=lambda one: one[1])[-_MOST_SEEN:]
        return Sweep(since=top, top=top, seen=dict(newest))

    def anew(self) -> Sweep:
        """Return the sweep as it begins again, where a page is not known any more."""
        return replace(self, page="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that is on its way: a message of ours, a call, or what was said in one."""

    sid: str
    since: datetime
    due: datetime
    told: str = ""  # the status that was reported last

    def later(self, now: datetime, *, told: str) -> Open:
        """Return it as it is asked after next."""
        pause = min(max((now - self.since) / 2, _SOONEST), _LATEST)
        return replace(self, due=now + pause, told=told)

    def is_due(self, now: datetime) -> bool:
        # A clock that was set back must not put it off for good.
        return self.due <= now or self.due - now > _LATEST

    def is_given_up(self, now: datetime) -> bool:
        return now - self.since > _GIVEN_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a cursor holds."""

    sweeps: Mapping[str, Sweep] = field(default_factory=dict)
    open: Mapping[str, Open] = field(default_factory=dict)


def read_state(cursor: object) -> State:
    """Read what `written` made; what is odd in it is begun anew."""
    sweeps: dict[str, Sweep] = {}
    for name in part(cursor, "sweeps"):
        kept = part(cursor, "sweeps", name)
        since, top = written_date(kept, "since"), written_date(kept, "top")
        if since is not None and top is not None:
            dates = {sid: written_date(kept, "seen", sid) for sid in part(kept, "seen")}
            seen = {sid: moment for sid, moment in dates.items() if moment is not None}
            sweeps[name] = Sweep(since=since, top=top, page=words(kept, "page"), seen=seen)
    waiting: dict[str, Open] = {}
    for kept in each(cursor, "open"):
        since, due = written_date(kept, "since"), written_date(kept, "due")
        if since is not None and due is not None and (sid := words(kept, "sid")):
            waiting[sid] = Open(sid=sid, since=since, due=due, told=words(kept, "told"))
    return State(sweeps=sweeps, open=waiting)


def written(state: State) -> dict[str, object]:
    """Return a state as a cursor holds it."""
    return {
        "sweeps": {
            name: {
                "since": sweep.since.isoformat(),
                "top": sweep.top.isoformat(),
                "page": sweep.page,
                "seen": {sid: moment.isoformat() for sid, moment in sweep.seen.items()},
            }
            for name, sweep in state.sweeps.items()
        },
        "open": [
            {
                "sid": one.sid,
                "since": one.since.isoformat(),
                "due": one.due.isoformat(),
                "told": one.told,
            }
            for one in state.open.values()
        ],
    }
