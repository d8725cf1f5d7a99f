"""When: typed in either language or picked, by keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.business_hours import calendar
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import time_words
from desktop_inbox.ui.views.time_picker import Asked, Picked, TimePicker
from desktop_inbox.ui.views.time_words import Place, moments, told
from tests.support.qt_waits import until

ZONE = ZoneInfo("Europe/Istanbul")
PLACE = Place(zone=ZONE, hours=calendar("Europe/Istanbul", [[(540, 1080)]] * 5 + [[], []]))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "offers", "expected"),
    [
        (
            "2026-09-23T10:10",
            time_words.SNOOZE,
            ["Later today", "This evening", "Tomorrow morning", "In two days", "Next week",
             "In a month"],
        ),
        (
            "2026-09-23T17:10",
            time_words.SNOOZE,
            ["This evening", "Tomorrow morning", "In two days", "Next week", "In a month"],
        ),
        (  # the evening begins in a moment
            "2026-09-23T17:45",
            time_words.SNOOZE,
            ["Tomorrow morning", "In two days", "Next week", "In a month"],
        ),
        (  # a Friday: tomorrow is Monday
            "2026-09-25T21:00",
            time_words.SNOOZE,
            ["Tomorrow morning", "In a month"],
        ),
        (
            "2026-09-23T14:30",
            time_words.SEND,
            ["In one hour", "Tomorrow morning", "Monday morning"],
        ),
    ],
)  # fmt: skip
def test_only_times_that_lie_ahead_and_differ_are_offered_by_business_hours_h2(
    now: str, offers: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    offered = moments(offers, PLACE, now=local(now))
    assert [one.words for one in offered] == expected
    assert all(one.at > local(now) for one in offered)
    for one in offered[1:]:
        assert one.at.astimezone(ZONE).hour == 9 or "evening" in one.words


class Desk:
    """A picker over a window, and what was picked."""

    def __init__(self, context: AppContext, host: QWidget, **asked: object) -> None:
        self.picked: list[Picked] = []
        self.off = 0
        self.now = datetime.now(UTC)
        self.picker = TimePicker(
            context,
            host,
            Asked(title="Snooze until", offers=time_words.SNOOZE, **asked),  # type: ignore[arg-type]
            picked=self.picked.append,
            taken_off=self._take_off if asked.get("off") else None,
            clock=lambda: self.now,
        )

    def _take_off(self) -> None:
        self.off += 1

    async def open(self) -> None:
        self.picker.ask()
        await until(self.picker.isVisible)

    def type(self, text: str) -> None:
        self.picker.field.clear()
        QTest.keyClicks(self.picker.field, text)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.picker.field, key)


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    widget.resize(900, 640)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest_asyncio.fixture
async def desk(context: AppContext, host: QWidget) -> Desk:
    desk = Desk(context, host, until_reply=True, may_stay=True)
    await desk.open()
    return desk


async def test_what_is_typed_is_told_at_once_and_enter_takes_it(desk: Desk) -> None:
    for text in ("in 2h", "2 saat sonra"):
        desk.type(text)
        at = desk.now.replace(second=0, microsecond=0) + timedelta(hours=2)
        assert desk.picker.texts()[0] in (
            told(at, now=desk.now),
            told(at + timedelta(minutes=1), now=desk.now),
        )
    desk.press(Qt.Key.Key_Return)
    (picked,) = desk.picked
    assert picked.at is not None
    assert timedelta() <= picked.at - desk.now - timedelta(hours=2) < timedelta(minutes=1)
    assert not desk.picker.isVisible()


async def test_a_preset_is_taken_with_the_arrows_and_a_reply_may_not_matter(desk: Desk) -> None:
    desk.picker.stays.setChecked(True)
    chosen = desk.picker.texts().index("Next week") if "Next week" in desk.picker.texts() else 1
    for _ in range(chosen):
        desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Return)
    (picked,) = desk.picked
    assert picked.stays
    assert picked.at is not None
    assert picked.at > desk.now


async def test_the_reply_itself_may_be_what_is_waited_for(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Up)  # the last one
    desk.press(Qt.Key.Key_Return)
    assert desk.picked == [Picked(at=None)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", "That time has passed."),
        ("31 feb", "There is no such day or time."),
        ("9am 10am", "That names two different times."),
        ("blue mug", "“blue” is not understood. Try “tomorrow 9am” or “in 2h”."),
        ("99 years", "That is too far away."),
    ],
)
async def test_what_is_not_understood_says_why_and_enter_takes_nothing(
    desk: Desk, text: str, words: str
) -> None:
    desk.type(text)
    assert desk.picker.said.text() == words
    desk.press(Qt.Key.Key_Return)
    assert desk.picked == []
    assert desk.picker.isVisible()


async def test_a_slip_is_mended_with_enter(desk: Desk) -> None:
    desk.type("tomorow 9")
    assert desk.picker.said.text() == "Did you mean “tomorrow 9”?"
    desk.press(Qt.Key.Key_Return)
    assert desk.picker.field.text() == "tomorrow 9"
    desk.press(Qt.Key.Key_Return)
    assert len(desk.picked) == 1


async def test_escape_leaves_everything_as_it_is(desk: Desk) -> None:
    desk.type("in 2h")
    desk.press(Qt.Key.Key_Escape)
    assert not desk.picker.isVisible()
    assert desk.picked == []


async def test_the_previous_time_is_first_and_what_stands_can_be_taken_off(
    context: AppContext, host: QWidget
) -> None:
    before = datetime.now(UTC) + timedelta(days=3)
    desk = Desk(context, host, previous=before, off="No reminder")
    await desk.open()
    assert desk.picker.texts()[0] == "As before"
    desk.press(Qt.Key.Key_Return)
    assert desk.picked == [Picked(at=before)]
    again = Desk(context, host, off="No reminder")
    await again.open()
    again.press(Qt.Key.Key_Up)
    again.press(Qt.Key.Key_Return)
    assert again.off == 1
