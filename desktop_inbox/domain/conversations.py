"""A conversation's state, who an answer goes to, and since when somebody waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.pieces import Call, CallOutcome
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.states import Priority as Priority
from desktop_inbox.domain.states import Status as Status
from desktop_inbox.domain.tokens import without_token

# Auto-replies and bounces never reopen a conversation and nobody waits for an answer (A3, D5);
# whoever was spoken to has had theirs.
_NOBODY_WAITS = frozenset(
    {
        MessageClass.SPOKEN,
        MessageClass.UNREACHED,
        MessageClass.AUTO_REPLY,
        MessageClass.BOUNCE_PERMANENT,
        MessageClass.BOUNCE_TEMPORARY,
        MessageClass.OWN_LOOP,
    }
)

CLOCK_SKEW = timedelta(hours=24)


def expects_answer(kind: MessageClass) -> bool:
    """Tell whether a customer message of this class makes somebody wait (rules A3, D5)."""
    return kind not in _NOBODY_WAITS


def kind_of_call(call: Call, *, from_us: bool) -> MessageClass:
    """Return what a call means for whoever waits: a missed one waits for us to call back."""
    if call.outcome in (CallOutcome.ANSWERED, CallOutcome.WALK_IN):
        return MessageClass.SPOKEN
    if from_us and call.outcome is CallOutcome.MISSED:
        return MessageClass.UNREACHED
    return MessageClass.HUMAN


def waiting_since(log: Iterable[tuple[datetime, Direction, MessageClass]]) -> datetime | None:
    """Return the time of the earliest customer message not yet followed by our reply (rule A2).

    To speak with them is a reply, whoever called. What the program sent by itself is none (rule
    B3), and neither is a call that nobody took.

    `log` is the whole message log in order of time; recomputed from it every time, so that
    messages that arrive late and merges give the right answer.
    """
    since: datetime | None = None
    for at, direction, kind in log:
        answered = direction is Direction.OUT and kind is MessageClass.HUMAN
        public = direction in (Direction.IN, Direction.OUT)
        spoken = public and kind is MessageClass.SPOKEN
        if answered or spoken:
            since = None
        elif direction is Direction.IN and since is None and expects_answer(kind):
            since = at
    return since


def bounded_time(claimed: datetime | None, *, received: datetime) -> datetime:
    """Return when a mail counts as written: its own Date, held to what is believable (rule A4).

    Never later than it was received, and not more than a day earlier: whoever sets the Date must
    not choose a place in the list or a deadline.
    """
    if claimed is None or claimed > received:
        return received
    return max(claimed, received - CLOCK_SKEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Whom an answer goes to."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()


def reply_recipients(
    *,
    from_: tuple[Address, ...],
    reply_to: tuple[Address, ...],
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    own: frozenset[str],
    everybody: bool,
    from_me: bool = False,
) -> Recipients:
    """Return the recipients of an answer to a message with these headers.

    Nobody outside the answered message's headers ever appears, none of our own addresses
    (`own`, normalised) does, and nobody appears twice. An answer to our own message goes to whom
    it went to. Where a customer wrote to themselves in our name, the sender stays.
    """
    first = to if from_me else (reply_to or from_)
    chosen = _distinct(first, without=own) or _distinct(from_, without=frozenset())
    if not everybody:
        return Recipients(to=chosen)
    taken = own | {normalise_email(address.address) for address in chosen}
    others = cc if from_me else (*to, *cc)
    return Recipients(to=chosen, cc=_distinct(others, without=taken))


def _distinct(addresses: Iterable[Address], *, without: frozenset[str]) -> tuple[Address, ...]:
    kept: dict[str, Address] = {}
    for address in addresses:
        key = normalise_email(address.address)
        if key and key not in without and without_token(key) not in without:
            kept.setdefault(key, address)
    return tuple(kept.values())
