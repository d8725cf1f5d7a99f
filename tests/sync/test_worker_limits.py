"""What holds a worker process in, tried on processes of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_inbox.sync import worker_process
from desktop_inbox.sync.worker_limits import EXHAUSTED

ROOT = Path(__file__).parents[2]
HOARD = """
from desktop_inbox.sync import worker_limits
{limit}
kept = []
try:
    while len(kept) < 2_000:
        kept.append(bytearray(1_000_000))
except MemoryError:
    sys.exit(7)
sys.exit(0)
"""


def hoard(limit: str) -> int:
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{HOARD.format(limit=limit)}"
    return subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode


@pytest.mark.skipif(sys.platform == "darwin", reason="the process ends there")
def test_beyond_its_memory_a_worker_gets_no_more() -> None:
    assert hoard("worker_limits.limit_memory(300_000_000)") == 7


@pytest.mark.skipif(sys.platform == "win32", reason="a Mac does without the limit, not Windows")
def test_where_the_system_sets_no_limit_a_worker_ends_itself_there() -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    assert hoard(f"worker_limits.watch_memory(300_000_000, unit_bytes={unit})") == EXHAUSTED


def test_stepping_back_does_not_stop_a_worker() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "from desktop_inbox.sync import worker_limits; worker_limits.step_back()"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


async def test_a_worker_that_ended_for_its_memory_is_told_from_one_that_crashed() -> None:
    import asyncio

    for status, why in ((EXHAUSTED, "memory"), (3, "crash")):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"import os; os._exit({status})"
        )
        assert await worker_process.why_it_ended(process) == why
