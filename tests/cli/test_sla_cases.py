"""`inspect sla`: deadlines of a file of schedules and cases, without account or store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.corpora import corpus


def test_every_case_of_the_collection_is_exact(run: Run) -> None:
    path = corpus("sla_cases.json")
    cases = json.loads(path.read_bytes())["cases"]
    answer = run("--json", "inspect", "sla", path)
    assert answer.status == 0
    expected = [
        {
            "due": case["due"].replace("+00:00", "Z"),
            "elapsed_business_minutes": case["elapsed_business_minutes"],
        }
        for case in cases
    ]
    wrong = [
        (case, found)
        for case, want, found in zip(cases, expected, answer.json, strict=True)
        if want != found
    ]
    assert wrong == []
    assert len(cases) > 200


OFFICE = {"tz": "Europe/Istanbul", "week": [[[540, 1080]]] * 5 + [[], []]}
CASE = {
    "schedule": "office",
    "start": "2026-11-20T14:30:00Z",
    "minutes": 60,
    "end": "2026-11-23T06:30:00Z",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.json"


def test_a_person_reads_a_line_for_each_case(run: Run, path: Path) -> None:
    path.write_text(json.dumps({"schedules": {"office": OFFICE}, "cases": [CASE, CASE]}))
    answer = run("inspect", "sla", path)
    assert answer.out.splitlines() == ["2026-11-23T06:30:00Z  60 min"] * 2


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "sla-unreadable"),
        (b"[" * 100_000, "sla-unreadable"),
        (b"[]", "sla-unreadable"),
        (b'{"schedules": [], "cases": []}', "sla-unreadable"),
        (b'{"schedules": {}, "cases": [{"schedule": "x"}]}', "sla-unreadable"),
        ({"cases": [{**CASE, "start": "yesterday"}]}, "sla-unreadable"),
        ({"cases": [{**CASE, "start": "2026-11-20T14:30:00"}]}, "sla-unreadable"),
        ({"cases": [{**CASE, "minutes": 10**30}]}, "sla-unreadable"),
        ({"cases": [{**CASE, "minutes": 10**9}]}, "calendar-beyond"),
        ({"schedules": {"office": {**OFFICE, "tz": "Mars/Base"}}}, "calendar-zone"),
        ({"schedules": {"office": {**OFFICE, "week": [[]] * 7}}}, "calendar-closed"),
        ({"schedules": {"office": {**OFFICE, "holidays": ["2026-13-01"]}}}, "sla-unreadable"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(
    run: Run, path: Path, document: bytes | dict[str, object], code: str
) -> None:
    if isinstance(document, dict):
        whole = {"schedules": {"office": OFFICE}, "cases": [CASE], **document}
        document = json.dumps(whole).encode()
    path.write_bytes(document)
    answer = run("--json", "inspect", "sla", path)
    assert answer.status == 1
    assert answer.json["error"]["code"] == code


def test_a_day_that_ends_early_keeps_what_is_open_before(run: Run, path: Path) -> None:
    early = {**OFFICE, "half_days": {"2026-11-20": 780}}
    case = {**CASE, "start": "2026-11-20T09:30:00Z"}
    path.write_text(json.dumps({"schedules": {"office": early}, "cases": [case]}))
    (found,) = run("--json", "inspect", "sla", path).json
    assert found == {"due": "2026-11-23T06:30:00Z", "elapsed_business_minutes": 60}
