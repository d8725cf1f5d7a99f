"""Export and import: nothing lost on the way round, nothing twice, nothing hostile believed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.store import records
from desktop_inbox.store.workspace import Workspace
from tests.cli.conftest import Run

LETTER = (
    b"From: Ayse <ayse@example.org>\r\nTo: shop@example.com\r\nSubject: A mug\r\n"
    b"Date: Mon, 21 Sep 2026 11:00:00 +0000\r\nMessage-ID: <%s@example.org>\r\n\r\n"
    b"Is the blue mug still there?\r\n"
)


def letter(name: str) -> bytes:
    return LETTER % name.encode()


@pytest.fixture
def data(filled: Path, tmp_path: Path, run: Run) -> Path:
    """The sample shop after a morning's work: a note, tags, a merge, an edit, a queued reply."""
    folder = Path(shutil.copytree(filled, tmp_path / "data"))
    for words in (
        ("note", 1, "--text", "Ask the courier."),
        ("set", 1, "--tag", "courier", "--priority", "high"),
        ("set", 2, "--status", "closed"),
        ("merge", 4, 3),
        ("customer", "edit", 1, "--company", "Kiln & Sons", "--notes", "pays late"),
        ("canned", "add", "hi", "--title", "Greeting", "--text", "Hello!"),
        ("reply", 5, "--text", "It left this morning."),
    ):
        answer = run("--data-dir", folder, *words)
        assert answer.status == 0, answer.err
    return folder


def facts(data: Path) -> dict[str, Any]:
    """Return what must survive: counts, and names made of content."""

    def read(conn: Any) -> dict[str, Any]:
        found = {kind: list(records.records(conn, kind)) for kind in records.KINDS}
        mails = found["messages"]
        subject_of = {one["uid"]: one["subject"] for one in found["conversations"]}
        return {
            "counts": {kind: len(found[kind]) for kind in set(found) - {"agents"}},
            "raw": sorted(one["raw_sha256"] or "" for one in mails),
            "messages": sorted(
                (one["external_id"] or "", one["direction"], one["text"] or "", one["seen"],
                 subject_of[one["conversation"]])
                for one in mails
            ),
            "notes": sorted(one["text"] for one in mails if one["direction"] == "note"),
            "events": [one["uid"] for one in found["events"]],
            "tags": sorted((one["uid"], one["name"]) for one in found["tags"]),
            "customers": sorted(
                (one["name"], one["company"], one["notes"]) for one in found["customers"]
            ),
            "conversations": sorted(
                (one["uid"], one["subject"], one["status"], one["priority"], len(one["tags"]),
                 one["merged_into"] or "", one["message_count"])
                for one in found["conversations"]
            ),
        }  # fmt: skip

    workspace = Workspace.open(data)
    try:
        return workspace.db.read(read).result(30)
    finally:
        workspace.close()


def test_a_round_trip_brings_everything_back(run: Run, data: Path, tmp_path: Path) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    exported = run("--data-dir", data, "--json", "export", out)
    assert exported.status == 0, exported.err
    assert exported.json["missing"] == 0
    imported = run("--data-dir", fresh, "--json", "import", out)
    assert imported.status == 0, imported.err
    before, after = facts(data), facts(fresh)
    for name in before:
        assert after[name] == before[name], name
    again = run("--data-dir", fresh, "--json", "import", out)
    assert again.status == 0, again.err
    assert again.json["stored"] == 0
    assert facts(fresh) == after


