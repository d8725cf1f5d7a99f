"""Customers from the command line: merged, told apart, tagged, brought in."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def _two(inbox: Run) -> tuple[int, int]:
    one, other = inbox("customer", "list", "--limit", 2).json["rows"]
    return one["id"], other["id"]


def test_a_merge_is_tried_done_and_taken_back(inbox: Run) -> None:
    one, other = _two(inbox)
    before = inbox("customer", "show", one).json
    tried = inbox("customer", "merge", one, other, "--dry-run").json
    assert tried["dry_run"]
    assert tried["moved"]["conversations"] == len(before["conversations"])
    assert inbox("customer", "show", one).json == before
    done = inbox("customer", "merge", one, other, "--keep", "name=target").json
    assert (done["moved"], done["group"] is not None) == (tried["moved"], True)
    assert inbox("customer", "show", one).json["identities"] == []
    assert inbox("customer", "unmerge", one).status == 0
    assert inbox("customer", "show", one).json == before
    again = inbox("customer", "unmerge", one).json
    assert again["error"]["code"] == "not-merged"


def test_everything_we_know_is_edited_and_shown(inbox: Run) -> None:
    one, _ = _two(inbox)
    inbox("customer", "add-field", "Shoe size", "--kind", "number")
    edited = inbox(
        "customer", "edit", one, "--vip", "--language", "tr", "--time-zone", "Europe/Istanbul",
        "--field", "shoe SIZE=38,5", "--tag", "Wholesale",
    ).json  # fmt: skip
    assert (edited["vip"], edited["language"], edited["time_zone"]) == (
        True,
        "tr",
        "Europe/Istanbul",
    )
    assert edited["fields"] == {"Shoe size": "38.5"}
    assert edited["tags"] == ["Wholesale"]
    for wrong, code in (
        (("--field", "Shoe size=big"), "field-not-a-number"),
        (("--field", "Colour=red"), "field-missing"),
        (("--time-zone", "Mars/Base"), "time-zone-unknown"),
        (("--language", "Turkish!"), "language-unknown"),
    ):
        assert inbox("customer", "edit", one, *wrong).json["error"]["code"] == code


def test_suggestions_come_with_reasons_and_take_a_no(inbox: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,email\nA B,ab+x@firm.example\nA B,ab@firm.example\n")
    assert inbox("customer", "import", file).json["counts"]["create"] == 2
    (found,) = inbox("customer", "suggestions").json["rows"]
    assert found["score"] == 0.94
    reasons = [one["reason"] for one in found["reasons"]]
    assert reasons == ["email-variant", "name-and-company"]
    pair = (found["other"]["id"], found["one"]["id"])
    assert inbox("customer", "suggestions", "--dismiss", *pair).json["rows"] == []


def test_an_import_is_tried_first_and_writes_what_it_refused(inbox: Run, tmp_path: Path) -> None:
    file, errors = tmp_path / "people.csv", tmp_path / "errors.csv"
    file.write_text("name,email,phone\nNew,new@firm.example,0532 123 45 67\nBad,nothing,\n")
    options = ("--region", "TR", "--errors", errors)
    tried = inbox("customer", "import", file, "--dry-run", *options).json
    assert (tried["counts"]["create"], tried["counts"]["reject"]) == (1, 1)
    assert "address-invalid" in errors.read_text("utf-8-sig")
    done = inbox("customer", "import", file, *options).json
    assert done["counts"] == tried["counts"]
    again = inbox("customer", "import", file, *options).json
    assert (again["counts"]["create"], again["counts"]["same"]) == (0, 1)
