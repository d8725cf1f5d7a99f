"""Accounts and running from the command line, against a real mail server on loopback."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.demo import shop
from desktop_inbox.demo.server import Delivery, MailServer
from tests.cli.conftest import ADDRESS, Answer, Run

PASSWORD = "clay & kiln – ğüş"
PASSPHRASE = "correct horse"
ACCOUNT_KEYS = {"id", "kind", "address", "state", "state_text", "last_sync", "counts"}


@pytest.fixture(scope="module")
def deliveries() -> list[Delivery]:
    return [
        Delivery(raw=letter.raw, folder=letter.folder, seen=letter.seen, at=letter.at)
        for letter in shop.load(datetime.now(UTC)).letters()[-12:]
    ]


@pytest.fixture
def server(deliveries: list[Delivery]) -> Iterator[MailServer]:
    server = MailServer(address=ADDRESS, password=PASSWORD)
    server.start(deliveries)
    yield server
    server.stop()


@pytest.fixture
def office(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an empty data folder, with a passphrase for its secrets."""
    monkeypatch.setenv("DESKTOP_INBOX_PASSPHRASE", PASSPHRASE)

    def office(*arguments: object, stdin: bytes = b"") -> Answer:
        return run("--data-dir", tmp_path / "data", "--json", *arguments, stdin=stdin)

    return office


def settings(server: MailServer, **changes: object) -> list[str]:
    values = {
        "address": ADDRESS,
        "name": "Kaya Ceramics",
        "imap_host": "127.0.0.1",
        "imap_port": server.imap_port,
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": server.smtp_port,
        "smtp_security": "none",
        **changes,
    }
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]


def add(office: Run, server: MailServer, *more: str, password: str = PASSWORD) -> Answer:
    return office(
        "account", "add", "email", *settings(server), "--secret", "password=-", *more,
        stdin=f"{password}\n".encode(),
    )  # fmt: skip


def test_the_channels_say_what_they_want_to_be_told(office: Run) -> None:
    kinds = office("account", "kinds").json
    (email,) = [kind for kind in kinds if kind["kind"] == "email"]
    assert set(email) == {"kind", "title", "fields", "capabilities", "limits"}
    for field in email["fields"]:
        assert set(field) >= {"name", "title", "secret", "required", "default"}
    names = {field["name"] for field in email["fields"]}
    assert names >= {
        "address", "name", "username", "imap_host", "imap_port", "smtp_host", "smtp_port",
        "imap_security", "smtp_security", "ca_file", "sent_copy", "mark_read", "on_close",
        "deleted_elsewhere", "idle_minutes", "since", "password",
    }  # fmt: skip
    assert [field["name"] for field in email["fields"] if field["secret"]] == ["password"]


def test_an_account_is_tried_kept_synced_and_seen(
    office: Run, server: MailServer, tmp_path: Path
) -> None:
    added = add(office, server)
    assert added.status == 0, added.err
    assert set(added.json) == {"id", "kind", "address", "checks"}
    assert [check["ok"] for check in added.json["checks"]] == [True, True]

    synced = office("sync", "--timeout", "30")
    assert synced.status == 0, synced.err
    (account,) = synced.json["accounts"]
    assert set(account) >= {"id", "state", "stored", "duplicates", "quarantined", "seconds"}
    assert (account["state"], account["stored"]) == ("online", 12)
    assert synced.json["outbox"] == {"sent": 0, "waiting": 0, "failed": 0, "uncertain": 0}
    assert office("sync").json["accounts"][0]["stored"] == 0

    (listed,) = office("account", "list").json["rows"]
    assert set(listed) >= ACCOUNT_KEYS
    assert listed["counts"]["stored"] == 12
    assert listed["last_sync"].endswith("Z")

    examined = office("doctor")
    assert examined.status == 0, examined.out
    (account,) = examined.json["accounts"]
    assert account["server"]["messages"] == 12
    assert account["server"]["missing"] == 0
    assert examined.json["database"]["ok"] is True
    assert examined.json["engine"] is None

    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (PASSWORD, PASSWORD.encode("unicode_escape").decode(), PASSPHRASE):
        assert secret.encode() not in on_disk


