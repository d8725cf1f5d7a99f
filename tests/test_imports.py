"""What is imported when: a budget by name, since a time on a shared machine proves nothing.

Each start is a process of its own, that tells which modules it holds in the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_inbox.store.workspace import Workspace
from tests.support import builders

_LISTED = "import json, sys; print(json.dumps(sorted(sys.modules)))"

# Nothing but a first sync, a person who looks at mail, or a migration needs these.
SELDOM = frozenset(
    {"alembic", "aiosmtpd", "cryptography", "html5lib", "keyring", "pymap", "selectolax", "nh3"}
)
NO_WINDOW = frozenset({"PySide6", "qasync", "shiboken6", "desktop_inbox.ui", "desktop_inbox.demo"})
NETWORK = frozenset(
    {"aioimaplib", "aiosmtplib", "asyncio", "ssl", "desktop_inbox.connectors.email.connector"}
)
STORE = frozenset({"sqlalchemy", "sqlcipher3", "desktop_inbox.store.database"})
PARSING = frozenset({"desktop_inbox.mime.parse", "desktop_inbox.mime.html.text"})


def after(code: str, *, folder: Path, **environment: str) -> set[str]:
    """Return the names of all modules that a fresh process holds after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{_LISTED}"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def marked(held: set[str], mark: str) -> set[str]:
    """Return what a process held besides modules, listed under a mark of its own."""
    return {name.removeprefix(mark) for name in held if name.startswith(mark)}


def of_command(*arguments: str, folder: Path) -> set[str]:
    """Return what one command line imported, on an empty workspace in `folder`."""
    given = ["--data-dir", str(folder), "--json", *arguments]
    code = (
        "from desktop_inbox.__main__ import main\n"
        f"try:\n    main({given!r})\nexcept SystemExit:\n    pass"
    )
    return after(code, folder=folder)


# Up to its first frame, with what Qt made ready of its own classes: one set of enumerations each.
FIRST_FRAME = """
import gc
from desktop_inbox.__main__ import main
from desktop_inbox.ui import application

class Enough(Exception):
    pass

def stop(*_given):
    raise Enough

application._claim = stop  # what follows the first frame begins with it
try:
    main(["--data-dir", {folder!r}])
except Enough:
    pass

from enum import EnumType
import sys
for one in gc.get_objects():
    if isinstance(one, EnumType) and one.__module__.startswith("PySide6."):
        sys.modules.setdefault("enumerations of " + one.__qualname__.partition(".")[0], None)
"""
# More than these may come in once others have gone.
MOST_OWN_MODULES = 75


