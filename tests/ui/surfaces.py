"""Every surface of the program on the sample shop, for walks over all that a person can see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop_inbox.demo.tour import SUBJECT
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.settings import Settings
from desktop_inbox.store import conversations
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui.context import AppContext, Banner, Notice
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.dialogs.tabbed import TabbedCard
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.theme import Theme
from tests.support.qt_waits import until
from tests.ui import chat_surfaces
from tests.ui.surfaces_over import CARDS, DIALOGS, MENUS, SETTINGS, Surface


@asynccontextmanager
async def window_on(
    shop: Workspace, theme: Theme, *, size: tuple[int, int] = (1440, 900)
) -> AsyncIterator[MainWindow]:
    """The window on the shop, on a conversation that has a history, a customer and a level."""
    settings = Settings()
    settings.spelling = False  # else every walk starts a process
    context = AppContext(
        workspace=shop, engine=None, settings=settings, secrets=MemorySecrets(), theme=theme
    )
    context.bridge.listen(shop.db.subscribe(context.bridge.publish))
    window = MainWindow(context, with_sample=True)
    await window.complete()
    window.resize(*size)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    await until(lambda: window.list.model.rowCount() and not window.list.model.loading)
    found = await context.read(partial(conversations.page, query=ListQuery(), limit=200))
    wanted = next(row.id for row in found[0] if row.subject == SUBJECT)
    window.list.table.choose(wanted, by_person=True)
    thread = window.thread_view
    await until(lambda: thread.timeline.bubbles() and thread.updatesEnabled())  # it is opened whole
    try:
        yield window
    finally:
        await window.leave()
        context.bridge.close()
        await context.tasks.stop()
        window.let_go()
        window.close()
        window.deleteLater()


# --- in the window ---


async def _conversation(window: MainWindow) -> QWidget:
    return window


def _after(*actions: str) -> Surface:
    async def opened(window: MainWindow) -> QWidget:
        for action in actions:
            window._context.actions[action].trigger()
        await until(lambda: not window.list.model.loading)
        return window

    return opened


async def _writing(window: MainWindow) -> QWidget:
    window.thread_view.composer.begin("reply_all")
    window.thread_view.composer.canned.open()
    await until(lambda: window.thread_view.composer.picker.isVisible())
    return window


async def _told(window: MainWindow) -> QWidget:
    context = window._context
    context.notice.emit(Notice(text="3 archived", action_text="Undo", action=lambda: None))
    context.banner.emit(Banner(text="Offline", detail="why", action_text="Retry", action=print))
    return window


async def _unfound(window: MainWindow) -> QWidget:
    window.list.search.field.setText("zzzzzz")
    await until(lambda: not window.list.model.loading and not window.list.model.rowCount())
    return window


async def _searched(window: MainWindow) -> QWidget:
    window.list.search.start()
    window.list.search.field.setText("sipariş")
    await until(lambda: not window.list.model.loading)
    return window


async def _welcome(window: MainWindow) -> QWidget:
    window.pages.setCurrentWidget(window.pages._build_welcome())
    return window


async def _set_up(window: MainWindow) -> QWidget:
    window.pages.add_account()
    return window


async def _set_up_by_hand(window: MainWindow) -> QWidget:
    window.pages.add_account()
    assert isinstance(window.pages.setup, AccountSetup)
    window.pages.setup._open_manual()
    return window


async def _set_up_wrongly(window: MainWindow) -> QWidget:
    window.pages.add_account()
    assert isinstance(window.pages.setup, AccountSetup)
    window.pages.setup.address.setText("info kaya@kaya.example")
    window.pages.setup._go_on()
    return window


async def _set_up_unconnected(window: MainWindow) -> QWidget:
    window.pages.add_account()
    assert isinstance(window.pages.setup, AccountSetup)
    window.pages.setup._say_unconnected("info@kaya.example")
    return window


async def _set_up_a_bot(window: MainWindow) -> QWidget:
    window.pages._open_setup("telegram")
    return window


IN_THE_WINDOW: dict[str, Surface] = {
    "conversation": _conversation,
    "outbox": _after("go.outbox"),
    "drafts": _after("go.drafts"),
    "no match": _unfound,
    "search": _searched,
    "reply with a picker": _writing,
    "new message": _after("compose.new"),
    "forward": _after("forward"),
    "note": _after("note"),
    "a window that closes soon": chat_surfaces.counting_down,
    "a window that is over": chat_surfaces.over,
    "a template": chat_surfaces.template,
    "a template that begins": chat_surfaces.beginning_with_a_template,
    "customers write first": chat_surfaces.waiting_to_be_written_to,
    "buttons to answer with": chat_surfaces.offering,
    "find in the conversation": _after("thread.find"),
    "notice and banner": _told,
    "welcome": _welcome,
    "add a channel": _set_up,
    "add a channel by hand": _set_up_by_hand,
    "add a channel with a wrong address": _set_up_wrongly,
    "add a channel without a network": _set_up_unconnected,
    "add a bot": _set_up_a_bot,
}
SURFACES: dict[str, Surface] = IN_THE_WINDOW | CARDS | DIALOGS | MENUS | SETTINGS


def pages_of(root: QWidget) -> int:
    """How many pages a surface has behind tabs; the settings are walked page by page."""
    tabbed = isinstance(root, TabbedCard) and not isinstance(root, SettingsDialog)
    return root._pages.count() if tabbed else 1  # type: ignore[attr-defined]


def turn_to(root: QWidget, page: int) -> None:
    """Show a page of a surface."""
    if isinstance(root, TabbedCard) and not isinstance(root, SettingsDialog):
        root.open_page(page)


async def put_away(window: MainWindow, root: QWidget) -> None:
    """Leave the shop as it was: what lies over the window goes, what was typed as well."""
    if root is not window:
        root.close()
    await window.thread_view.acts.sending._discard()
