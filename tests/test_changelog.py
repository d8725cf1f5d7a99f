"""The changelog can be read by machines: versions, dates, kinds and one sentence each."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from desktop_inbox import __version__

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
RELEASE = re.compile(r"## \[(?P<version>\d+\.\d+\.\d+)\] - (?P<date>\d{4}-\d\d-\d\d)")


@pytest.fixture
def lines() -> list[str]:
    return CHANGELOG.read_text(encoding="utf-8").splitlines()


def releases(lines: list[str]) -> list[tuple[tuple[int, ...], date]]:
    found = [RELEASE.fullmatch(line) for line in lines]
    return [
        (tuple(map(int, match["version"].split("."))), date.fromisoformat(match["date"]))
        for match in found
        if match
    ]


def test_it_begins_with_what_is_not_released_yet(lines: list[str]) -> None:
    headings = [line for line in lines if line.startswith("## ")]
    assert headings[0] == "## [Unreleased]"
    assert all(RELEASE.fullmatch(heading) for heading in headings[1:])


def test_releases_stand_newest_first(lines: list[str]) -> None:
    assert releases(lines) == sorted(releases(lines), reverse=True)


def test_this_version_is_described_or_not_released_yet(lines: list[str]) -> None:
    newest = releases(lines)[0][0] if releases(lines) else (0, 0, 0)
    assert tuple(int(part) for part in __version__.split(".")[:3]) >= newest


def test_every_change_stands_under_its_kind(lines: list[str]) -> None:
    kind = ""
    for line in lines:
        if line.startswith("### "):
            kind = line.removeprefix("### ")
            assert kind in KINDS
        elif line.startswith("## "):
            kind = ""
        elif line.startswith("- "):
            assert kind, f"under no kind: {line}"


def test_every_change_is_a_sentence(lines: list[str]) -> None:
    for line in lines:
        if line.startswith("- "):
            assert re.fullmatch(r"- [A-Z].*\.", line), line
