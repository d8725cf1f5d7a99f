"""What a screen reader finds on the sample shop: every page, pane and dialog, by its controls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.demo.tour import SUBJECT
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store import accounts, conversations
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import application
from desktop_inbox.ui.context import AppContext, Banner, Notice
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.theme import Theme
from tests.support.qt_waits import until
from tests.ui.shop import synced_shop

_Text = QAccessible.Text


@pytest.fixture(scope="module")
def shop() -> Iterator[Workspace]:
    """The sample shop with everything in it."""
    with synced_shop() as workspace:
        yield workspace


@pytest_asyncio.fixture
async def window(qtbot: QtBot, shop: Workspace, theme: Theme) -> AsyncIterator[MainWindow]:
    """The window on the shop, on a conversation that has a history, a customer and a level."""
    context = AppContext(
        workspace=shop, engine=None, settings=Settings(), secrets=MemorySecrets(), theme=theme
    )
    context.bridge.listen(shop.db.subscribe(context.bridge.publish))
    window = MainWindow(context, with_sample=True)
    await window.complete()
    window.resize(1440, 900)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    await until(lambda: window.list.model.rowCount() and not window.list.model.loading)
    found = await context.read(partial(conversations.page, query=ListQuery(), limit=200))
    wanted = next(row.id for row in found[0] if row.subject == SUBJECT)
    window.list.table.choose(wanted, by_person=True)
    await until(window.thread_view.timeline.bubbles)
    yield window
    await window.leave()
    context.bridge.close()
    await context.tasks.stop()
    window.let_go()
    window.close()
    window.deleteLater()


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
    return f"{where}{type(thing).__name__} {thing.objectName()}".rstrip()


# --- every surface of the program ---


async def _nothing(window: MainWindow) -> QWidget:
    return window


def _after(*actions: str) -> Callable[[MainWindow], Awaitable[QWidget]]:
    async def opened(window: MainWindow) -> QWidget:
        for action in actions:
            window._context.actions[action].trigger()
        await until(lambda: not window.list.model.loading)
        return window

    return opened


def _top(*actions: str) -> Callable[[MainWindow], Awaitable[QWidget]]:
    """What opens as a window or a menu of its own."""

    async def opened(window: MainWindow) -> QWidget:
        for action in actions:
            window._context.actions[action].trigger()

        def over() -> QWidget | None:
            return QApplication.activePopupWidget() or QApplication.activeModalWidget()

        await until(over)
        found = over()
        assert found is not None
        return found

    return opened


async def _writing(window: MainWindow) -> QWidget:
    window.thread_view.composer.begin("reply_all")
    window.thread_view.composer.open_picker()
    await until(lambda: window.thread_view.composer.picker.isVisible())
    return window


async def _told(window: MainWindow) -> QWidget:
    context = window._context
    context.notice.emit(Notice(text="3 archived", action_text="Undo", action=lambda: None))
    context.banner.emit(Banner(text="Offline", detail="why", action_text="Retry", action=print))
    return window


async def _unfound(window: MainWindow) -> QWidget:
    window.list.search.field.setText("zzzzzz")
    await until(lambda: window.list.empty_words == "No match")
    return window


async def _welcome(window: MainWindow) -> QWidget:
    window.pages.setCurrentWidget(window.pages._build_welcome())
    return window


async def _set_up(window: MainWindow) -> QWidget:
    window.pages.add_account()
    assert window.pages.setup is not None
    return window.pages.setup


async def _account(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.account_settings import AccountSettings

    [row] = await window._context.read(accounts.list_all)
    card = AccountSettings(window._context, row, window._ground)
    card.open()
    return card


async def _source(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views.message_source import SourceDialog

    return SourceDialog(b"Subject: hello\r\n\r\nhello", title="hello", parent=window)


async def _crash(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.crash import CrashDialog

    return CrashDialog(RuntimeError("nothing"), window)


async def _fill_in(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.canned_fill import CannedFill

    return CannedFill("Shipping", ["order.number"], parent=window)


async def _when(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views import time_words
    from desktop_inbox.ui.views.time_picker import Asked, TimePicker

    asked = Asked(title="Send at", offers=time_words.SEND, until_reply=True, may_stay=True)
    picker = TimePicker(window._context, window, asked, picked=lambda _picked: None)
    picker.ask()
    await until(picker.isVisible)
    return picker


SURFACES: dict[str, Callable[[MainWindow], Awaitable[QWidget]]] = {
    "conversation": _nothing,
    "outbox": _after("go.outbox"),
    "drafts": _after("go.drafts"),
    "no match": _unfound,
    "reply with a picker": _writing,
    "new message": _after("compose.new"),
    "forward": _after("forward"),
    "note": _after("note"),
    "find in the conversation": _after("thread.find"),
    "notice and banner": _told,
    "palette": _after("palette"),
    "shortcuts": _after("help"),
    "canned responses": _after("canned.manage"),
    "customers": _top("go.customers"),
    "merge": _after("conversation.merge"),
    "tags": _top("conversation.tag"),
    "move": _top("conversation.move"),
    "welcome": _welcome,
    "add a channel": _set_up,
    "settings of a channel": _account,
    "source": _source,
    "fault": _crash,
    "fill in": _fill_in,
    "a time": _when,
}


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("surface", SURFACES)
async def test_every_control_has_a_name(window: MainWindow, surface: str) -> None:
    root = await SURFACES[surface](window)
    if root.isHidden():
        root.show()
    found = controls(root)
    assert found, "nothing here takes the focus"
    nameless = [one for one in found if not one.name]
    assert nameless == []
    if root is not window:
        root.close()


async def test_every_page_of_the_settings_has_names(window: MainWindow) -> None:
    from desktop_inbox.ui.dialogs.settings import SettingsDialog

    window.open_settings()
    (dialog,) = window.findChildren(SettingsDialog)
    for number, page in enumerate(dialog.pages):
        dialog.open_page(number)
        found = controls(dialog)
        nameless = [one for one in found if not one.name]
        assert nameless == [], type(page).__name__


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
    (account,) = [row for row, _status in window.accounts.statuses()]
    for state in (State.ONLINE, State.WAITING, State.WAITING, State.ONLINE):
        status = AccountStatus(account_id=account.id, state=state, cause="network")
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
