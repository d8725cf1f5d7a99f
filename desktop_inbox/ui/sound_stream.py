"""What is heard of a recording: from where, and how fast. The pitch of a voice stays as it is.

Moved by the UI thread, read by the thread of the sound output; a lock stands between them.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Generator
from math import sqrt
from operator import mul
from pathlib import Path
from threading import Lock

SPEEDS = (1.0, 1.5, 2.0)
_BYTES = 2  # a sample
# Faster speech is made of pieces of it, each beginning where it goes best with the one before
# (WSOLA): a piece, its overlap with the next, and how far a better beginning is looked for.
_PIECE_SECONDS = 0.040
_FADE_SECONDS = 0.008
_REACH_SECONDS = 0.012
_COMPARED_RATE = 6_000  # samples a second that beginnings are compared by: speech lies below
_SILENCE_SECONDS = 0.25  # after the end, until the last samples have left the output


class SoundStream:
    """One recording, open for as long as it is played or may be again."""

    def __init__(self, path: Path, *, rate: int, speed: float = 1.0) -> None:
        """The file holds samples of 16 bits and one channel, and at least one of them."""
        self.path = path
        self.rate = rate
        with path.open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._samples = memoryview(self._file).cast("h")
        self._count = len(self._samples)
        self._lock = Lock()
        self._at = 0  # the next sample
        self._speed = speed
        self._tail: array[int] | None = None  # what the next piece is blended with
        self._ready = bytearray()
        self._silence = 0  # samples of it since the end

    @property
    def seconds(self) -> float:
        """How long all of it is."""
        return self._count / self.rate

    @property
    def position(self) -> float:
        """How far it has come, in seconds."""
        return min(self._at, self._count) / self.rate

    @property
    def over(self) -> bool:
        """Whether the end was heard."""
        return self._silence >= self.rate * _SILENCE_SECONDS

    def seek(self, seconds: float) -> None:
        """Go on from there."""
        with self._lock:
            self._at = min(max(round(seconds * self.rate), 0), self._count)
            self._tail = None
            self._ready.clear()
            self._silence = 0

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast from now on."""
        with self._lock:
            self._speed = speed

    def blocks(self) -> Generator[bytes, int, None]:
        """Yield what is heard next, as many samples as are sent for; silence after the end."""
        count = yield b""
        while True:
            count = yield self._take(count)

    def close(self) -> None:
        """Let go of the file; whoever still listens hears silence. Idempotent."""
        with self._lock:
            self._count = 0
            self._samples.release()
            self._file.close()

    def _take(self, count: int) -> bytes:
        with self._lock:
            ready, wanted = self._ready, count * _BYTES
            while len(ready) < wanted and self._at < self._count:
                ready += self._straight() if self._speed == 1.0 else self._faster()
            taken = bytes(ready[:wanted])
            del ready[:wanted]
            missing = wanted - len(taken)
            self._silence += missing // _BYTES
            return taken + bytes(missing)

    def _straight(self) -> memoryview | array[int]:
        """The next piece as it is, blended with what was faster before it."""
        start, size = self._at, round(self.rate * _PIECE_SECONDS)
        self._at = start + size
        if self._tail is None:
            return self._samples[start : start + size]
        piece, self._tail = self._blended(start, size), None
        return piece

    def _faster(self) -> array[int]:
        size, fade = round(self.rate * _PIECE_SECONDS), round(self.rate * _FADE_SECONDS)
        piece = self._blended(self._best_beginning(), size)
        self._at = min(self._at + round(self._speed * (size - fade)), self._count)
        if self._at == self._count:
            return piece
        self._tail = piece[-fade:]
        return piece[:-fade]

    def _blended(self, start: int, size: int) -> array[int]:
        piece = array("h", self._samples[start : start + size])
        tail = self._tail or ()
        for number, before in zip(range(len(piece)), tail, strict=False):
            piece[number] += (before - piece[number]) * (len(tail) - number) // len(tail)
        return piece

    def _best_beginning(self) -> int:
        """Where what comes is most like what was to come before."""
        if self._tail is None:
            return self._at
        step = max(self.rate // _COMPARED_RATE, 1)
        reach, fade = round(self.rate * _REACH_SECONDS), len(self._tail)
        around = array("h", self._samples[self._at : self._at + reach + fade])
        tail = self._tail[::step]
        best, best_likeness = 0, 0.0
        for start in range(0, max(len(around) - fade, 0), 2 * step):
            part = around[start : start + fade : step]
            likeness = sum(map(mul, tail, part)) / sqrt(sum(map(mul, part, part)) + 1)
            if likeness > best_likeness:
                best, best_likeness = start, likeness
        return self._at + best
