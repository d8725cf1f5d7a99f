"""Prism between a connector and our stand-in for its vendor: it holds both to the vendor's words.

`npm install -g @stoplight/prism-cli` brings it; where it or the descriptions are missing, the
tests that ask for it are skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
_START_SECONDS = 60.0
_VIOLATION = re.compile(r"Violation: (.*)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Prism:
    """A proxy that runs."""

    url: str
    said: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """What was not as the vendor describes it, each once."""
        found = (_VIOLATION.search(line) for line in self.said)
        return sorted({one[1].strip() for one in found if one is not None})


def spec(name: str) -> Path:
    """Return a vendor's description, or skip the test."""
    path = _SPECS / name
    if not path.exists():
        pytest.skip(f"no description “{name}” beside this checkout")
    return path


@contextlib.asynccontextmanager
async def between(description: Path, service_url: str) -> AsyncIterator[Prism]:
    """Run Prism in front of a service. Skips the test where it is not installed."""
    program = os.environ.get("PRISM") or shutil.which("prism")
    if program is None:
        pytest.skip("Prism is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program, "proxy", "--port", str(port), "--host", "127.0.0.1",
        str(description), service_url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        # It watches the description for changes, and there may be no watches left.
        env={**os.environ, "CHOKIDAR_USEPOLLING": "1"},
    )  # fmt: skip
    prism = Prism(url=f"http://127.0.0.1:{port}")
    listening = asyncio.Event()
    reading = asyncio.create_task(_read(process, prism, listening))
    try:
        async with asyncio.timeout(_START_SECONDS):
            await listening.wait()
        yield prism
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        await reading


async def _read(
    process: asyncio.subprocess.Process, prism: Prism, listening: asyncio.Event
) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        text = _COLOURS.sub("", line.decode(errors="replace")).rstrip()
        prism.said.append(text)
        if "is listening on" in text:
            listening.set()
