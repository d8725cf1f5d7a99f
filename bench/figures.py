"""A measured value beside its anchor, how rounds are taken, and the table that shows both. Pure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `reach` is what we want: of the ratio, or of the value without one."""

    what: str
    value: float
    unit: str  # "s", "ms", "MB", "µs"
    anchor: str = ""  # what was measured beside it
    anchor_value: float | None = None
    reach: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of its anchor, the only thing that holds on other machines."""
        return self.value / self.anchor_value if self.anchor_value else None

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as we want; None where nothing is said."""
        if self.reach is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that could not be measured here, and why."""

    what: str
    why: str


Line = Figure | Missing


def interleaved(
    rounds: int, candidates: Mapping[str, Callable[[], float]]
) -> dict[str, list[float]]:
    """Call each candidate once a round, in turn, and return what each one answered.

    Turns spread whatever else the machine does over all of them.
    """
    answers: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            answers[name].append(measure())
    return answers


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes by the wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def table(lines: Sequence[Line]) -> str:
    """Return the lines as text in columns."""
    rows = [("what", "value", "anchor", "", "ratio", "reach", ""), *map(_cells, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = []
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 2, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def _cells(line: Line) -> tuple[str, ...]:
    if isinstance(line, Missing):
        return (line.what, "–", "", "", "", "", f"not measured: {line.why}")
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}x"
    anchor = "" if line.anchor_value is None else _number(line.anchor_value, line.unit)
    return (
        line.what,
        _number(line.value, line.unit),
        line.anchor,
        anchor,
        ratio,
        _reach(line),
        _verdict(line),
    )


def _reach(line: Figure) -> str:
    if line.reach is None:
        return ""
    return f"≤ {line.reach:g}x" if line.anchor_value else f"≤ {line.reach:g} {line.unit}"


def _verdict(line: Figure) -> str:
    word = {None: "", True: "reached", False: "falls short"}[line.reached]
    return "; ".join(part for part in (word, line.note) if part)


def _number(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"
