"""What a run of the benchmarks was asked for. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from bench.corpus import SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The size of a run, printed above its table."""

    messages: int = 20_000
    rows: int = 1_000_000  # conversations in the list and search benchmarks
    rounds: int = 3
    seed: int = SEED
