"""How long a recording is, from its first bytes and its last. Pure; never raises.

Only what a length can be read from without decoding: Ogg (Opus and Vorbis), WAV, MP4 and its kin,
and MP3 with a constant rate or a Xing heading. Everything else has none.
"""

from __future__ import annotations

import struct

_MOST_BOXES = 64
_MOST_SECONDS = 7 * 24 * 3600
_OGG_PAGE = 65_307  # bytes at most
_OPUS_RATE = 48_000
_MP3_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)  # kbit/s
_MP3_SAMPLES = (44_100, 48_000, 32_000, 0)


def seconds_of(data: bytes) -> float | None:
    """Return how long a recording plays, None where that cannot be told."""
    try:
        found = _read(data)
    except (struct.error, IndexError, ZeroDivisionError):
        return None  # damaged, or cut off
    return found if found is not None and 0 < found <= _MOST_SECONDS else None


def _read(data: bytes) -> float | None:
    if data.startswith(b"OggS"):
        return _ogg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return _wav(data)
    if data[4:8] == b"ftyp":
        return _mp4(data)
    return _mp3(data)


def _ogg(data: bytes) -> float | None:
    """RFC 3533: the last page tells how many samples there were in all."""
    at = data.rfind(b"OggS", max(len(data) - _OGG_PAGE, 0))
    samples = struct.unpack_from("<q", data, at + 6)[0]
    head = data[: 2 * 255]
    opus = head.find(b"OpusHead")
    if opus >= 0:
        skipped = struct.unpack_from("<H", head, opus + 10)[0]
        return float(samples - skipped) / _OPUS_RATE
    vorbis = head.find(b"\x01vorbis")
    if vorbis < 0:
        return None
    return float(samples) / float(struct.unpack_from("<I", head, vorbis + 12)[0])


def _wav(data: bytes) -> float | None:
    at, rate = 12, 0
    for _chunk in range(_MOST_BOXES):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            rate = struct.unpack_from("<I", data, at + 16)[0]
        elif name == b"data":
            return float(min(size, len(data) - at - 8)) / rate
        at += 8 + size + size % 2
    return None


def _mp4(data: bytes) -> float | None:
    """ISO 14496-12: the movie's heading tells its length in units of its own."""
    at, end = 0, len(data)
    for _box in range(_MOST_BOXES):
        if at + 8 > end:
            return None
        size, name = struct.unpack_from(">I4s", data, at)
        if name == b"mvhd":
            wide = data[at + 8] == 1
            unit, length = struct.unpack_from(
                ">IQ" if wide else ">II", data, at + (28 if wide else 20)
            )
            return float(length) / float(unit)
        if name == b"moov":  # whose first box is the heading, or soon after it
            at += 8
            continue
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        if size < 8:
            return None
        at += size
    return None


def _mp3(data: bytes) -> float | None:
    """MPEG-1 layer III: from the number of frames where it is told, else from size and rate."""
    at = 0
    if data.startswith(b"ID3"):
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        at = 10 + size
    head = struct.unpack_from(">I", data, at)[0]
    if head >> 17 != 0x7FFD:  # the sync word, MPEG-1 and layer III
        return None
    rate, samples = _MP3_RATES[head >> 12 & 15], _MP3_SAMPLES[head >> 10 & 3]
    for name in (b"Xing", b"Info"):
        found = data.find(name, at, at + 64)
        if found >= 0 and data[found + 7] & 1:
            return float(struct.unpack_from(">I", data, found + 8)[0]) * 1152 / samples
    return float(len(data) - at) * 8 / (rate * 1000)
