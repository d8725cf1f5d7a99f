"""Whole days of a calendar file: holidays of some days, yearly ones, and what is none (B9)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime.calendar_days import whole_days

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def days(*events: str) -> list[tuple[date, str]]:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return whole_days(f"BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n", first=FIRST, last=LAST)


def test_a_day_and_a_holiday_of_several_days_are_found() -> None:
    assert days(
        "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260102\r\nSUMMARY:Yılbaşı",
        "DTSTART;VALUE=DATE:20260527\r\nDTEND;VALUE=DATE:20260529\r\nSUMMARY:Kurban\\, bayram",
    ) == [
        (date(2026, 1, 1), "Yılbaşı"),
        (date(2026, 5, 27), "Kurban, bayram"),
        (date(2026, 5, 28), "Kurban, bayram"),
    ]


def test_what_comes_every_year_is_found_in_every_year() -> None:
    yearly = "DTSTART;VALUE=DATE:20011029\r\nSUMMARY:Cumhuriyet\r\nRRULE:FREQ=YEARLY"
    assert [day for day, _ in days(yearly)] == [date(year, 10, 29) for year in (2026, 2027, 2028)]
    assert [day for day, _ in days(f"{yearly};UNTIL=20270101")] == [date(2026, 10, 29)]
    leap = "DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY"
    assert [day for day, _ in days(leap)] == [date(2028, 2, 29)]


def test_times_of_day_and_what_is_cancelled_endless_or_past_are_no_days() -> None:
    assert (
        days(
            "DTSTART:20260101T090000Z\r\nSUMMARY:Meeting",
            "DTSTART;VALUE=DATE:20260102\r\nSTATUS:CANCELLED",
            "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20270101",
            "DTSTART;VALUE=DATE:20251225",
            "DTSTART;VALUE=DATE:20261340",
            "SUMMARY:Nothing",
        )
        == []
    )


def test_an_alarm_within_an_event_is_not_the_event() -> None:
    alarm = "BEGIN:VALARM\r\nSUMMARY:Wake\r\nEND:VALARM"
    (found,) = days(f"DTSTART;VALUE=DATE:20260101\r\n{alarm}\r\nSUMMARY:New Year")
    assert found == (date(2026, 1, 1), "New Year")


@given(st.text(alphabet=st.sampled_from("BEGINVT:;=\r\n 0129DSARULYMO"), max_size=400))
def test_whatever_is_in_a_file_only_days_come_out(text: str) -> None:
    for wrapped in (text, f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{text}\nEND:VEVENT\nEND:VCALENDAR"):
        assert all(FIRST <= day <= LAST for day, _ in whole_days(wrapped, first=FIRST, last=LAST))
