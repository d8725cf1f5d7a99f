"""The page of canned responses: found, written, doubled, removed, taken out and brought in."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.macros import Deed, Step
from desktop_inbox.services import canned
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned as stored
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.canned_responses import CannedResponses
from tests.support.qt_waits import until

SORRY = Content(
    shortcut="sorry",
    title="Sorry",
    body="Sorry, {{contact.first_name|you}}!",
    bodies=(("tr", "Üzgünüz!"),),
    folder="Returns",
    tag="refund",
    status="closed",
    channels=("email",),
)
HOURS = Content(shortcut="hours", title="Opening hours", body="9 to 18 {{order.number}}")


@pytest_asyncio.fixture
async def page(context: AppContext, qtbot: QtBot) -> CannedResponses:
    window = QWidget()
    window.resize(1200, 800)
    qtbot.addWidget(window)
    context.commands = Commands(context, window)
    await context.write(lambda tx: [canned.create(tx, one) for one in (SORRY, HOURS)])
    made = CannedResponses(context, window)
    window.show()
    made.open()
    await until(lambda: made.list.count() == 3)
    return made


def lines(page: CannedResponses) -> list[str]:
    return [page.list.item(place).text() for place in range(page.list.count())]


async def rows(page: CannedResponses) -> dict[str, CannedRow]:
    found: list[CannedRow] = await page._context.read(stored.list_all)
    return {row.shortcut: row for row in found}


async def choose(page: CannedResponses, shortcut: str) -> None:
    place = next(n for n, line in enumerate(lines(page)) if line.startswith(f"/{shortcut}"))
    page.list.setCurrentRow(place)
    await until(lambda: page.editor.shortcut.text() == shortcut)


async def test_responses_stand_in_their_folders_and_are_found(page: CannedResponses) -> None:
    assert lines(page) == ["/hours   Opening hours", "Returns", "/sorry   Sorry"]
    page.search.setText("sorry")
    assert lines(page) == ["/sorry   Sorry"]


async def test_everything_of_a_response_is_shown_and_nothing_changes_by_looking(
    page: CannedResponses,
) -> None:
    await choose(page, "sorry")
    assert page.editor.content() == SORRY
    assert not page.editor.dirty
    assert not page.save_button.isEnabled()
    await until(lambda: page.editor.preview.toPlainText() == "Sorry, you!")


async def test_what_is_written_in_each_language_is_kept(page: CannedResponses) -> None:
    await choose(page, "sorry")
    box = page.editor.language
    box.activated.emit(box.findData("tr"))
    assert page.editor.text.toPlainText() == "Üzgünüz!"
    page.editor.text.setPlainText("Çok üzgünüz!")
    box.activated.emit(box.findData("de"))
    page.editor.text.setPlainText("Entschuldigung!")
    page.editor.folder.setEditText("Other")
    assert await page.save()
    kept = (await rows(page))["sorry"]
    assert dict(kept.bodies) == {"de": "Entschuldigung!", "tr": "Çok üzgünüz!"}
    assert (kept.body, kept.folder) == (SORRY.body, "Other")


async def test_what_was_written_is_kept_when_another_one_is_chosen(page: CannedResponses) -> None:
    await choose(page, "sorry")
    page.editor.title.setText("So sorry")
    await choose(page, "hours")
    assert (await rows(page))["sorry"].title == "So sorry"


async def test_what_is_refused_says_why_and_stays(page: CannedResponses) -> None:
    await choose(page, "sorry")
    page.editor.shortcut.setText("hours")
    assert not await page.save()
    assert "hours" in page._error.text()
    page.list.setCurrentRow(0)
    await page._context.read(lambda conn: None)
    assert page.editor.shortcut.text() == "hours"
    assert set(await rows(page)) == {"sorry", "hours"}


async def test_a_response_is_doubled_under_a_free_name(page: CannedResponses) -> None:
    await choose(page, "sorry")
    page.duplicate()
    await until(lambda: page.editor.shortcut.text() == "sorry-2")
    assert await page.save()
    assert canned.content_of((await rows(page))["sorry-2"]).bodies == SORRY.bodies


async def test_a_removed_response_comes_back_by_undo(
    page: CannedResponses, context: AppContext
) -> None:
    await choose(page, "sorry")
    page.remove()
    await until(lambda: lines(page) == ["/hours   Opening hours"])
    context.commands.undo()
    await until(lambda: "/sorry   Sorry" in lines(page))


async def test_what_is_missing_is_said_beside_the_preview(page: CannedResponses) -> None:
    await choose(page, "hours")
    await until(lambda: "order.number" in page.editor._missing.text())


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_all_go_out_and_come_in_undone_at_once(
    page: CannedResponses, context: AppContext, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    await page.write_out(path)
    keys = [row.id for row in (await rows(page)).values()]
    await context.write(lambda tx: [canned.remove(tx, key) for key in keys])
    await page.bring_in(path)
    found = await rows(page)
    assert {one: canned.content_of(row) for one, row in found.items()} == {
        "sorry": SORRY,
        "hours": HOURS,
    }
    await until(lambda: bool(context.commands._undoable))
    context.commands.undo()
    await until(lambda: lines(page) == [])


async def test_steps_are_written_in_lines_and_kept(page: CannedResponses) -> None:
    page.new()
    page.editor.shortcut.setText("alarm")
    page.editor.steps.add_button.click()
    line = page.editor.steps.lines[0]
    line.deed.setCurrentIndex(line.deed.findData(Deed.SNOOZE))
    line.deed.activated.emit(line.deed.currentIndex())
    line.choice.setCurrentIndex(2)
    assert line.choice.currentText() == "3 days"
    page.editor.steps.add_button.click()
    second = page.editor.steps.lines[1]
    second.deed.setCurrentIndex(second.deed.findData(Deed.TAG))
    second.deed.activated.emit(second.deed.currentIndex())
    assert page.editor.content().steps == (Step(deed=Deed.SNOOZE, value="3"),)  # no tag named yet
    second.text.setText("refund")
    assert await page.save()
    page.editor.steps.lines[0].removed.emit(page.editor.steps.lines[0])
    assert page.editor.content().steps == (Step(deed=Deed.TAG, value="refund"),)
