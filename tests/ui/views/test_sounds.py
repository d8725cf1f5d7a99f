"""A recording is played in its message: pressed, moved in, faster, one at a time."""

from __future__ import annotations

import mmap
import tempfile
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from desktop_inbox.connectors.chat import RemoteFile
from desktop_inbox.sync import sound_reading
from desktop_inbox.sync.parse_protocol import SoundAnswer
from desktop_inbox.ui import sound_output, sound_player
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import sound_desk
from desktop_inbox.ui.views.sound_chip import SoundChip
from tests.support import recordings
from tests.support.qt_waits import until
from tests.support.recordings import a_recording
from tests.support.scripted_chat import said
from tests.ui.views.talk import Talk, at

SECONDS = 12.0


@pytest.fixture(autouse=True)
def nobody_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play as ever, to an output that takes its time and makes no sound."""
    monkeypatch.setattr(sound_output, "BACKENDS", ("NULL",))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system's programs were given."""
    paths: list[str] = []

    def note(url: QUrl) -> bool:
        paths.append(Path(url.toLocalFile()).name)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return paths


async def voices(talk: Talk, *recorded: bytes, media_type: str = "audio/ogg") -> list[SoundChip]:
    """Voice notes, one a message, which have all come."""
    names = [f"{number}.ogg" for number in range(len(recorded))]
    files = [
        RemoteFile(reference=name, name=name, media_type=media_type, size=900, inline=True)
        for name in names
    ]
    await talk.bring(
        *(said(file.name, "", files=(file,), at=at(n)) for n, file in enumerate(files))
    )
    await until(lambda: len(talk.view.timeline.bubbles()) == len(names))
    talk.view.timeline.expand_all(expanded=True)
    for name, data in zip(names, recorded, strict=True):
        await talk.fetch(name, data)
    chips = [chip for name in names for chip in talk.chips(name)]
    sounds = [chip for chip in chips if isinstance(chip, SoundChip)]
    await until(lambda: all(not chip.on_server for chip in sounds))
    return sounds


def note(seconds: float = SECONDS) -> bytes:
    return a_recording(recordings.WAV, seconds=seconds, rate=8_000)


def folder_of(talk: Talk) -> Path:
    """Where the samples lie."""
    folder = talk.view.files.sounds._samples._folder
    assert folder is not None
    return folder


def in_shape(chip: SoundChip, share: float) -> QPoint:
    room = chip._shape_room()
    return QPoint(round(room.left() + room.width() * share), round(room.center().y()))


async def test_a_voice_note_shows_its_shape_without_being_played(talk: Talk) -> None:
    (chip,) = await voices(talk, a_recording())
    await until(lambda: chip.bars)
    assert chip.length == "0:02"
    assert (chip.heard.state, chip.speed.isVisible()) == ("", False)


async def test_a_press_plays_it_another_pauses_it_and_it_keeps_its_place(talk: Talk) -> None:
    (chip,) = await voices(talk, note())
    chip.set_fault("It could not be fetched.")
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert chip.heard.state == "waiting"
    await until(lambda: chip.heard.state == "playing" and chip.heard.at > 0.1)
    assert not chip.fault
    assert chip.accessibleName().startswith("Voice message, playing")
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert chip.heard.state == "paused"
    place = chip.heard.at
    assert "paused, 0:00 of 0:12" in chip.accessibleName()
    QTest.keyClick(chip, Qt.Key.Key_Return)
    await until(lambda: chip.heard.state == "playing" and chip.heard.at > place)


async def test_pressing_again_and_again_plays_it_once(talk: Talk) -> None:
    (chip,) = await voices(talk, note())
    for state in ("waiting", "", "waiting"):
        chip.click()
        assert chip.heard.state == state
    await until(lambda: chip.heard.at > 0)
    folder = folder_of(talk)
    await until(lambda: len(list(folder.iterdir())) == 1)
    assert chip.heard.state == "playing"


