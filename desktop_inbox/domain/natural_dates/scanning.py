"""What a written time says, piece by piece, before anything is known of clocks and calendars."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.natural_dates import words
from desktop_inbox.domain.natural_dates.answers import NotUnderstood, Why
from desktop_inbox.domain.natural_dates.said import Clock, Day, End, Part, Rolls, Said


class _Refused(Exception):
    """Ends a scan."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def scan(text: str, *, today: date) -> Said | NotUnderstood:
    """Return what a text says, or the first word that says nothing."""
    folded = _BETWEEN_ISO.sub(" ", _ENDING.sub("", fold(text).replace("o'clock", "")))
    said, at = Said(today=today), 0
    while at < len(folded):
        space = _BETWEEN.match(folded, at)
        if space and space.end() > at:
            at = space.end()
            continue
        taken = _take(said, folded, at)
        if isinstance(taken, NotUnderstood):
            return taken
        at = taken
    return _settle_pairs(said)


def _take(said: Said, folded: str, at: int) -> int | NotUnderstood:
    """Let the first rule that fits take its words; return where the rest begins."""
    for pattern, rule in _RULES:
        found = pattern.match(folded, at)
        if found:
            try:
                rule(said, found)
            except _Refused as refused:
                return NotUnderstood(why=refused.why)
            return found.end()
    word = _WORD.match(folded, at)
    return NotUnderstood(why=Why.WORD, word=word[0] if word else folded[at])


def _settle_pairs(said: Said) -> Said | NotUnderstood:
    """Take "14.30" for a time where a day is named or there is no such day, else for a day."""
    try:
        for first, second in said.pairs:
            timed = said.clock is not None or said.part is not None or said.end is not None
            dated = said.names_a_day or said.days or said.months
            if second <= 12 and (timed or not dated):
                _name_day(said, first, second, None)
            else:
                _set_clock(said, first, second)
    except _Refused as refused:
        return NotUnderstood(why=refused.why)
    return said


# What rules do


def _set_day(said: Said, day: Day) -> None:
    if said.names_a_day:
        raise _Refused(Why.TWICE)
    said.day = day


def _days_on(count: int) -> Callable[[Said, re.Match[str]], None]:
    def rule(said: Said, found: re.Match[str]) -> None:
        _set_day(said, Day(said.today + timedelta(days=count), loose=count > 0))

    return rule


def _today_in(part: Part) -> Callable[[Said, re.Match[str]], None]:
    def rule(said: Said, found: re.Match[str]) -> None:
        _set_day(said, Day(said.today))
        _set_part(said, part)

    return rule


def _weekday(said: Said, found: re.Match[str]) -> None:
    if said.day is not None or said.weekday is not None:
        raise _Refused(Why.TWICE)
    said.weekday = _WEEKDAYS[found["weekday"]]


def _weekday_of_next_week(said: Said, found: re.Match[str]) -> None:
    _weekday(said, found)
    said.next_week = True


def _next_week(said: Said, found: re.Match[str]) -> None:
    if said.day is not None or said.next_week:
        raise _Refused(Why.TWICE)
    said.next_week = True


def _next_month(said: Said, found: re.Match[str]) -> None:
    first = (said.today.replace(day=1) + timedelta(days=32)).replace(day=1)
    _set_day(said, Day(first, loose=True))


def _weekend(said: Said, found: re.Match[str]) -> None:
    said.weekday = 5 if said.weekday is None and said.day is None else _twice()


def _twice() -> int:
    raise _Refused(Why.TWICE)


def _end(end: End) -> Callable[[Said, re.Match[str]], None]:
    def rule(said: Said, found: re.Match[str]) -> None:
        if said.end is not None:
            raise _Refused(Why.TWICE)
        said.end = end

    return rule


def _duration(said: Said, found: re.Match[str]) -> None:
    back = -1 if found["way"] in ("ago", "once", "before") else 1
    for piece in _PIECE.finditer(found[0]):
        number = _number(piece["number"]) + (0.5 if piece["half"] else 0)
        kind, many = words.UNITS[piece["unit"]]
        amount = number * many * back
        if kind == words.MINUTES:
            said.shift(minutes=amount)
        elif not amount.is_integer():
            _part_of_days(said, kind, amount)
        elif kind == words.DAYS:
            said.shift(days=int(amount))
        else:
            said.shift(months=int(amount))


def _part_of_days(said: Said, kind: str, amount: float) -> None:
    if kind == words.DAYS:
        said.shift(minutes=amount * 24 * 60)
    else:
        raise _Refused(Why.NO_SUCH)


def _number(text: str) -> float:
    if text.startswith(("half", "yarim")):
        return 0.5
    if text in ("a", "an"):
        return 1.0
    return float(words.NUMBERS.get(text) or float(text.replace(",", ".")))


def _named_date(said: Said, found: re.Match[str]) -> None:
    year = found["year"]
    _name_day(said, int(found["day"]), _MONTHS[found["month"]], int(year) if year else None)


