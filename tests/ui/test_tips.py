"""The tour: five tips beside what they speak of, in keys that are in force; it can be left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

import desktop_inbox
from desktop_inbox.store import accounts
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.tips import TIPS, Tips
from tests.support import builders
from tests.support.qt_waits import until

Open = Callable[[], Awaitable[MainWindow]]


def tour(window: MainWindow) -> Tips:
    found = window.findChild(Tips)
    assert isinstance(found, Tips)
    return found


def words(tips: Tips) -> str:
    return " ".join(label.text() for label in tips.card.findChildren(QLabel))


async def test_five_tips_are_walked_through_and_back(
    window: MainWindow, context: AppContext
) -> None:
    window.list.focus_list()
    context.actions["tips"].trigger()
    tips = tour(window)
    seen = []
    for number in range(len(TIPS)):
        assert f"{number + 1} of 5" in words(tips)
        assert "{" not in words(tips)
        assert tips.card.on.hasFocus()
        assert window._ground.rect().contains(tips.card.geometry())
        seen.append(tips.shown.title)
        if number < len(TIPS) - 1:
            tips.card.on.click()
    assert len(set(seen)) == 5
    assert tips.card.on.text() == "Done"
    assert not tips.card.skip.isVisible()
    tips.card._back.click()
    assert tips.shown.title == seen[3]
    tips.card.on.click()
    tips.card.on.click()
    assert window.list.table.hasFocus()
    await until(lambda: window.findChild(Tips) is None)


async def test_whoever_looks_around_is_offered_the_tour_until_they_take_it_or_say_no(
    window: MainWindow,
) -> None:
    window.help_desk.offer_tips()
    banner = window.message_bar.current
    assert banner is not None
    assert banner.action_text == "Show me"
    window.help_desk.start_tips()
    assert tour(window).shown is TIPS[0]
    assert window.message_bar.current is None


async def test_it_speaks_of_the_keys_in_force(window: MainWindow, context: AppContext) -> None:
    keys = {spec.id: context.actions.keys(spec.id) for spec in map(context.actions.spec, ["reply"])}
    assert keys["reply"] == ("R",)
    context.actions.use_keys({"reply": ("Ctrl+Y",), "send": ()})
    context.actions["tips"].trigger()
    tips = tour(window)
    tips.card.on.click()
    assert "Press Ctrl+Y" in words(tips)
    assert "with Send." in words(tips)


async def test_escape_skips_the_tour(window: MainWindow, context: AppContext) -> None:
    context.actions["tips"].trigger()
    QTest.keyClick(tour(window).card.on, Qt.Key.Key_Escape)
    await until(lambda: window.findChild(Tips) is None)
    assert context.settings.tips_seen


async def test_in_a_narrow_window_the_card_is_still_inside(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["tips"].trigger()
    tips = tour(window)
    window.resize(560, 520)
    for _tip in TIPS:
        assert window._ground.rect().contains(tips.card.geometry())
        tips.card.on.click()


async def test_it_begins_by_itself_once_after_the_first_account(
    open_window: Open, context: AppContext
) -> None:
    window = await open_window()
    assert window.pages.welcoming
    context.actions["tips"].trigger()
    assert window.findChild(Tips) is None  # there is nothing to point at
    window.pages.add_account()
    await context.write(lambda tx: builders.fill(tx, conversation_count=1))
    await until(lambda: bool(window.accounts.rows))
    assert window.findChild(Tips) is None  # not over the page that sets up
    assert not window.navigation.isVisible()  # there is nowhere to go to yet
    window.pages.close_setup()
    await until(lambda: window.findChild(Tips) is not None)
    assert window.navigation.isVisible()


async def test_whoever_had_older_mail_closed_is_told_where_it_is(
    open_window: Open, context: AppContext
) -> None:
    context.settings.tips_seen = True
    window = await open_window()
    await context.write(
        lambda tx: accounts.create(
            tx, kind="email", title="", address="", settings={"closed_before": "2026-11-01"}
        )
    )
    await until(lambda: window.toast.notice is not None)
    notice = window.toast.notice
    assert notice is not None
    assert notice.text == "Older mail arrives under Closed. Search finds it, too."


async def test_whoever_has_seen_it_is_left_alone(
    open_window: Open, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.settings.tips_seen = True
    window = await open_window()
    started: list[bool] = []
    monkeypatch.setattr(window.help_desk, "start_tips", lambda: started.append(True))
    await context.write(lambda tx: builders.fill(tx, conversation_count=1))
    await until(lambda: not window.pages.welcoming)
    assert not window.help_desk._welcomed
    assert started == []


async def test_after_an_upgrade_what_is_new_is_offered_once(
    open_window: Open, context: AppContext
) -> None:
    await context.write(lambda tx: builders.fill(tx, conversation_count=1))
    context.settings.news_seen = "0.0.9"
    window = await open_window()
    notice = window.toast.notice
    assert notice is not None
    assert desktop_inbox.__version__ in notice.text
    assert notice.action_text == "What is new"
    assert context.settings.news_seen == desktop_inbox.__version__


async def test_a_first_start_is_no_upgrade(open_window: Open, context: AppContext) -> None:
    window = await open_window()
    assert window.toast.notice is None
    assert context.settings.news_seen == desktop_inbox.__version__