@pytest.fixture(scope="module")
def first_frame(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a start on a workspace with mail holds when its rows are painted."""
    folder = tmp_path_factory.mktemp("workspace")
    workspace = Workspace.open(folder)
    workspace.db.write(lambda tx: builders.fill(tx, conversation_count=6)).result(10)
    workspace.close()
    return after(FIRST_FRAME.format(folder=str(folder)), folder=folder)


def test_the_first_frame_is_painted_before_the_rest_is_imported(first_frame: set[str]) -> None:
    assert {"PySide6.QtWidgets", "desktop_inbox.ui.views.conversation_list"} <= first_frame
    # The driver reads the first rows; everything built on it comes later.
    late = (SELDOM | NETWORK | PARSING | STORE) - {"sqlcipher3"}
    late |= {
        "desktop_inbox.cli.entry", "desktop_inbox.services", "desktop_inbox.sync.engine",
        "desktop_inbox.ui.commands", "desktop_inbox.ui.views.composer",
        "desktop_inbox.ui.views.customer_sidebar", "desktop_inbox.ui.views.palette",
        "desktop_inbox.ui.views.thread_view", "desktop_inbox.ui.dialogs", "msgspec", "subprocess",
    }  # fmt: skip
    assert first_frame & late == set()


def test_the_first_frame_does_without_what_only_names_and_searches_need(
    first_frame: set[str],
) -> None:
    late = {
        "PySide6.QtNetwork", "concurrent.futures", "hashlib", "html",
        "desktop_inbox.domain.changes", "desktop_inbox.domain.conditions",
        "desktop_inbox.domain.folding",
        "desktop_inbox.domain.messages", "desktop_inbox.domain.query",
        "desktop_inbox.domain.reply_windows", "desktop_inbox.domain.sendable",
        "desktop_inbox.store.lock", "desktop_inbox.store.rows", "desktop_inbox.sync",
        "desktop_inbox.ui.errors", "desktop_inbox.ui.focus_order", "desktop_inbox.ui.instance",
        "desktop_inbox.ui.keyboard",
        "desktop_inbox.ui.views.search_completion",
    }  # fmt: skip
    assert first_frame & late == set()
    own = {name for name in first_frame if name.startswith("desktop_inbox.")}
    assert len(own) <= MOST_OWN_MODULES, sorted(own)


def test_the_first_frame_makes_no_class_of_qt_ready_that_it_can_spare(
    first_frame: set[str],
) -> None:
    ready = marked(first_frame, "enumerations of ")
    assert {"Qt", "QAbstractItemView"} <= ready
    # Every dialog there is would come with a single widget whose class PySide has to look for.
    spared = {
        "QStyle",
        "QLibraryInfo",
        "QUrl",
        "QGradient",
        "QTextFormat",
        "QTextLayout",
        "QMessageBox",
        "QFileDialog",
        "QAbstractSpinBox",
    }
    assert ready & spared == set()


def test_the_first_frame_makes_no_data_class(first_frame: set[str]) -> None:
    assert "dataclasses" not in first_frame


def test_the_version_needs_the_arguments_only(tmp_path: Path) -> None:
    held = of_command("--version", folder=tmp_path)
    assert held & (SELDOM | NO_WINDOW | NETWORK | STORE | PARSING) == set()
    assert {name for name in held if name.startswith("desktop_inbox")} == {
        "desktop_inbox", "desktop_inbox.__main__", "desktop_inbox.cli",
        "desktop_inbox.cli.arguments",
    }  # fmt: skip


@pytest.mark.parametrize("command", [("conversations",), ("outbox", "list"), ("customer", "list")])
def test_looking_at_the_store_imports_no_network(tmp_path: Path, command: tuple[str, ...]) -> None:
    held = of_command(*command, folder=tmp_path)
    assert "sqlalchemy" in held  # which itself imports asyncio
    assert held & (SELDOM | NO_WINDOW | NETWORK | PARSING) <= {"asyncio", "ssl"}


def test_a_sync_imports_neither_window_nor_demo_nor_parser(tmp_path: Path) -> None:
    held = of_command("sync", "--once", folder=tmp_path)
    assert "desktop_inbox.sync.engine" in held
    assert held & (SELDOM | NO_WINDOW | PARSING) == set()


def test_looking_inside_mail_opens_no_store(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: hello\r\n\r\nhello\r\n")
    held = of_command("inspect", "message", str(mail), folder=tmp_path)
    assert "desktop_inbox.mime.parse" in held
    assert held & (NO_WINDOW | NETWORK | STORE | {"keyring", "pymap", "aiosmtpd"}) == set()


def test_the_parse_worker_starts_with_the_parser_only(tmp_path: Path) -> None:
    held = after("from desktop_inbox.sync import parse_worker", folder=tmp_path)
    assert held & (SELDOM | NO_WINDOW | NETWORK | STORE) - {"selectolax", "nh3"} == set()


def test_a_conversation_with_recordings_loads_what_plays_them_only_with_the_first_press(
    tmp_path: Path,
) -> None:
    held = after("from desktop_inbox.ui.views import thread_view", folder=tmp_path)
    assert "desktop_inbox.ui.views.sound_desk" in held
    assert held & {"miniaudio", "_miniaudio", "numpy", "desktop_inbox.mime.sndfile"} == set()
