"""A recording is taken apart in a process of its own, which a hostile one ends and nothing else."""

from __future__ import annotations

import random
import struct
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop_inbox.sync import sound_reading, worker_process
from desktop_inbox.sync.parse_protocol import Limits, SoundAnswer, SoundJob
from desktop_inbox.sync.worker_process import ParserUnavailable, WorkerLost
from tests.support import recordings
from tests.support.recordings import a_recording

KINDS = (
    recordings.OPUS, recordings.VORBIS, recordings.FLAC, recordings.MP3, recordings.WAV,
)  # fmt: skip
OUTCOMES = {"samples", "format", "empty", "long", "time", "memory", "crash"}


def distorted(chance: random.Random) -> bytes:
    """A recording cut off, with wrong bytes anywhere, or with absurd ones in its heading."""
    data = bytearray(a_recording(chance.choice(KINDS), seconds=1.0))
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    reach = len(data) if chance.random() < 0.5 else min(len(data), 120)
    for _each in range(chance.choice((0, 1, 4, 40))):
        if reach:
            data[chance.randrange(reach)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    return bytes(data)


async def test_samples_come_in_a_file_of_this_user(tmp_path: Path) -> None:
    target = tmp_path / "samples"
    answer = await sound_reading.read(a_recording(), target=target)
    assert (answer.outcome, answer.rate, answer.count) == ("samples", 16_000, 32_000)
    assert target.stat().st_size == 2 * answer.count
    assert max(answer.bars) == 255


class Worker:
    """One worker that takes jobs until one of them ends it, and is begun anew behind it."""

    def __init__(self) -> None:
        self.process: Process | None = None

    async def read(self, data: bytes) -> SoundAnswer:
        limits = Limits("", 2.0, sound_reading.MEMORY_BYTES)
        if self.process is None:
            self.process = await worker_process.start(limits, worker_process.worker_command())
        decoder = msgspec.msgpack.Decoder(SoundAnswer)
        try:
            job = SoundJob(data)
            return await worker_process.ask(self.process, job, decoder, patience_seconds=20.0)
        except WorkerLost as lost:
            await self.end()
            return SoundAnswer(lost.why)

    async def end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            await worker_process.end(process)


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker()
    yield worker
    await worker.end()


async def test_hostile_recordings_end_within_the_limits(worker: Worker) -> None:
    chance = random.Random(20)
    outcomes = [(await worker.read(distorted(chance))).outcome for _each in range(60)]
    assert set(outcomes) <= OUTCOMES
    assert {"samples", "format"} <= set(outcomes)


async def test_what_is_no_recording_is_told_apart(worker: Worker) -> None:
    noise = random.Random(3).randbytes(5_000)
    for data, outcome in (
        (b"", "format"),
        (noise, "format"),
        (b"OggS" + noise, "format"),
        (a_recording(recordings.WAV)[:44], "empty"),
    ):
        assert (await worker.read(data)).outcome == outcome


async def test_a_heading_that_promises_years_is_believed_by_nobody(worker: Worker) -> None:
    data = bytearray(a_recording(recordings.WAV, seconds=0.5))
    data[40:44] = struct.pack("<I", 0xFFFFFFF0)
    answer = await worker.read(bytes(data))
    assert (answer.outcome, answer.count) == ("samples", 8_000)


async def test_what_takes_too_long_costs_the_time_it_may_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    endless = a_recording(recordings.WAV)[:40] + struct.pack("<I", 30_000_000) + bytes(30_000_000)
    target = tmp_path / "samples"
    answer = await sound_reading.read(endless, target=target, seconds=0.1)
    assert answer.outcome == "time"
    assert not target.exists()


async def test_what_cannot_be_written_is_not_the_recordings_fault(tmp_path: Path) -> None:
    answer = await sound_reading.read(a_recording(), target=tmp_path / "gone" / "samples")
    assert answer.outcome == "disk"


async def test_a_worker_that_does_not_start_is_nobodys_recording() -> None:
    with pytest.raises(ParserUnavailable):
        await sound_reading.read(b"", target=None, command=(sys.executable, "-c", "pass"))
