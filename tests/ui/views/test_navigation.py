"""The navigation: what each line says, and that it is painted when that changes, not more often."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.navigation import Navigation
from desktop_inbox.ui.views.navigation_item import NavigationItem
from desktop_inbox.ui.views.status_bar import StatusBar
from tests.support import builders
from tests.support.qt_waits import until
from tests.ui.views.paints import Paints

REFUND = TagRow(id=1, uid="t1", name="refund", hue=20, open_count=4)


@pytest_asyncio.fixture
async def accounts(context: AppContext) -> Accounts:
    await context.write(builders.account)
    accounts = Accounts(context)
    accounts.reload()
    await until(lambda: accounts.rows)
    return accounts


@pytest_asyncio.fixture
async def navigation(
    qtbot: QtBot, context: AppContext, accounts: Accounts
) -> AsyncIterator[Navigation]:
    navigation = Navigation(context, accounts)
    qtbot.addWidget(navigation)
    navigation.resize(224, 700)
    navigation.show()
    accounts.changed.emit()
    yield navigation


def tell(accounts: Accounts, context: AppContext, state: State, **more: object) -> None:
    status = AccountStatus(account_id=accounts.rows[0].id, state=state, **more)  # type: ignore[arg-type]
    context.bridge.account_status.emit(status)
    accounts.changed.emit()  # progress is told a few times a second only


async def test_a_count_that_is_the_same_is_not_painted_again(navigation: Navigation) -> None:
    paints = Paints(navigation, NavigationItem)
    inbox = navigation.item("inbox")
    assert inbox in await paints.during(lambda: navigation.show_counts(ViewCounts(inbox=5)))
    assert (await paints.during(lambda: navigation.show_counts(ViewCounts(inbox=5)))) == []
    assert (await paints.during(lambda: navigation.show_counts(ViewCounts(inbox=6)))) == [inbox]
    assert inbox.accessibleName() == "Inbox, 6"


async def test_tags_keep_their_lines_while_only_their_counts_change(
    navigation: Navigation,
) -> None:
    navigation.show_tags([REFUND])
    line = navigation.item("tag", 1)
    navigation.show_tags([TagRow(id=1, uid="t1", name="refund", hue=20, open_count=5)])
    assert navigation.item("tag", 1) is line
    assert line.count == "5"
    navigation.show_tags([TagRow(id=1, uid="t1", name="refunds", hue=20, open_count=5)])
    assert navigation.item("tag", 1).text() == "refunds"
    navigation.show_tags([])
    assert ("tag", 1) not in navigation._items


async def test_progress_of_a_first_sync_paints_no_line_of_the_navigation(
    navigation: Navigation, accounts: Accounts, context: AppContext
) -> None:
    tell(accounts, context, State.CATCHING_UP, done=1, total=100)
    paints = Paints(navigation, NavigationItem)
    seen = await paints.during(
        *(
            lambda done=done: tell(accounts, context, State.CATCHING_UP, done=done, total=100)
            for done in range(2, 20)
        )
    )
    assert seen == []


async def test_a_channel_in_need_says_so_to_eye_and_ear_also_after_its_count_changed(
    navigation: Navigation, accounts: Accounts, context: AppContext
) -> None:
    line = navigation.item("account", accounts.rows[0].id)
    tell(accounts, context, State.NEEDS_SIGN_IN)
    line.show_count(3)
    assert line.accessibleName().startswith("Shop, 3, Shop")
    tell(accounts, context, State.PAUSED)
    assert "paused" in line.toolTip().lower()


async def test_the_status_bar_paints_what_it_says_anew_only(
    qtbot: QtBot, context: AppContext, accounts: Accounts
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = StatusBar(context, accounts, Commands(context, window), window)
    window.resize(900, 26)
    bar.resize(900, 26)
    tell(accounts, context, State.CATCHING_UP, done=10, total=100)
    window.show()
    paints = Paints(bar, QWidget)
    assert (await paints.during(bar.refresh)) == []
    seen = await paints.during(
        lambda: tell(accounts, context, State.CATCHING_UP, done=60, total=100),
    )
    assert bar._synced in seen
    assert bar._connection not in seen
    assert "60" in bar._synced.text()