def test_an_export_says_what_is_in_it_and_holds_the_mails_as_they_came(
    run: Run, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    counts = run("--data-dir", data, "--json", "export", out).json["counts"]
    assert json.loads((out / "export.json").read_text())["counts"] == counts
    mails = [json.loads(line) for line in (out / "messages.jsonl").read_text().splitlines()]
    assert len(mails) == counts["messages"]
    raw = next(one["raw_sha256"] for one in mails if one["raw_sha256"])
    kept = data / "files" / raw[:2] / raw[2:]
    assert (out / "messages" / raw[:2] / f"{raw}.eml").read_bytes() == kept.read_bytes()
    with (out / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        assert any(row["company"] == "Kiln & Sons" for row in csv.DictReader(file))


def test_a_spreadsheet_is_given_no_formula(run: Run, data: Path, tmp_path: Path) -> None:
    run("--data-dir", data, "customer", "edit", 1, "--company", "=HYPERLINK(1)")
    run("--data-dir", data, "export", tmp_path / "out")
    assert ",'=HYPERLINK(1)," in (tmp_path / "out" / "customers.csv").read_text("utf-8-sig")


def test_a_folder_in_use_is_not_written_into(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    answer = run("--data-dir", data, "--json", "export", tmp_path / "out")
    assert (answer.status, answer.json["error"]["code"]) == (1, "folder-not-empty")


# Mail of other programs


def subjects(run: Run, data: Path) -> list[str]:
    rows = run("--data-dir", data, "--json", "conversations", "--view", "all").json["rows"]
    return sorted(row["subject"] for row in rows)


def test_an_mbox_comes_in_once_and_its_quoting_is_taken_back(run: Run, tmp_path: Path) -> None:
    box = tmp_path / "Archive.mbox"
    body = letter("1").replace(b"\r\n", b"\n") + b">From here on it is cold.\n>>From\n"
    box.write_bytes(
        b"From a@b Mon Sep 21 11:00:00 2026\n" + body + b"\n"
        b"From a@b Mon Sep 21 11:00:00 2026\nStatus: RO\n" + letter("2").replace(b"\r\n", b"\n")
    )
    data = tmp_path / "data"
    answer = run("--data-dir", data, "--json", "import", box)
    assert answer.status == 0, answer.err
    assert answer.json["stored"] == 2
    again = run("--data-dir", data, "--json", "import", box).json
    assert (again["stored"], again["duplicates"]) == (0, 2)
    shown = run("--data-dir", data, "--json", "show", 1).json
    assert "\nFrom here on it is cold." in shown["messages"][0]["text"]
    assert shown["status"] == "closed"  # history is no work


def test_a_maildir_keeps_what_was_read_and_what_was_sent(run: Run, tmp_path: Path) -> None:
    for place, name in (
        ("mail/cur", "1.x:2,S"), ("mail/new", "2.x"), ("mail/.Sent/cur", "3.x:2,S"),
        ("mail/tmp", "4.x"),
    ):  # fmt: skip
        folder = tmp_path / place
        for part in ("cur", "new", "tmp"):
            (folder.parent / part).mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(letter(name[0]))
    data = tmp_path / "data"
    answer = run("--data-dir", data, "--json", "import", tmp_path / "mail")
    assert (answer.status, answer.json["stored"]) == (0, 3), answer.err
    shown = [
        message
        for row in run("--data-dir", data, "--json", "conversations", "--view", "all").json["rows"]
        for message in run("--data-dir", data, "--json", "show", row["id"]).json["messages"]
    ]
    directions = {message["message_id"].strip("<>")[0]: message["direction"] for message in shown}
    assert directions == {"1": "in", "2": "in", "3": "out"}


def test_eml_files_may_go_into_an_account_that_is_here(
    run: Run, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.eml").write_bytes(letter("old"))
    (tmp_path / "old" / "notes.pdf").write_bytes(b"%PDF")
    answer = run("--data-dir", data, "--json", "import", tmp_path / "old", "--account", 1)
    assert (answer.json["stored"], answer.json["skipped"]) == (1, {"no-mail": 1})
    accounts = run("--data-dir", data, "--json", "account", "list").json["rows"]
    assert len(accounts) == 1


def test_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret.eml"
    secret.write_bytes(letter("secret"))
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").write_bytes(letter("a"))
    (folder / "b.eml").symlink_to(secret)
    (folder / "c").symlink_to(tmp_path, target_is_directory=True)
    answer = run("--data-dir", tmp_path / "data", "--json", "import", folder)
    assert (answer.json["stored"], answer.json["skipped"]) == (1, {"link": 2})


@pytest.mark.parametrize("contents", [b"", b"no mail at all"])
def test_where_there_is_no_mail_it_is_said(run: Run, tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "x.eml").write_bytes(contents)
    answer = run("--data-dir", tmp_path / "data", "--json", "import", tmp_path / "x.eml")
    assert (answer.status, answer.json["error"]["code"]) == (1, "import-empty")
    answer = run("--data-dir", tmp_path / "data", "--json", "import", tmp_path / "nowhere")
    assert (answer.status, answer.json["error"]["code"]) == (1, "no-file")


def test_a_table_of_customers_comes_in_once(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    table.write_text(
        "E-Mail,Name,Company\nmina@orders.example,Mina Okafor,Clay\nnot an address,X,Y\n", "utf-8"
    )
    for expected in (1, 0):
        answer = run("--data-dir", tmp_path / "data", "--json", "import", table)
        assert (answer.status, answer.json["customers"]) == (0, expected), answer.err


# Exports that somebody has tampered with


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("events", "{half"),
        ("events", "[" * 100_000),
        ("customers", '"a word"'),
        ("threads", '{"uid": "x"}'),
        ("messages", '{"uid": 3}'),
        ("conversations", '{"uid": "u", "status": "sold"}'),
    ],
)
def test_a_bad_line_is_refused_in_words(
    run: Run, data: Path, tmp_path: Path, name: str, line: str
) -> None:
    out = tmp_path / "out"
    run("--data-dir", data, "export", out)
    with (out / f"{name}.jsonl").open("a") as file:
        file.write(line + "\n")
    answer = run("--data-dir", tmp_path / "fresh", "--json", "import", out)
    assert (answer.status, answer.json["error"]["code"]) == (1, "import-unreadable")
    assert f"{name}.jsonl" in answer.err


def test_a_newer_export_is_refused(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("--data-dir", data, "export", out)
    manifest = json.loads((out / "export.json").read_text())
    (out / "export.json").write_text(json.dumps({**manifest, "version": 2}))
    answer = run("--data-dir", tmp_path / "fresh", "--json", "import", out)
    assert answer.json["error"]["code"] == "import-too-new"


def test_an_export_cannot_choose_whom_a_password_is_sent_to(
    run: Run, data: Path, tmp_path: Path
) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    run("--data-dir", data, "export", out)
    path = out / "accounts.jsonl"
    account = json.loads(path.read_text().splitlines()[0])
    account["settings"] = {"imap_host": "evil.example", "name": "Shop"}
    path.write_text(json.dumps(account) + "\n")
    assert run("--data-dir", fresh, "import", out).status == 0
    assert b"evil.example" not in (fresh / "workspace.db").read_bytes()
