"""Invitations are read for what a person has to know, whatever a calendar holds besides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.messages import Invitation
from desktop_inbox.mime.calendar import MAX_CHARS, invitation
from desktop_inbox.mime.parse import parse_message

FAIR = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
TZID:Turkey Standard Time\r
BEGIN:STANDARD\r
DTSTART:16010101T000000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY;LANGUAGE=en:Craft fair\\, hall 3\r
DTSTART;TZID="Turkey Standard Time":20260925T163000\r
DTEND;TZID="Turkey Standard Time":20260925T180000\r
LOCATION:Kapı 4\\nİzmir\r
ORGANIZER;CN="Deniz: Kaya":mailto:deniz@fair.example\r
RRULE:FREQ=WEEKLY\r
BEGIN:VALARM\r
SUMMARY:not this\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:another\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation_says_what_when_where_and_who() -> None:
    assert invitation(FAIR) == Invitation(
        method="REQUEST",
        summary="Craft fair, hall 3",
        starts="2026-09-25T16:30",
        ends="2026-09-25T18:00",
        zone="Turkey Standard Time",
        place="Kapı 4 İzmir",
        organiser="Deniz: Kaya",
        repeats=True,
    )


def test_a_whole_day_has_a_date_and_no_zone() -> None:
    text = FAIR.replace(';TZID="Turkey Standard Time":20260925T163000', ";VALUE=DATE:20260925")
    found = invitation(text)
    assert found is not None
    assert (found.starts, found.zone) == ("2026-09-25", "")


def test_universal_time_is_said_to_be_so() -> None:
    found = invitation(
        FAIR.replace(
            'DTSTART;TZID="Turkey Standard Time":20260925T163000', "DTSTART:20260925T133000Z"
        )
    )
    assert found is not None
    assert (found.starts, found.zone) == ("2026-09-25T13:30", "UTC")


def test_folded_lines_are_one() -> None:
    found = invitation(FAIR.replace("Craft fair", "Cra\r\n ft f\r\n\tair"))
    assert found is not None
    assert found.summary == "Craft fair, hall 3"


def test_a_time_that_cannot_be_is_left_out() -> None:
    found = invitation(FAIR.replace("20260925T163000", "20269925T163000"))
    assert found is not None
    assert (found.starts, found.summary) == ("", "Craft fair, hall 3")


def test_a_calendar_without_an_event_is_no_invitation() -> None:
    assert invitation("BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n") is None
    assert invitation("") is None


@given(st.text())
def test_whatever_is_written_never_raises(text: str) -> None:
    invitation(text)
    invitation(FAIR.replace("Craft fair", text))


def test_endless_quotes_and_parameters_are_read_in_one_go() -> None:
    hostile = "DTSTART" + ';A="x"' * 200_000 + '"' * 100_000 + ":1"
    assert invitation(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{hostile}\nSUMMARY:s\n"[:MAX_CHARS]) is None


def test_a_mail_carries_its_invitation_and_keeps_the_file() -> None:
    raw = (
        "From: a@b.test\nContent-Type: multipart/alternative; boundary=x\n\n"
        "--x\n\nCome!\n--x\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\n"
        f"{FAIR}--x--\n"
    ).encode()
    found = parse_message(raw)
    assert found.text == "Come!"
    assert found.invitation is not None
    assert found.invitation.place == "Kapı 4 İzmir"
    assert [file.media_type for file in found.attachments] == ["text/calendar"]
