"""How an account is doing: what its runner reports and everybody else shows. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_inbox.store.rows import AccountRow


class State(StrEnum):
    """Where an account stands; each has one sentence in the interface."""

    STARTING = "starting"
    CONNECTING = "connecting"
    CATCHING_UP = "catching_up"
    ONLINE = "online"
    WAITING = "waiting"  # will try again by itself
    NEEDS_SIGN_IN = "needs_sign_in"  # a person must act
    FAILED = "failed"  # a bug of ours
    PAUSED = "paused"


# Nothing more comes from these without a kick or time passing.
RESTING = frozenset({State.ONLINE, State.WAITING, State.NEEDS_SIGN_IN, State.FAILED, State.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """What the interface shows of an account. Numbers count since the runner started."""

    account_id: int
    state: State
    # A TransientCause, AuthReason or PermanentReason value, "rate_limited", "disk", …
    cause: str = ""
    detail: str = ""  # the server's or the system's own words
    step: str = ""  # which step failed
    until: datetime | None = None  # when WAITING ends
    failures: int = 0  # in a row
    done: int = 0  # of the first sync
    total: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    gap: bool = False  # the service may have dropped something
    last_sync_at: datetime | None = None

    @property
    def working(self) -> bool:
        """Whether the account does its work."""
        return self.state in (State.ONLINE, State.CATCHING_UP)


def stored(row: AccountRow) -> AccountStatus:
    """Return how an account was doing when an engine last spoke of it."""
    state = State(row.state) if row.state in set(State) else State.STARTING
    return AccountStatus(
        account_id=row.id,
        state=state if row.enabled else State.PAUSED,
        cause=str(row.state_detail.get("cause", "")),
        detail=str(row.state_detail.get("detail", "")),
        step=str(row.state_detail.get("step", "")),
        done=row.progress_done,
        total=row.progress_total,
        last_sync_at=row.last_sync_at,
    )
