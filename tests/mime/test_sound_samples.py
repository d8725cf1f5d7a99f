"""Recordings of every kind become one line of samples; what is none of them is refused."""

from __future__ import annotations

import io
from array import array
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from desktop_inbox.mime import sndfile, sound_samples
from desktop_inbox.mime.sndfile import NotSound
from desktop_inbox.mime.sound_samples import BARS, TooLong, take_apart
from tests.support import recordings
from tests.support.recordings import a_recording

KINDS = {
    "opus": recordings.OPUS,
    "vorbis": recordings.VORBIS,
    "flac": recordings.FLAC,
    "mp3": recordings.MP3,
    "wav": recordings.WAV,
    "wav of a telephone": recordings.WAV_ULAW,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_kind_is_heard_where_it_is_loud(kind: int) -> None:
    sink = io.BytesIO()
    found = take_apart(a_recording(kind), sink)
    assert found.rate == 16_000
    assert found.count / found.rate == pytest.approx(2.0, abs=0.15)  # MP3 begins with a pause
    heard = array("h", sink.getvalue())
    assert len(heard) == found.count
    assert 10_000 < max(heard) < 14_000
    assert len(found.bars) == BARS
    assert max(found.bars[: BARS // 2 - 5]) < 10
    assert min(found.bars[BARS // 2 + 5 : -5]) > 200


def test_floats_are_as_loud_as_can_be() -> None:
    take_apart(a_recording(recordings.WAV_FLOAT), sink := io.BytesIO())
    assert max(array("h", sink.getvalue())) > 32_000


def test_both_sides_of_a_call_are_heard() -> None:
    found = take_apart(a_recording(recordings.WAV, channels=2), sink := io.BytesIO())
    assert found.count == 32_000
    assert max(array("h", sink.getvalue())) == pytest.approx(6_000, abs=10)


def test_only_the_shape_is_looked_at_where_nothing_is_played() -> None:
    assert take_apart(a_recording(), None).bars == take_apart(a_recording(), io.BytesIO()).bars


def test_noise_looks_like_silence() -> None:
    quiet = recordings.a_recording(recordings.WAV, seconds=0.5)
    head, samples = quiet[:44], array("h", quiet[44:])
    noise = array("h", [sample // 1000 for sample in samples])
    assert max(take_apart(head + noise.tobytes(), None).bars) < 10


def test_what_plays_for_too_long_is_not_held_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_samples, "LONGEST_SECONDS", 1)
    with pytest.raises(TooLong):
        take_apart(a_recording(), None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OggS",
        b"\xff\xf1\x50\x80" + bytes(64),  # AAC as it is streamed
        b"\x00\x00\x00\x20ftypM4A " + bytes(64),
        b"FORM\x00\x00\x00\x20AIFF" + bytes(64),  # the library knows it; nobody sends it
        a_recording(recordings.WAV, rate=1_000),
        a_recording(recordings.WAV, channels=9, seconds=0.1),
    ],
)
def test_what_cannot_be_played_is_no_sound(data: bytes) -> None:
    with pytest.raises(NotSound):
        take_apart(data, None)


@pytest.mark.parametrize("found", [False, True])
def test_a_copy_without_the_library_or_with_anothers_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    for name in ("libsndfile_x86_64.so", "libsndfile_x64.dll", "libsndfile_arm64.dylib"):
        (tmp_path / name).write_bytes(b"built for something else")
    other = ModuleSpec("_soundfile_data", None, is_package=True)
    other.submodule_search_locations = [str(tmp_path)]
    note = a_recording()
    monkeypatch.setattr(sndfile, "find_spec", lambda _name: other if found else None)
    sndfile._library.cache_clear()
    try:
        with pytest.raises(sndfile.LibraryMissing):
            take_apart(note, None)
    finally:
        sndfile._library.cache_clear()
