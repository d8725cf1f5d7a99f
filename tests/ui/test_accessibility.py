"""What a screen reader finds on the sample shop: every page, pane and dialog, by its controls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import pytest
import pytest_asyncio
from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import application, focus_order
from desktop_inbox.ui.context import Banner, Notice
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.theme import Choice, Theme
from desktop_inbox.ui.views.canned_picker import CannedPicker
from desktop_inbox.ui.views.customers_page import CustomersPage
from desktop_inbox.ui.views.dialog import Dialog
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.toast import Toast
from tests.support.qt_waits import until
from tests.ui.contrast import faint
from tests.ui.shop import synced_shop
from tests.ui.surfaces import SURFACES, pages_of, put_away, turn_to, window_on
from tests.ui.surfaces_over import CARDS, DIALOGS, MENUS, SETTINGS

_Text = QAccessible.Text


@pytest.fixture(scope="module")
def shop() -> Iterator[Workspace]:
    """The sample shop with everything in it."""
    with synced_shop() as workspace:
        yield workspace


@pytest_asyncio.fixture
async def window(qtbot: QtBot, shop: Workspace, theme: Theme) -> AsyncIterator[MainWindow]:
    """The window on the shop, on a conversation that has a history, a customer and a level."""
    async with window_on(shop, theme) as window:
        yield window


# --- walking ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Something that takes the focus, as assistive programs see it."""

    name: str
    role: str
    kind: str  # the class, for who mends it


def walk(root: QObject) -> Iterator[QAccessibleInterface]:
    """Yield everything visible under a widget, as assistive programs see it."""
    yield from _tree(QAccessible.queryAccessibleInterface(root))


def _tree(interface: QAccessibleInterface | None) -> Iterator[QAccessibleInterface]:
    if interface is None or not interface.isValid() or interface.state().invisible:
        return
    yield interface
    if isinstance(interface.object(), QWidget):
        for place in range(interface.childCount()):
            yield from _tree(interface.child(place))


def controls(root: QWidget) -> list[Control]:
    """Return every control under a widget that takes the focus, in the order of the tree."""
    return [
        Control(
            name=interface.text(_Text.Name).strip(),
            role=interface.role().name,
            kind=_kind(thing),
        )
        for interface in walk(root)
        if _is_control(interface, thing := interface.object())
    ]


def _is_control(interface: QAccessibleInterface, thing: QObject | None) -> bool:
    if not isinstance(thing, QWidget):
        return interface.role() is QAccessible.Role.MenuItem
    by_tab = thing.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and thing.isEnabled() and thing.focusProxy() is None


def _kind(thing: QObject | None) -> str:
    if thing is None:
        return "part"
    parent = thing.parent()
    where = f"{type(parent).__name__} > " if parent is not None else ""
    name = thing.accessibleName() if isinstance(thing, QWidget) else ""
    return f"{where}{type(thing).__name__} {thing.objectName() or name}".rstrip()


# --- on every surface of the program ---


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("surface", SURFACES)
async def test_every_control_has_a_name_and_is_reached_as_the_eye_goes(
    window: MainWindow, surface: str
) -> None:
    root = await SURFACES[surface](window)
    for page in range(pages_of(root)):
        turn_to(root, page)
        found = controls(root)
        assert found, "nothing here takes the focus"
        assert [one for one in found if not one.name or one.role == "NoRole"] == []
        if not isinstance(root, QMenu):
            await _walk_around(root)
    await put_away(window, root)


# Among these is every kind of control and of ground.
READ = (
    "conversation", "reply with a picker", "note", "notice and banner", "no match",
    "add a channel by hand", "shortcuts", "canned responses", "view", "service level", "holidays",
    "settings: notifications", "settings: keyboard", "settings: service-levels", "customers",
    "merging customers", "removing a channel",
)  # fmt: skip


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK])
async def test_words_stand_out_from_what_is_painted_behind_them(
    qtbot: QtBot, shop: Workspace, theme: Theme, choice: Choice
) -> None:
    theme.choose(choice)
    theme.apply()
    told: list[str] = []
    for surface in READ:
        async with window_on(shop, theme) as window:
            root = await SURFACES[surface](window)
            shown = root.card if isinstance(root, Overlay) else root
            told += [f"{surface}: {one}" for one in faint(shown)]
            await put_away(window, root)
    theme.choose(Choice.LIGHT)
    theme.apply()
    assert not told, "\n".join(told)