def test_a_reply_leaves_with_the_next_sync_and_is_filed_once(
    office: Run, server: MailServer
) -> None:
    sent: list[bytes] = []
    server.listen(lambda raw, recipients: sent.append(raw))
    add(office, server)
    office("sync", "--timeout", "30")
    row = office("conversations").json["rows"][0]
    queued = office("reply", row["id"], "--text", "Yenisi yolda.").json
    synced = office("sync", "--timeout", "30")
    assert synced.json["outbox"]["sent"] == 1
    assert len(sent) == 1
    assert queued["client_ref"].encode() in sent[0]
    message = office("show", row["id"]).json["messages"][-1]
    assert message["delivery"]["state"] == "sent"
    assert office("outbox", "list").json["rows"] == []
    assert office("sync", "--timeout", "30").json["accounts"][0]["stored"] == 0
    assert len(sent) == 1


def test_a_wrong_password_names_the_step_and_keeps_nothing(office: Run, server: MailServer) -> None:
    answer = add(office, server, password="mud")
    assert (answer.status, answer.json["error"]["code"]) == (1, "check-failed")
    assert "signing in" in answer.err
    assert "mud" not in answer.out + answer.err
    assert office("account", "list").json["rows"] == []


def test_a_port_where_nobody_listens_is_said_so(office: Run, server: MailServer) -> None:
    answer = office(
        "account", "add", "email", *settings(server, imap_port=1), "--secret", "password=-",
        stdin=PASSWORD.encode(),
    )  # fmt: skip
    assert answer.status == 1
    assert "Receiving" in answer.err


def test_without_a_check_it_is_saved_at_once_and_check_tells_later(
    office: Run, server: MailServer
) -> None:
    added = add(office, server, "--no-check", password="mud")
    assert added.status == 0
    assert added.json["checks"] == []
    checked = office("account", "check", added.json["id"])
    assert checked.status == 1
    assert checked.json["ok"] is False
    assert {step["ok"] for step in checked.json["checks"]} == {False}
    (account,) = office("sync").json["accounts"]
    assert account["state"] == "needs_sign_in"
    assert "password" in account["state_text"].lower()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("carrier-pigeon", "--set", "address=a@b.example"), "kind-unknown"),
        (("email", "--set", "colour=blue"), "field-unknown"),
        (("email", "--set", "address=a@b.example", "--secret", "password=mud"),
         "secret-on-command-line"),
        (("email", "--set", "imap_security=perhaps"), "field-invalid"),
    ],
)  # fmt: skip
def test_what_an_account_cannot_be_told_is_refused(
    office: Run, arguments: tuple[str, ...], code: str
) -> None:
    answer = office("account", "add", *arguments)
    assert (answer.status, answer.json["error"]["code"]) == (1, code)


def test_an_account_is_changed_and_a_new_server_is_tried_first(
    office: Run, server: MailServer
) -> None:
    key = add(office, server).json["id"]
    quiet = office("account", "set", key, "--set", "mark_read=never", "--set", "since=2026-01-02")
    assert (quiet.status, quiet.json["checks"]) == (0, [])
    assert quiet.json["settings"]["mark_read"] == "never"

    moved = office("account", "set", key, "--set", "smtp_port=1")
    assert (moved.status, moved.json["error"]["code"]) == (1, "check-failed")
    (row,) = office("account", "list").json["rows"]
    assert row["settings"]["smtp_port"] == str(server.smtp_port)

    wrong = office("account", "set", key, "--secret", "password=-", stdin=b"mud\n")
    assert (wrong.status, wrong.json["error"]["code"]) == (1, "check-failed")
    again = office("account", "set", key, "--secret", "password=-", stdin=f"{PASSWORD}\n".encode())
    assert [step["ok"] for step in again.json["checks"]] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("7", "--set", "name=x"), "account-missing"),
        (("1",), "nothing-to-change"),
        (("1", "--set", "wings=2"), "field-unknown"),
        (("1", "--set", "since=soon"), "field-invalid"),
        (("1", "--set", "address=x@y.example"), "field-fixed"),
        (("1", "--secret", "password=mud"), "secret-on-command-line"),
    ],
)
def test_what_an_account_cannot_become_is_refused(
    office: Run, server: MailServer, arguments: tuple[str, ...], code: str
) -> None:
    add(office, server, "--no-check")
    answer = office("account", "set", *arguments)
    assert (answer.status, answer.json["error"]["code"]) == (1, code)


