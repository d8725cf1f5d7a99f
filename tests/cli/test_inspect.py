"""Looking inside mail: documented shapes, hostile input, no network and no store."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import closing
from mailbox import mbox
from pathlib import Path

import pytest

from desktop_inbox.demo import shop
from tests.cli.conftest import Run
from tests.support.corpora import corpus

MAIL = (
    b"From: =?utf-8?q?Elif_Arslan?= <elif@posta.example>\r\nTo: info@kaya.example\r\n"
    b"Subject: Broken\r\nMessage-ID: <1@posta.example>\r\nDate: Wed, 18 Nov 2026 11:48:00 +0300\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIt is broken.\r\n\r\n> was it?\r\n"
    b'--b\r\nContent-Type: image/png; name="../../plate.png"\r\n'
    b'Content-Disposition: attachment; filename="../../plate.png"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
)

MESSAGE_KEYS = {
    "file", "message_id", "in_reply_to", "references", "date", "subject", "from", "sender",
    "reply_to", "to", "cc", "bcc", "class", "text", "html", "visible_text", "quoted_text", "parts",
    "attachments", "warnings",
}  # fmt: skip
PART_KEYS = {"type", "charset", "name", "disposition", "content_id", "size", "sha256", "parts"}


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return path


def test_a_message_is_taken_apart_in_the_documented_shape(run: Run, mail: Path) -> None:
    answer = run("--json", "inspect", "message", mail, mail)
    assert answer.status == 0
    assert len(answer.lines) == 2
    found = answer.lines[0]
    assert set(found) >= MESSAGE_KEYS
    assert found["message_id"] == "1@posta.example"
    assert found["date"] == "2026-11-18T08:48:00Z"
    assert found["from"] == [{"name": "Elif Arslan", "address": "elif@posta.example"}]
    assert found["visible_text"].strip() == "It is broken."
    assert set(found["parts"]) >= PART_KEYS
    assert [part["type"] for part in found["parts"]["parts"]] == ["text/plain", "image/png"]
    (file,) = found["attachments"]
    assert set(file) == {"name", "safe_name", "type", "size", "sha256", "content_id", "inline"}
    assert "/" not in file["safe_name"]
    assert file["size"] == 8


def test_a_person_reads_the_same_message(run: Run, mail: Path) -> None:
    answer = run("inspect", "message", mail)
    assert "From:    Elif Arslan <elif@posta.example>" in answer.out
    assert "It is broken." in answer.out


def test_other_peoples_escape_sequences_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.eml"
    path.write_bytes(b"From: a@b.example\r\nSubject: x\x1b[2Jy\r\n\r\nred \x1b[31m text\r\n")
    answer = run("inspect", "message", path)
    assert answer.status == 0
    assert "\x1b" not in answer.out


def test_html_is_made_safe_and_says_what_was_taken_out(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<p onclick='x()'>Hi<script>alert(1)</script><img src='https://t.example/a.gif'>"
        "<a href='https://bad.example/'>https://bank.example/</a></p>"
    )
    (found,) = run("--json", "inspect", "html", path).lines
    assert set(found) == {"file", "html", "blocked", "links"}
    assert "script" not in found["html"]
    assert "onclick" not in found["html"]
    assert {"kind": "image", "url": "https://t.example/a.gif"} in found["blocked"]
    (link,) = found["links"]
    assert link["url"] == "https://bad.example/"
    assert link["warnings"]


def test_a_reply_is_split_into_what_is_new_and_what_is_not(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "reply.txt"
    path.write_text("Thanks!\n\nOn Monday Selin wrote:\n> Here it is.\n", encoding="utf-8")
    (found,) = run("--json", "inspect", "reply", path).lines
    assert set(found) == {"file", "visible", "quoted", "signature"}
    assert found["visible"].strip() == "Thanks!"
    assert "Here it is." in found["quoted"]


def test_addresses_are_judged_a_line_each(run: Run) -> None:
    answer = run(
        "--json", "inspect", "addresses", stdin=b"Elif@Posta.example\n\nnot an address\n\xff@x\n"
    )
    assert [line["sendable"] for line in answer.lines] == [True, False, False, False]
    assert answer.lines[0]["normalised"] == "elif@posta.example"
    assert all(line["reason"] for line in answer.lines[1:])


def test_messages_are_grouped_as_the_engine_groups_them(run: Run, tmp_path: Path) -> None:
    question = b"From: a@b.example\nMessage-ID: <1@b>\nSubject: A\n\nhello\n"
    answer = b"From: a@b.example\nMessage-ID: <2@b>\nReferences: <1@b>\nSubject: Re: A\n\nmore\n"
    other = b"From: c@d.example\nMessage-ID: <3@d>\nSubject: B\n\nelse\n"
    single, box = tmp_path / "1.eml", tmp_path / "rest.mbox"
    single.write_bytes(question)
    box.write_bytes(b"From x\n" + answer + b"\nFrom y\n" + other + b"\n")
    found = run("--json", "inspect", "threads", single, box).json
    assert [ids for ids, _beside in found] == [["1@b", "2@b"], ["3@d"]]
    assert all(set(beside) == {"customer", "warnings"} for _ids, beside in found)


def test_connected_messages_of_an_imap_servers_corpus_stay_together(run: Run) -> None:
    for path in sorted(corpus("threads").glob("*.mbox")):
        found = run("--json", "inspect", "threads", path)
        assert found.status == 0
        # Another mail under an id that is taken goes by its content as well.
        grouped = {
            frozenset(name.partition("#")[0] for name in ids if not name.startswith("sha256:"))
            for ids, _beside in found.json
        }
        assert grouped - {frozenset()} == _connected(path)


def _connected(path: Path) -> set[frozenset[str]]:
    """Return the ids of an mbox's messages, those together that name each other."""
    groups: list[tuple[set[str], set[str]]] = []  # ids that messages bear, ids they name
    with closing(mbox(path)) as box:
        letters = list(box)
    for message in letters:
        borne = set(re.findall(r"<([^>]+)>", message.get("Message-ID", "")))
        named = message.get("In-Reply-To", "") + message.get("References", "")
        linked = borne | set(re.findall(r"<([^>]+)>", named))
        if not borne:
            continue
        # A mail nobody has proves nothing here: only those that are there connect.
        near = [group for group in groups if group[0] & linked or group[1] & borne]
        groups = [group for group in groups if group not in near]
        groups.append(
            (
                borne.union(*(group[0] for group in near)),
                linked.union(*(group[1] for group in near)),
            )
        )
    return {frozenset(borne) for borne, _linked in groups}


