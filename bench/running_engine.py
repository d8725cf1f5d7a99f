"""A sync with nothing new as an engine that runs does it, when the computer wakes or is online."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bench import program

_WAKES = 5


def resyncs(data_dir: Path) -> list[float]:
    """Return the seconds from connecting to caught up, for each time an account goes on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_inbox", "--data-dir", str(data_dir), "--json", "engine"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DESKTOP_INBOX_PASSPHRASE": "bench"},
    )
    assert process.stdout is not None
    lines = (json.loads(line) for line in process.stdout)
    try:
        account = _until(lines, "online")
        return [_resync(data_dir, str(account["account"]), lines) for _ in range(_WAKES)]
    finally:
        process.terminate()
        process.wait()


def _resync(data_dir: Path, account: str, lines: Iterator[dict[str, object]]) -> float:
    program.run(data_dir, "account", "pause", account)
    _until(lines, "paused")
    program.run(data_dir, "account", "resume", account)
    began, ended = _until(lines, "connecting"), _until(lines, "online")
    return (_moment(ended) - _moment(began)).total_seconds()


def _until(lines: Iterator[dict[str, object]], state: str) -> dict[str, object]:
    return next(line for line in lines if line["state"] == state)


def _moment(line: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(line["at"]))
