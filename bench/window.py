"""How fast the window is there, how little it stutters, and what it holds of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import anchors, big_store, program
from bench.figures import Figure, Line, Missing, interleaved, median, percentile
from bench.options import Options
from bench.servers import filled_mailbox

ROWS = 100_000
_IDLE_RUNS = 3
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"  # who installs the program has it compiled


def measure(options: Options) -> Iterator[Line]:
    """Start windows in turns, then let one watch itself through a first sync."""
    with tempfile.TemporaryDirectory(prefix="bench-window-") as folder:
        big = Path(folder) / "big"
        big_store.build(big, rows=min(ROWS, options.rows), seed=options.seed)
        yield from _start(big, options.rounds)
        idle = _idle(big)
        yield from _ticks("idle window", idle["ours"], _beside("an empty window", idle["empty"]))
        if not anchors.have("dovecot"):
            yield Missing(what="tick during a first sync", why="Dovecot is not installed")
            return
        with filled_mailbox(options.messages, seed=options.seed) as mailbox:
            anchors.drain(mailbox)
            fresh = Path(folder) / "fresh"
            program.add_account(fresh, mailbox)
            when = f"first sync of {options.messages:,}"
            told = probe("bench.own_window", "tick", fresh)
            yield from _ticks(when, [told["gaps_ms"]], _beside("idle", idle["ours"]))
            yield Figure(what=f"{when}, with the window", value=told["seconds"], unit="s")


def _start(data_dir: Path, rounds: int) -> Iterator[Figure]:
    memory: dict[str, list[float]] = {"empty": [], "ours": []}
    probe("bench.own_window", "start", data_dir)  # not counted: now all of it is compiled

    def started(kind: str, *arguments: str) -> float:
        began = time.clock_gettime(time.CLOCK_MONOTONIC)
        told = probe(*arguments)
        memory[kind].append(told["memory_mb"])
        return float(told["painted_at"] - began)

    times = interleaved(
        max(3, rounds),
        {
            "empty": lambda: started("empty", "bench.empty_window", "start"),
            "ours": lambda: started("ours", "bench.own_window", "start", str(data_dir)),
        },
    )
    yield Figure(
        what=f"start to painted rows, {ROWS:,} conversations",
        value=median(times["ours"]) * 1000,
        unit="ms",
        anchor="empty PySide6 window",
        anchor_value=median(times["empty"]) * 1000,
        reach=1.5,
    )
    yield Figure(
        what="memory of the idle window and its engine",
        value=median(memory["ours"]),
        unit="MB",
        reach=200.0,
        note=f"an empty window: {median(memory['empty']):.0f} MB",
    )


def _idle(data_dir: Path) -> dict[str, list[list[float]]]:
    """Return the gaps between the ticks of idle windows: of ours, and of empty ones beside it.

    What an empty one is held up by is the machine's.
    """
    gaps: dict[str, list[list[float]]] = {"empty": [], "ours": []}
    for _ in range(_IDLE_RUNS):
        gaps["empty"].append(probe("bench.empty_window", "tick")["gaps_ms"])
        gaps["ours"].append(probe("bench.own_window", "tick", data_dir)["gaps_ms"])
    return gaps


def _ticks(when: str, runs: list[list[float]], beside: Callable[[float], str]) -> Iterator[Figure]:
    for name, share, reach in (("p99", 0.99, 16.0), ("longest", 1.0, 50.0)):
        yield Figure(
            what=f"5 ms tick, {when}, {name}",
            value=_usual(runs, share),
            unit="ms",
            reach=reach,
            note=beside(share),
        )


def _beside(whose: str, runs: list[list[float]]) -> Callable[[float], str]:
    return lambda share: f"{whose}: {_usual(runs, share):.1f} ms"


def _usual(runs: list[list[float]], share: float) -> float:
    """Return what so large a share of all gaps does not exceed, in the run in the middle."""
    return median([percentile(gaps, share) for gaps in runs])


def probe(module: str, *arguments: str | Path) -> dict[str, Any]:
    """Run a module in a process of its own and return what it reports.

    Raises:
        RuntimeError: it reported nothing; the text is what it complained of.
    """
    answer = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={
            **{name: value for name, value in os.environ.items() if name != _UNCOMPILED},
            "DESKTOP_INBOX_PASSPHRASE": "bench",
            "QT_QPA_PLATFORM": "offscreen",
            "QT_LOGGING_RULES": "*.warning=false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    for line in answer.stdout.splitlines():
        if line.startswith("{"):
            told: dict[str, Any] = json.loads(line)
            return told
    raise RuntimeError(f"{module}: {answer.stderr.strip()[-800:]}")
