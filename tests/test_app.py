"""Starting the program: what happens where there is no display, and what its own test finds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from desktop_inbox import app
from desktop_inbox.paths import places
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store import DATABASE_NAME, driver, health
from desktop_inbox.store.errors import DatabaseCorrupt


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    known = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "desktop_inbox", *arguments],
        env={**known, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")
@pytest.mark.parametrize("arguments", [(), ("demo",)])
def test_without_a_display_one_line_says_what_does_work(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "--tour" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_sample_shop_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_inbox", "demo"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(scratch.glob("*/engine.lock")):  # the engine starts after the first paint
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(40) == 0
    assert list(scratch.iterdir()) == []


def test_the_self_test_finds_this_copy_in_order() -> None:
    done = run("--json", "--self-test")
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["ok"] is True
    assert [check["name"] for check in found["checks"]] == [
        "imports", "channels", "resources", "translations", "database", "worker process",
        "spelling process", "sound", "trusted authorities", "keyring", "window",
    ]  # fmt: skip


def test_the_self_test_lists_what_is_missing(tmp_path: Path) -> None:
    # A module that shadows a needed one: what an incomplete build looks like from inside.
    (tmp_path / "nh3.py").write_text("raise ImportError('not in this build')")
    done = run("--self-test", PYTHONPATH=f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}")
    assert done.returncode == 1
    assert "FAILED imports ImportError: not in this build" in done.stdout
    assert "ok     keyring" in done.stdout


def test_a_document_is_rendered_without_asking_for_anything(tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    page.write_text(
        "<h1>Hello</h1><img src='https://t.example/a.gif'><img src='file:///etc/passwd'>"
        "<link rel='stylesheet' href='/etc/hostname'><style>@import 'https://t.example/x.css'</style>"
    )
    done = run("--json", "inspect", "render", str(page), "--screenshot", str(picture))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"requests", "opened_files", "seconds"}
    assert found["requests"] == []
    assert found["opened_files"] == []
    assert picture.read_bytes().startswith(b"\x89PNG")
    allowed = run(
        "--json", "inspect", "render", str(page), "--screenshot", str(picture), "--remote"
    )
    assert json.loads(allowed.stdout)["requests"] == ["https://t.example/a.gif"]


def test_a_document_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    done = run("inspect", "render", str(tmp_path / "no.eml"), "--screenshot", str(tmp_path / "x"))
    assert done.returncode == 1
    assert "no.eml" in done.stderr


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ".local/share/desktop-inbox"),
        ("darwin", "Library/Application Support"),
        ("win32", "AppData/Local"),
    ],
)
def test_each_system_has_its_place(
    monkeypatch: pytest.MonkeyPatch, own_home: Path, platform: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert str(places().data).startswith(str(own_home / expected))


def test_a_named_folder_holds_everything(tmp_path: Path) -> None:
    where = places(tmp_path / "data")
    for path in (where.config, where.logs, where.settings_file, where.vault_file):
        assert path.is_relative_to(tmp_path / "data")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not a database at all " * 400, "is damaged"), (None, "newer version of Desktop Inbox")],
    ids=["damaged", "too new"],
)
def test_a_workspace_that_cannot_be_opened_is_said_so_in_a_window(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / DATABASE_NAME
    if content is None:
        connection = driver.open_file(path, key=None)
        connection.execute("PRAGMA user_version = 999")
        connection.close()
    else:
        path.write_bytes(content)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QMessageBox\n"
        "from desktop_inbox import app\n"
        "from desktop_inbox.paths import places\n"
        "QMessageBox.exec = lambda box: print(box.text())\n"
        f"sys.exit(app.window(places(Path({str(tmp_path)!r}))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[1],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr


def test_damage_that_was_found_while_it_ran_is_said_at_the_next_start(tmp_path: Path) -> None:
    where = places(tmp_path / "data")
    with ExitStack() as opened:
        workspace, _engine = app._open(where, Settings(), MemorySecrets(), opened, damaged=False)
        health.note_damage(workspace.db.path, "page 7 is not in order")
    with ExitStack() as opened, pytest.raises(DatabaseCorrupt, match="page 7"):
        app._open(where, Settings(), MemorySecrets(), opened, damaged=False)
    with ExitStack() as opened:
        app._open(where, Settings(), MemorySecrets(), opened, damaged=True)
