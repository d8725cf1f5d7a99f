"""Customers and canned responses from the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.cli.test_conversations import named


def test_customers_come_in_pages_with_all_their_addresses(inbox: Run) -> None:
    first = inbox("customer", "list", "--limit", 10).json
    assert len(first["rows"]) == 10
    second = inbox("customer", "list", "--limit", 10, "--after", first["next"]).json
    ids = [row["id"] for row in (*first["rows"], *second["rows"])]
    assert len(set(ids)) == 20
    for row in first["rows"]:
        assert set(row) >= {"id", "name", "company", "notes", "identities", "first_seen_at"}
        assert row["identities"][0]["kind"] == "email"
    everybody = inbox("customer", "list", "--limit", 1000).json
    assert everybody["next"] is None


def test_a_customer_is_shown_with_their_conversations(inbox: Run) -> None:
    key = named(inbox, "1042 numaralı")["customer"]["id"]
    shown = inbox("customer", "show", key).json
    assert shown["name"] == "Elif Arslan"
    assert len(shown["conversations"]) == 2


def test_what_we_know_of_a_customer_is_changed_and_taken_back(inbox: Run) -> None:
    key = named(inbox, "1042 numaralı")["customer"]["id"]
    edited = inbox(
        "customer", "edit", key, "--company", "Arslan Mimarlık", "--notes", "Hediye"
    ).json
    assert (edited["company"], edited["notes"]) == ("Arslan Mimarlık", "Hediye")
    inbox("undo")
    assert inbox("customer", "show", key).json["company"] == ""


def test_a_customer_that_is_not_there_is_said_so(inbox: Run) -> None:
    for command in (("show", 9999), ("edit", 9999, "--name", "x")):
        assert inbox("customer", *command).json["error"]["code"] == "customer-missing"
    assert inbox("customer", "edit", 1).json["error"]["code"] == "nothing-to-change"


def test_a_canned_response_is_kept_found_filled_in_changed_and_removed(inbox: Run) -> None:
    body = "Hi {{contact.first_name|there}}, sorry!"
    added = inbox("canned", "add", "sorry", "--title", "Sorry", "--text", body).json
    assert set(added) >= {"id", "shortcode", "title", "body", "uses"}
    key = named(inbox, "1042 numaralı")["id"]
    rendered = inbox("canned", "render", "/SORRY", "--conversation", key).json
    assert rendered == {"text": "Hi Elif, sorry!", "missing": []}
    edited = inbox("canned", "edit", "sorry", "--text", "Oh {{order.number}}!").json
    assert edited["body"] == "Oh {{order.number}}!"
    rendered = inbox("canned", "render", "sorry", "--conversation", key).json
    assert rendered["missing"] == ["order.number"]
    assert inbox("canned", "list").json["rows"][0]["uses"] == 2
    assert inbox("canned", "remove", "sorry").status == 0
    assert inbox("canned", "list").json["rows"] == []
    inbox("undo")
    assert len(inbox("canned", "list").json["rows"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "no spaces", "--title", "x", "--text", "x"), "shortcut-invalid"),
        (("add", "empty", "--title", "x", "--text", " "), "canned-empty"),
        (("edit", "nowhere", "--title", "x"), "canned-missing"),
        (("remove", "nowhere"), "canned-missing"),
        (("render", "nowhere", "--conversation", "1"), "canned-missing"),
    ],
)
def test_what_a_canned_response_cannot_be_is_refused(
    inbox: Run, arguments: tuple[str, ...], code: str
) -> None:
    answer = inbox("canned", *arguments)
    assert (answer.status, answer.json["error"]["code"]) == (1, code)
