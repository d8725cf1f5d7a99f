"""An invitation is told in a few lines, and nothing it says is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Invitation
from desktop_inbox.ui.views import invitation_words
from desktop_inbox.ui.views.controls import PlainLabel

FAIR = Invitation(
    method="REQUEST",
    summary="Craft fair",
    starts="2026-09-25T16:30",
    ends="2026-09-25T18:00",
    zone="Europe/Istanbul",
    place="Hall 3",
    organiser="Deniz",
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    yield
    QLocale.setDefault(before)


def test_it_says_what_when_where_and_from_whom() -> None:
    assert invitation_words.lines(FAIR) == [
        "Invitation: Craft fair",
        "Friday, 25 September 2026 16:30 – 18:00 (Europe/Istanbul)",
        "Hall 3",
        "From Deniz",
    ]


def test_an_event_over_days_names_both() -> None:
    days = replace(FAIR, starts="2026-09-25", ends="2026-09-27", zone="", repeats=True)
    assert (
        "Friday, 25 September 2026 – Sunday, 27 September 2026, and again"
        in invitation_words.lines(days)
    )


@pytest.mark.parametrize(
    ("method", "said"),
    [("CANCEL", "Cancelled: "), ("REPLY", "Answer to an invitation: "), ("", "Event: ")],
)
def test_what_kind_it_is_comes_first(method: str, said: str) -> None:
    assert invitation_words.lines(replace(FAIR, method=method))[0] == f"{said}Craft fair"


def test_one_that_says_nothing_is_still_an_event() -> None:
    assert invitation_words.lines(Invitation()) == ["Event: (no subject)"]


def test_markup_in_it_is_shown_as_written(qtbot: QtBot) -> None:
    label = PlainLabel()
    qtbot.addWidget(label)
    label.setText("\n".join(invitation_words.lines(replace(FAIR, place="<b>x</b>"))))
    assert "<b>x</b>" in label.text()
    assert label.textFormat() is label.textFormat().PlainText