def _numeric_date(said: Said, found: re.Match[str]) -> None:
    day, month = int(found["day"]), int(found["month"])
    if month > 12 >= day:
        day, month = month, day  # 12/31: month first
    year = found.groupdict().get("year")
    _name_day(said, day, month, _full_year(year) if year else None)


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _name_day(said: Said, day: int, month: int, year: int | None) -> None:
    rolls = Rolls.YEAR if year is None else Rolls.NOT
    years = range(said.today.year, said.today.year + 9) if year is None else (year,)
    for one in years:  # 29 February is some years off
        try:
            _set_day(said, Day(date(one, month, day), rolls))
        except ValueError:
            continue
        return
    raise _Refused(Why.NO_SUCH)


def _day_of_month(said: Said, found: re.Match[str]) -> None:
    first = said.today.replace(day=1)
    for _ in range(3):  # no two months in a row lack a day
        try:
            _set_day(said, Day(first.replace(day=int(found["day"])), Rolls.MONTH))
        except ValueError:
            first = (first + timedelta(days=32)).replace(day=1)
            continue
        return
    raise _Refused(Why.NO_SUCH)


def _whole_month(said: Said, found: re.Match[str]) -> None:
    month = _MONTHS[found["month"]]
    year = said.today.year + (month <= said.today.month)
    _set_day(said, Day(date(year, month, 1), loose=True))


def _set_part(said: Said, part: Part) -> None:
    if said.part is not None:
        raise _Refused(Why.TWICE)
    said.part = part


def _part(part: Part) -> Callable[[Said, re.Match[str]], None]:
    return lambda said, found: _set_part(said, part)


def _set_clock(said: Said, hour: int, minute: int, *, vague: bool = False) -> None:
    if said.clock is not None:
        raise _Refused(Why.TWICE)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise _Refused(Why.NO_SUCH)
    said.clock = Clock(hour * 60 + minute, vague and 1 <= hour <= 11)


def _clock(said: Said, found: re.Match[str]) -> None:
    given = found.groupdict()
    hour, minute = int(given["hour"]), int(given.get("minute") or 0)
    half = (given.get("half") or "")[:1]
    if half and not 1 <= hour <= 12:
        raise _Refused(Why.NO_SUCH)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    _set_clock(said, hour, minute, vague=not half and not given["hour"].startswith("0"))


