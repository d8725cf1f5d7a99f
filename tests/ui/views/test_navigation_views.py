"""Saved views in the navigation: counted, put in order by pointer and key, removed, undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conditions import Field, Group, Operator, Test
from desktop_inbox.services import conversations as acts
from desktop_inbox.services import saved_views
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.navigation import Navigation
from desktop_inbox.ui.views.view_choice import ViewChoice, saved_choice
from tests.support import builders
from tests.support.qt_waits import until

URGENT = Group(members=(Test(field=Field.PRIORITY, operator=Operator.IS, value="urgent"),))
OPEN = Group(members=(Test(field=Field.STATUS, operator=Operator.IS, value="open"),))


@pytest_asyncio.fixture
async def navigation(qtbot: QtBot, context: AppContext) -> AsyncIterator[Navigation]:
    """The navigation with three saved views over five conversations."""

    def fill(tx: Tx) -> None:
        builders.fill(tx, conversation_count=5, messages_each=1)
        for name, condition in (("VIP", URGENT), ("Open", OPEN), ("Refunds", URGENT)):
            saved_views.create(tx, name=name, condition=condition)

    await context.write(fill)
    window = QWidget()
    qtbot.addWidget(window)
    context.commands = Commands(context, window)
    navigation = Navigation(context, Accounts(context))
    qtbot.addWidget(navigation)
    navigation.resize(224, 900)
    navigation.show()
    await until(lambda: names(navigation) == ["VIP", "Open", "Refunds"])
    yield navigation


def names(navigation: Navigation) -> list[str]:
    return [row.name for row, _item in navigation.views.lines()]


def ids(navigation: Navigation) -> dict[str, int]:
    return {row.name: row.id for row, _item in navigation.views.lines()}


async def test_each_view_counts_what_it_shows_and_follows_changes(
    navigation: Navigation, context: AppContext
) -> None:
    await until(lambda: navigation.item("saved", ids(navigation)["Open"]).count == "5")
    await context.write(lambda tx: acts.close(tx, [1, 2]))
    await until(lambda: navigation.item("saved", ids(navigation)["Open"]).count == "3")


async def test_pressing_a_line_chooses_its_view(navigation: Navigation) -> None:
    chosen: list[ViewChoice] = []
    navigation.view_chosen.connect(chosen.append)
    navigation.item("saved", ids(navigation)["Refunds"]).click()
    assert chosen == [saved_choice(ids(navigation)["Refunds"], "Refunds")]


async def test_alt_and_an_arrow_move_a_view_and_the_focus_stays_on_it(
    navigation: Navigation,
) -> None:
    navigation.activateWindow()
    line = navigation.item("saved", ids(navigation)["VIP"])
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    await until(lambda: names(navigation) == ["Open", "VIP", "Refunds"])
    assert navigation.item("saved", ids(navigation)["VIP"]).hasFocus()


async def test_a_line_is_dragged_to_its_place(navigation: Navigation) -> None:
    section = navigation.views
    lines = {row.name: item for row, item in section.lines()}
    start = lines["VIP"].rect().center()
    target = lines["VIP"].mapFrom(section, lines["Refunds"].geometry().bottomLeft() + QPoint(20, 0))
    chosen: list[object] = []
    navigation.view_chosen.connect(chosen.append)
    QTest.mousePress(lines["VIP"], Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(lines["VIP"], (start + target) / 2)
    QTest.mouseMove(lines["VIP"], target)
    assert section._mark.isVisible()
    QTest.mouseRelease(lines["VIP"], Qt.MouseButton.LeftButton, pos=target)
    await until(lambda: names(navigation) == ["Open", "Refunds", "VIP"])
    assert not section._mark.isVisible()
    assert chosen == []  # who drags chooses nothing


async def test_a_hand_that_trembles_still_presses(navigation: Navigation) -> None:
    line = navigation.item("saved", ids(navigation)["VIP"])
    chosen: list[object] = []
    navigation.view_chosen.connect(chosen.append)
    at = line.rect().center()
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(line, at + QPoint(1, 1))
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=at)
    assert len(chosen) == 1


async def test_a_removed_view_is_left_and_undo_brings_it_back(
    navigation: Navigation, context: AppContext
) -> None:
    navigation.item("saved", ids(navigation)["VIP"]).click()
    QTest.keyClick(navigation.item("saved", ids(navigation)["VIP"]), Qt.Key.Key_Delete)
    await until(lambda: names(navigation) == ["Open", "Refunds"])
    assert navigation.choice.view == "inbox"
    context.commands.undo()
    await until(lambda: names(navigation) == ["VIP", "Open", "Refunds"])


async def test_the_shown_view_is_told_its_new_name(
    navigation: Navigation, context: AppContext
) -> None:
    key = ids(navigation)["VIP"]
    navigation.item("saved", key).click()
    renamed: list[ViewChoice] = []
    navigation.view_renamed.connect(renamed.append)
    await context.write(
        lambda tx: saved_views.change(tx, key, name="Very important", condition=URGENT)
    )
    await until(lambda: renamed == [saved_choice(key, "Very important")])
    assert navigation.item("saved", key).isChecked()


async def test_the_menu_of_a_line_offers_what_can_be_done_with_it(
    navigation: Navigation,
) -> None:
    line = navigation.item("saved", ids(navigation)["VIP"])
    edited: list[object] = []
    navigation.views.edit_requested.connect(lambda row: edited.append(row.name))
    row = next(row for row, item in navigation.views.lines() if item is line)
    menu = navigation.views.menu(row)
    enabled = {action.text().split("\t")[0]: action.isEnabled() for action in menu.actions()}
    assert enabled.pop("", True)
    assert enabled == {"Edit…": True, "Move up": False, "Move down": True, "Remove": True}
    menu.actions()[0].trigger()
    assert edited == ["VIP"]


async def test_what_is_in_the_last_hour_leaves_it_although_nothing_changes(
    navigation: Navigation, context: AppContext
) -> None:
    leaves = utc_now() + timedelta(seconds=1)
    lately = Test(field=Field.ACTIVITY, operator=Operator.LESS_THAN, value="1h")

    def fill(tx: Tx) -> None:
        at = leaves - timedelta(hours=1)
        key = builders.conversation(tx, at=at)
        builders.message(tx, key, builders.Mail(at=at), account_id=None)
        saved_views.create(tx, name="Lately", condition=Group(members=(lately,)))

    await context.write(fill)
    await until(lambda: "Lately" in names(navigation))
    key = ids(navigation)["Lately"]
    await until(lambda: navigation.item("saved", key).count == "1")
    await until(lambda: utc_now() > leaves)
    at = datetime(2100, 1, 1, 12, 1, tzinfo=UTC)
    navigation.views.turn(at)
    turned: list[set[int]] = []
    navigation.views.turned.connect(turned.append)
    navigation.views.turn(at + timedelta(minutes=1))
    assert turned == []
    navigation.views.turn(at + timedelta(minutes=4))
    assert turned == [{key}]
    await until(lambda: navigation.item("saved", key).count in ("", "0"))
