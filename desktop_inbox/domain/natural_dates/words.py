"""The words of time in English and Turkish, folded as `domain.folding` does.

Folding makes I, İ, ı and i one letter and drops accents, so each word stands here once. Turkish
words may carry their usual endings ("cumaya", "15 kasımda", "9'da").
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox.domain.folding import fold

WEEKDAYS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("monday", "mon"), ("pazartesi", "pzt", "pts")),
    (("tuesday", "tues", "tue"), ("salı", "sal")),
    (("wednesday", "weds", "wed"), ("çarşamba", "çarş", "çar", "çrş")),
    (("thursday", "thurs", "thur", "thu"), ("perşembe", "perş", "per", "prş")),
    (("friday", "fri"), ("cuma", "cum")),
    (("saturday", "sat"), ("cumartesi", "cmt", "cts")),
    (("sunday", "sun"), ("pazar", "paz")),
)
MONTHS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("january", "jan"), ("ocak", "oca")),
    (("february", "feb"), ("şubat", "şub")),
    (("march", "mar"), ("mart",)),
    (("april", "apr"), ("nisan", "nis")),
    (("may",), ("mayıs",)),
    (("june", "jun"), ("haziran", "haz")),
    (("july", "jul"), ("temmuz", "tem")),
    (("august", "aug"), ("ağustos", "ağu")),
    (("september", "sept", "sep"), ("eylül", "eyl")),
    (("october", "oct"), ("ekim", "eki")),
    (("november", "nov"), ("kasım", "kas")),
    (("december", "dec"), ("aralık", "ara")),
)
_ENGLISH_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_ONES = "bir iki üç dört beş altı yedi sekiz dokuz"
_COUNTED = [fold(word) for word in _ONES.split()]
NUMBERS: Mapping[str, int] = {
    **{word: number for number, word in enumerate(_ENGLISH_NUMBERS.split(), 1)},
    **{word: number for number, word in enumerate(_COUNTED, 1)},
    **{f"on{word}": 10 + number for number, word in enumerate(_COUNTED, 1)},
    **{f"on {word}": 10 + number for number, word in enumerate(_COUNTED, 1)},
    **{f"yirmi {word}": 20 + number for number, word in enumerate(_COUNTED, 1)},
    "on": 10,
    "yirmi": 20,
}
MINUTES, DAYS, MONTHS_LONG = "minutes", "days", "months"
UNITS: Mapping[str, tuple[str, int]] = {
    word: (kind, many)
    for words, kind, many in (
        ("m min mins minute minutes dk dak dakika dakikaya", MINUTES, 1),
        ("h hr hrs hour hours saat saate", MINUTES, 60),
        ("d day days gun gune", DAYS, 1),
        ("w wk wks week weeks hafta haftaya", DAYS, 7),
        ("mo month months ay aya", MONTHS_LONG, 1),
        ("y yr year years yil yila sene seneye", MONTHS_LONG, 12),
    )
    for word in words.split()
}
SHORT_UNITS = frozenset({"m", "min", "h", "hr", "d", "w", "wk", "mo", "y", "yr", "dk"})

# Whole words that a person may have meant, as they are written.
_PLAIN = """
    tomorrow today tonight yesterday next this week weekend month morning noon afternoon evening
    night midnight minutes hours days weeks months end from now half hour after
    yarın bugün dün öbür gün bu gelecek önümüzdeki haftaya hafta sonu ay sonra önce sabah öğle
    öğlen öğleden akşam gece yarısı dakika saat buçuk yarım
"""
_NAMES = [word for pair in (*WEEKDAYS, *MONTHS) for names in pair for word in names]
FOLDED_KNOWN: Mapping[str, str] = {
    fold(word): word for word in (*_NAMES, *_PLAIN.split()) if len(word) > 1
}


def alternatives(words: Mapping[str, object] | frozenset[str]) -> str:
    """Return a pattern of any of these words, the longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def numbered(
    table: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], *, first: int
) -> dict[str, int]:
    """Return every folded name in a table with its number."""
    return {
        fold(name): number
        for number, pair in enumerate(table, first)
        for names in pair
        for name in names
    }
