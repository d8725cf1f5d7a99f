"""Files by content, the engine's lock, and the folder a workspace lies in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop_inbox.store.errors import DiskFull, StoreError
from desktop_inbox.store.files import Files
from desktop_inbox.store.lock import EngineBusy, EngineLock
from desktop_inbox.store.workspace import Workspace


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def test_a_file_is_found_under_the_digest_of_its_bytes(files: Files) -> None:
    sha256 = files.put(b"clay")
    assert sha256 == hashlib.sha256(b"clay").hexdigest()
    assert files.path(sha256) == files.root / sha256[:2] / sha256[2:]
    assert files.has(sha256)
    assert files.read(sha256) == b"clay"
    with files.open(sha256) as opened:
        assert opened.read() == b"clay"


def unfinished(files: Files) -> list[Path]:
    return [*files.root.glob("tmp/*"), *files.root.glob("??/.*")]


def test_the_same_bytes_are_kept_once(files: Files) -> None:
    assert files.put(b"clay") == files.put(b"clay", durable=True)
    assert len([path for path in files.root.rglob("*") if path.is_file()]) == 1


def test_a_file_is_copied_without_reading_it_whole(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(os.urandom(3_000_000))
    sha256 = files.put_file(source, durable=True)
    assert sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert files.read(sha256) == source.read_bytes()
    assert files.put_file(source) == sha256
    assert not unfinished(files)


def test_an_empty_file_is_a_file_too(files: Files) -> None:
    assert files.read(files.put(b"")) == b""


def test_a_missing_file_is_said_so(files: Files) -> None:
    sha256 = "0" * 64
    assert not files.has(sha256)
    with pytest.raises(FileNotFoundError):
        files.open(sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_nothing_but_a_digest_becomes_a_path(files: Files, name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        files.path(name)


def test_many_threads_may_keep_the_same_file_at_once(files: Files) -> None:
    data = os.urandom(200_000)
    threads = [threading.Thread(target=files.put, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.read(hashlib.sha256(data).hexdigest()) == data


def test_what_a_killed_process_left_is_swept_away(files: Files) -> None:
    kept = files.put(b"clay")
    (files.path(kept).parent / ".half").write_bytes(b"cl")
    (files.root / "tmp").mkdir()
    (files.root / "tmp" / "half").write_bytes(b"cl")
    assert len(unfinished(files)) == 2
    files.discard_leftovers()
    assert not unfinished(files)
    assert files.has(kept)
    files.put(b"more")


def test_a_full_disk_keeps_no_half_file(small_disk: Path) -> None:
    files = Files(small_disk / "files")
    kept = files.put(b"clay")
    with pytest.raises(DiskFull):
        files.put(os.urandom(3_000_000))
    assert files.read(kept) == b"clay"
    assert not unfinished(files)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreError):
        Files(tmp_path / "files").put(b"clay")


# The lock


def test_one_engine_at_a_time(tmp_path: Path) -> None:
    lock = EngineLock(tmp_path)
    assert lock.holder() is None
    with lock:
        assert lock.held
        with pytest.raises(EngineBusy) as caught:
            EngineLock(tmp_path).acquire()
        assert caught.value.holder is not None
        assert caught.value.holder.pid == os.getpid()
        holder = EngineLock(tmp_path).holder()
        assert holder is not None
        assert holder.pid == os.getpid()
    assert EngineLock(tmp_path).holder() is None
    with EngineLock(tmp_path):
        pass


def test_giving_back_twice_does_no_harm(tmp_path: Path) -> None:
    lock = EngineLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()
    assert not lock.held


_HOLDS = """
import sys, time
from pathlib import Path
from desktop_inbox.store.lock import EngineLock
lock = EngineLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_holder_s_lock_is_free_at_once(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        holder = EngineLock(tmp_path).holder()
        assert holder is not None
        assert holder.pid == process.pid
        with pytest.raises(EngineBusy):
            EngineLock(tmp_path).acquire()
        process.kill()
    assert EngineLock(tmp_path).holder() is None
    with EngineLock(tmp_path) as lock:
        assert lock.held
        assert lock.crashed


def test_the_mark_of_a_crash_stays_until_somebody_has_looked(tmp_path: Path) -> None:
    (tmp_path / "engine.lock").write_bytes(b"{half")  # as a killed holder leaves it
    with EngineLock(tmp_path) as lock:
        assert lock.crashed
    with EngineLock(tmp_path) as lock:
        assert lock.crashed  # ended before the look did
        lock.looked_over()
    with EngineLock(tmp_path) as lock:
        assert not lock.crashed


# The workspace


def test_a_workspace_is_made_where_there_was_none(tmp_path: Path) -> None:
    started = time.time()
    workspace = Workspace.open(tmp_path / "deep" / "data")
    identity = workspace.db.identity
    workspace.files.put(b"clay")
    workspace.close()
    again = Workspace.open(tmp_path / "deep" / "data")
    assert again.db.identity == identity
    again.close()
    assert time.time() - started < 30


def test_a_restored_copy_on_another_laptop_is_another_device(tmp_path: Path) -> None:
    first = Workspace.open(tmp_path / "data")
    here = first.db.identity
    first.close()
    (tmp_path / "data" / "device").unlink()
    restored = Workspace.open(tmp_path / "data")
    assert restored.db.identity.workspace_uid == here.workspace_uid
    assert restored.db.identity.agent == here.agent
    assert restored.db.identity.device_uid != here.device_uid
    restored.close()


def test_an_empty_device_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "device").write_text("")
    workspace = Workspace.open(tmp_path / "data")
    here = workspace.db.identity.device_uid
    workspace.close()
    assert (tmp_path / "data" / "device").read_text() == here


@pytest.mark.skipif(os.name == "nt", reason="permissions work differently there")
def test_nobody_else_may_look_into_the_folder(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    workspace.close()