async def _walk_around(root: QWidget) -> None:
    """Go around with Tab; once more where what is there was built anew meanwhile."""
    for _time in range(5):
        wanted = _wanted(root)
        try:
            return _assert_reached(root, wanted)
        except AssertionError:
            if _wanted(root) == wanted:
                raise
            await asyncio.sleep(0.05)
    raise AssertionError("it does not come to rest")


def _wanted(root: QWidget) -> set[QWidget]:
    return {thing for thing in _widgets(root) if _is_reached_by_tab(thing)}


def _assert_reached(root: QWidget, wanted: set[QWidget]) -> None:
    """Everything comes once, nothing else does, never upwards, and back the same way."""
    begin = focus_order.controls(root)[0]
    begin.setFocus(Qt.FocusReason.TabFocusReason)
    came = [_control(begin, wanted)]
    for _press in range(len(wanted) + 5):
        QTest.keyClick(_focused(), Qt.Key.Key_Tab)
        if (now := _control(_focused(), wanted)) is came[0]:
            break
        if now is not came[-1]:  # the links of a message take turns
            came.append(now)
    groups = {
        group
        for one in came
        if isinstance(one, QAbstractButton) and (group := one.group()) is not None
    }
    missing = [one for one in wanted - set(came) if not _is_of(groups, one)]
    assert [_kind(one) for one in missing] == [], "not reached"
    assert len(came) == len(set(came)), "reached twice"
    QTest.keyClick(_focused(), Qt.Key.Key_Backtab)
    assert _control(_focused(), wanted) is came[-1], "not the same way back"
    upwards = [(_kind(one), _kind(next_)) for one, next_ in pairwise(came) if _goes_up(one, next_)]
    assert upwards == []


def _widgets(root: QWidget) -> list[QWidget]:
    return [thing for one in walk(root) if isinstance(thing := one.object(), QWidget)]


def _is_reached_by_tab(thing: QWidget) -> bool:
    inside = thing.parentWidget()
    part = isinstance(inside, QAbstractSpinBox | QComboBox | QLineEdit)  # of another control
    by_tab = thing.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and thing.isEnabled() and thing.focusProxy() is None and not part


def _is_of(groups: set[QButtonGroup], thing: QWidget) -> bool:
    """Tell whether the arrow keys go to a button from another that came: one of several."""
    group = thing.group() if isinstance(thing, QAbstractButton) else None
    return group is not None and group.exclusive() and group in groups


def _focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None, "the focus is nowhere"
    return widget


def _control(widget: QWidget, wanted: set[QWidget]) -> QWidget:
    """Return the control that has the focus, which may have given it to a part of itself."""
    here: QWidget | None = widget
    while here is not None and here not in wanted:
        here = here.parentWidget()
    assert here is not None, f"the focus left: {_kind(widget)}"
    return here


def _goes_up(one: QWidget, following: QWidget) -> bool:
    """Tell whether the eye would have to go back up, and not over to the next column."""
    if one.isAncestorOf(following) or any(_floats(thing) for thing in (one, following)):
        return False
    here = QRect(one.mapToGlobal(QPoint()), one.size())
    there = QRect(following.mapToGlobal(QPoint()), following.size())
    return there.bottom() < here.top() and there.left() < here.right()


def _floats(thing: QWidget) -> bool:
    """Tell whether something lies over the rest; that comes after what is around it."""
    here: QWidget | None = thing
    while here is not None and not isinstance(here, CannedPicker | Toast):
        here = here.parentWidget()
    return here is not None


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("surface", CARDS | DIALOGS | MENUS | SETTINGS)
async def test_escape_closes_what_lies_over_the_window(window: MainWindow, surface: str) -> None:
    root = await SURFACES[surface](window)
    gone: list[bool] = []
    root.destroyed.connect(lambda: gone.append(True))
    pressed_in = root if isinstance(root, QMenu) else _focused()
    QTest.keyClick(pressed_in, Qt.Key.Key_Escape)
    await until(lambda: gone or not root.isVisible())


