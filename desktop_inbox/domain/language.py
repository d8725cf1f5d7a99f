"""Which language a short message is written in, told by its commonest words or its script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache

from desktop_inbox.domain.folding import fold

_LOOKED_AT = 4000  # characters
_WORD = re.compile(r"[^\W\d_]+")

# Function words that a short letter to a shop has, folded by `casefold` alone. A word that two of
# these languages share is counted for both.
_COMMON: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and is are was you your i my we it to of in for on with not have has this that "
        "please thanks thank hello hi when what where can could would do does be am but",
        "tr": "ve bir bu için ile mi mı mu mü var yok ne nasıl ama çok merhaba selam lütfen "
        "teşekkürler teşekkür ederim ben siz sizin değil daha kadar olarak gibi iyi günler "
        "zaman hangi bana size benim olur",
        "de": "der die das und ist nicht ich sie wir ein eine mit für auf den dem zu von haben "
        "habe bitte danke hallo guten wann wie was wo kann können meine mein es noch aber",
        "fr": "le la les et est une un des je vous nous pas que qui pour avec dans sur mon ma "
        "bonjour merci votre ce cette au du de en avez quand comment mais où",
        "es": "el la los las y es una un por para con que no de en mi su hola gracias cuándo "
        "cuando cómo está pero muy usted tengo puede favor del al se lo",
        "it": "il la lo gli e è un una per con che non di in mi ciao grazie quando come sono ho "
        "della del mio mia vorrei può questo ma buongiorno si al ancora",
        "nl": "de het een en is niet ik u wij van voor met op te dat die hallo bedankt wanneer "
        "hoe wat waar kan mijn heb heeft zijn maar nog graag goede",
        "pt": "o a os as e é um uma por para com que não de em meu minha olá obrigado obrigada "
        "quando como está mas muito do da no na você se seu",
    }.items()
}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
)
_LEAST_LETTERS = 8  # of a script, before it counts
_LEAST_WORDS = 2


def detect(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, '' where that is not clear."""
    looked_at = text[:_LOOKED_AT]
    for language, letters in _SCRIPTS:
        if len(letters.findall(looked_at)) >= _LEAST_LETTERS:
            return language
    counts: Counter[str] = Counter()
    for word in _WORD.findall(looked_at.replace("İ", "i").casefold()):
        counts.update(language for language, common in _COMMON.items() if word in common)
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < _LEAST_WORDS:
        return ""
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return ""
    return ranked[0][0]


def choose(wanted: str, offered: Iterable[str]) -> str:
    """Return which of `offered` serves who reads `wanted` ("en" for "en-gb"), '' for none."""
    by_code = {language.lower(): language for language in offered}
    code = wanted.lower()
    main = code.partition("-")[0]
    return by_code.get(code) or by_code.get(main) or ""


_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "tr": "Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}


def weekday(day: date, language: str) -> str:
    """Return what a day of the week is called; in English where the language is not known."""
    return _WEEKDAYS[choose(language, _WEEKDAYS) or "en"].split()[day.weekday()]


@cache
def common_words() -> frozenset[str]:
    """Return the function words of every language here, folded: they tell no subject."""
    return frozenset(fold(word) for words in _COMMON.values() for word in words)
