"""Files from strangers: which could run, and how they land on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime import names
from desktop_inbox.services import foreign_files
from desktop_inbox.services.foreign_files import may_run, write_new, write_over


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe", "invoice.pdf.exe", "invoice.EXE.pdf", "a.js", "x.html", "m.docm", "b.lnk",
        "photo.jpg .scr", "run.desktop", "x.ISO", "y.settingcontent-ms", "z.command", "q.one",
    ],
)  # fmt: skip
def test_what_could_run_is_known_by_any_of_its_suffixes(name: str) -> None:
    assert may_run(name)


@pytest.mark.parametrize("name", ["photo.jpg", "list.pdf", "table.xlsx", "notes.txt", "v1.2 final"])
def test_what_cannot_run_is_let_through(name: str) -> None:
    assert not may_run(name, b"%PDF-1.7")


@pytest.mark.parametrize(
    "beginning", [b"MZ\x90\x00", b"\x7fELF", b"#!/bin/sh", b"\xcf\xfa\xed\xfe"]
)
def test_a_program_is_a_program_whatever_it_is_called(beginning: bytes) -> None:
    assert may_run("photo.jpg", beginning)


@given(st.text(st.characters(exclude_characters="/\\"), max_size=60))
def test_a_suffix_is_found_however_it_is_hidden(text: str) -> None:
    assert may_run(names.safe(f"a{text}.\u202eexe"))


def test_nothing_is_written_over_and_the_name_counts_on(tmp_path: Path) -> None:
    found = [write_new(tmp_path, "a.pdf", str(number).encode()) for number in range(3)]
    assert [path.name for path in found] == ["a.pdf", "a (2).pdf", "a (3).pdf"]
    assert [path.read_bytes() for path in found] == [b"0", b"1", b"2"]


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    folder, outside = tmp_path / "chosen", tmp_path / "outside"
    folder.mkdir()
    (folder / "a.pdf").symlink_to(outside)
    assert write_new(folder, "a.pdf", b"x") == folder / "a (2).pdf"
    assert not outside.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "/etc/a", "a/b", "a\\b", "a\x00b"])
def test_only_a_plain_name_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a file name"):
        write_new(tmp_path, name, b"x")
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=40))
def test_a_safe_name_is_always_a_plain_one(name: str) -> None:
    safe = names.safe(name)
    assert Path(safe).name == safe
    assert safe not in {"", ".", ".."}


def test_what_a_person_chose_to_replace_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old and longer")
    write_over(tmp_path / "a.pdf", b"new")
    assert (tmp_path / "a.pdf").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_full_disk_leaves_what_was_there_and_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old")

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_over(tmp_path / "a.pdf", b"new")
    assert (tmp_path / "a.pdf").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform != "linux", reason="each system keeps it in its own way")
def test_a_saved_file_bears_the_mark_of_the_web(tmp_path: Path) -> None:
    path = write_new(tmp_path, "a.docx", b"x")
    try:
        os.setxattr(path, "user.test", b"x")
    except OSError:
        pytest.skip("this file system keeps no attributes")
    assert os.getxattr(path, "user.xdg.origin.url") == b"mailto:"


def test_windows_is_told_in_a_stream_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    path = tmp_path / "a.docx"
    foreign_files.mark(path)
    assert Path(f"{path}:Zone.Identifier").read_bytes() == b"[ZoneTransfer]\r\nZoneId=3\r\n"


def test_where_no_mark_can_be_kept_the_file_is_saved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert write_new(tmp_path, "a.pdf", b"x").read_bytes() == b"x"
