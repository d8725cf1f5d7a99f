"""The page of notifications: every choice holds at once, and the test says what can be done."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PySide6.QtCore import QTime
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QTimeEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.notices import Kind, Level, QuietHours
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import settings_notifications
from desktop_inbox.ui.dialogs.settings_form import SettingsDesk
from desktop_inbox.ui.dialogs.settings_notifications import NotificationsPage
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.notifications import wishes
from desktop_inbox.ui.notifications.notifier import Notifier
from desktop_inbox.ui.notifications.shower import Ability, Card, OnAction
from desktop_inbox.ui.tray import Tray
from tests.support import builders
from tests.support.qt_waits import until


class Screen:
    """Shows what it is given, or nothing where there is no server."""

    def __init__(self, ability: Ability) -> None:
        self._ability = ability
        self.cards: list[Card] = []

    async def show(self, card: Card, *, replaces: int = 0) -> int:
        self.cards.append(card)
        return len(self.cards) if self._ability.server else 0

    async def withdraw(self, number: int) -> None:
        pass

    async def ability(self) -> Ability:
        return self._ability

    async def stop(self) -> None:
        pass


class Sheet:
    """The page over a window, with one account."""

    def __init__(self, context: AppContext, window: QWidget, accounts: Accounts) -> None:
        self.context = context
        self.window = window
        self.accounts = accounts
        self.page = NotificationsPage(
            SettingsDesk(
                context=context,
                accounts=accounts,
                window=window,
                dismiss=lambda: None,
                sign_in=lambda _row: None,
            )
        )

    def box(self, title: str) -> QComboBox:
        (found,) = [
            one for one in self.page.findChildren(QComboBox) if one.accessibleName() == title
        ]
        return found

    def choose(self, title: str, words: str) -> None:
        box = self.box(title)
        place = box.findText(words)
        assert place >= 0, [box.itemText(number) for number in range(box.count())]
        box.setCurrentIndex(place)
        box.activated.emit(place)

    async def test_it(self, ability: Ability) -> str:
        screen = Screen(ability)

        def make(_tray: Tray, _act: OnAction) -> Screen:
            return screen

        tray = Tray(self.context, self.window, available=lambda: False)
        notifier = Notifier(self.context, self.accounts, self.window, tray, shower=make)
        self.context.notifier = notifier
        (button,) = [
            one for one in self.page.findChildren(QPushButton) if one.text() == "Show one now"
        ]
        button.click()
        await until(button.isEnabled)
        await notifier.stop()
        assert [card.sound for card in screen.cards] == [True]
        return self.page._tried.text()


@pytest_asyncio.fixture
async def sheet(qtbot: QtBot, context: AppContext) -> AsyncIterator[Sheet]:
    await context.write(builders.account)
    window = QWidget()
    qtbot.addWidget(window)
    accounts = Accounts(context)
    accounts.reload()
    await until(lambda: accounts.known)
    sheet = Sheet(context, window, accounts)
    qtbot.addWidget(sheet.page)
    await sheet.page.load()
    yield sheet


async def test_each_class_is_chosen_for_every_channel(sheet: Sheet) -> None:
    assert {kind for kind, _title in settings_notifications._KINDS} == set(Kind)
    for kind, title in settings_notifications._KINDS:
        for level, words in settings_notifications._LEVELS.items():
            sheet.choose(title, words)
            assert wishes.of(sheet.context.settings).level(kind) is level


async def test_one_channel_may_differ_and_go_along_again(sheet: Sheet) -> None:
    settings, uid = sheet.context.settings, sheet.accounts.rows[0].uid
    sheet.choose("Of which channel", "Shop")
    sheet.choose("A new e-mail", "Nothing")
    assert wishes.of(settings).level(Kind.EMAIL, uid) is Level.OFF
    assert wishes.of(settings).level(Kind.EMAIL) is Level.BANNER
    sheet.choose("A new e-mail", "As every channel")
    assert sheet.box("A new e-mail").toolTip() == "A notification"
    assert wishes.of(settings).level(Kind.EMAIL, uid) is Level.BANNER
    sheet.choose("Of which channel", "Every channel")
    assert sheet.box("A new e-mail").currentText() == "A notification"


async def test_what_was_chosen_is_shown_when_the_page_is_opened_again(sheet: Sheet) -> None:
    sheet.choose("An answer is overdue", "Nothing")
    again = Sheet(sheet.context, sheet.window, sheet.accounts)
    assert again.box("An answer is overdue").currentText() == "Nothing"


async def test_quiet_hours_are_times_of_the_day(sheet: Sheet) -> None:
    settings = sheet.context.settings
    start, end = sheet.page.findChildren(QTimeEdit)
    assert not start.isEnabled()
    sheet.choose("Quiet", "Between two times")
    assert start.isEnabled()
    start.setTime(QTime(21, 30))
    end.setTime(QTime(6, 15))
    quiet = wishes.of(settings).quiet
    assert isinstance(quiet, QuietHours)
    assert (quiet.start.isoformat(), quiet.end.isoformat()) == ("21:30:00", "06:15:00")


async def test_without_a_tray_nothing_about_it_can_be_chosen(sheet: Sheet) -> None:
    assert not sheet.box("Closing the window").isEnabled()
    (icon,) = [
        one
        for one in sheet.page.findChildren(QCheckBox)
        if one.accessibleName() == "An icon in the tray"
    ]
    assert not icon.isEnabled()


async def test_the_test_says_who_shows_it_and_what_it_can_do(sheet: Sheet) -> None:
    said = await sheet.test_it(
        Ability(server="GNOME Shell 43", can=frozenset({"actions", "body", "x-vendor"}))
    )
    assert said == "Shown by GNOME Shell 43. It can do: text, buttons."


async def test_the_test_says_what_to_do_where_nothing_is_shown(sheet: Sheet) -> None:
    said = await sheet.test_it(Ability(problem="there is no session bus"))
    assert said.startswith("Nothing here shows notifications.")
    assert "there is no session bus" in said


@pytest.mark.parametrize("stored", [{"x": 1}, {"email": "loud"}, {"sla": []}, {"email": 3}])
async def test_a_settings_file_of_another_kind_is_read_as_nothing_chosen(
    context: AppContext, stored: dict[str, object]
) -> None:
    context.settings.notify_levels = stored
    context.settings.notify_accounts = {"a": stored, "b": 7}
    context.settings.notify_quiet = "hours"
    context.settings.notify_quiet_from = "late"
    wished = wishes.of(context.settings)
    assert wished.level(Kind.EMAIL, "a") is Level.BANNER
    assert wished.quiet is None
