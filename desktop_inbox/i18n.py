"""Words in the user's language: gettext over catalogues read as text, so that none is ever stale.

The language is chosen once before the first window or line of output; reading is safe anywhere.
"""

from __future__ import annotations

import ast
import gettext
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from desktop_inbox.paths import resources

SOURCE_LANGUAGE = "en"


def _(text: str) -> str:
    """Return `text` in the chosen language."""
    return _current.translations.gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form for `count` in the chosen language; the caller fills in `{count}`."""
    return _current.translations.ngettext(singular, plural, count)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark `text` for the catalogue; whoever shows it calls `_`."""
    return text


def set_language(code: str = "") -> str:
    """Choose a language, '' for the system's, and return the one in force."""
    wanted = code or system_language()
    _current.choose(wanted if wanted in languages() else SOURCE_LANGUAGE)
    return _current.code


def language() -> str:
    """Return the code of the language in force, such as "tr"."""
    return _current.code


def languages() -> tuple[str, ...]:
    """Return the codes this build can speak, the source language first."""
    found = sorted(path.parent.parent.name for path in _catalogues().glob("*/LC_MESSAGES/*.po"))
    return (SOURCE_LANGUAGE, *found)


def system_language() -> str:
    """Return the two-letter language of the user's environment, or the source language."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "").split(":")[0]
        if value:
            return _two_letters(value)
    from locale import getlocale  # takes long to import, and is seldom asked

    return _two_letters(getlocale()[0] or "")


def read_catalogue(path: Path) -> gettext.NullTranslations:
    """Return the translations of a `.po` file; fuzzy and empty entries fall back to the source."""
    translations = _Catalogue()
    for entry in entries(path.read_text(encoding="utf-8").splitlines()):
        translations.add(entry)
    return translations


def _two_letters(name: str) -> str:
    code = name.replace("-", "_").split("_")[0].split(".")[0].lower()
    return SOURCE_LANGUAGE if code in {"", "c", "posix"} else code


def _catalogues() -> Path:
    return resources() / "locale"


def entries(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the entries of a catalogue as their keywords and texts, the fuzzy ones left out."""
    entry: dict[str, str] = {}
    key = ""
    fuzzy = False
    for line in (*lines, ""):
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line.startswith('"'):
            entry[key] += ast.literal_eval(line)
        elif line.startswith("msg"):
            key, _space, quoted = line.partition(" ")
            entry[key] = ast.literal_eval(quoted)
        elif not line.strip():
            if entry and not fuzzy:
                yield entry
            entry, fuzzy = {}, False


class _Catalogue(gettext.NullTranslations):
    """The texts of one language in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: dict[str, str] = {}
        self._plurals: dict[str, list[str]] = {}
        self._form = gettext.c2py("n != 1")

    def add(self, entry: dict[str, str]) -> None:
        key = entry.get("msgid", "")
        if not key:
            self._read_header(entry.get("msgstr", ""))
        elif "msgid_plural" in entry:
            forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr[")]
            if all(forms):
                self._plurals[key] = forms
        elif entry.get("msgstr"):
            self._texts[key] = entry["msgstr"]

    def gettext(self, message: str) -> str:
        if message in self._texts:
            return self._texts[message]
        # A text that elsewhere has a plural: its singular, as gettext itself does.
        return self._plurals.get(message, [message])[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._plurals.get(msgid1)
        if forms is None:
            return msgid1 if n == 1 else msgid2
        return forms[min(self._form(n), len(forms) - 1)]

    def _read_header(self, header: str) -> None:
        for line in header.splitlines():
            name, _colon, value = line.partition(":")
            if name.lower() == "plural-forms" and "plural=" in value:
                rule = value.split("plural=", 1)[1].strip().rstrip(";")
                self._form = gettext.c2py(rule)


class _Current:
    """The language in force; one per process, because words are asked for everywhere."""

    def __init__(self) -> None:
        self.code = SOURCE_LANGUAGE
        self.translations: gettext.NullTranslations = gettext.NullTranslations()

    def choose(self, code: str) -> None:
        self.code = code
        path = next((_catalogues() / code / "LC_MESSAGES").glob("*.po"), None)
        self.translations = read_catalogue(path) if path else gettext.NullTranslations()


_current = _Current()
