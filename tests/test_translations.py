"""Every catalogue speaks of what the program says today, and keeps its placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "resources" / "locale"
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)[sd]")

each_catalogue = pytest.mark.parametrize(
    "path", CATALOGUES, ids=[path.parts[-3] for path in CATALOGUES]
)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def said_by_the_program() -> set[str]:
    found = extract_from_dir(str(ROOT / "desktop_inbox"))
    texts = (text for _file, _line, text, _comments, _context in found)
    return {text[0] if isinstance(text, tuple) else text for text in texts}


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    if isinstance(message.id, str):
        yield message.id, str(message.string)
        return
    singular, plural = message.id
    for form in message.string or ():
        # A singular form may spell its number out; no form may invent a placeholder.
        wanted = plural if PLACEHOLDER.findall(form) else singular
        yield wanted, form


def test_there_is_turkish() -> None:
    assert "tr" in [path.parts[-3] for path in CATALOGUES]


@each_catalogue
def test_nothing_is_left_untranslated(path: Path) -> None:
    catalogue = read(path)
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and all(text for _id, text in pairs(message)) and not message.fuzzy
    }
    missing = sorted(said_by_the_program() - translated)
    assert not missing, f"{len(missing)} texts: {missing[:20]}"


@each_catalogue
def test_a_translation_keeps_the_placeholders(path: Path) -> None:
    for message in read(path):
        for original, text in pairs(message) if message.id else ():
            assert set(PLACEHOLDER.findall(original)) == set(PLACEHOLDER.findall(text)), original


@each_catalogue
def test_a_translation_keeps_the_shape_of_a_text(path: Path) -> None:
    for message in read(path):
        for original, text in pairs(message) if message.id else ():
            for sign in ("\n", "…", ":", "&"):
                assert original.endswith(sign) == text.endswith(sign) or sign == "&", original
            assert original.count("&") == text.count("&"), f"a mnemonic in {original!r}"


def test_no_text_is_built_before_it_is_translated() -> None:
    """`_(f"…")` would never be found in a catalogue."""
    for path in sorted((ROOT / "desktop_inbox").rglob("*.py")):
        assert not re.search(r"\b_\(f[\"']", path.read_text(encoding="utf-8")), path
