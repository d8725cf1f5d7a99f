"""Words in the user's language, read from catalogues as text."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox import i18n, words
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.paths import resources

CATALOGUE = r"""
msgid ""
msgstr ""
"Language: xx\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\n"

#: somewhere.py:3
msgid "Close \"this\"\n"
"now"
msgstr "Zu\n"
"mit \"dem\""

#, fuzzy
msgid "Reply"
msgstr "Wrong guess"

msgid "Forward"
msgstr ""

msgid "{count} message"
msgid_plural "{count} messages"
msgstr[0] "eine"
msgstr[1] "zwei"
msgstr[2] "viele {count}"
"""


@pytest.fixture(autouse=True)
def source_language_afterwards() -> Iterator[None]:
    yield
    i18n.set_language("en")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "xx.po"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def test_entries_over_several_lines_are_read(catalogue: Path) -> None:
    translations = i18n.read_catalogue(catalogue)
    assert translations.gettext('Close "this"\nnow') == 'Zu\nmit "dem"'


@pytest.mark.parametrize("text", ["Reply", "Forward", "never heard of"])
def test_what_is_not_translated_for_sure_stays_in_the_source_language(
    catalogue: Path, text: str
) -> None:
    assert i18n.read_catalogue(catalogue).gettext(text) == text


@pytest.mark.parametrize(("count", "expected"), [(1, "eine"), (2, "zwei"), (7, "viele {count}")])
def test_plurals_follow_the_catalogues_own_rule(catalogue: Path, count: int, expected: str) -> None:
    translations = i18n.read_catalogue(catalogue)
    assert translations.ngettext("{count} message", "{count} messages", count) == expected


def test_an_unknown_language_falls_back() -> None:
    assert i18n.set_language("tlh") == "en"
    assert _("Close") == "Close"
    assert ngettext("one", "many", 2) == "many"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("tr_TR.UTF-8", "tr"), ("tr", "tr"), ("C", "en"), ("POSIX", "en"), ("de:en", "de")],
)
def test_the_systems_language_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: str, expected: str
) -> None:
    monkeypatch.setenv("LANGUAGE", environment)
    assert i18n.system_language() == expected


def test_translations_keep_the_same_placeholders() -> None:
    catalogues = sorted(resources().glob("locale/*/LC_MESSAGES/*.po"))
    texts = [path.read_text(encoding="utf-8").splitlines() for path in catalogues]
    for entry in (entry for lines in texts for entry in i18n.entries(lines)):
        sources = {_placeholders(entry.get(key, "")) for key in ("msgid", "msgid_plural")}
        for key, text in entry.items():
            if key.startswith("msgstr") and text and entry["msgid"]:
                assert _placeholders(text) in sources, text


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _text, name, _spec, _how in string.Formatter().parse(text) if name)


# --- sentences for codes


@pytest.mark.parametrize("code", sorted(words.REFUSALS))
def test_each_sentence_is_one_and_says_what_to_do(code: str) -> None:
    text = words.REFUSALS[code]
    assert text.endswith(".")
    assert "\n" not in text


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    assert "strange-thing" in words.refusal("strange-thing", {"id": 3})


def test_a_missing_value_does_not_hide_the_sentence() -> None:
    assert words.refusal("conversation-missing", {}) == "There is no conversation {id}."


def test_an_account_that_is_well_needs_no_reason() -> None:
    assert words.account("online") == "Online"
    assert words.account("waiting", cause_code="dns", detail="no such host").endswith(
        "(no such host)"
    )
    assert words.step("receive:sign-in") == "Receiving: signing in"


def test_a_text_that_elsewhere_has_a_plural_is_translated_alone_as_well(tmp_path: Path) -> None:
    catalogue = tmp_path / "tr.po"
    catalogue.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "Closed"\nmsgid_plural "{count} closed"\n'
        'msgstr[0] "Kapalı"\nmsgstr[1] "{count} kapalı"\n',
        encoding="utf-8",
    )
    assert i18n.read_catalogue(catalogue).gettext("Closed") == "Kapalı"
