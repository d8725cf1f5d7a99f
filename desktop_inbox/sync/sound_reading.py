"""A recording taken apart for playing, by a worker process of its own. On any loop of asyncio.

One process a recording: it starts in a fifth of a second, holds nothing of another, and what a
hostile recording does to it ends with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop_inbox.sync import worker_process
from desktop_inbox.sync.parse_protocol import Limits, SoundAnswer, SoundJob
from desktop_inbox.sync.worker_process import WorkerLost

log = logging.getLogger(__name__)

SOUND_SECONDS = 30.0  # of processor time; half an hour of sound takes five to ten
MEMORY_BYTES = 500 * 1024 * 1024
_PATIENCE = 4.0  # wall-clock time is this many times the processor time: the machine may be busy

_answer_decoder = msgspec.msgpack.Decoder(SoundAnswer)


async def read(
    data: bytes,
    *,
    target: Path | None,
    seconds: float = SOUND_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
    command: Sequence[str] = (),
) -> SoundAnswer:
    """Return the shape of a recording; its samples are written to `target`, a new file.

    Its outcome is "samples", or why there are none: "format" (nothing that is read here), "empty",
    "long", "library", "disk", "time", "memory" or "crash". `target` is gone where there are none.

    Raises:
        ParserUnavailable: the worker process cannot be started.
    """
    limits = Limits("", seconds, memory_bytes)
    process = await worker_process.start(limits, command or worker_process.worker_command())
    try:
        job = SoundJob(data, str(target or ""))
        answer = await worker_process.ask(
            process, job, _answer_decoder, patience_seconds=seconds * _PATIENCE
        )
    except WorkerLost as lost:
        log.info("a recording of %d bytes cannot be read: %s", len(data), lost.why)
        answer = SoundAnswer(lost.why)
    finally:
        await worker_process.end(process)
    if target is not None and answer.outcome != "samples":
        await asyncio.to_thread(target.unlink, missing_ok=True)
    return answer
