"""Answers, notes, new messages, drafts and the outbox from the command line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_conversations import named


def test_a_reply_is_queued_to_who_wrote_about_what_they_wrote(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    queued = inbox("reply", key, "--text", "It is on its way.").json
    assert set(queued) >= {"message", "client_ref", "state"}
    assert queued["state"] == "queued"
    shown = inbox("show", key).json["messages"]
    message = shown[-1]
    assert message["id"] == queued["message"]
    assert message["message_id"] == queued["client_ref"]
    assert message["to"] == [{"name": "Liam Carter", "address": "liam.carter@mailbox.example"}]
    assert message["subject"] == "Re: Where is my parcel?"
    assert message["in_reply_to"] == shown[-2]["message_id"]
    assert message["references"][-1] == shown[-2]["message_id"]
    assert message["delivery"]["state"] == "queued"


def test_the_outbox_shows_it_and_cancel_gives_the_draft_back(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    queued = inbox("reply", key, "--text", "It is on its way.", "--close").json
    (waiting,) = inbox("outbox", "list").json["rows"]
    assert (waiting["message"], waiting["state"]) == (queued["message"], "queued")
    assert inbox("show", key).json["status"] == "closed"
    assert inbox("outbox", "cancel", queued["message"]).status == 0
    assert inbox("outbox", "list").json["rows"] == []
    (draft,) = inbox("draft", "list").json["rows"]
    assert draft["text"] == "It is on its way."
    assert inbox("show", key).json["status"] == "open"
    again = inbox("outbox", "cancel", queued["message"])
    assert (again.status, again.json["error"]["code"]) == (1, "message-missing")


def test_what_is_not_unknown_cannot_be_looked_for_nor_let_go(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    queued = inbox("reply", key, "--text", "It is on its way.").json
    assert inbox("outbox", "check", queued["message"]).json["error"]["code"] == "not-uncertain"
    assert inbox("outbox", "let-go", queued["message"]).json["error"]["code"] == "not-waiting"
    (waiting,) = inbox("outbox", "list").json["rows"]
    assert (waiting["recipients"], waiting["looked_at"]) == (None, None)


def test_a_draft_can_be_thrown_away_and_a_reply_leaves_it_alone(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    draft = inbox("draft", "save", key, "--text", "Half a sentence").json["draft"]
    inbox("reply", key, "--text", "Another thing.")
    assert [row["id"] for row in inbox("draft", "list").json["rows"]] == [draft]
    assert inbox("draft", "discard", draft).status == 0
    assert inbox("draft", "list").json["rows"] == []
    assert inbox("draft", "discard", draft).json["error"]["code"] == "draft-missing"


def test_attachments_and_text_come_from_files(inbox: Run, tmp_path: Path) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    text, file = tmp_path / "text.txt", tmp_path / "fiş ş.pdf"
    text.write_text("Merhaba,\nekte.", encoding="utf-8")
    file.write_bytes(b"%PDF-1.4 not much")
    inbox("reply", key, "--text-file", text, "--attach", file)
    message = inbox("show", key).json["messages"][-1]
    assert message["text"] == "Merhaba,\nekte."
    (attached,) = message["attachments"]
    assert attached["name"] == "fiş ş.pdf"
    assert attached["type"] == "application/pdf"
    assert attached["sha256"] == hashlib.sha256(b"%PDF-1.4 not much").hexdigest()


def test_text_may_come_from_standard_input(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    inbox("reply", key, "--text-file", "-", stdin="Günaydın".encode())
    assert inbox("show", key).json["messages"][-1]["text"] == "Günaydın"


def test_a_reply_can_wait_until_a_time(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    inbox("reply", key, "--text", "Later.", "--at", "2099-01-01T09:00Z")
    (waiting,) = inbox("outbox", "list").json["rows"]
    assert waiting["not_before"] == "2099-01-01T09:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--text", "  "), "message-empty"),
        (("--text", "Hi {{contact.first_name}}"), "unresolved"),
        (("--text", "x", "--at", "2001-01-01"), "send-in-the-past"),
        (("--text", "x", "--channel", "77"), "account-missing"),
        (("--text", "x", "--attach", "/nowhere/file.pdf"), "no-file"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_reason(
    inbox: Run, arguments: tuple[str, ...], code: str
) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    answer = inbox("reply", key, *arguments)
    assert (answer.status, answer.json["error"]["code"]) == (1, code)
    assert inbox("outbox", "list").json["rows"] == []


def test_a_note_is_kept_and_never_queued(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    note = inbox("note", key, "--text", "Ask the carrier.").json
    message = inbox("show", key).json["messages"][-1]
    assert (message["id"], message["direction"]) == (note["message"], "note")
    assert inbox("outbox", "list").json["rows"] == []


def test_a_new_message_begins_a_conversation(inbox: Run) -> None:
    queued = inbox(
        "compose", "--account", 1, "--to", "Ida Lund <ida@brev.example>", "--subject", "Hello",
        "--text", "We met at the market.",
    ).json  # fmt: skip
    shown = inbox("show", queued["conversation"]).json
    assert shown["customer"]["name"] == "Ida Lund"
    assert shown["messages"][0]["references"] == []


def test_a_recipient_that_cannot_be_is_named(inbox: Run) -> None:
    answer = inbox(
        "compose", "--account", 1, "--to", "ida at brev", "--subject", "x", "--text", "x"
    )
    assert (answer.status, answer.json["error"]["code"]) == (1, "recipient-invalid")
    assert "ida at brev" in answer.err


def test_a_draft_is_kept_in_its_conversation(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    saved = inbox("draft", "save", key, "--text", "Dear Liam,").json
    (draft,) = inbox("draft", "list").json["rows"]
    assert (draft["id"], draft["conversation"], draft["text"]) == (
        saved["draft"],
        key,
        "Dear Liam,",
    )
    assert draft["to"][0]["address"] == "liam.carter@mailbox.example"
    assert named(inbox, "Where is my parcel")["draft"]


@pytest.mark.parametrize("command", ["retry", "resolve"])
def test_the_outbox_refuses_what_is_not_in_it(inbox: Run, command: str) -> None:
    more = ["sent"] if command == "resolve" else []
    answer = inbox("outbox", command, 12345, *more)
    assert answer.status == 1
    assert answer.json["error"]["code"] in ("not-waiting", "not-uncertain")
