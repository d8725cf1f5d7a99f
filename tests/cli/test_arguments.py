"""The command line's own grammar: usage errors, times, versions, and words for every code."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import desktop_inbox
from desktop_inbox import words
from desktop_inbox.cli.arguments import moment
from tests.cli.conftest import Run

PACKAGE = Path(desktop_inbox.__file__).parent


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("show",),
        ("show", "abc"),
        ("reply", "1"),
        ("reply", "1", "--text", "x", "--close", "--snooze", "2d"),
        ("conversations", "--view", "bogus"),
        ("conversations", "--limit", "0"),
        ("set", "1", "--snooze", "someday"),
        ("account",),
        ("outbox", "resolve", "1", "perhaps"),
    ],
)
def test_wrong_usage_ends_with_status_two(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert "usage:" in answer.err


def test_the_version_is_printed() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "desktop_inbox", "--version"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout == f"desktop-inbox {desktop_inbox.__version__}\n"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-24T09:00Z", datetime(2026, 12, 24, 9, tzinfo=UTC)),
        ("2026-12-24T09:00+03:00", datetime(2026, 12, 24, 6, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_their_zone(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("1w", timedelta(weeks=1))],
)
def test_times_may_count_from_now(text: str, expected: timedelta) -> None:
    assert abs(moment(text) - datetime.now(UTC) - expected) < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["", "tomorrow", "99999999999999d", "2026-13-01"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        moment(text)


def test_every_refusal_has_its_words() -> None:
    pattern = re.compile(
        r"(?:UserError|SecretsError)\(\s*\"([a-z-]+)\"|^    code = \"([a-z-]+)\"", re.MULTILINE
    )
    codes = {
        code
        for path in PACKAGE.rglob("*.py")
        if "ui" not in path.relative_to(PACKAGE).parts
        for found in pattern.findall(path.read_text(encoding="utf-8"))
        for code in found
        if code
    }
    assert codes - set(words.REFUSALS) - {"store"} == set()


def test_a_store_that_cannot_be_opened_is_one_line_and_no_traceback(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "workspace.db").write_bytes(b"this is no database, whatever its name says" * 100)
    answer = run("--data-dir", tmp_path, "--json", "conversations")
    assert (answer.status, answer.json["error"]["code"]) == (1, "database-corrupt")
    assert answer.err.count("\n") == 1
    assert str(tmp_path) in answer.err


def test_whoever_stops_reading_gets_no_traceback(data_dir: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_inbox", "--data-dir", str(data_dir), "--json",
         "conversations", "--view", "all", "--limit", "500"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert errors == b""
