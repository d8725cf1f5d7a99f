"""A hybrid logical clock: orders what several devices did, even where their clocks disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_COUNTER_DIGITS = 5


@dataclass(frozen=True, slots=True, order=True)
class Hlc:
    """A moment: wall-clock milliseconds, a counter within one, and the device that breaks ties."""

    milliseconds: int
    counter: int
    device: str

    def __str__(self) -> str:
        """Return a form that sorts as text in the order of the clock."""
        return f"{self.milliseconds:013d}-{self.counter:0{_COUNTER_DIGITS}d}-{self.device}"

    @classmethod
    def parse(cls, text: str) -> Hlc:
        """Read what `str` wrote. Raises ValueError for anything else."""
        milliseconds, counter, device = text.split("-", 2)
        return cls(int(milliseconds), int(counter), device)

    def next(self, at: datetime) -> Hlc:
        """Return a moment after this one, as near to the wall-clock time `at` as that allows.

        A clock that was set back keeps counting from the latest moment known.
        """
        wall = round(at.timestamp() * 1000)
        if wall > self.milliseconds:
            return Hlc(wall, 0, self.device)
        return Hlc(self.milliseconds, self.counter + 1, self.device)

    def after(self, seen: Hlc) -> Hlc:
        """Return this device's clock moved past a moment that another device reported."""
        if (seen.milliseconds, seen.counter) <= (self.milliseconds, self.counter):
            return self
        return Hlc(seen.milliseconds, seen.counter, self.device)