def _past_the_hour(said: Said, found: re.Match[str]) -> None:
    given = found.groupdict()
    hour = round(_number(given["hour"]))
    minutes = {"quarter past": 15, "quarter to": -15}.get(given.get("how") or "", 30)
    whole = hour * 60 + minutes
    _set_clock(said, whole // 60, whole % 60, vague=True)


def _hour_in_words(said: Said, found: re.Match[str]) -> None:
    _set_clock(said, words.NUMBERS[found["hour"]], 0, vague=True)


def _at(hour: int) -> Callable[[Said, re.Match[str]], None]:
    return lambda said, found: _set_clock(said, hour, 0)


def _pair(said: Said, found: re.Match[str]) -> None:
    said.pairs = (*said.pairs, (int(found["first"]), int(found["second"])))


def _skip(said: Said, found: re.Match[str]) -> None:
    """Words that say nothing by themselves."""


# Rules: the first that fits at a place takes it.

_WEEKDAYS = words.numbered(words.WEEKDAYS, first=0)
_MONTHS = words.numbered(words.MONTHS, first=1)
_WEEKDAY = rf"(?P<weekday>{words.alternatives(_WEEKDAYS)})(?:y?[ae])?\b(?: gun[ue]\w*)?"
_MONTH = rf"(?P<month>{words.alternatives(_MONTHS)})(?:[dt][ae]|y?[aei]|[iu])?\b\.?"
_YEAR = r"(?:,? ?(?P<year>(?:19|20)\d\d)(?![:\d]))?"
_NUMBER = (
    r"(?:\d{1,5}(?:[.,]\d{1,2})?(?! bucuk| and a half)"
    rf"|(?:\d{{1,5}}|half an?|half|yarim|an?|{words.alternatives(words.NUMBERS)})(?= ))"
)
_UNIT = words.alternatives(words.UNITS)
_ONE_PIECE = rf"(?:{_NUMBER})(?: bucuk| and a half)? ?(?:{_UNIT})(?![a-z])"
_PIECE = re.compile(
    rf"(?P<number>{_NUMBER})(?P<half> bucuk| and a half)? ?(?P<unit>{_UNIT})(?![a-z])"
)
_DURATION = (
    rf"(?:in |after )?{_ONE_PIECE}(?:(?: and| ve)? ?{_ONE_PIECE})*"
    r"(?: (?P<way>from now|later|sonra(?:ya)?|icinde|ago|once|before))?"
)
_WORD_NUMBER = words.alternatives(frozenset(words.NUMBERS) - {"on"})
_BETWEEN = re.compile(r"[\s,;@]+|[-–](?=\s)")
_WORD = re.compile(r"[^\s,;]+")
_ENDING = re.compile(r"(?<=\w)['’´`]\s?[a-z]{1,5}\b")  # "9'da", "cuma’ya"

_BETWEEN_ISO = re.compile(r"(?<=-\d\d)t(?=\d\d:)")

_Rule = Callable[[Said, re.Match[str]], None]
_SOURCES: tuple[tuple[str, _Rule], ...] = (
    (r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)", _numeric_date),
    (r"day after tomorrow|(?:obur|ertesi) gun|yarindan sonra(?:ki gun)?", _days_on(2)),
    (r"tomorrow|tmrw|tmr|tom|yarin(?:ki|a)?", _days_on(1)),
    (r"yesterday|dun", _days_on(-1)),
    (r"tonight|bu gece", _today_in(Part.NIGHT)),
    (r"this morning|bu sabah", _today_in(Part.MORNING)),
    (r"this afternoon", _today_in(Part.AFTERNOON)),
    (r"this evening|bu aksam", _today_in(Part.EVENING)),
    (r"today|bugun(?:ku)?", _days_on(0)),
    (_DURATION, _duration),
    (r"half past (?P<hour>\d{1,2})", _past_the_hour),
    (r"(?P<how>quarter past|quarter to) (?P<hour>\d{1,2})", _past_the_hour),
    (rf"(?P<hour>\d{{1,2}}|{_WORD_NUMBER}) bucuk(?:ta)?", _past_the_hour),
    (rf"(?:next week|haftaya|gelecek hafta|onumuzdeki hafta) {_WEEKDAY}", _weekday_of_next_week),
    (rf"next {_WEEKDAY}", _weekday_of_next_week),
    (rf"(?:this|coming|bu|gelecek|onumuzdeki) {_WEEKDAY}", _weekday),
    (r"next week|haftaya|(?:gelecek|onumuzdeki) hafta", _next_week),
    (r"next month|(?:gelecek|onumuzdeki) ay", _next_month),
    (
        r"(?:the )?end of (?:the )?day|eod|(?:gun|mesai) (?:sonu\w*|bitimi\w*)|is cikisi",
        _end(End.DAY),
    ),
    (r"(?:the )?end of (?:the |this )?week|eow|haftanin sonu\w*", _end(End.WEEK)),
    (r"(?:the )?end of (?:the |this )?month|eom|(?:bu )?ay(?:in)? sonu\w*", _end(End.MONTH)),
    (r"(?:the |this )?weekend|hafta ?sonu\w*", _weekend),
    (
        r"(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}|\d\d)(?![\d:])",
        _numeric_date,
    ),
    (r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?![\d/])", _numeric_date),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)? ?{_MONTH}{_YEAR}", _named_date),
    (rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.]){_YEAR}", _named_date),
    (r"ayin (?P<day>\d{1,2})(?:s?[iu](?:nde)?)?(?!\w)", _day_of_month),
    (r"(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)", _day_of_month),
    (r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d) ?(?P<half>[ap]\.?m\.?)(?!\w)", _clock),
    (r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?z?(?![\d:])", _clock),
    (r"(?P<first>\d{1,2})\.(?P<second>\d{1,2})\.?(?![\d.])", _pair),
    (r"(?P<hour>\d{1,2}) ?(?P<half>[ap]\.?m\.?)(?!\w)", _clock),
    (r"(?P<hour>\d{1,2})(?P<half>[ap])(?!\w)", _clock),
    (r"(?P<hour>\d\d)(?P<minute>\d\d)(?!\d)", _clock),
    (r"(?P<hour>\d{1,2})(?:[dt][ae])?(?![\d:.]|\w)", _clock),
    (r"ogleden sonra(?:ya)?|afternoon", _part(Part.AFTERNOON)),
    (r"ogleden once|sabah(?:a|leyin|tan)?|mornings?", _part(Part.MORNING)),
    (r"noon|midday|ogle(?:n|ye|yin|nleyin)?(?: vakti)?", _at(12)),
    (r"midnight|gece yarisi\w*", _at(24)),
    (r"aksam(?:a|leyin|ustu)?|evening", _part(Part.EVENING)),
    (r"gece(?:ye)?|night", _part(Part.NIGHT)),
    (_WEEKDAY, _weekday),
    (rf"(?P<hour>{_WORD_NUMBER})(?:[dt][ae])?", _hour_in_words),
    (rf"saat (?P<hour>on)(?:da)?(?! (?:{_WORD_NUMBER}))", _hour_in_words),
    (_MONTH, _whole_month),
    (
        r"(?:at|on|by|in|the|for|till|until|to|of|and|this|saat|gunu|gun|icin|kadar|de|da|ve)",
        _skip,
    ),
)
_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(rf"(?:{source})(?![^\W_])"), rule) for source, rule in _SOURCES
)
