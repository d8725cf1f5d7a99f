"""Writing opening hours: days as people write them, special days, holidays, and refusals (B9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.opening_hours import Hours, day_words
from desktop_inbox.services import conversations
from desktop_inbox.store import policies
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.hours_editor import HoursEditor
from desktop_inbox.ui.dialogs.settings_hours import HoursPage
from tests.support.qt_waits import until
from tests.support.settings_page import settings_desk


@pytest_asyncio.fixture
async def page(qtbot: QtBot, context: AppContext) -> AsyncIterator[HoursPage]:
    """The page over a window."""
    desk = settings_desk(qtbot, context)
    page = HoursPage(desk)
    page.setParent(desk.window)
    page.show()
    await page.load()
    yield page


async def kept(context: AppContext) -> list[Hours]:
    return [one.current for one in await context.read(policies.calendars)]


async def first(page: HoursPage, context: AppContext) -> HoursEditor:
    (only,) = await context.read(policies.calendars)
    editor = page.editor(only.uid)
    editor.open()
    return editor


async def test_days_are_written_as_text_and_kept(page: HoursPage, context: AppContext) -> None:
    editor = await first(page, context)
    assert [day.text() for day in editor.days] == ["09:00–17:00"] * 5 + ["", ""]
    editor.days[0].setText("8-12, 13.30-18")
    editor.copy_monday()
    editor.days[5].setText("21:00-02:00")
    editor.zone.setCurrentText("Europe/Istanbul")
    assert await editor.save()
    (hours,) = await kept(context)
    assert hours.zone == "Europe/Istanbul"
    assert [day_words(day) for day in hours.week[3:]] == [
        "08:00–12:00, 13:30–18:00", "08:00–12:00, 13:30–18:00", "21:00–02:00", "",
    ]  # fmt: skip
    await context.write(conversations.undo)
    assert (await kept(context))[0].week[5] == ()


async def test_what_is_wrong_is_said_while_it_is_written(
    page: HoursPage, context: AppContext
) -> None:
    editor = await first(page, context)

    def said(day: int, words: str) -> str:
        editor.days[day].clear()
        QTest.keyClicks(editor.days[day], words)
        return editor.error.text()

    assert "overlap at 11:00" in said(0, "9-12, 11-13")
    assert "no opening hours" in said(0, "from nine")
    assert said(0, "9-12") == ""
    for day in range(7):
        said(day, "-")
    assert "never open" in editor.error.text()
    editor.zone.setCurrentText("Europe/Atlantis")
    assert not await editor.save()
    assert "There is no time zone Europe/Atlantis" in editor.error.text()
    editor.leave()


async def test_a_special_day_is_added_changed_and_taken_away(
    page: HoursPage, context: AppContext
) -> None:
    editor = await first(page, context)
    special = editor.special
    special.date.setDate(QDate(2026, 12, 24))
    special.hours.setText("9-12")
    special.name.setText("Christmas Eve")
    QTest.mouseClick(special.add_button, Qt.MouseButton.LeftButton)
    assert special.list.item(0).text() == "Thu 24 Dec 2026   09:00–12:00   Christmas Eve"
    special.list.setCurrentRow(0)
    special.list.itemActivated.emit(special.list.item(0))
    special.hours.clear()
    QTest.mouseClick(special.add_button, Qt.MouseButton.LeftButton)
    assert special.list.item(0).text() == "Thu 24 Dec 2026   Closed   Christmas Eve"
    assert await editor.save()
    assert [one.name for one in (await kept(context))[0].special] == ["Christmas Eve"]
    special = (await first(page, context)).special
    special.list.selectAll()
    special.remove_chosen()
    assert special.days() == ()


async def test_holidays_are_ticked_and_half_days_keep_their_morning(
    page: HoursPage, context: AppContext
) -> None:
    editor = await first(page, context)
    picker = editor.offer_holidays()
    assert picker is not None
    await until(lambda: picker.country.count() > 200)
    picker.choose_country("TR")
    await until(lambda: picker.list.count() > 14 and picker.country.currentData() == "TR")
    offered = [picker.list.item(row) for row in range(picker.list.count())]
    for item in offered:
        item.setCheckState(Qt.CheckState.Unchecked)
    assert not picker.save_button.isEnabled()
    half = next(item for item in offered if "28 Oct" in item.text() or "(from 1pm)" in item.text())
    half.setCheckState(Qt.CheckState.Checked)
    assert picker.save_button.text() == "Add 1 day"
    assert await picker.save()
    (day,) = editor.special.days()
    assert day_words(day.hours) in ("09:00–13:00", "")
    assert editor.is_edited
    editor.leave()


async def test_a_calendar_file_is_offered_like_holidays(
    page: HoursPage, context: AppContext, tmp_path: Path
) -> None:
    path = tmp_path / "closed.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20300102\nSUMMARY:Stock <b>\n"
        "RRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    editor = await first(page, context)
    picker = editor.offer_file(path)
    assert picker is not None
    await until(lambda: picker.list.count() > 0)
    assert "Stock <b>" in picker.list.item(0).text()
    assert await picker.save()
    assert editor.special.days()[0].name == "Stock <b>"
    editor.leave()


async def test_other_hours_are_added_and_those_in_use_are_not_removed(
    page: HoursPage, context: AppContext
) -> None:
    editor = page.editor("")
    editor.open()
    editor.name.setText("Warehouse")
    assert await editor.save()
    assert [one.name for one in await kept(context)] == ["", "Warehouse"]
    office, warehouse = await context.read(policies.calendars)
    await page.remove(office.uid)
    assert "Service levels are counted in these hours: E-mail" in page.refusal.text()
    await page.remove(warehouse.uid)
    assert [one.name for one in await kept(context)] == [""]
    await context.write(conversations.undo)
    assert len(await kept(context)) == 2


async def test_two_calendars_of_one_name_are_refused(page: HoursPage, context: AppContext) -> None:
    for name, refused in (("Shop", ""), ("shop", "There already are opening hours shop.")):
        editor = page.editor("")
        editor.open()
        editor.name.setText(name)
        assert await editor.save() == (not refused)
        assert editor.error.text().startswith(refused)
        editor.leave()
