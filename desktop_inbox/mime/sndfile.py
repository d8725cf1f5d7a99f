"""libsndfile, which takes recordings apart: Opus, Vorbis, FLAC, MP3 and WAV. Pure.

The library comes with the package soundfile, whose own module would bring numpy along and is never
imported. What it reads is hostile, and it is C: call this in a worker process with limits only.
"""

from __future__ import annotations

import ctypes
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_READ = 0x10
_CLIP, _SCALE_FLOATS = 0x10C0, 0x1014
_WAV, _WAVE_EXTENSIBLE = 0x010000, 0x130000
_CONTAINER = 0x0FFF0000
# Of the many formats that it knows, those that recordings come in; the others are little used, and
# where its faults are found.
_CONTAINERS = frozenset({_WAV, _WAVE_EXTENSIBLE, 0x170000, 0x200000, 0x230000})
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_MOST_CHANNELS = 8
_FRAMES_AT_ONCE = 16_384
_SAMPLE_BYTES = 2

_Count = ctypes.c_int64
_LENGTH = ctypes.CFUNCTYPE(_Count, ctypes.c_void_p)
_SEEK = ctypes.CFUNCTYPE(_Count, _Count, ctypes.c_int, ctypes.c_void_p)
_TRANSFER = ctypes.CFUNCTYPE(_Count, ctypes.c_void_p, _Count, ctypes.c_void_p)


class NotSound(Exception):
    """These bytes are no recording that can be taken apart here."""


class LibraryMissing(Exception):
    """The library is not part of this copy of the program, or does not go with this system."""


class _Info(ctypes.Structure):
    _fields_ = (
        ("frames", _Count),
        ("samplerate", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("format", ctypes.c_int),
        ("sections", ctypes.c_int),
        ("seekable", ctypes.c_int),
    )


class _Source(ctypes.Structure):
    _fields_ = (
        ("length", _LENGTH),
        ("seek", _SEEK),
        ("read", _TRANSFER),
        ("write", _TRANSFER),
        ("tell", _LENGTH),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An opened recording."""

    rate: int
    channels: int
    blocks: Iterator[array[int]]  # frames one after the other, channels of each in turn


@contextmanager
def opened(data: bytes) -> Iterator[Recording]:
    """Open a recording. How long it is stands nowhere that could be trusted.

    Raises:
        NotSound: it is of another format, damaged at its beginning, or absurd.
        LibraryMissing: the package came without the library.
    """
    if not _is_known(data):
        raise NotSound
    library = _library()
    info, source = _Info(), _source(data)
    handle = library.sf_open_virtual(ctypes.byref(source), _READ, ctypes.byref(info), None)
    if not handle:
        raise NotSound
    try:
        if not (
            info.format & _CONTAINER in _CONTAINERS
            and _LOWEST_RATE <= info.samplerate <= _HIGHEST_RATE
            and 1 <= info.channels <= _MOST_CHANNELS
        ):
            raise NotSound
        library.sf_command(handle, _CLIP, None, 1)
        if info.format & _CONTAINER in (_WAV, _WAVE_EXTENSIBLE):  # which may hold floats
            library.sf_command(handle, _SCALE_FLOATS, None, 1)
        blocks = _blocks(library, handle, info.channels)
        yield Recording(rate=info.samplerate, channels=info.channels, blocks=blocks)
    finally:
        library.sf_close(handle)


def _is_known(data: bytes) -> bool:
    if data.startswith((b"OggS", b"fLaC", b"ID3")):
        return True
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WAVE"
    # An MPEG frame; without a layer it is AAC.
    return len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 != 0


def _blocks(library: ctypes.CDLL, handle: int, channels: int) -> Iterator[array[int]]:
    buffer = (ctypes.c_short * (_FRAMES_AT_ONCE * channels))()
    samples = memoryview(buffer).cast("B")
    while (count := library.sf_readf_short(handle, buffer, _FRAMES_AT_ONCE)) > 0:
        yield array("h", bytes(samples[: count * channels * _SAMPLE_BYTES]))


def _source(data: bytes) -> _Source:
    """Return what reads `data`, for as long as it is referred to."""
    size, at = len(data), 0

    def seek(offset: int, whence: int, _user: object) -> int:
        nonlocal at
        at = min(max(offset + (0, at, size)[whence], 0), size)
        return at

    def read(target: int, count: int, _user: object) -> int:
        nonlocal at
        found = data[at : at + max(count, 0)]
        ctypes.memmove(target, found, len(found))
        at += len(found)
        return len(found)

    return _Source(
        length=_LENGTH(lambda _user: size),
        seek=_SEEK(seek),
        read=_TRANSFER(read),
        write=_TRANSFER(lambda _source, _count, _user: 0),
        tell=_LENGTH(lambda _user: at),
    )


@cache
def _library() -> ctypes.CDLL:
    found = find_spec("_soundfile_data")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    suffix = {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so")
    paths = [path for place in places for path in Path(place).glob(f"libsndfile*.{suffix}")]
    if not paths:
        raise LibraryMissing
    try:
        library = ctypes.CDLL(str(paths[0]))
    except OSError as error:
        raise LibraryMissing from error
    library.sf_open_virtual.restype = ctypes.c_void_p
    library.sf_open_virtual.argtypes = (
        ctypes.POINTER(_Source), ctypes.c_int, ctypes.POINTER(_Info), ctypes.c_void_p,
    )  # fmt: skip
    library.sf_readf_short.restype = _Count
    library.sf_readf_short.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_short), _Count)
    library.sf_command.argtypes = (
        ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
    )  # fmt: skip
    library.sf_close.argtypes = (ctypes.c_void_p,)
    return library
