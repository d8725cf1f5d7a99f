"""Conversations from the command line: listing, showing, searching, changing, undoing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

ROW_KEYS = {
    "id", "subject", "customer", "status", "priority", "assignee", "tags", "unread", "channels",
    "last_at", "waiting_since", "snippet", "sla",
}  # fmt: skip
MESSAGE_KEYS = {
    "id", "direction", "from", "to", "cc", "at", "channel", "account", "external_id",
    "message_id", "text", "visible_text", "html", "attachments", "delivery", "class",
}  # fmt: skip


def named(inbox: Run, subject: str) -> Any:
    rows = inbox("conversations", "--view", "all", "--limit", 500).json["rows"]
    return next(row for row in rows if subject in row["subject"])


def test_rows_have_the_documented_shape_newest_first(inbox: Run) -> None:
    answer = inbox("conversations").json
    assert set(answer) == {"rows", "next"}
    assert answer["rows"]
    for row in answer["rows"]:
        assert set(row) >= ROW_KEYS
        assert set(row["customer"]) == {"id", "name"}
        assert set(row["sla"]) == {"clock", "due_at", "state"}
        assert row["last_at"].endswith("Z")
    moments = [row["last_at"] for row in answer["rows"]]
    assert moments == sorted(moments, reverse=True)
    assert answer["rows"][0]["customer"]["name"] == "Elif Arslan"
    assert answer["rows"][0]["waiting_since"] == answer["rows"][0]["last_at"]


def test_pages_follow_each_other_without_gap_or_repetition(inbox: Run) -> None:
    everything = inbox("conversations", "--view", "all", "--limit", 500).json
    assert everything["next"] is None
    ids: list[int] = []
    key = None
    while True:
        after = ("--after", key) if key else ()
        page = inbox("conversations", "--view", "all", "--limit", 7, *after).json
        ids += [row["id"] for row in page["rows"]]
        key = page["next"]
        if key is None:
            break
    assert ids == [row["id"] for row in everything["rows"]]


def test_a_page_key_that_is_none_is_refused_with_words(inbox: Run) -> None:
    answer = inbox("conversations", "--after", "yesterday")
    assert (answer.status, answer.json["error"]["code"]) == (1, "page-key")


def test_a_conversation_is_shown_with_its_messages_and_history(inbox: Run) -> None:
    key = named(inbox, "1042 numaralı")["id"]
    inbox("set", key, "--priority", "high")
    shown = inbox("show", key).json
    assert set(shown) >= ROW_KEYS | {"messages", "events"}
    assert len(shown["messages"]) == 3
    for message in shown["messages"]:
        assert set(message) >= MESSAGE_KEYS
    assert [message["direction"] for message in shown["messages"]] == ["in", "out", "in"]
    assert len(shown["messages"][-1]["attachments"]) == 3
    assert shown["messages"][0]["class"] == "human"
    (event,) = shown["events"]
    assert event["changes"][0]["after"] == "high"


def test_for_a_person_there_are_columns_instead(run: Run, data_dir: Path) -> None:
    answer = run("--data-dir", data_dir, "conversations", "--limit", 3)
    header, *rows = answer.out.splitlines()
    assert header.split() == ["ID", "CUSTOMER", "SUBJECT", "STATUS", "UNREAD", "LAST"]
    assert "Elif Arslan" in rows[0]
    assert "--after" in rows[-1]


@pytest.mark.parametrize("query", ["kirik", "KIRIK", "kırık"])
def test_searching_finds_words_without_their_accents(inbox: Run, query: str) -> None:
    found = inbox("search", query).json
    assert set(found) >= {"seconds", "customers", "conversations", "messages", "files", "total"}
    assert found["total"] >= 1
    assert "1042 numaralı sipariş kırık geldi" in [row["subject"] for row in found["conversations"]]
    assert all(set(hit) == {"id", "conversation", "snippet"} for hit in found["messages"])


def test_searching_for_nothing_finds_nothing(inbox: Run) -> None:
    assert inbox("search", "zzzz-not-there").json["total"] == 0


def test_several_changes_are_made_at_once(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    changed = inbox(
        "set", key, "--priority", "urgent", "--assignee", "me", "--tag", "order", "--tag", "late"
    ).json
    assert changed["priority"] == "urgent"
    assert changed["tags"] == ["late", "order"]
    assert inbox("set", key, "--untag", "late").json["tags"] == ["order"]
    assert key in [row["id"] for row in inbox("conversations", "--view", "mine").json["rows"]]


def test_a_wrong_change_changes_nothing_of_the_others(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    answer = inbox("set", key, "--priority", "urgent", "--untag", "never-there")
    assert (answer.status, answer.json["error"]["code"]) == (1, "tag-missing")
    assert inbox("show", key).json["priority"] == "normal"


def test_closing_and_undoing_is_a_round_trip(inbox: Run) -> None:
    before = named(inbox, "Where is my parcel")
    assert inbox("set", before["id"], "--status", "closed").json["status"] == "closed"
    assert inbox("undo").status == 0
    after = named(inbox, "Where is my parcel")
    assert after == before


def test_undo_with_nothing_done_says_so(inbox: Run) -> None:
    answer = inbox("undo")
    assert (answer.status, answer.json["error"]["code"]) == (1, "nothing-to-undo")


def test_snoozing_hides_until_the_time_or_the_reply(inbox: Run) -> None:
    key = named(inbox, "Where is my parcel")["id"]
    assert inbox("set", key, "--snooze", "3d").json["status"] == "snoozed"
    assert key not in [row["id"] for row in inbox("conversations").json["rows"]]
    changed = inbox("set", key, "--snooze", "until-reply").json
    assert changed["snoozed_until_reply"] is True
    assert inbox("set", key, "--snooze", "2020-01-01").json["error"]["code"] == "snooze-in-the-past"


def test_merging_and_splitting(inbox: Run) -> None:
    first = named(inbox, "Matching salad bowl")["id"]
    second = named(inbox, "one bowl chipped")["id"]
    before = len(inbox("show", second).json["messages"])
    merged = inbox("merge", first, second).json
    assert merged["id"] == second
    messages = inbox("show", second).json["messages"]
    assert len(messages) == before + 1
    split = inbox("split", second, "--from", messages[-1]["id"]).json
    assert split["id"] not in (first, second)
    assert len(inbox("show", second).json["messages"]) == before


def test_a_conversation_that_is_not_there_is_said_so(inbox: Run) -> None:
    for command in (("show", 999), ("set", 999, "--priority", "low"), ("merge", 999, 1)):
        answer = inbox(*command)
        assert (answer.status, answer.json["error"]["code"]) == (1, "conversation-missing")
        assert answer.err.count("\n") == 1


def test_asking_for_no_change_is_refused(inbox: Run) -> None:
    assert inbox("set", 1).json["error"]["code"] == "nothing-to-change"
