"""What is heard of a recording: all of it, from anywhere, and faster without a higher voice."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop_inbox.ui.sound_stream import SPEEDS, SoundStream

RATE = 16_000
PITCH = 200  # Hz
BLOCK = 960  # samples that an output asks for at once


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[SoundStream]:
    """Four seconds of a voice that goes on at one pitch."""
    tone = (round(9_000 * math.sin(math.tau * PITCH * n / RATE)) for n in range(4 * RATE))
    path = tmp_path / "samples"
    path.write_bytes(array("h", tone).tobytes())
    stream = SoundStream(path, rate=RATE)
    yield stream
    stream.close()


def heard(stream: SoundStream) -> array[int]:
    """All that comes until the end."""
    blocks, samples = stream.blocks(), array("h")
    next(blocks)
    while not stream.over:
        samples.frombytes(blocks.send(BLOCK))
    return samples


def spoken(samples: array[int]) -> float:
    """Seconds until the silence at the end."""
    return (len(samples) - next(n for n, value in enumerate(reversed(samples)) if value)) / RATE


def test_all_of_it_is_heard_once(stream: SoundStream) -> None:
    assert stream.seconds == 4.0
    assert heard(stream)[: 4 * RATE].tobytes() == stream.path.read_bytes()
    assert stream.position == 4.0


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_faster_voice_is_no_higher_and_does_not_click(stream: SoundStream, speed: float) -> None:
    stream.set_speed(speed)
    samples = heard(stream)
    seconds = spoken(samples)
    assert seconds == pytest.approx(4.0 / speed, rel=0.02)
    rises = sum(before < 0 <= after for before, after in pairwise(samples))
    assert rises / seconds == pytest.approx(PITCH, rel=0.04)
    steepest = 9_000 * math.tau * PITCH / RATE
    assert max(abs(after - before) for before, after in pairwise(samples[: 3 * RATE // 2])) < (
        1.5 * steepest
    )


def test_it_goes_on_from_anywhere_and_speed_may_change_on_the_way(stream: SoundStream) -> None:
    blocks = stream.blocks()
    next(blocks)
    stream.set_speed(2.0)
    for _each in range(8):
        blocks.send(BLOCK)
    stream.set_speed(1.0)
    assert 0.9 < stream.position < 1.1
    stream.seek(3.5)
    assert stream.position == 3.5
    assert spoken(heard(stream)) == pytest.approx(0.5, abs=0.01)
    stream.seek(99)
    assert stream.position == 4.0
    stream.seek(-1)
    assert (stream.position, stream.over) == (0.0, False)


def test_whoever_listens_on_after_the_end_hears_silence(stream: SoundStream) -> None:
    blocks = stream.blocks()
    next(blocks)
    stream.close()
    assert blocks.send(BLOCK) == bytes(2 * BLOCK)
