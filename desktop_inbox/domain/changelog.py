"""What is new, read from a changelog: versions, newest first, each with its kinds of change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

UNRELEASED = "Unreleased"
_VERSION = re.compile(r"## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?\s*")
_EMPHASIS = re.compile(r"(\*{1,2}|`)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What changed with one version. `kinds` in their order, such as ("Added", (sentence, …))."""

    version: str  # or UNRELEASED
    date: str  # as written, '' for a version to come
    kinds: tuple[tuple[str, tuple[str, ...]], ...]


def read_changelog(text: str) -> tuple[Chapter, ...]:
    """Return the chapters of a changelog in their order; those without any change are left out."""
    chapters: list[Chapter] = []
    heads: list[tuple[str, str]] = []
    kinds: list[tuple[str, list[str]]] = []

    def close() -> None:
        filled = tuple((kind, tuple(lines)) for kind, lines in kinds if lines)
        if heads and filled:
            version, date = heads[-1]
            chapters.append(Chapter(version=version, date=date, kinds=filled))
        kinds.clear()

    for line in text.splitlines():
        if head := _VERSION.fullmatch(line):
            close()
            heads.append((head[1], head[2] or ""))
        elif line.startswith("### "):
            kinds.append((line[4:].strip(), []))
        elif line.startswith("- ") and kinds:
            kinds[-1][1].append(line[2:].strip())
        elif line.startswith("  ") and kinds and kinds[-1][1]:
            kinds[-1][1][-1] += f" {line.strip()}"
    close()
    return tuple(chapters)


def chapter_of(chapters: Iterable[Chapter], version: str) -> Chapter | None:
    """Return the chapter of a version, else of what is not released yet; None for neither."""
    by_name = {chapter.version: chapter for chapter in chapters}
    return by_name.get(version) or by_name.get(UNRELEASED)


def notes_of(chapters: Sequence[Chapter], version: str) -> tuple[str, ...]:
    """Return what is new in a version, a plain sentence each; nothing where it has no chapter."""
    found = chapter_of(chapters, version)
    if found is None:
        return ()
    return tuple(plain(line) for _kind, lines in found.kinds for line in lines)


def plain(line: str) -> str:
    """Return a sentence without the signs that give it its layout."""
    return _EMPHASIS.sub(r"\2", line)