async def test_arrow_keys_and_the_pointer_move_in_it(talk: Talk) -> None:
    (chip,) = await voices(talk, note())
    await until(lambda: chip.measured)
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=in_shape(chip, 0.5))
    await until(lambda: chip.heard.state == "playing")
    assert chip.heard.at == pytest.approx(6.0, abs=0.5)
    chip.click()
    place = chip.heard.at
    QTest.keyClick(chip, Qt.Key.Key_Right)
    assert chip.heard.at == pytest.approx(place + 5.0, abs=0.01)
    QTest.keyClick(chip, Qt.Key.Key_Left)
    assert chip.heard.at == pytest.approx(place, abs=0.01)
    QTest.keyClick(chip, Qt.Key.Key_Home)
    assert (chip.heard.at, chip.heard.state) == (0.0, "")
    QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=in_shape(chip, 0.1))
    QTest.mouseMove(chip, in_shape(chip, 0.75))
    assert chip.heard.at == 0.0  # not before the pointer lets go
    QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=in_shape(chip, 0.75))
    assert chip.heard.at == pytest.approx(9.0, abs=0.2)


async def test_a_press_takes_the_next_speed_and_the_next_note_keeps_it(talk: Talk) -> None:
    first, second = await voices(talk, note(), note(10.0))
    first.click()
    await until(lambda: first.heard.state == "playing")
    assert first.speed.isVisible()
    for told in ("1.5×", "2×", "1×", "1.5×"):
        QTest.keyClick(first.speed, Qt.Key.Key_Space)
        assert first.speed.text() == told
    second.click()
    await until(lambda: second.heard.state == "playing")
    assert second.speed.text() == "1.5×"


async def test_one_plays_at_a_time(talk: Talk) -> None:
    first, second = await voices(talk, note(), note(10.0))
    first.click()
    await until(lambda: first.heard.state == "playing" and first.heard.at > 0)
    second.click()
    assert first.heard.state == "paused"
    await until(lambda: second.heard.state == "playing" and second.heard.at > 0)
    assert first.heard.state == "paused"


async def test_it_ends_by_itself_and_begins_anew(talk: Talk) -> None:
    (chip,) = await voices(talk, note(0.3))
    for _time in range(2):
        chip.click()
        await until(lambda: chip.heard.state == "playing")
        await until(lambda: (chip.heard.state, chip.heard.at) == ("", 0.0))


async def test_it_stops_where_the_conversation_is_left_and_goes_on_there_later(talk: Talk) -> None:
    (chip,) = await voices(talk, note())
    chip.click()
    await until(lambda: chip.heard.at > 0.1)
    player = talk.view.files.sounds._player
    talk.view.show_conversation(None)
    assert player._wanted is None
    await until(lambda: player._output is None)
    talk.view.show_conversation(1)
    await until(lambda: talk.view.timeline.bubbles())
    talk.view.timeline.expand_all(expanded=True)
    (again,) = (one for one in talk.chips("0.ogg") if isinstance(one, SoundChip))
    await until(lambda: again.heard.state == "paused")
    assert again.heard.at > 0.1


async def test_a_page_in_front_of_it_silences_it_and_what_was_to_come(talk: Talk) -> None:
    first, second = await voices(talk, note(), note(10.0))
    first.click()
    await until(lambda: first.heard.at > 0)
    talk.view.hide()
    assert first.heard.state == "paused"
    talk.view.show()
    second.click()
    talk.view.hide()
    await until(lambda: talk.view.files.sounds._streams.keys() == {first.row.id, second.row.id})
    assert (second.heard.state, talk.view.files.sounds._player._wanted) == ("", None)


async def test_a_kind_that_cannot_be_played_here_is_a_button_for_the_players_system(
    talk: Talk, opened: list[str]
) -> None:
    (chip,) = await voices(talk, b"\x00\x00\x00\x20ftypM4A " + bytes(64), media_type="audio/mp4")
    assert not chip.in_place
    assert "Opens in your player" in chip.accessibleName()
    chip.click()
    await until(lambda: opened == ["0.ogg"])


