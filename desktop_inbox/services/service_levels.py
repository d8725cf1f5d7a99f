"""What people decide about service levels. Functions of a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from desktop_inbox.domain.business_hours import Calendar, add
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.service_levels import ClockKind, Target
from desktop_inbox.store import service_levels as stored
from desktop_inbox.store.database import Tx


def promise(tx: Tx, policy_id: int, targets: Mapping[ClockKind, Target]) -> None:
    """Promise other times from now on; open clocks follow, finished ones keep their verdict (B8).

    Raises:
        UserError: "policy-missing"; "target-invalid" for no time at all or more than years of it.
    """
    row = next((one for one in stored.policies(tx.conn) if one.id == policy_id), None)
    if row is None:
        raise UserError("policy-missing", id=policy_id)
    for target in targets.values():
        _check(tx, row.current.calendar, target)
    stored.add_version(tx, policy_id, targets)
    stored.refresh_all(tx)


def _check(tx: Tx, hours: Calendar, target: Target) -> None:
    minutes = target.length // timedelta(minutes=1)
    if minutes < 1:
        raise UserError("target-invalid", minutes=minutes)
    try:
        add(hours, tx.now, target.length)
    except UserError as error:
        raise UserError("target-invalid", minutes=minutes) from error
