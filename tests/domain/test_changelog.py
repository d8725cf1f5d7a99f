"""A changelog becomes chapters, and sentences without their layout."""

from __future__ import annotations

from desktop_inbox import project
from desktop_inbox.domain.changelog import chapter_of, notes_of, plain, read_changelog

TEXT = """# Changelog

- no change at all

## [Unreleased]

### Added

### Fixed

- One that goes
  on in the next line.

## [1.2.0] - 2026-11-22

### Added

- *Check now* looks.
- Throw it away with `#`, and **Undo** brings it back.

### Security

- Safer.

## [1.1.0] - 2026-10-01
"""


def test_every_version_with_changes_is_a_chapter() -> None:
    later, newest = read_changelog(TEXT)
    assert (later.version, later.date) == ("Unreleased", "")
    assert later.kinds == (("Fixed", ("One that goes on in the next line.",)),)
    assert (newest.version, newest.date) == ("1.2.0", "2026-11-22")
    assert [kind for kind, _lines in newest.kinds] == ["Added", "Security"]


def test_a_version_that_is_not_released_is_described_by_what_is_to_come() -> None:
    chapters = read_changelog(TEXT)
    found = chapter_of(chapters, "1.3.0")
    assert found is not None
    assert found.version == "Unreleased"
    assert chapter_of(chapters[1:], "1.3.0") is None
    assert notes_of(chapters[1:], "1.3.0") == ()


def test_notes_are_plain_sentences() -> None:
    assert notes_of(read_changelog(TEXT), "1.2.0") == (
        "Check now looks.",
        "Throw it away with #, and Undo brings it back.",
        "Safer.",
    )
    assert plain("2 * 3 * 4 stays") == "2 * 3 * 4 stays"


def test_what_is_told_in_another_language_is_told_of_versions_there_are() -> None:
    files = project.changelogs()
    assert set(files) >= {"en", "tr"}
    told = {
        language: read_changelog(path.read_text(encoding="utf-8"))
        for language, path in files.items()
    }
    versions = {chapter.version for chapter in told["en"]}
    kinds = {kind for chapter in told["en"] for kind, _lines in chapter.kinds}
    for chapters in told.values():
        assert {chapter.version for chapter in chapters} <= versions
        for chapter in chapters:
            assert {kind for kind, _lines in chapter.kinds} <= kinds
            for _kind, lines in chapter.kinds:
                assert all(line.endswith(".") for line in lines)
