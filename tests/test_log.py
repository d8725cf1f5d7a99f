"""The log: rotating, in UTC, and without anything that is nobody's business."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox import log


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield tmp_path / "logs"
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def written(folder: Path) -> str:
    return (folder / "desktop-inbox.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("mail from elif.arslan@posta.example came", "elif"),
        ("to <a+b@xn--80ak6aa92e.example>,c@d.example", "@"),
        ("login password=hunter2 refused", "hunter2"),
        ("password: hunter2", "hunter2"),
        ('{"password": "hunter2", "x": 1}', "hunter2"),
        ("Authorization: Bearer ya29.a0AfH6SMB", "ya29"),
        ("AUTH PLAIN AGluZm9Aa2F5YQBjbGF5", "AGluZm9A"),
        ("access_token=ya29.a0AfH6SMB&x=1", "ya29"),
        ("refresh token 'abc123'", "abc123"),
        ("cookie " + "A1b2" * 20, "A1b2A1b2"),
    ],
)
def test_addresses_and_secrets_are_removed(text: str, gone: str) -> None:
    assert gone not in log.redact(text)


def test_what_is_as_long_as_a_body_is_cut() -> None:
    redacted = log.redact("Dear Selin, " * 1000)
    assert len(redacted) < 2100
    assert redacted.endswith("more>")


def test_a_report_for_others_holds_nothing_that_people_wrote() -> None:
    trace = (
        f'  File "{Path.home()}/desktop_inbox/services/replies.py", line 12, in queue_reply\n'
        "    raise ValueError(text)\n"
        "ValueError: 'Dear Selin, the plates that you sent came broken again'\n"
        'KeyError: "ordinary"\n'
        "RuntimeError: from elif.arslan@posta.example"
    )
    report = log.for_others(trace)
    assert "the plates" not in report
    assert "'<54 characters>'" in report
    assert str(Path.home()) not in report
    assert 'File "~/desktop_inbox/services/replies.py", line 12' in report
    assert 'KeyError: "ordinary"' in report
    assert "elif.arslan" not in report


def test_a_long_report_keeps_all_its_lines() -> None:
    lines = [f'  File "/usr/lib/x.py", line {number}, in f' for number in range(500)]
    assert log.for_others("\n".join(lines)).splitlines() == lines


@pytest.mark.parametrize(
    "text", ["acc=3 online after 2.1 s", "conversation 12: 3 messages", "password"]
)
def test_plain_words_stay(text: str) -> None:
    assert log.redact(text) == text


@pytest.mark.expects_log("sign-in of")
def test_the_file_is_in_iso_utc_and_bears_no_address(folder: Path) -> None:
    log.start(folder)
    logging.getLogger("sync").warning("sign-in of %s failed", "a@b.example")
    (line,) = written(folder).splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING sync ", line)
    assert line.endswith("sign-in of <address> failed")


@pytest.mark.expects_log("it broke")
def test_a_traceback_is_written_without_its_secrets(folder: Path) -> None:
    log.start(folder)
    try:
        raise ValueError("password=hunter2 of a@b.example")
    except ValueError:
        logging.getLogger("sync").exception("it broke")
    text = written(folder)
    assert "Traceback" in text
    assert "hunter2" not in text
    assert "a@b.example" not in text


def test_the_last_records_are_kept_for_a_report(folder: Path) -> None:
    log.start(folder)
    for number in range(600):
        logging.getLogger("sync").info("number %d", number)
    recent = log.recent()
    assert len(recent) == 500
    assert recent[-1].endswith("number 599")


def test_a_line_says_which_account_it_is_about(folder: Path) -> None:
    log.start(folder)
    log.for_account(logging.getLogger("sync"), 3).info("online")
    assert "acc=3 online" in written(folder)


@pytest.mark.expects_log("no log file")
def test_a_folder_that_cannot_be_made_does_not_stop_the_start(folder: Path) -> None:
    folder.parent.joinpath("logs").write_text("in the way")
    log.start(folder)
    logging.getLogger("sync").info("still here")
    assert log.recent()[-1].endswith("still here")
