"""How long a conversation is out of sight when it is snoozed as it was before (rule H1). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop_inbox.domain.business_hours import instant

_SAME_DAY = timedelta(hours=12)


def again(
    until: datetime | None, *, set_at: datetime, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """Return when a snooze ends that is set once more: as planned where that is still ahead.

    Else after as long again: "in two hours" is two hours from now, "tomorrow at nine" is nine
    o'clock tomorrow, also where clocks are changed in between.
    """
    if until is None or until > now:
        return until
    length = until - set_at
    if length < _SAME_DAY:
        return (now + max(length, timedelta(minutes=1))).astimezone(UTC)
    local = until.astimezone(zone)
    days = max(1, (local.date() - set_at.astimezone(zone).date()).days)
    day = now.astimezone(zone).date() + timedelta(days=days)
    return instant(zone, day, local.hour * 60 + local.minute)
