"""What a canned response does to a conversation besides its words: a macro's steps.

Pure. Steps are kept as JSON objects `{"do": …, "value": …}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.states import Priority

MOST = 20


class Deed(StrEnum):
    """One kind of step."""

    PRIORITY = "priority"
    ASSIGN = "assign"
    TAG = "tag"
    UNTAG = "untag"
    STAR = "star"
    NOTE = "note"
    SNOOZE = "snooze"


ME, NOBODY = "me", "nobody"
DAYS = ("1", "2", "3", "7", "14", "30")  # that a snooze may last
_VALUES: dict[Deed, tuple[str, ...]] = {
    Deed.PRIORITY: tuple(one.value for one in Priority),
    Deed.ASSIGN: (ME, NOBODY),
    Deed.STAR: ("on", "off"),
    Deed.SNOOZE: DAYS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, with what it is done with."""

    deed: Deed
    value: str

    @property
    def record(self) -> dict[str, str]:
        """As it is kept."""
        return {"do": self.deed.value, "value": self.value}


def values_of(deed: Deed) -> tuple[str, ...]:
    """Return what a step of this kind may be done with, () for any text."""
    return _VALUES.get(deed, ())


def read(records: Iterable[object]) -> tuple[Step, ...]:
    """Return steps from how they are kept.

    Raises:
        UserError: "macro-step" (step), "macro-long" (most).
    """
    found = tuple(_step(record) for record in records)
    if len(found) > MOST:
        raise UserError("macro-long", most=MOST)
    return found


def known(records: Iterable[object]) -> tuple[Step, ...]:
    """Return the steps that this version knows; what another wrote beside them is left out."""
    found = []
    for record in records:
        try:
            found.append(_step(record))
        except UserError:
            continue
    return tuple(found[:MOST])


def _step(record: object) -> Step:
    if not isinstance(record, dict) or record.get("do") not in set(Deed):
        raise UserError("macro-step", step=str(record))
    deed, value = Deed(record["do"]), record.get("value")
    text = " ".join(value.split()) if isinstance(value, str) and deed is not Deed.NOTE else value
    offered = values_of(deed)
    if not isinstance(text, str) or not text.strip() or (offered and text not in offered):
        raise UserError("macro-step", step=f"{deed}: {value}")
    return Step(deed=deed, value=text)
