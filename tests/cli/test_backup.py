"""Backup and restore from the command line, and archives that somebody has tampered with."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_inbox.services import backup
from desktop_inbox.store.lock import EngineLock
from desktop_inbox.store.workspace import Workspace
from tests.cli.conftest import Run


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "data"))


def test_a_backup_restored_elsewhere_is_the_same_workspace(
    run: Run, data: Path, tmp_path: Path
) -> None:
    target, elsewhere = tmp_path / "shop.zip", tmp_path / "elsewhere"
    made = run("--data-dir", data, "--json", "backup", target)
    assert made.status == 0, made.err
    assert made.json["file"] == str(target)
    assert made.json["bytes"] == target.stat().st_size
    assert made.json["missing"] == 0
    restored = run("--data-dir", elsewhere, "--json", "restore", target)
    assert restored.status == 0, restored.err
    assert restored.json["rows"] == made.json["rows"]
    assert restored.json["files"] == made.json["files"]
    assert restored.json["kept"] is None
    listings = [
        run("--data-dir", folder, "--json", "conversations", "--view", "all").json["rows"]
        for folder in (data, elsewhere)
    ]
    assert listings[0] == listings[1]
    files = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("files/??/*")}
        for folder in (data, elsewhere)
    ]
    assert files[0] == files[1]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_restoring_keeps_what_lay_there(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop.zip"
    assert run("--data-dir", data, "backup", target).status == 0
    assert run("--data-dir", data, "note", 1, "--text", "written since").status == 0
    answer = run("--data-dir", data, "--json", "restore", target)
    kept = Path(answer.json["kept"])
    assert kept.parent == data / "backups"
    assert "written since" not in run("--data-dir", data, "show", 1).out
    back = run("--data-dir", data, "restore", kept)
    assert back.status == 0, back.err
    assert "written since" in run("--data-dir", data, "show", 1).out


def test_what_waited_to_be_sent_is_not_sent_a_second_time(
    run: Run, data: Path, tmp_path: Path
) -> None:
    assert run("--data-dir", data, "reply", 1, "--text", "On its way.").status == 0
    target = tmp_path / "shop.zip"
    assert run("--data-dir", data, "backup", target).status == 0
    assert run("--data-dir", data, "restore", target).status == 0
    (row,) = run("--data-dir", data, "--json", "outbox", "list").json["rows"]
    assert row["state"] == "uncertain"


def test_nothing_is_restored_under_a_running_engine(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop.zip"
    assert run("--data-dir", data, "backup", target).status == 0  # an engine does not mind this
    with EngineLock(data):
        assert run("--data-dir", data, "backup", target).status == 0
        answer = run("--data-dir", data, "--json", "restore", target)
    assert answer.status == 1
    assert answer.json["error"]["code"] == "engine-busy"


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Write the archive at `source` anew, with other contents."""
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return target


def _manifest(contents: dict[str, bytes], **changed: object) -> None:
    contents["manifest.json"] = json.dumps(
        {**json.loads(contents["manifest.json"]), **changed}
    ).encode()


def _first_file(contents: dict[str, bytes]) -> str:
    return next(name for name in contents if name.startswith("files/"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(
            lambda c: c.update({"files/../../evil": b"x"}), "backup-unreadable", id="zip slip"
        ),
        pytest.param(lambda c: c.update({"/etc/evil": b"x"}), "backup-unreadable", id="absolute"),
        pytest.param(
            lambda c: c.update({_first_file(c): b"another mail"}),
            "backup-unreadable",
            id="another file under a digest",
        ),
        pytest.param(
            lambda c: c.update({"workspace.db": b"x" * 9000}), "backup-unreadable", id="damaged"
        ),
        pytest.param(lambda c: c.pop("workspace.db"), "backup-unreadable", id="no database"),
        pytest.param(lambda c: _manifest(c, version=2), "backup-too-new", id="newer"),
        pytest.param(lambda c: _manifest(c, format="zip"), "backup-unreadable", id="foreign"),
        pytest.param(
            lambda c: c.update({"manifest.json": b"[" * 100_000}), "backup-unreadable", id="nested"
        ),
    ],
)
def test_an_archive_that_is_not_as_we_made_it_is_refused_in_words(
    run: Run,
    data: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
    code: str,
) -> None:
    assert run("--data-dir", data, "backup", tmp_path / "good.zip").status == 0
    bad = rewritten(tmp_path / "good.zip", tmp_path / "bad.zip", change)
    shutil.rmtree(data / "files")  # so that every file of it is looked at
    before = (data / "workspace.db").read_bytes()
    answer = run("--data-dir", data, "--json", "restore", bad)
    assert answer.status == 1
    assert answer.json["error"]["code"] == code
    assert str(bad) in answer.err
    assert (data / "workspace.db").read_bytes() == before
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("data_of_it", [b"", b"PK\x03\x04 half", b"Dear shop,"])
def test_what_is_no_backup_is_refused_in_words(
    run: Run, data: Path, tmp_path: Path, data_of_it: bytes
) -> None:
    (tmp_path / "x.zip").write_bytes(data_of_it)
    answer = run("--data-dir", data, "--json", "restore", tmp_path / "x.zip")
    assert (answer.status, answer.json["error"]["code"]) == (1, "backup-unreadable")


def test_a_missing_backup_is_said_so(run: Run, data: Path, tmp_path: Path) -> None:
    answer = run("--data-dir", data, "--json", "restore", tmp_path / "nowhere.zip")
    assert (answer.status, answer.json["error"]["code"]) == (1, "no-file")


def test_an_archive_larger_than_the_disk_is_not_begun(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--data-dir", data, "backup", tmp_path / "good.zip").status == 0
    little = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: little)
    answer = run("--data-dir", data, "--json", "restore", tmp_path / "good.zip")
    assert answer.json["error"]["code"] == "disk-full"


def test_a_file_that_is_gone_does_not_stop_a_backup(data: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(data)
    next(data.glob("files/??/*")).unlink()
    made = backup.make(workspace, tmp_path / "shop.zip")
    workspace.close()
    assert made.missing == 1


def test_a_damaged_workspace_is_mended(run: Run, data: Path) -> None:
    before = run("--data-dir", data, "--json", "conversations", "--view", "all").json["rows"]
    path = data / "workspace.db"
    contents = bytearray(path.read_bytes())
    contents[100:4000] = b"\xff" * 3900  # the list of tables
    path.write_bytes(contents)
    answer = run("--data-dir", data, "--json", "conversations")
    assert (answer.status, answer.json["error"]["code"]) == (1, "database-corrupt")
    answer = run("--data-dir", data, "--json", "recover", "--copy")
    assert answer.json["error"]["code"] == "no-backup"
    answer = run("--data-dir", data, "--json", "recover")
    assert answer.status == 0, answer.err
    assert Path(answer.json["kept"]).exists()
    after = run("--data-dir", data, "--json", "conversations", "--view", "all").json["rows"]
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [row["subject"] for row in after] == [row["subject"] for row in before]