def test_a_file_that_is_not_there_is_said_so(run: Run, tmp_path: Path) -> None:
    answer = run("--json", "inspect", "message", tmp_path / "nothing.eml")
    assert answer.status == 1
    assert answer.json["error"]["code"] == "no-file"
    assert answer.err.count("\n") == 1
    assert "nothing.eml" in answer.err


def test_every_mail_of_the_sample_shop_reads_well(run: Run, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    letters = shop.load(datetime.now(UTC)).letters()
    paths = []
    for number, letter in enumerate(letters):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(letter.raw)
        paths.append(path)
    found = run("--json", "inspect", "message", *paths).lines
    warnings = {warning for one in found for warning in one["warnings"]}
    assert warnings <= {"remote-content:2"}  # the newsletters' header and tracking pixel
    classes = {one["class"] for one in found}
    assert {"human", "bulk", "auto_reply", "automated"} <= classes
    for one, letter in zip(found, letters, strict=True):
        assert one["visible_text"].strip(), letter.raw[:300]


@pytest.mark.slow
def test_hostile_messages_are_answered_in_time(run: Run, tmp_path: Path) -> None:
    bombs = {
        "nul.eml": b"\0" * 100_000,
        "deep.eml": b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (depth, depth)
            for depth in range(5000)
        ),
        "folded.eml": b"Subject: x\n" + b" y\n" * 200_000 + b"\nhello\n",
        "quoted.eml": b"From: a@b\n\n" + b">" * 500_000 + b"\n",
        "binary.eml": os.urandom(300_000),
    }
    for name, raw in bombs.items():
        path = tmp_path / name
        path.write_bytes(raw)
        began = time.monotonic()
        assert run("--json", "inspect", "message", path).status == 0, name
        assert time.monotonic() - began < 2, name


def test_inspecting_starts_fast_and_imports_no_store_and_no_window(mail: Path) -> None:
    code = (
        "import sys\n"
        "from desktop_inbox.__main__ import main\n"
        f"main(['--json', 'inspect', 'message', {str(mail)!r}])\n"
        "heavy = ('sqlalchemy', 'PySide6', 'aioimaplib', 'aiosmtplib', 'keyring', 'pymap')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    message, imported = done.stdout.splitlines()
    assert json.loads(message)["subject"] == "Broken"
    assert imported == "[]"
