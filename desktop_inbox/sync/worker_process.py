"""A worker process from the engine's side: started with its limits, talked to in frames, ended.

On the engine loop. What it is given to do is told by `parsing`, `file_reading` and `sound_reading`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

import desktop_inbox
from desktop_inbox.paths import own_program
from desktop_inbox.sync.parse_protocol import HEADER, LARGEST_FRAME, Answer, Limits, Verdict, frame
from desktop_inbox.sync.worker_limits import EXHAUSTED

_START_SECONDS = 60.0
_END_SECONDS = 2.0
_READ_BUFFER = 1024 * 1024

_Answer = TypeVar("_Answer")


class ParserUnavailable(Exception):
    """The worker process does not start on this machine; no message is to blame."""


class WorkerLost(Exception):
    """The worker ended, or did not answer and must be ended."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why  # "time", "memory", "crash"; "silence" where the machine may be to blame


async def start(limits: Limits, command: Sequence[str]) -> Process:
    """Start a worker and return it once it has taken its limits.

    Raises:
        ParserUnavailable: it does not start.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        limit=_READ_BUFFER,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert process.stdin is not None
    process.stdin.write(frame(limits))
    try:
        async with asyncio.timeout(_START_SECONDS):
            answer = msgspec.msgpack.decode(await read_frame(process), type=Answer)
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
        await end(process)
        raise ParserUnavailable(" ".join(command)) from None
    except BaseException:
        await end(process)  # whoever asked has gone
        raise
    assert answer.verdict is Verdict.READY
    return process


async def end(process: Process) -> None:
    """Kill a worker and wait until it is gone."""
    _kill(process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


def _kill(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            # Not process.kill(): it looks first whether the process has ended, and so takes its
            # status away from asyncio, which then warns of an unknown child.
            os.kill(process.pid, signal.SIGKILL)


async def read_frame(process: Process) -> bytes:
    """Return the next frame.

    Raises:
        IncompleteReadError, ConnectionError: it has ended.
        DecodeError: it has lost its mind.
    """
    assert process.stdout is not None
    (size,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
    if size > LARGEST_FRAME:
        raise msgspec.DecodeError(f"a frame of {size} bytes")
    return await process.stdout.readexactly(size)


async def ask(
    process: Process,
    job: msgspec.Struct,
    decoder: msgspec.msgpack.Decoder[_Answer],
    *,
    patience_seconds: float,
) -> _Answer:
    """Give one job to a worker that has none, and return its answer.

    Raises:
        WorkerLost: the job ended it, or kept it busy for too long.
    """
    try:
        assert process.stdin is not None
        process.stdin.write(frame(job))
        async with asyncio.timeout(patience_seconds):
            return decoder.decode(await read_frame(process))
    except TimeoutError:
        raise WorkerLost("time") from None
    except (asyncio.IncompleteReadError, ConnectionError):
        raise WorkerLost(await why_it_ended(process)) from None
    except msgspec.DecodeError:
        raise WorkerLost("crash") from None


async def why_it_ended(process: Process) -> str:
    """Return "time" where its time was over, "memory" where that was, "crash" otherwise."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            status = await process.wait()
    except TimeoutError:
        return "crash"
    if sys.platform != "win32" and status == -signal.SIGPROF:
        return "time"
    return "memory" if status == EXHAUSTED else "crash"


def worker_command() -> tuple[str, ...]:
    """Return what starts a worker."""
    return own_program("parse-worker", worker=True)


def clean_environment() -> dict[str, str]:
    """Return the little a Python process needs: no passphrase, no token of the desktop session."""
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["PYTHONPATH"] = str(Path(desktop_inbox.__file__).parent.parent)
    environment["MALLOC_ARENA_MAX"] = "1"  # arenas are address space, and that is limited
    return environment