async def test_what_turns_out_to_be_of_another_kind_opens_in_the_systems_player(
    talk: Talk, context: AppContext, opened: list[str]
) -> None:
    told: list[str] = []
    context.notice.connect(lambda notice: told.append(notice.text))
    (chip,) = await voices(talk, b"\xff\xf1\x50\x80" + bytes(3_000_000), media_type="audio/mpeg")
    assert chip.in_place
    chip.click()
    await until(lambda: opened == ["0.ogg"])
    assert told == ["0.ogg cannot be played here; your player opens it."]
    assert not chip.in_place
    assert "Opens in your player" in chip.accessibleName()


async def test_a_computer_without_sound_says_so_in_words(
    talk: Talk, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_output, "BACKENDS", ("JACK",))  # which no test machine runs
    told: list[str] = []
    context.banner.connect(lambda banner: told.append(banner.text))
    (chip,) = await voices(talk, note())
    chip.click()
    await until(lambda: told)
    assert told[0].startswith("Nothing can be heard: no loudspeaker or headphones answer.")
    assert chip.heard.state == ""


async def test_a_loudspeaker_that_is_pulled_out_is_noticed(
    talk: Talk, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    context.banner.connect(lambda banner: told.append(banner.text))
    (chip,) = await voices(talk, note())
    player = talk.view.files.sounds._player
    chip.click()
    await until(lambda: chip.heard.at > 0)
    assert player._output is not None
    player._output._device.stop()
    monkeypatch.setattr(sound_player, "_STUCK_TICKS", 2)
    await until(lambda: told)
    assert chip.heard.state == "paused"


async def test_few_recordings_lie_on_the_disk_and_none_once_the_window_has_gone(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_desk, "_MOST_OPEN", 1)
    first, second = await voices(talk, note(), note(10.0))
    first.click()
    await until(lambda: first.heard.at > 0)
    folder = folder_of(talk)
    second.click()
    await until(lambda: second.heard.at > 0)
    await until(lambda: len(list(folder.iterdir())) == 1)
    first.click()
    await until(lambda: first.heard.state == "playing")
    assert first.heard.at > 0  # where it was
    talk.view.close_desk()
    assert not folder.exists()


async def test_the_window_waits_for_no_disk(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[tuple[str, bool]] = []

    def watch(where: object, name: str) -> None:
        really = getattr(where, name)

        def noted(*args: object, **more: object) -> object:
            did.append((name, threading.current_thread() is threading.main_thread()))
            return really(*args, **more)

        monkeypatch.setattr(where, name, noted)

    watch(tempfile, "mkdtemp")
    watch(mmap, "mmap")
    watch(Path, "unlink")
    (chip,) = await voices(talk, note())
    chip.click()
    await until(lambda: chip.heard.at > 0)
    folder = folder_of(talk)
    talk.view.show_conversation(None)
    await until(lambda: not list(folder.iterdir()))
    assert {"mkdtemp", "mmap", "unlink"} == {name for name, _in_window in did}
    assert not any(in_window for _name, in_window in did)


async def test_only_what_is_on_the_screen_is_looked_into(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    async def count(data: bytes, *, target: Path | None) -> SoundAnswer:
        read.append(len(data))
        return SoundAnswer("samples", 8_000, 8_000, bytes(60))

    monkeypatch.setattr(sound_reading, "read", count)
    talk.view.resize(620, 300)
    names = [f"{number}.ogg" for number in range(40)]
    files = [RemoteFile(reference=one, name=one, media_type="audio/ogg", size=9) for one in names]
    await talk.bring(
        *(said(file.name, "", files=(file,), at=at(n)) for n, file in enumerate(files))
    )
    for name in names:
        await talk.fetch(name, note(0.1))
    await until(lambda: read and talk.view.timeline.bubbles())
    chips = talk.view.findChildren(SoundChip)
    await until(lambda: all(chip.bars for chip in chips if chip._asked))
    assert 0 < len(read) <= 6
