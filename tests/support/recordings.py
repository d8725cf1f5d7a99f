"""Recordings of every kind that customers send, made by the library that also reads them."""

from __future__ import annotations

import ctypes
import math
import tempfile
from array import array
from functools import cache
from pathlib import Path

from desktop_inbox.mime import sndfile

OPUS, VORBIS, FLAC, MP3 = 0x200064, 0x200060, 0x170002, 0x230082
WAV, WAV_FLOAT, WAV_ULAW = 0x010002, 0x010006, 0x010010
_WRITE = 0x20


@cache
def a_recording(
    kind: int = OPUS, *, seconds: float = 2.0, rate: int = 16_000, channels: int = 1
) -> bytes:
    """A tone that is silent in its first half, and in the second on all channels but the last."""
    info = sndfile._Info(samplerate=rate, channels=channels, format=kind)
    samples = array("h")
    for frame in range(round(seconds * rate)):
        loud = frame >= seconds * rate / 2
        tone = round(12_000 * math.sin(math.tau * 440 * frame / rate)) if loud else 0
        samples.extend([*([0] * (channels - 1)), tone])
    library = sndfile._library()
    library.sf_open.restype = ctypes.c_void_p
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "recording")
        handle = library.sf_open(str(path).encode(), _WRITE, ctypes.byref(info))
        assert handle, f"the library writes no {kind:#x}"
        buffer = (ctypes.c_short * len(samples)).from_buffer(samples)
        library.sf_writef_short.restype = ctypes.c_int64
        library.sf_writef_short.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        written = library.sf_writef_short(handle, buffer, len(samples) // channels)
        library.sf_close(handle)
        assert written == len(samples) // channels
        return path.read_bytes()
