"""What reading a written time can end in: a moment, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """Why a text means no moment."""

    NOTHING = "nothing"  # there is no text
    TOO_LONG = "too-long"
    WORD = "word"  # a word is not known
    TWICE = "twice"  # it names two days, or two times of day
    NO_SUCH = "no-such"  # a day or a time that there is not, such as 31 February
    PAST = "past"  # it lies behind
    TOO_FAR = "too-far"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A moment."""

    at: datetime  # UTC, whole minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """No moment, and what a person can do about it."""

    why: Why
    word: str = ""  # the one that is not known, as it was written
    did_you_mean: str = ""  # the whole text as it would be understood
