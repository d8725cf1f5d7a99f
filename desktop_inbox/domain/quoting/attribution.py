"""Lines above a quotation that say who wrote it and when: "On Monday, … wrote:".

No pattern per program: names, dates and verbs stand in any order. What tells an attribution from
a sentence is how much of them comes together in one short line, and where the verb stands.
"""

from __future__ import annotations

import re

from desktop_inbox.domain.quoting.languages import LANGUAGES
from desktop_inbox.domain.quoting.words import COLONS, DASHES, DECORATION, lower, plain

MAX_CHARS = 500
_LONGEST_ENDING = 60
_AROUND = DASHES + "* "
_AROUND_UNREAD = DASHES + DECORATION
_ENDINGS = (*COLONS, ">")
# Of a line that lacks some of the evidence, so that it could be a sentence.
_MAX_BARE_CHARS = 60
_MAX_BARE_WORDS = 14

_FIRST_UNSPACED = "\u0e00"  # letters of Thai; those of Chinese, Japanese and Korean come later
_ALL_VERBS = frozenset(verb for language in LANGUAGES.values() for verb in language.wrote)
_UNSPACED_VERBS = tuple(verb for verb in _ALL_VERBS if verb >= _FIRST_UNSPACED)
_VERBS_BEFORE_NAME = frozenset(
    verb for language in LANGUAGES.values() for verb in language.wrote_before
)
_VERBS = _ALL_VERBS.difference(_UNSPACED_VERBS)
# What may follow the verb at the end: "skrev følgende:", "wrote the following:".
_AFTER_VERB = frozenset(("følgende", "folgendes", "the", "following", "je", "aşağıdakileri"))
_GENDERS = re.compile(r"\(-?\w{1,3}\)|/-?\w{1,3}\b")  # napisał(a), написав(-ла), כתב/ה

_ADDRESS = re.compile(r"[^\s<>\"'()@]+@[^\s<>\"'()@]+\.[^\s<>\"'()@]")
_IN_BRACKETS = re.compile(r"[<(\[]\s?(?:mailto:)?[^\s<>()\[\]@]+@[^\s<>()\[\]@]+")
_TIME = re.compile(r"(?<![\d.])\d{1,2} ?[:.hH] ?\d\d(?![.\d])")
_YEAR = re.compile(r"(?<!\d)(?:19|20|١٩|٢٠|۱۹|۲۰)\d\d(?!\d)")
_DAY_NUMBER = re.compile(r"(?<![\d:.+])\d{1,2}(?![\d:])")
_NUMERIC_DAY = re.compile(
    r"(?<!\d)(?:\d{1,2}(?P<mark>\. ?|[/-])\d{1,2}(?P=mark)(?:\d{4}|\d\d)"
    r"|\d{4}(?P<other>\. ?|[/-])\d{1,2}(?P=other)\d{1,2})(?!\d)"
)
_ZONED = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")


def is_attribution(text: str) -> bool:
    """Tell whether `text` is surely an attribution, whatever comes below it."""
    line = _bare(text)
    if not line or len(line) > MAX_CHARS:
        return False
    if line[-1] not in COLONS:
        if line[0].isdigit() and _ZONED.match(line):
            return True
        return _ends_with_verb(line) and _has_day(line) and _has_address(line)
    if not _has_day(line):
        return _has_address(line) and _ends_with_verb(line)
    if _ends_with_verb(line):
        return _has_address(line) or _has_time(line) or len(line) <= _MAX_BARE_CHARS
    if not _has_time(line):
        return _has_bracketed_address(line) and _has_verb(line)
    if _has_bracketed_address(line):
        return True
    if len(line.split()) > _MAX_BARE_WORDS:
        return False
    starts_with_date = line[0].isdigit() and _has_address(line)
    return starts_with_date or not _VERBS_BEFORE_NAME.isdisjoint(_words(line))


def introduces_quotation(text: str) -> bool:
    """Tell whether `text` is an attribution if marked quotation follows right below it."""
    line = _bare(text)
    if not line or len(line) > MAX_CHARS:
        return False
    if line[-1] in COLONS and (_has_verb(line) or _has_bracketed_address(line)):
        return True
    if line[-1] == ">" and line[0].isdigit() and _has_day(line) and _has_address(line):
        return True
    return is_attribution(line)


def begins_above(line: str, rest: str, *, gap: bool = False) -> bool:
    """Tell whether the attribution `rest` began on the line above it, wrapped by a program.

    A line of the author's own right above an attribution is not part of it: it would have to
    leave a bracket open, or to hold what the attribution lacks. With a `gap` of an empty line
    between them it has to hold the date.
    """
    line, rest = plain(line), plain(rest)
    if gap:
        return _has_day(line) and not _has_day(rest)
    if line[-1] in "<(" or rest[0] in "<(" or rest.count(">") > rest.count("<"):
        return True
    if line[-1] in ".!?…。！？:":
        return False
    if _has_day(line) and not _has_day(rest):
        return True
    return _has_bracketed_address(line) and not _has_address(rest)


def may_end_attribution(line: str) -> bool:
    """Tell, at little cost, whether a line could be the last of an attribution."""
    bare = line.strip(_AROUND_UNREAD)
    if not bare:
        return False
    return bare[-1] in _ENDINGS or bool(_ZONED.match(bare)) or _ends_with_verb(bare)


def _bare(text: str) -> str:
    """Return a line without the rulers and stars that programs put around it."""
    return plain(text[: 2 * MAX_CHARS]).strip(_AROUND)


def _has_address(line: str) -> bool:
    return "@" in line and bool(_ADDRESS.search(line))


def _has_bracketed_address(line: str) -> bool:
    return "@" in line and bool(_IN_BRACKETS.search(line))


def _has_time(line: str) -> bool:
    return bool(_TIME.search(line))


def _has_day(line: str) -> bool:
    """Tell whether there is a whole date: its year and its day at least."""
    if _NUMERIC_DAY.search(line):
        return True
    year = _YEAR.search(line)
    if year is None:
        return False
    return bool(_DAY_NUMBER.search(line[: year.start()] + " " + line[year.end() :]))


def _has_verb(line: str) -> bool:
    return not _VERBS.isdisjoint(_words(line)) or _ends_with_verb(line)


def _ends_with_verb(line: str) -> bool:
    words = _words(line[-_LONGEST_ENDING:])
    while words and words[-1] in _AFTER_VERB:
        words.pop()
    if words and words[-1] in _VERBS:
        return True
    return not line.isascii() and line.rstrip(" :：").endswith(_UNSPACED_VERBS)


def _words(line: str) -> list[str]:
    text = lower(line)
    if "(" in text or "/" in text:
        text = _GENDERS.sub("", text)
    return text.rstrip(" :：").split()
