"""How much may be sent without a person, so that no two robots ever talk for long (rule D3).

Pure: told what was sent before, it says why one more may not leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PER_CONVERSATION_REPLIES = 1  # automatic answers to one address in one conversation, ever
PER_ADDRESS = ((timedelta(hours=24), 2), (timedelta(days=7), 10))
PER_CONVERSATION = tuple(
    (timedelta(minutes=minutes), most)
    for minutes, most in ((10, 10), (30, 15), (60, 25), (180, 50), (600, 100))
)
TOGETHER = (timedelta(minutes=10), 30)  # beyond this something is wrong, and a person is asked
LONGEST_MEMORY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One mail that left without a person."""

    at: datetime
    address: str  # normalised
    conversation: int


class Refusal(StrEnum):
    """Why an automatic mail may not leave."""

    STOPPED = "stopped"  # all automation waits for a person
    NOT_HUMAN = "not-human"
    OWN_ADDRESS = "own-address"
    UNDELIVERABLE = "undeliverable"
    ANSWERED_BEFORE = "answered-before"
    TOO_MANY_TO_ADDRESS = "too-many-to-address"
    TOO_MANY_IN_CONVERSATION = "too-many-in-conversation"
    TOO_MANY = "too-many"  # stops all automation


def over_a_cap(
    sent: Iterable[Sent], *, address: str, conversation: int, now: datetime, answers: bool = True
) -> Refusal | None:
    """Return which cap one more mail to `address` would break, None for none.

    `sent` holds at least every mail of this conversation, and of the last `LONGEST_MEMORY`. Only
    what `answers` is counted against the one answer of a conversation.
    """
    known = list(sent)
    here = [one for one in known if one.conversation == conversation]
    there = [one for one in known if one.address == address]
    if answers and sum(one.address == address for one in here) >= PER_CONVERSATION_REPLIES:
        return Refusal.ANSWERED_BEFORE
    if any(_within(there, now - span) >= most for span, most in PER_ADDRESS):
        return Refusal.TOO_MANY_TO_ADDRESS
    if any(_within(here, now - span) >= most for span, most in PER_CONVERSATION):
        return Refusal.TOO_MANY_IN_CONVERSATION
    span, most = TOGETHER
    return Refusal.TOO_MANY if _within(known, now - span) >= most else None


def _within(sent: Iterable[Sent], since: datetime) -> int:
    return sum(one.at > since for one in sent)
