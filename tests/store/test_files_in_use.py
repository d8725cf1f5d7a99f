"""Windows lets nobody replace or remove a file that is open; here its refusal is acted."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from desktop_inbox.store import files as module
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.files import Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(module, "_IN_USE", (PermissionError,))
    return Files(tmp_path / "files")


def refuse(*_paths: object) -> None:
    raise PermissionError(13, "Access is denied")


def unfinished(files: Files) -> list[Path]:
    return [*files.root.glob("tmp/*"), *files.root.glob("??/.*")]


@pytest.mark.parametrize("stream", [False, True])
def test_a_file_that_somebody_else_kept_and_reads_in_this_moment_will_do(
    files: Files, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    def faster(source: str | Path, target: str | Path) -> None:
        Path(target).write_bytes(Path(source).read_bytes())
        refuse()

    monkeypatch.setattr(os, "replace", faster)
    sha256 = files.put_stream(BytesIO(b"clay")) if stream else files.put(b"clay")
    assert files.read(sha256) == b"clay"
    assert not unfinished(files)


def test_a_folder_that_lets_nobody_write_is_still_said_so(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StoreError):
        files.put(b"clay")
    assert not unfinished(files)


def test_a_sweep_leaves_what_is_being_read_for_the_next(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = files.put(b"clay")
    later = datetime.now(UTC) + timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        assert files.sweep(set(), before=later).count == 0
    assert files.read(sha256) == b"clay"
    assert files.sweep(set(), before=later).count == 1


def test_what_another_process_is_writing_is_no_leftover(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(b"clay")
    half = next(files.root.glob("??")) / ".half"
    half.write_bytes(b"cl")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        files.discard_leftovers()
    assert half.exists()
    files.discard_leftovers()
    assert not half.exists()
