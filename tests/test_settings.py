"""Settings: typed, kept, and forgiving of files that others wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_inbox.settings import Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_a_fresh_start_has_the_declared_defaults(file: Path) -> None:
    settings = Settings(file)
    assert settings.theme == "system"
    assert settings.undo_send_seconds == 10
    assert not file.exists()


def test_what_is_chosen_is_there_at_the_next_start(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "dark"
    settings.window = {"navigation": 224}
    again = Settings(file)
    assert again.theme == "dark"
    assert again.window == {"navigation": 224}


def test_keys_of_a_newer_version_survive(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"theme": "dark", "hologram": True, "version": 9}))
    Settings(file).language = "tr"
    kept = json.loads(file.read_text())
    assert kept["hologram"] is True
    assert kept["theme"] == "dark"


@pytest.mark.parametrize("value", [61, -1, "10", True, None])
def test_a_value_out_of_range_counts_as_absent(file: Path, value: object) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"undo_send_seconds": value}))
    assert Settings(file).undo_send_seconds == 10


def test_nonsense_cannot_be_set(file: Path) -> None:
    with pytest.raises(ValueError, match="theme"):
        Settings(file).theme = "pink"


@pytest.mark.expects_log("settings not readable")
def test_a_torn_file_is_set_aside_and_the_program_starts(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"theme": "da')
    assert Settings(file).theme == "system"
    assert file.with_suffix(".json.broken").read_text() == '{"theme": "da'


@pytest.mark.expects_log("settings not written")
def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file" / "settings.json")
    settings.theme = "dark"
    assert settings.theme == "dark"


def test_listeners_hear_of_changes_until_they_leave(file: Path) -> None:
    settings = Settings(file)
    heard: list[str] = []
    leave = settings.subscribe(heard.append)
    settings.theme = "dark"
    settings.theme = "dark"
    leave()
    settings.theme = "light"
    assert heard == ["theme"]


def test_settings_without_a_file_touch_no_disk(tmp_path: Path) -> None:
    settings = Settings()
    settings.theme = "dark"
    assert settings.theme == "dark"
    assert not list(tmp_path.iterdir())
