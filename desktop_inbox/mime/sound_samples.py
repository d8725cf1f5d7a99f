"""A recording as one line of samples, and how loud it is along its way. Pure, linear in its length.

In a worker process only: see `sndfile`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import add
from typing import BinaryIO

from desktop_inbox.mime import sndfile

BARS = 60  # of a waveform
LONGEST_SECONDS = 30 * 60
_MOST_FRAMES = LONGEST_SECONDS * 48_000
_MOMENTS = 100  # of a second; how loud each is, is looked at
_LOOKED_AT = 8_000  # samples a second, for that
_FAINT = 512  # of 32,768; what is never louder than this stays small: it is noise


class TooLong(Exception):
    """It plays for longer than is held ready here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What was found out about a recording while it was taken apart."""

    rate: int  # samples a second
    count: int
    bars: bytes  # how loud, from 0 to 255; '' where it is empty


def take_apart(data: bytes, sink: BinaryIO | None) -> Samples:
    """Write a recording's samples to `sink`: 16 bits, of one channel, as this machine has them.

    Raises:
        NotSound, LibraryMissing: see `sndfile.opened`.
        TooLong: of what there is of it, all that may be held was written.
        OSError: the sink is full.
    """
    count, moments = 0, array("H")
    with sndfile.opened(data) as recording:
        most = min(LONGEST_SECONDS * recording.rate, _MOST_FRAMES)
        step, thin = recording.rate // _MOMENTS, max(recording.rate // _LOOKED_AT, 1)
        for block in recording.blocks:
            line = _one_channel(block, recording.channels)
            count += len(line)
            if count > most:
                raise TooLong
            moments.extend(_loudness(line, step, thin))
            if sink is not None:
                sink.write(line)
        return Samples(rate=recording.rate, count=count, bars=_bars(moments))


def _one_channel(block: array[int], channels: int) -> array[int]:
    """Both sides of a call may speak on a channel each, so all are heard."""
    if channels == 1:
        return block
    summed: Iterable[int] = block[::channels]
    for channel in range(1, channels):
        summed = map(add, summed, block[channel::channels])
    return array("h", [value // channels for value in summed])


def _loudness(line: array[int], step: int, thin: int) -> Iterator[int]:
    for start in range(0, len(line), step):
        moment = line[start : start + step : thin]
        yield max(max(moment), -min(moment))


def _bars(moments: array[int]) -> bytes:
    """The mean of each part, against the loudest of them: a whisper is seen as well."""
    size = len(moments)
    if not size:
        return b""
    edges = [number * size // BARS for number in range(BARS + 1)]
    parts = [moments[start : max(end, start + 1)] for start, end in pairwise(edges)]
    means = [sum(part) // len(part) for part in parts]
    top = max(*means, _FAINT)
    return bytes(mean * 255 // top for mean in means)
