"""Times as people write them, in both languages; the moment is a Wednesday at 10:15 in Istanbul."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_inbox.domain.business_hours import Calendar, calendar
from desktop_inbox.domain.natural_dates import LONGEST, NotUnderstood, Understood, Why, read

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 15, tzinfo=ISTANBUL)
OFFICE = calendar("Europe/Istanbul", [[(540, 1080)]] * 5 + [[], []])


def understood(
    text: str, *, now: datetime = NOW, zone: ZoneInfo = ISTANBUL, hours: Calendar = OFFICE
) -> str:
    """Return the moment as a clock on the wall shows it."""
    found = read(text, now=now, zone=zone, hours=hours)
    assert isinstance(found, Understood), found
    return found.at.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


def refused(text: str, **more: bool) -> NotUnderstood:
    found = read(text, now=NOW, zone=ISTANBUL, hours=OFFICE, **more)
    assert isinstance(found, NotUnderstood), found
    return found


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("tomorrow 9am", "Thu 2026-11-19 09:00"),
        ("fri 9am", "Fri 2026-11-20 09:00"),
        ("in 2h", "Wed 2026-11-18 12:15"),
        ("1h 30m", "Wed 2026-11-18 11:45"),
        ("in half an hour", "Wed 2026-11-18 10:45"),
        ("next monday", "Mon 2026-11-23 09:00"),
        ("next fri", "Fri 2026-11-27 09:00"),
        ("this friday", "Fri 2026-11-20 09:00"),
        ("end of day", "Wed 2026-11-18 18:00"),
        ("eod friday", "Fri 2026-11-20 18:00"),
        ("eow", "Fri 2026-11-20 09:00"),
        ("end of the month", "Mon 2026-11-30 09:00"),
        ("12 dec 14:30", "Sat 2026-12-12 14:30"),
        ("Dec 12th at 2.30pm", "Sat 2026-12-12 14:30"),
        ("the 15th", "Tue 2026-12-15 09:00"),
        ("15 November", "Mon 2027-11-15 09:00"),
        ("in 3 weeks", "Wed 2026-12-09 09:00"),
        ("in 2 days at 9", "Fri 2026-11-20 09:00"),
        ("in a month", "Fri 2026-12-18 09:00"),
        ("monday at 3", "Mon 2026-11-23 15:00"),
        ("9", "Thu 2026-11-19 09:00"),
        ("noon", "Wed 2026-11-18 12:00"),
        ("midnight", "Thu 2026-11-19 00:00"),
        ("tonight", "Wed 2026-11-18 20:00"),
        ("quarter to 10", "Thu 2026-11-19 09:45"),
        ("2026-12-24T08:00", "Thu 2026-12-24 08:00"),
        ("12/31", "Thu 2026-12-31 09:00"),
        ("0900", "Thu 2026-11-19 09:00"),
    ],
)
def test_english(text: str, moment: str) -> None:
    assert understood(text) == understood(text.upper()) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("yarın 9", "Thu 2026-11-19 09:00"),
        ("yarın sabah", "Thu 2026-11-19 09:00"),
        ("yarın akşam 8", "Thu 2026-11-19 20:00"),
        ("cuma 14:30", "Fri 2026-11-20 14:30"),
        ("cuma günü saat 14.30'da", "Fri 2026-11-20 14:30"),
        ("2 saat sonra", "Wed 2026-11-18 12:15"),
        ("bir buçuk saat sonra", "Wed 2026-11-18 11:45"),
        ("yarım saat sonra", "Wed 2026-11-18 10:45"),
        ("haftaya pazartesi", "Mon 2026-11-23 09:00"),
        ("haftaya cuma", "Fri 2026-11-27 09:00"),
        ("önümüzdeki cuma", "Fri 2026-11-20 09:00"),
        ("haftaya", "Mon 2026-11-23 09:00"),
        ("gelecek ay", "Tue 2026-12-01 09:00"),
        ("öğleden sonra", "Wed 2026-11-18 14:00"),
        ("öğleden sonra 3", "Wed 2026-11-18 15:00"),
        ("akşam", "Wed 2026-11-18 18:00"),
        ("gün sonu", "Wed 2026-11-18 18:00"),
        ("cuma mesai bitimi", "Fri 2026-11-20 18:00"),
        ("ay sonu", "Mon 2026-11-30 09:00"),
        ("hafta sonu", "Sat 2026-11-21 09:00"),
        ("öbür gün 10", "Fri 2026-11-20 10:00"),
        ("ayın 15'i", "Tue 2026-12-15 09:00"),
        ("24 Aralık 2027 saat dokuz buçukta", "Fri 2027-12-24 09:30"),
        ("24.12 14.30", "Thu 2026-12-24 14:30"),
        ("saat on sekizde", "Wed 2026-11-18 18:00"),
        ("2 hafta sonra salı", "Tue 2026-12-01 09:00"),
        ("gece yarısı", "Thu 2026-11-19 00:00"),
        ("pazartesiye kadar", "Mon 2026-11-23 09:00"),
    ],
)
def test_turkish_with_either_i_in_either_case(text: str, moment: str) -> None:
    dotted = text.replace("i", "İ").replace("ı", "I").upper()
    for written in (text, dotted, text.upper(), text.replace("ı", "i"), text.replace("i", "ı")):
        assert understood(written) == moment


def test_a_morning_is_the_next_opening_h2() -> None:
    hours = calendar(
        "Europe/Istanbul",
        [[(510, 1080)]] * 5 + [[], []],
        exceptions={date(2026, 11, 20): []},
    )
    thursday = NOW + timedelta(days=1)
    assert understood("tomorrow morning", now=thursday, hours=hours) == "Mon 2026-11-23 08:30"
    assert understood("yarın", now=thursday, hours=hours) == "Mon 2026-11-23 08:30"
    assert understood("friday", now=thursday, hours=hours) == "Fri 2026-11-20 08:30"  # as said
    assert understood("eow", hours=hours) == "Thu 2026-11-19 08:30"


def test_a_bare_hour_is_the_one_business_is_open_at() -> None:
    night = calendar("Europe/Istanbul", [[(1260, 120)]] * 7)
    assert understood("11", hours=night) == "Wed 2026-11-18 23:00"
    assert understood("friday 3", hours=calendar("UTC", [[(0, 1440)]] * 7)) == (
        "Fri 2026-11-20 03:00"
    )


def test_what_is_over_today_is_meant_for_the_next_time_it_comes() -> None:
    evening = NOW.replace(hour=19)
    for text in ("9am", "evening", "eod", "öğlen"):
        assert understood(text, now=evening).startswith("Thu 2026-11-19")
    assert understood("wednesday 9", now=evening) == "Wed 2026-11-25 09:00"
    assert understood("29 feb") == "Tue 2028-02-29 09:00"
    assert understood("end of month", now=datetime(2026, 11, 30, 20, tzinfo=ISTANBUL)) == (
        "Thu 2026-12-31 09:00"
    )


@pytest.mark.parametrize(
    "text", ["yesterday", "dün 9", "2 days ago", "3 saat önce", "today 9", "bu sabah", "1.2.2020"]
)
def test_the_past_is_refused_unless_it_is_wanted(text: str) -> None:
    assert refused(text).why is Why.PAST
    found = read(text, now=NOW, zone=ISTANBUL, hours=OFFICE, past=True)
    assert isinstance(found, Understood)
    assert found.at < NOW


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Why.NOTHING),
        ("  ", Why.NOTHING),
        ("x" * (LONGEST + 1), Why.TOO_LONG),
        ("blue mug", Why.WORD),
        ("31 feb", Why.NO_SUCH),
        ("25:00", Why.NO_SUCH),
        ("13pm", Why.NO_SUCH),
        ("friday tomorrow", Why.TWICE),
        ("9am 10am", Why.TWICE),
        ("in 2h tomorrow", Why.TWICE),
        ("99999 days", Why.TOO_FAR),
        ("99999 years", Why.TOO_FAR),
        ("1.1.2999", Why.TOO_FAR),
    ],
)
def test_what_means_no_moment_says_why(text: str, why: Why) -> None:
    assert refused(text).why is why


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tomorow 9", "tomorrow 9"),
        ("frday 9am", "friday 9am"),
        ("Yrın 9", "yarın 9"),
        ("pazrtesi 14:30", "pazartesi 14:30"),
        ("toda 17:00", "today 17:00"),
    ],
)
def test_a_slip_is_offered_as_what_it_may_mean(text: str, meant: str) -> None:
    found = refused(text)
    assert (found.word, found.did_you_mean) == (text.split()[0], meant)
    assert refused("xyzzy 9").did_you_mean == ""


def test_a_time_that_clocks_jump_over_is_the_first_one_after_b10() -> None:
    before = datetime(2026, 3, 27, 12, tzinfo=BERLIN)
    assert understood("sunday 02:30", now=before, zone=BERLIN) == "Sun 2026-03-29 03:00"
    autumn = datetime(2026, 10, 23, 12, tzinfo=BERLIN)
    twice = read("sunday 02:30", now=autumn, zone=BERLIN, hours=OFFICE)
    assert twice == Understood(at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))  # the earlier one


WORDS = st.sampled_from(
    [
        "tomorrow", "yarın", "friday", "cuma", "next", "week", "haftaya", "9", "3pm", "14:30",
        "14.30", "12.12", "12", "dec", "aralık", "in", "2", "hours", "saat", "sonra", "ay",
        "sonu", "end", "of", "day", "akşam", "öğleden", "morning", "ago", "31", "feb", "2027",
        "half", "a", "bir", "buçuk", "'da", "/", "-", "0", "99999", "mo", "ß", "İ", "\u202e",
    ]
)  # fmt: skip
MOMENTS = st.builds(
    datetime.fromtimestamp,
    st.integers(946_684_800, 3_786_912_000),  # 2000 to 2090
    st.sampled_from([ISTANBUL, BERLIN]),
)


@given(st.lists(WORDS, max_size=7).map(" ".join) | st.text(max_size=40), MOMENTS)
def test_every_text_means_a_moment_ahead_in_whole_minutes_or_says_why_not(
    text: str, now: datetime
) -> None:
    found = read(text, now=now, zone=BERLIN, hours=OFFICE)
    if isinstance(found, Understood):
        assert found.at > now
        assert found.at.tzinfo is UTC
        assert (found.at.second, found.at.microsecond) == (0, 0)
    else:
        assert (found.why is Why.WORD) == bool(found.word)


@given(MOMENTS, st.integers(1, 5000), st.sampled_from(["in {} min", "{} dakika sonra", "{}m"]))
@example(datetime(2007, 3, 23, 6, 45, tzinfo=ISTANBUL), 2655, "in {} min")  # into the gap
@example(datetime(2007, 3, 23, 6, 45, tzinfo=ISTANBUL), 2800, "in {} min")  # over it
def test_a_length_of_time_is_exact_across_any_change_of_clocks(
    now: datetime, minutes: int, form: str
) -> None:
    found = read(form.format(minutes), now=now, zone=BERLIN, hours=OFFICE)
    assert isinstance(found, Understood)
    late = found.at - now.astimezone(UTC) - timedelta(minutes=minutes)
    assert timedelta() <= late < timedelta(minutes=1)


@given(MOMENTS, st.dates(date(2000, 1, 1), date(2089, 12, 31)))
def test_a_whole_date_means_that_day_whatever_the_day_it_is_written_on(
    now: datetime, day: date
) -> None:
    text = f"{day.day}.{day.month}.{day.year} 12:00"
    found = read(text, now=now, zone=BERLIN, hours=OFFICE, past=True)
    if isinstance(found, Understood):
        assert found.at.astimezone(BERLIN).date() == day
    else:
        assert found.why is Why.TOO_FAR
