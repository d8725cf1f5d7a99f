"""The guide is complete in every language, names what is on the screen, and is found by words."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desktop_inbox import i18n
from desktop_inbox.domain import markdown
from desktop_inbox.domain.business_hours import calendar
from desktop_inbox.domain.markdown import Kind
from desktop_inbox.domain.natural_dates import Understood
from desktop_inbox.domain.natural_dates import read as read_time
from desktop_inbox.domain.query import parse_query
from desktop_inbox.paths import resources
from desktop_inbox.services.guide import INDEX, Guide, Page
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.actions import key_text

LANGUAGES = i18n.languages()
HELP = resources() / "help"
NAMES = sorted(path.stem for path in (HELP / "en").glob("*.md"))
PACKAGE = Path(i18n.__file__).parent
# Keys as the pages write them that are no action's: they belong to a field or to a list.
NOW = datetime(2026, 11, 18, 7, 15, tzinfo=UTC)
OFFICE = calendar("Europe/Istanbul", [[(540, 1080)]] * 5 + [[], []])
VOICE_NOTE = {"Tab", "Space", "←", "→", "Home"}  # see tests/ui/views/test_sounds.py
OTHER_KEYS = {"↵", "/", "G", "I", "backups", ".eml", *VOICE_NOTE}


@cache
def guide(language: str) -> Guide:
    return Guide(language)


def targets(page: Page) -> list[str]:
    return list(markdown.links(page.blocks))


def codes(page: Page) -> list[str]:
    return [
        code
        for block in page.blocks
        for line in block.lines
        for code in re.findall("`([^`]+)`", line)
    ]


def bold(page: Page) -> list[str]:
    return [
        words
        for block in page.blocks
        for line in block.lines
        for words in re.findall(r"\*\*(.+?)\*\*", line)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_exists_in_every_language_and_stands_in_the_index(language: str) -> None:
    assert sorted(path.stem for path in (HELP / language).glob("*.md")) == NAMES
    listed = [page.name for page in guide(language).contents()]
    assert sorted([INDEX, *listed]) == NAMES
    assert listed == [page.name for page in guide("en").contents()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_the_same_build_in_every_language(name: str, language: str) -> None:
    def build(page: Page) -> list[tuple[Kind, int, int]]:
        return [(block.kind, block.level, len(block.lines)) for block in page.blocks]

    assert build(guide(language).page(name)) == build(guide("en").page(name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(name: str, language: str) -> None:
    for target in targets(guide(language).page(name)):
        if target.startswith("https://"):
            continue
        page, _hash, section = target.partition("#")
        assert page.endswith(".md"), target
        there = guide(language).page(page.removesuffix(".md"))
        if section:
            slugs = [markdown.slug(b.lines[0]) for b in there.blocks if b.kind is Kind.HEADING]
            assert section in slugs, target


@pytest.mark.parametrize("name", NAMES)
def test_links_are_the_same_in_every_language(name: str) -> None:
    for language in LANGUAGES:
        assert targets(guide(language).page(name)) == targets(guide("en").page(name))


@cache
def marked_for_translation() -> frozenset[str]:
    """Every text that the window can show, as it stands in the code."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "_",
                "N_",
                "ngettext",
            }:
                found |= {
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    return frozenset(found)


@cache
def texts(language: str) -> frozenset[str]:
    if language == "en":
        return marked_for_translation()
    (path,) = (resources() / "locale" / language).rglob("*.po")
    return frozenset(
        entry.get("msgstr") or entry.get("msgstr[0]", "")
        for entry in i18n.entries(path.read_text(encoding="utf-8").splitlines())
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_bold_are_words_on_the_screen(name: str, language: str) -> None:
    unknown = [words for words in bold(guide(language).page(name)) if words not in texts(language)]
    assert unknown == []


@pytest.mark.parametrize("name", NAMES)
def test_the_keys_that_are_named_are_keys_that_work(name: str) -> None:
    known = OTHER_KEYS | {key_text(key) for spec in TABLE for key in spec.keys}
    named = [
        code
        for code in codes(guide("en").page(name))
        if not re.search(r"[a-z]:|\{\{|^-|^\"|^OR$", code)  # a question, or a blank
    ]
    assert [code for code in named if code not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_searches_that_are_named_are_understood(language: str) -> None:
    asked = [code for code in codes(guide(language).page("search")) if re.search('[a-z]:|"', code)]
    assert len(asked) > 8
    for text in asked:
        query = parse_query(text, typing=False)
        assert query, text
        assert query.problems == (), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_times_that_are_named_are_understood(language: str) -> None:
    (line,) = (
        line for b in guide(language).page("snooze").blocks for line in b.lines if "`H`" in line
    )
    times = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", line)
    assert len(times) == 3
    for text in times:
        found = read_time(text, now=NOW, zone=ZoneInfo("Europe/Istanbul"), hours=OFFICE)
        assert isinstance(found, Understood), text


def test_what_is_looked_for_is_found_headings_first() -> None:
    hits = guide("en").search("app password")
    assert hits[0].page == "gmail-outlook"
    assert hits[0].section == "Gmail with an app password"
    assert hits[0].target == "gmail-outlook.md#gmail-with-an-app-password"
    assert {hit.page for hit in hits} >= {"gmail-outlook", "other-providers"}


def test_turkish_is_found_with_and_without_its_letters() -> None:
    for words in ("uygulama parolası", "uygulama parolasi", "UYGULAMA PAROLASI"):
        assert guide("tr").search(words)[0].page == "gmail-outlook"


def test_nothing_is_found_for_nothing() -> None:
    assert guide("en").search("  ") == []
    assert guide("en").search("xylophone") == []


def test_an_unknown_language_is_told_in_english() -> None:
    assert Guide("xx").page(INDEX) == guide("en").page(INDEX)


@pytest.mark.parametrize("name", ["../tr/start", "/etc/passwd", "missing", ""])
def test_no_link_leads_out_of_the_guide(name: str) -> None:
    with pytest.raises(KeyError):
        guide("en").page(name)