# What Enter does in a field of a card or a dialog, where something is chosen or written.
ENTER = {
    "canned responses": "Save",
    "tags of the shop": "Add",
    "view": "Save",
    "settings of a channel": "Save",
    "opening hours": "Save",
    "holidays": "",  # so many days
    "service level": "Save",
    "identity": "Save",
    "customer fields": "Add",
    "customer import": "Import 1 customer",
    "merging customers": "Merge",
    "source": "Close",
    "fault": "Go on",
    "fill in": "Insert",
    "passphrase": "Continue",
    "removing a channel": "Cancel",
    "quitting": "Send now",
    "closing": "Quit",
}


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("surface", ENTER)
async def test_enter_presses_what_is_meant(window: MainWindow, surface: str) -> None:
    root = await SURFACES[surface](window)
    meant: QPushButton | None
    if isinstance(root, QMessageBox):
        meant = root.defaultButton()
    elif isinstance(root, Overlay | Dialog):
        meant = root.default
    else:
        meant = next(one for one in root.findChildren(QPushButton) if one.isDefault())
    assert meant is not None
    assert not ENTER[surface] or meant.text().replace("&", "") == ENTER[surface]
    meant.setEnabled(True)
    pressed: list[bool] = []
    meant.clicked.disconnect()
    meant.clicked.connect(lambda: pressed.append(True))
    fields = [one for one in root.findChildren(QLineEdit) if one.isVisible() and one.isEnabled()]
    if fields:
        fields[0].setFocus()
    elif isinstance(root, QMessageBox):
        meant.setFocus()
    QTest.keyClick(_focused(), Qt.Key.Key_Return)
    assert pressed == [True]
    await put_away(window, root)


async def test_enter_in_the_search_of_customers_opens_nothing(window: MainWindow) -> None:
    page = await SURFACES["customers"](window)
    assert isinstance(page, CustomersPage)
    page.search.setFocus()
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert page.isVisible()
    assert QApplication.activeModalWidget() in (None, page)
    page.close()


# --- what is said while the focus stays ---


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told."""
    heard: list[str] = []
    for place in ("toast", "message_bar", "status_bar"):
        monkeypatch.setattr(
            f"desktop_inbox.ui.views.{place}.announce", lambda _widget, text: heard.append(text)
        )
    return heard


async def test_what_happens_is_said_with_what_can_be_done(
    window: MainWindow, said: list[str]
) -> None:
    context = window._context
    context.notice.emit(Notice(text="3 archived", action_text="Undo", action=lambda: None))
    context.notice.emit(Notice(text="Sent"))
    context.banner.emit(Banner(text="The disk is full."))
    assert said == ["3 archived, Undo available", "Sent", "The disk is full."]


def _is_known(window: MainWindow, status: AccountStatus) -> bool:
    return status in [one for _row, one in window.accounts.statuses()]


async def test_going_offline_and_coming_back_is_said_once(
    window: MainWindow, said: list[str]
) -> None:
    keys = [row.id for row, _status in window.accounts.statuses()]
    for state in (State.ONLINE, State.WAITING, State.WAITING, State.ONLINE):
        for key in keys:
            status = AccountStatus(account_id=key, state=state, cause="network")
            window._context.bridge.publish_status(status)
            await until(partial(_is_known, window, status))
        window.status_bar.refresh()
    offline = [words for words in said if words.startswith("Offline: ")]
    assert len(offline) == 1
    assert said[-1] == "Online"


def _is_told(window: MainWindow, status: AccountStatus) -> bool:
    return window.accounts.statuses()[0][1] == status


async def test_a_row_of_the_list_is_one_useful_sentence(window: MainWindow) -> None:
    model = window.list.model
    told = [str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(5)]
    for row, sentence in zip((model.peek(key) for key in model.ids[:5]), told, strict=True):
        assert row is not None
        assert row.customer_name in sentence
        assert row.subject in sentence
        assert ("Unread" in sentence) is bool(row.unread)


def test_nothing_moves_by_itself(qapp: QApplication) -> None:
    """Reduced motion (behaviour 47) needs no switch: there is no motion to reduce."""
    application.dress(qapp)
    for effect in (
        Qt.UIEffect.UI_AnimateMenu,
        Qt.UIEffect.UI_FadeMenu,
        Qt.UIEffect.UI_AnimateCombo,
        Qt.UIEffect.UI_AnimateTooltip,
        Qt.UIEffect.UI_FadeTooltip,
        Qt.UIEffect.UI_AnimateToolBox,
    ):
        assert not QApplication.isEffectEnabled(effect), effect
