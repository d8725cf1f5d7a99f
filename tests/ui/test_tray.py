"""The tray, and what closing the window means with it and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.closing import Closing
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.notifications.by_tray import ByTray
from desktop_inbox.ui.notifications.shower import OPEN, Card
from desktop_inbox.ui.tray import Tray, tray_icon

# The off-screen platform can neither raise a window nor has it a tray.
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support raise", "No such signal .*systemTrayWindowChanged"
)


class Place:
    """A window with a tray that a test can take away."""

    def __init__(self, context: AppContext, window: QWidget) -> None:
        self.there = True
        self.left = 0
        self.window = window
        self.context = context
        self.tray = Tray(context, window, available=lambda: self.there)
        self.closing = Closing(context, window, self.tray, leave=self.leave)

    def leave(self) -> None:
        self.left += 1

    def answer(self, words: str) -> None:
        (box,) = self.window.findChildren(QMessageBox)
        (pressed,) = [one for one in box.findChildren(QPushButton) if one.text() == words]
        pressed.click()


@pytest.fixture
def place(qtbot: QtBot, context: AppContext) -> Iterator[Place]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    place = Place(context, window)
    yield place
    place.tray.close()


def menu(place: Place) -> list[str]:
    return [action.text() for action in place.tray.menu.actions() if not action.isSeparator()]


async def test_its_menu_shows_pauses_and_quits(place: Place, context: AppContext) -> None:
    assert menu(place) == ["Show Desktop Inbox", "Pause notifications", "Quit"]
    show, pause, _line, leave = place.tray.menu.actions()
    place.window.hide()
    show.trigger()
    assert place.window.isVisible()
    pause.trigger()
    assert not context.settings.notify
    context.settings.notify = True
    assert not pause.isChecked()
    gone: list[bool] = []
    context.actions.on("quit", lambda: gone.append(True))
    leave.trigger()
    assert gone == [True]


async def test_notifications_are_paused_from_the_palette_too_and_ticked_there(
    window: MainWindow, context: AppContext
) -> None:
    palette = window.palette_overlay
    palette.open()
    assert {"Pause notifications", "Quit"} <= set(palette.texts())
    assert "Show Desktop Inbox" not in palette.texts()  # whoever sees the palette sees it
    palette.field.setText("pause notifications")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not context.settings.notify
    (entry,) = [one for one in palette.known("pause notif") if one.text == "Pause notifications"]
    assert entry.icon == "check"


async def test_it_says_how_many_are_unread(place: Place) -> None:
    icon = place.tray._icon
    assert icon is not None
    place.tray.show_count(3)
    assert icon.toolTip() == "Desktop Inbox\n3 unread conversations"
    place.tray.show_count(0)
    assert icon.toolTip() == "Desktop Inbox"


async def test_it_comes_and_goes_with_its_setting(place: Place, context: AppContext) -> None:
    assert place.tray.is_there
    context.settings.tray_icon = False
    assert not place.tray.is_there
    context.settings.tray_icon = True
    assert place.tray.is_there


async def test_a_click_on_it_shows_the_window(place: Place) -> None:
    place.window.hide()
    assert place.tray._icon is not None
    place.tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert place.window.isVisible()


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("side", [16, 22, 24, 32, 64])
def test_its_icon_is_sharp_in_one_colour_with_a_dot_for_unread(
    qapp: QGuiApplication, dark: bool, side: int
) -> None:
    def picture(unread: bool):  # type: ignore[no-untyped-def]
        pixmap = tray_icon(dark=dark, unread=unread).pixmap(QSize(side, side), 1.0)
        assert pixmap.size() == QSize(side, side)
        return pixmap.toImage()

    def hues(unread: bool) -> set[bool]:
        image = picture(unread)
        colours = [image.pixelColor(x, y) for x in range(side) for y in range(side)]
        seen = [one for one in colours if one.alpha() > 200]
        assert seen
        return {one.saturation() > 150 for one in seen}

    assert hues(False) == {False}
    assert hues(True) == {False, True}


# Closing


async def test_the_first_close_says_what_it_means_and_quits_as_ever(
    place: Place, context: AppContext
) -> None:
    assert place.closing.holds_back()
    (box,) = place.window.findChildren(QMessageBox)
    assert box.text() == "Closing the window quits Desktop Inbox."
    place.answer("Quit")
    assert place.left == 1
    assert context.settings.close_explained
    assert not place.closing.holds_back()  # it is not asked again


async def test_whoever_wants_that_goes_on_in_the_tray(place: Place, context: AppContext) -> None:
    assert place.closing.holds_back()
    place.answer("Go on in the tray")
    assert not place.window.isVisible()
    assert place.left == 0
    place.window.show()
    assert place.closing.holds_back()
    assert not place.window.isVisible()


async def test_a_change_of_mind_changes_nothing(place: Place, context: AppContext) -> None:
    assert place.closing.holds_back()
    place.answer("Cancel")
    assert place.window.isVisible()
    assert not context.settings.close_explained


async def test_without_a_tray_nothing_is_hidden_for_ever(place: Place, context: AppContext) -> None:
    context.settings.close_explained = context.settings.close_to_tray = True
    place.there = False
    assert not place.closing.holds_back()
    assert place.window.isVisible()


async def test_an_icon_that_is_switched_off_holds_no_window(
    place: Place, context: AppContext
) -> None:
    context.settings.close_explained = context.settings.close_to_tray = True
    context.settings.tray_icon = False
    assert not place.closing.holds_back()


async def test_the_end_of_a_session_is_not_held_up(
    place: Place, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.settings.close_explained = context.settings.close_to_tray = True
    monkeypatch.setattr(QGuiApplication, "isSavingSession", lambda _self: True)
    assert not place.closing.holds_back()


# Messages by the tray


async def test_where_there_is_nothing_better_the_tray_shows_messages(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(
        QSystemTrayIcon,
        "showMessage",
        lambda _self, title, body, *_rest: said.append((title, body)),
    )
    acted: list[tuple[int, str, str]] = []
    shower = ByTray(place.tray, lambda *done: acted.append(done))
    number = await shower.show(Card(title="Mina", body="Hello"))
    assert said == [("Mina", "Hello")]
    place.tray.message_clicked.emit()
    assert acted == [(number, OPEN, "")]
    await shower.withdraw(number)
    place.tray.message_clicked.emit()
    assert len(acted) == 1
    place.there = False
    assert await shower.show(Card(title="Mina")) == 0
    assert (await shower.ability()).server == ""
    await shower.stop()
