"""Searching from the command line: mistakes are told, files are read and found."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


def test_what_is_not_understood_is_told_with_its_place(inbox: Run) -> None:
    answer = inbox("search", "kargo statsu:open")
    (problem,) = answer.json["problems"]
    assert (problem["code"], problem["start"], problem["end"]) == ("unknown-field", 6, 17)
    assert problem["message"] == "Nothing is known as statsu: – did you mean status:?"


@pytest.mark.parametrize("typed", ["order:1001", "csat:<=2", "has:order"])
def test_what_is_not_known_yet_says_so_instead_of_finding_nothing(inbox: Run, typed: str) -> None:
    answer = inbox("search", typed).json
    assert [one["code"] for one in answer["problems"]] == ["not-held"]
    assert answer["total"] == 0


def test_where_nothing_is_found_the_likeliest_word_is_named(inbox: Run) -> None:
    assert inbox("search", "kagro").json["meant"] == "kargo"
    assert inbox("search", "kargo").json["meant"] is None


def test_a_person_reads_the_same(run: Run, data_dir: object) -> None:
    said = run("--data-dir", data_dir, "search", "kagro").out
    assert "Did you mean kargo?" in said


def test_files_are_read_on_demand_and_then_found(inbox: Run) -> None:
    before = inbox("search", "file:*.pdf").json
    assert before["conversations"]
    counted = inbox("index").json
    assert counted["total"] > 0
    assert (counted["searched"], counted["waiting"]) == (counted["total"], 0)
    assert inbox("index").json == counted
    found = inbox("search", "pdf").json["files"]
    assert found
    assert {"id", "message", "conversation", "name", "snippet"} <= set(found[0])
