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
PARSING = frozenset({"desktop_inbox.mime.parse", "desktop_inbox.mime.html"})


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


def of_command(*arguments: str, folder: Path) -> set[str]:
    """Return what one command line imported, on an empty workspace in `folder`."""
    given = ["--data-dir", str(folder), "--json", *arguments]
    code = (
        "from desktop_inbox.__main__ import main\n"
        f"try:\n    main({given!r})\nexcept SystemExit:\n    pass"
    )
    return after(code, folder=folder)


def test_the_first_frame_is_painted_before_the_rest_is_imported(tmp_path: Path) -> None:
    painted = """
from desktop_inbox import app
from desktop_inbox.settings import Settings
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.store import first_page
from desktop_inbox.ui import application

class Enough(Exception):
    pass

def stop(_application, session):
    session.close()
    raise Enough

application._loop = stop
try:
    application.run(None, Settings(), MemorySecrets(), name="test", rows=[])
except Enough:
    pass
"""
    held = after(painted, folder=tmp_path)
    assert "PySide6.QtWidgets" in held
    assert "desktop_inbox.ui.views.conversation_list" in held
    # The driver reads the first rows; everything built on it comes later.
    late = (SELDOM | NETWORK | PARSING | STORE) - {"sqlcipher3"}
    late |= {
        "desktop_inbox.cli", "desktop_inbox.services", "desktop_inbox.sync.engine", "msgspec",
        "subprocess", "desktop_inbox.ui.commands", "desktop_inbox.ui.views.composer",
        "desktop_inbox.ui.views.customer_sidebar", "desktop_inbox.ui.views.palette",
        "desktop_inbox.ui.views.thread_view", "desktop_inbox.ui.dialogs",
    }  # fmt: skip
    assert held & late == set()


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
