"""When to come back, and which tags: the two small menus."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.store.rows import TagRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.snooze_menu import SnoozeMenu, presets, send_presets
from desktop_inbox.ui.views.tag_menu import TagMenu

TAGS = (
    TagRow(id=1, uid="a", name="order", hue=10),
    TagRow(id=2, uid="b", name="İade & refund", hue=200),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-23T10:10", ["Later today", "Tomorrow morning", "Next week"]),
        ("2026-09-23T16:10", ["This evening", "Tomorrow morning", "Next week"]),
        ("2026-09-23T21:00", ["Tomorrow morning", "Next week"]),
        ("2026-09-27T10:10", ["Later today", "Tomorrow morning"]),  # a Sunday
    ],
)
def test_only_times_that_lie_ahead_and_differ_are_offered(now: str, expected: list[str]) -> None:
    offered = presets(local(now))
    assert [preset.text for preset in offered] == expected
    assert all(preset.until > local(now) for preset in offered)
    assert [p.until for p in offered] == sorted(p.until for p in offered)


def test_sending_later_is_always_in_the_future() -> None:
    for day in range(21, 28):
        now = local(f"2026-09-{day}T23:30")
        assert all(preset.until > now for preset in send_presets(now))


def test_a_snooze_says_until_when_in_utc_or_until_the_reply(qtbot: QtBot, theme: Theme) -> None:
    menu = SnoozeMenu(theme, now=local("2026-09-23T10:10"))
    qtbot.addWidget(menu)
    with qtbot.waitSignal(menu.chosen) as chosen:
        menu.actions()[0].trigger()
    until, until_reply = chosen.args
    assert until.tzinfo is UTC
    assert not until_reply
    with qtbot.waitSignal(menu.chosen) as chosen:
        menu.actions()[-1].trigger()
    assert chosen.args == [None, True]


@pytest.fixture
def tags(qtbot: QtBot, theme: Theme) -> TagMenu:
    menu = TagMenu(theme, tags=TAGS, chosen={1})
    qtbot.addWidget(menu)
    return menu


def test_typing_filters_without_accents_and_offers_a_new_tag(tags: TagMenu) -> None:
    tags.field.setText("iade")
    assert tags.shown() == ["İade & refund"]
    tags.field.setText("order")
    assert not tags._create.isVisible()
    tags.field.setText("orders")
    assert tags._create.isVisible()


def test_enter_creates_what_does_not_exist(qtbot: QtBot, tags: TagMenu) -> None:
    tags.field.setText("  wholesale ")
    with qtbot.waitSignal(tags.created) as created:
        QTest.keyClick(tags.field, Qt.Key.Key_Return)
    assert created.args == ["wholesale"]


def test_unchecking_takes_the_tag_off(qtbot: QtBot, tags: TagMenu) -> None:
    with qtbot.waitSignal(tags.toggled) as toggled:
        tags._entries[0][1].setChecked(False)
    assert toggled.args == [TAGS[0], False]
