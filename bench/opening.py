"""How fast conversations open, the selection moves, and the list answers to an act on many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import big_store
from bench.figures import Figure, median, percentile
from bench.options import Options
from bench.window import probe
from bench.work_watcher import CLOSED

ROWS = 100_000
REACH_MS = {"opened": 100.0, "moved": 16.0, "closed": 100.0}
_WHAT = {
    "opened": f"opening a conversation of {big_store.LONG} messages, to its first paint, p95",
    "moved": "moving the selection by key, until it is painted, p95",
    "closed": f"closing {CLOSED:,} conversations, until they have left the screen",
}


def measure(options: Options) -> Iterator[Figure]:
    """Have somebody work in the window of a large workspace."""
    with tempfile.TemporaryDirectory(prefix="bench-opening-") as folder:
        large = Path(folder) / "large"
        big_store.build(large, rows=min(ROWS, options.rows), seed=options.seed)
        yield from measure_in(large)


def measure_in(folder: Path) -> Iterator[Figure]:
    """Measure in a workspace that was built; conversations in it are closed."""
    told = probe("bench.own_window", "work", folder)
    for name, what in _WHAT.items():
        times = told[f"{name}_ms"]
        yield Figure(
            what=what,
            value=percentile(times, 0.95),
            unit="ms",
            reach=REACH_MS[name],
            note="" if len(times) == 1 else f"p50 {median(times):.1f} ms, of {len(times)}",
        )
