"""Customers and canned responses from the command line."""

from __future__ import annotations

from pathlib import Path

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
    assert (rendered["text"], rendered["missing"]) == ("Hi Elif, sorry!", [])
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


def test_a_response_has_everything_of_f3(inbox: Run, tmp_path: Path) -> None:
    label = tmp_path / "label.txt"
    label.write_text("cut here")
    given = ("--folder", "Returns", "--tag", "refund", "--status", "closed", "--channel", "email")
    added = inbox("canned", "add", "iade", "--title", "Return", "--text", "Hi", *given).json
    assert (added["folder"], added["tag"], added["status"]) == ("Returns", "refund", "closed")
    assert added["channels"] == ["email"]
    more = ("--language", "tr", "--text", "Merhaba {{prompt.kod}}", "--attach", label)
    edited = inbox("canned", "edit", "iade", *more).json
    assert (edited["body"], edited["bodies"]) == ("Hi", {"tr": "Merhaba {{prompt.kod}}"})
    key = named(inbox, "1042 numaralı")["id"]
    rendered = inbox("canned", "render", "iade", "--conversation", key, "--set", "prompt.kod=A7")
    assert (rendered.json["text"], rendered.json["missing"]) == ("Merhaba A7", [])
    assert rendered.json["attachments"] == ["label.txt"]
    refused = inbox("canned", "edit", "iade", "--status", "spam").json
    assert refused["error"]["code"] == "canned-status"


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_what_is_exported_comes_back(inbox: Run, tmp_path: Path, ending: str) -> None:
    label = tmp_path / "label.bin"
    label.write_bytes(bytes(range(256)))
    body = 'Line one,\n"quoted"; {{contact.first_name|}}\r\n  end '
    inbox("canned", "add", "one", "--title", "=1+1", "--text", body, "--tag", "refund")
    inbox("canned", "edit", "one", "--language", "tr", "--text", "Bir\n\nİki")
    inbox("canned", "add", "two", "--title", "Two", "--text", "2", "--status", "open")
    inbox("canned", "edit", "two", "--channel", "email", "--attach", label, "--folder", "A / B")
    before = inbox("canned", "list").json["rows"]
    path = tmp_path / f"out.{ending}"
    written = inbox("canned", "export", path).json
    assert (written["count"], written["files_left_out"]) == (2, 1 if ending == "csv" else 0)
    assert inbox("canned", "import", path).json["unchanged"] == ["one", "two"]
    for shortcode in ("one", "two"):
        inbox("canned", "remove", shortcode)
    tried = inbox("canned", "import", path, "--dry-run").json
    assert (tried["created"], inbox("canned", "list").json["rows"]) == (["one", "two"], [])
    assert inbox("canned", "import", path).json["created"] == ["one", "two"]
    after = inbox("canned", "list").json["rows"]
    if ending == "csv":
        before[1]["attachments"] = []
    assert [_content(row) for row in after] == [_content(row) for row in before]
    inbox("undo")
    assert inbox("canned", "list").json["rows"] == []


def _content(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in ("id", "uses", "used_at")}


def test_an_import_says_what_it_cannot_keep_and_keeps_the_rest(inbox: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "Shortcode,Text,Language,status\n"
        "good,Hello,,\nGOOD,Merhaba,tr,\ntwo words,x,,\nempty,,,\ngood,again,,\nodd,x,,spam\n",
        encoding="utf-8",
    )
    done = inbox("canned", "import", path).json
    assert done["created"] == ["good"]
    assert [(one["line"], one["code"]) for one in done["rejected"]] == [
        (4, "shortcut-invalid"),
        (5, "canned-empty"),
        (6, "shortcut-exists"),
        (7, "canned-status"),
    ]
    (row,) = inbox("canned", "list").json["rows"]
    assert (row["body"], row["bodies"]) == ("Hello", {"tr": "Merhaba"})


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"{}", b'[{"shortcode": 5}]', b"[" * 100_000, b"[1]",
     b'[{"shortcode": "x", "text": "y", "attachments": [{"name": "a", "data": "%"}]}]'],
)  # fmt: skip
def test_what_holds_no_responses_is_refused_and_nothing_changes(
    inbox: Run, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(content)
    assert inbox("canned", "import", path).json["error"]["code"] == "canned-file"
    assert inbox("canned", "list").json["rows"] == []
    gone = inbox("canned", "import", tmp_path / "nowhere.csv").json
    assert gone["error"]["code"] == "no-file"
