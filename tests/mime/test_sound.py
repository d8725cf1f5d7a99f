"""How long a recording is can be read from most kinds, and damage is no reason to fail."""

from __future__ import annotations

import struct
import wave
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime.sound import seconds_of


def a_wave(seconds: int) -> bytes:
    data = BytesIO()
    with wave.open(data, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(bytes(16_000 * seconds))
    return data.getvalue()


def page(samples: int, body: bytes) -> bytes:
    """An Ogg page (RFC 3533, 6)."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, samples, 1, 0, 0, 1)
    return head + bytes([len(body)]) + body


OPUS = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
VORBIS = b"\x01vorbis" + struct.pack("<IBI", 0, 1, 44_100) + bytes(14)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def a_movie(*, wide: bool) -> bytes:
    times = struct.pack(">QQIQ", 0, 0, 600, 7200) if wide else struct.pack(">IIII", 0, 0, 600, 7200)
    heading = box(b"mvhd", bytes([wide, 0, 0, 0]) + times)
    return box(b"ftyp", b"isom") + box(b"mdat", bytes(99)) + box(b"moov", heading)


MP3 = b"\xff\xfb\x90\x00"  # 128 kbit/s, 44.1 kHz


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (a_wave(3), 3.0),
        (page(0, OPUS) + page(48_000 * 5 + 312, bytes(40)), 5.0),
        (page(0, VORBIS) + page(44_100 * 2, bytes(40)), 2.0),
        (a_movie(wide=False), 12.0),
        (a_movie(wide=True), 12.0),
        (MP3 + bytes(16_000 - 4), 1.0),
        (b"ID3\x03\x00\x00\x00\x00\x00\x05" + bytes(5) + MP3 + bytes(32_000 - 4), 2.0),
        (MP3 + bytes(32) + b"Info" + struct.pack(">II", 1, 100) + bytes(99), 100 * 1152 / 44_100),
    ],
    ids=["wave", "opus", "vorbis", "movie", "long movie", "mp3", "tagged mp3", "counted mp3"],
)
def test_the_length_is_told(data: bytes, seconds: float) -> None:
    found = seconds_of(data)
    assert found is not None
    assert found == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WAVE", b"OggS", b"\0\0\0\x08ftyp", b"GIF89a"])
def test_what_has_no_length_has_none(data: bytes) -> None:
    assert seconds_of(data) is None


STARTS = (b"", b"OggS", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x08ftyp", MP3, b"ID3", page(9, OPUS))


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_damage_is_no_reason_to_fail(start: bytes, rest: bytes) -> None:
    found = seconds_of(start + rest)
    assert found is None or found > 0