def test_pausing_resuming_and_removing(office: Run, server: MailServer) -> None:
    key = add(office, server).json["id"]
    office("sync", "--timeout", "30")
    assert office("account", "pause", key).json["state"] == "paused"
    assert office("account", "resume", key).json["state"] != "paused"
    assert office("account", "remove", key, "--keep-messages").status == 0
    assert office("account", "list").json["rows"] == []
    assert office("conversations", "--view", "all").json["rows"] != []
    again = office("account", "pause", key)
    assert (again.status, again.json["error"]["code"]) == (1, "account-missing")


def test_the_same_address_is_not_set_up_twice(office: Run, server: MailServer) -> None:
    add(office, server, "--no-check")
    assert add(office, server, "--no-check").json["error"]["code"] == "account-exists"


def test_a_wrong_passphrase_stops_the_sync_with_words(
    office: Run, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(office, server, "--no-check")
    monkeypatch.setenv("DESKTOP_INBOX_PASSPHRASE", "wrong horse")
    answer = office("sync", "--timeout", "30")
    assert (answer.status, answer.json["error"]["code"]) == (1, "wrong-passphrase")


def test_the_engine_speaks_in_lines_until_it_is_told_to_stop(
    office: Run, server: MailServer, tmp_path: Path
) -> None:
    key = add(office, server).json["id"]
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_inbox", "--data-dir", str(tmp_path / "data"), "--json",
         "engine"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        lines = _until_online(process)
        assert {line["account"] for line in lines} == {key}
        assert all(set(line) >= {"at", "account", "state"} for line in lines)
        busy = office("sync")
        assert (busy.status, busy.json["error"]["code"]) == (1, "engine-busy")
        assert str(process.pid) in busy.err
        assert office("doctor").json["engine"]["pid"] == process.pid

        # What a command writes beside it, the engine notices.
        sent: list[bytes] = []
        server.listen(lambda raw, recipients: sent.append(raw))
        row = office("conversations").json["rows"][0]
        office("reply", row["id"], "--text", "Yenisi yolda.")
        deadline = time.monotonic() + 20
        while not sent:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=40)
    assert process.returncode == 0, errors
    assert errors == ""
    for line in rest.splitlines():
        json.loads(line)


def _until_online(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    lines = []
    for text in process.stdout:
        lines.append(json.loads(text))
        if lines[-1]["state"] == "online":
            return lines
    raise AssertionError("it ended before it was online")


def test_doctor_counts_what_is_missing_and_the_next_sync_fetches_it(
    office: Run, server: MailServer, tmp_path: Path
) -> None:
    """Rule O8."""
    add(office, server)
    office("sync", "--timeout", "30")
    (account,) = office("doctor").json["accounts"]
    (inbox,) = (one for one in account["server"]["folders"] if one["name"] == "INBOX")
    assert (inbox["on_server"], inbox["fetched"], inbox["missing"]) == (12, 12, 0)
    (database,) = tmp_path.rglob("*.db")
    with sqlite3.connect(database) as file:  # as if a bug had lost three places
        inbox_rows = "SELECT uid FROM message_location WHERE folder = 'INBOX' LIMIT 3"
        file.execute(f"DELETE FROM message_location WHERE uid IN ({inbox_rows})")
    file.close()

    (account,) = office("doctor").json["accounts"]
    assert account["server"]["missing"] == 3

    assert office("sync", "--timeout", "30").json["accounts"][0]["stored"] == 0
    (account,) = office("doctor").json["accounts"]
    assert account["server"]["missing"] == 0
