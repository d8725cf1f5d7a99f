"""What every test gets: a home of its own, an English off-screen interface, and no leftovers.

A test fails on any warning in the log that it did not announce, and on every thread or task that
outlives it. Async tests that use `qtbot` run on Qt's event loop, all others on a plain one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.synapse import Synapse

GRACE_SECONDS = 3.0  # what a thread or task may take to end after its owner let go of it

_SESSION_HOME = Path(tempfile.mkdtemp(prefix="desktop-inbox-tests-"))

# Before anything imports Qt, gettext or a keyring: they look at these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.update(
    {
        "HOME": str(_SESSION_HOME),
        "USERPROFILE": str(_SESSION_HOME),
        "XDG_CACHE_HOME": str(_SESSION_HOME / "cache"),
        "XDG_RUNTIME_DIR": str(_SESSION_HOME / "runtime"),
        "LANGUAGE": "en",
        "LC_ALL": "C.UTF-8",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }
)
(_SESSION_HOME / "runtime").mkdir(mode=0o700)
for _variable in ("DESKTOP_INBOX_PASSPHRASE", "DESKTOP_INBOX_DATA_DIR"):
    os.environ.pop(_variable, None)


def pytest_unconfigure() -> None:
    """Remove the home folder of this run."""
    shutil.rmtree(_SESSION_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point every place where a program keeps things for its user into an empty folder."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    for variable, folder in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("APPDATA", "AppData/Roaming"),
        ("LOCALAPPDATA", "AppData/Local"),
    ):
        monkeypatch.setenv(variable, str(home / folder))
    return home


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """Give all tests one Matrix server; each makes its own people there."""
    from tests.support.synapse import started  # with HTTP and all: for those who ask for it

    with started(tmp_path_factory.mktemp("synapse")) as server:
        yield server


# --- the log ---------------------------------------------------------------------------------


class _Listener(logging.Handler):
    """Keeps what was logged at WARNING and above while one test ran."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


_LISTENER = pytest.StashKey[_Listener]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Listen from the first fixture on."""
    listener = item.stash[_LISTENER] = _Listener()
    logging.getLogger().addHandler(listener)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail the test itself, so that the cause stands beside its other output."""
    result = yield
    _fail_on_unexpected_records(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail also on what closing the fixtures logged."""
    try:
        result = yield
    finally:
        logging.getLogger().removeHandler(item.stash[_LISTENER])
    _fail_on_unexpected_records(item)
    return result


def _fail_on_unexpected_records(item: pytest.Item) -> None:
    expected = [re.compile(mark.args[0]) for mark in item.iter_markers("expects_log")]
    listener = item.stash[_LISTENER]
    records, listener.records = listener.records, []
    unexpected = [
        f"{record.levelname} {record.name}: {_text(record)}"
        for record in records
        if not any(pattern.search(_text(record)) for pattern in expected)
    ]
    if unexpected:
        pytest.fail("logged without being expected:\n" + "\n".join(unexpected), pytrace=False)


def _text(record: logging.LogRecord) -> str:
    if record.exc_info is None:
        return record.getMessage()
    return f"{record.getMessage()}\n{logging.Formatter().formatException(record.exc_info)}"


# --- threads and tasks -----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """Refuse threads that a test or one of its fixtures started and nobody stopped."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    left = {thread for thread in set(threading.enumerate()) - before if not _is_foreign(thread)}
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    names = sorted(thread.name for thread in left if thread.is_alive())
    assert not names, f"threads still running after the test: {', '.join(names)}"


def _is_foreign(thread: threading.Thread) -> bool:
    return isinstance(thread, threading._DummyThread)  # of Qt, say: Python cannot join it


@pytest.fixture
async def no_leftover_tasks(no_leftover_threads: None) -> AsyncIterator[None]:
    """Refuse tasks that outlive the async test that started them.

    The other fixture comes first, because closing the loop is what ends the loop's own threads.
    """
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        _done, left = await asyncio.wait(left, timeout=GRACE_SECONDS)
    names = sorted(repr(task.get_coro()) for task in left)
    assert not names, "tasks still running after the test: " + ", ".join(names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Watch the tasks of every async test."""
    for item in items:
        if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.obj):
            # Behind fixtures of wider scope, whose threads go on, and before the test's own.
            at = item.fixturenames.index(no_leftover_threads.__name__) + 1
            item.fixturenames.insert(at, no_leftover_tasks.__name__)


# --- event loops -----------------------------------------------------------------------------


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the async tests of the window on Qt's loop."""
    if "qtbot" in getattr(item, "fixturenames", ()):
        from tests.support.qt_loop import qt_loop

        return {"qt": qt_loop}
    return {"asyncio": asyncio.new_event_loop}
