"""The settings about notifications, as `domain.notices` asks for them, and how they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from desktop_inbox.domain.business_hours import Calendar
from desktop_inbox.domain.notices import Kind, Level, OutOfHours, QuietHours, Watched, Wishes
from desktop_inbox.settings import Settings


def of(settings: Settings, *, hours: Calendar | None = None) -> Wishes:
    """Return what the person chose; `hours` are those of the business, where they are known."""
    return Wishes(
        levels=_levels(settings.notify_levels),
        by_account={
            uid: _levels(own)
            for uid, own in settings.notify_accounts.items()
            if isinstance(own, dict)
        },
        watched=Watched(settings.notify_watched),
        quiet=_quiet(settings, hours),
        vip_is_heard=settings.notify_vip,
        breach_is_heard=settings.notify_breach,
        paused=not settings.notify,
    )


def set_level(settings: Settings, kind: Kind, level: Level | None, *, account: str = "") -> None:
    """Choose how loudly a class is told, of one account or all; None goes back to the usual."""
    if account:
        own = _with(settings.notify_accounts.get(account), kind, level)
        settings.notify_accounts = {**settings.notify_accounts, account: own}
    else:
        settings.notify_levels = _with(settings.notify_levels, kind, level)


def _with(chosen: object, kind: Kind, level: Level | None) -> dict[str, object]:
    kept = dict(chosen) if isinstance(chosen, Mapping) else {}
    kept.pop(kind.value, None)
    return kept if level is None else {**kept, kind.value: level.value}


def _levels(chosen: Mapping[str, object]) -> dict[Kind, Level]:
    """Return what was stored; what no version of ours wrote counts as not chosen."""
    return {
        Kind(kind): Level(str(level))
        for kind, level in chosen.items()
        if kind in set(Kind) and level in set(Level)
    }


def _quiet(settings: Settings, hours: Calendar | None) -> QuietHours | OutOfHours | None:
    if settings.notify_quiet == "closed":
        return OutOfHours(hours=hours) if hours is not None else None
    if settings.notify_quiet != "hours":
        return None
    start, end = clock(settings.notify_quiet_from), clock(settings.notify_quiet_until)
    return QuietHours(start=start, end=end) if start is not None and end is not None else None


def clock(text: str) -> time | None:
    """Return the time of day that a setting holds, None for words that are none."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
