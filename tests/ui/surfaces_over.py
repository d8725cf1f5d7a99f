"""Cards, dialogs and menus that lie over the window, each on the sample shop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.store import accounts
from desktop_inbox.store import customers as customer_store
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.dialogs.settings_hours import HoursPage
from desktop_inbox.ui.dialogs.settings_service_levels import ServiceLevelsPage
from desktop_inbox.ui.help_window import HelpWindow
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.tips import Tips
from desktop_inbox.ui.views.overlay import Overlay
from tests.support.qt_waits import until
from tests.ui import chat_surfaces

Surface = Callable[[MainWindow], Awaitable[QWidget]]
W = TypeVar("W", bound=QWidget)

_PATIENCE_SECONDS = 15.0  # what holidays or time zones of the world take to read


def _over(*actions: str) -> Surface:
    """The card, dialog or menu that the last of some actions opens."""

    async def opened(window: MainWindow) -> QWidget:
        for action in actions:
            window._context.actions[action].trigger()
        return await shown_over(window)

    return opened


async def shown_over(window: MainWindow, kind: type[QWidget] | None = None) -> QWidget:
    """Wait for what lies over the window, of a kind, and return it."""

    def found() -> QWidget | None:
        menu, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        cards = [card for card in window.findChildren(Overlay) if card.isVisible()]
        dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
        every = [one for one in (menu, dialog, *dialogs, *reversed(cards)) if one is not None]
        return next((one for one in every if kind is None or isinstance(one, kind)), None)

    await until(found, timeout_seconds=_PATIENCE_SECONDS)
    over = found()
    assert over is not None
    if isinstance(over, QDialog):
        await until(over.isActiveWindow)
    return over


async def _only(window: MainWindow, kind: type[W]) -> W:
    over = await shown_over(window, kind)
    assert isinstance(over, kind)
    return over


def _press(root: QWidget, words: str) -> None:
    """Press the first button with these words."""
    next(one for one in root.findChildren(QPushButton) if one.text() == words).click()


async def _opened_settings(window: MainWindow, page: str) -> SettingsDialog:
    window.cards.open_settings(page)
    dialog = await _only(window, SettingsDialog)
    hours, levels = dialog.page("business-hours"), dialog.page("service-levels")
    assert isinstance(hours, HoursPage)
    assert isinstance(levels, ServiceLevelsPage)
    await until(lambda: hours._kept and levels.list.count(), timeout_seconds=_PATIENCE_SECONDS)
    return dialog


def _settings(page: str) -> Surface:
    async def opened(window: MainWindow) -> QWidget:
        return await _opened_settings(window, page)

    return opened


async def _opening_hours(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.hours_editor import HoursEditor

    page = (await _opened_settings(window, "business-hours")).page("business-hours")
    assert isinstance(page, HoursPage)
    page.editor(page._kept[0].uid).open()
    return await shown_over(window, HoursEditor)


async def _holidays(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.holiday_picker import HolidayPicker
    from desktop_inbox.ui.dialogs.hours_editor import HoursEditor

    editor = await _opening_hours(window)
    assert isinstance(editor, HoursEditor)
    editor.offer_holidays()
    picker = await _only(window, HolidayPicker)
    await until(lambda: picker.list.count(), timeout_seconds=_PATIENCE_SECONDS)
    return picker


async def _service_level(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.policy_editor import PolicyEditor

    page = (await _opened_settings(window, "service-levels")).page("service-levels")
    assert isinstance(page, ServiceLevelsPage)
    page.editor(page.list.chosen()).open()
    return await shown_over(window, PolicyEditor)


async def _identity(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.identity_editor import IdentityEditor

    page = (await _opened_settings(window, "identities")).page("identities")
    _press(page, _("Edit"))
    return await shown_over(window, IdentityEditor)


async def _account(window: MainWindow, *, kind: str = "email") -> QWidget:
    from desktop_inbox.ui.dialogs.account_settings import AccountSettings

    rows = await window._context.read(accounts.list_all)
    row = next(row for row in rows if row.kind == kind)
    card = AccountSettings(window._context, row, window._ground)
    card.open()
    return card


async def _remove_account(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.settings_channels import ChannelsPage

    page = (await _opened_settings(window, "channels")).page("channels")
    assert isinstance(page, ChannelsPage)
    page._remove(window.accounts.rows[0])
    return await shown_over(window, QDialog)


async def _source(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views.message_source import SourceDialog

    dialog = SourceDialog(b"Subject: hello\r\n\r\nhello", title="hello", parent=window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _crash(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.crash import CrashDialog

    dialog = CrashDialog(RuntimeError("nothing"), window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _report(window: MainWindow) -> QWidget:
    window._context.actions["report"].trigger()
    return await shown_over(window, QDialog)


async def _guide(window: MainWindow) -> QWidget:
    window.help_desk.open_guide("canned")
    guide = window.findChild(HelpWindow)
    assert isinstance(guide, HelpWindow)
    await until(guide.isActiveWindow)
    return guide


async def _tour(window: MainWindow) -> QWidget:
    window.help_desk.start_tips()
    tour = window.findChild(Tips)
    assert isinstance(tour, Tips)
    return tour.card


async def _fill_in(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.canned_fill import CannedFill

    dialog = CannedFill("Shipping", ["order.number"], parent=window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _rename(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.rename import RenameDialog

    dialog = RenameDialog("1042 numaralı sipariş kırık geldi", lambda _subject: None, window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _passphrase(window: MainWindow) -> QWidget:
    from desktop_inbox.secrets import Vault
    from desktop_inbox.ui.dialogs.passphrase import PassphraseDialog

    dialog = PassphraseDialog(window._context, Vault(Path("nowhere")), window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _when(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views import time_words
    from desktop_inbox.ui.views.time_picker import Asked, TimePicker

    asked = Asked(title="Send at", offers=time_words.SEND, until_reply=True, may_stay=True)
    picker = TimePicker(window._context, window, asked, picked=lambda _picked: None)
    picker.ask()
    await until(picker.isVisible)
    return picker


async def _canned(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.canned_responses import CannedResponses

    window.cards.open_canned()
    page = await _only(window, CannedResponses)
    await until(lambda: page.list.count() > 1)
    page.list.setCurrentRow(1)
    return page


async def _customer_pages(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views.customers_page import CustomersPage

    window._context.actions["go.customers"].trigger()
    page = await _only(window, CustomersPage)
    await until(lambda: page.list.count() and page.talks.isVisible())
    return page


async def _another_customer(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.views.customer_picker import CustomerPicker
    from desktop_inbox.ui.views.customers_page import CustomersPage

    page = await _customer_pages(window)
    assert isinstance(page, CustomersPage)
    page.merge_button.click()
    return await shown_over(window, CustomerPicker)


async def _customer_fields(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.customer_fields import CustomerFields

    page = await _customer_pages(window)
    card = CustomerFields(window._context, page)
    card.open()
    await until(card.isVisible)
    return card


async def _customer_import(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.customer_import import CustomerImport

    path = window._context.workspace.data_dir / "customers.csv"
    path.write_text("name,email\nMina,mina@example.org\nBroken,broken@\n", encoding="utf-8")
    card = CustomerImport(window._context, await _customer_pages(window), path)
    card.open()
    await until(lambda: card.table.rowCount())
    return card


async def _customer_merge(window: MainWindow) -> QWidget:
    from desktop_inbox.services import customer_merging
    from desktop_inbox.ui.dialogs.customer_merge import CustomerMerge

    context = window._context
    first, second, *_others = await context.read(customer_store.list_all)
    preview = await context.read(lambda conn: customer_merging.preview(conn, first.id, second.id))
    dialog = CustomerMerge(preview, {}, parent=window)
    dialog.open()
    await until(dialog.isActiveWindow)
    return dialog


async def _edited_message(window: MainWindow) -> QWidget:
    from desktop_inbox.ui.dialogs.message_editor import MessageEditor

    message = window.thread_view.timeline.bubbles()[-1].message
    card = MessageEditor(window._context, window, message=message)
    card.open()
    await until(card.isVisible)
    return card


async def _said_before(window: MainWindow) -> QWidget:
    from desktop_inbox.store.chat_messages import Version
    from desktop_inbox.ui.dialogs.message_history import MessageHistory

    message = window.thread_view.timeline.bubbles()[-1].message
    card = MessageHistory(window._context, window)
    card.show_versions([Version(at=message.at, text=f"{message.text} {'x' * 300}")] * 2)
    await until(card.isVisible)
    return card


async def _quit_question(window: MainWindow) -> QWidget:
    window.quit_question._ask_about_held([])
    return await shown_over(window, QDialog)


async def _closing_question(window: MainWindow) -> QWidget:
    window.closing._ask()
    return await shown_over(window, QDialog)


async def _list_menu(window: MainWindow) -> QWidget:
    window.list.menu_requested.emit(window.mapToGlobal(QPoint(300, 200)))
    return await shown_over(window, QMenu)


async def _more(window: MainWindow) -> QWidget:
    window.thread_view.head._more.click()
    return await shown_over(window, QMenu)


CARDS: dict[str, Surface] = {
    "palette": _over("palette"),
    "shortcuts": _over("help"),
    "canned responses": _canned,
    "merge with another": _over("conversation.merge"),
    "tags of the shop": _over("tags.manage"),
    "call or visit": _over("phone.log"),
    "message being edited": _edited_message,
    "what a message said": _said_before,
    "activity": _over("go.activity"),
    "what is new": _over("news"),
    "tour": _tour,
    "view": _over("view.new"),
    "settings of a channel": _account,
    "settings of a bot": partial(_account, kind="telegram"),
    "a time": _when,
    "opening hours": _opening_hours,
    "holidays": _holidays,
    "service level": _service_level,
    "identity": _identity,
    "another customer": _another_customer,
    "customer fields": _customer_fields,
    "customer import": _customer_import,
}
DIALOGS: dict[str, Surface] = {
    "customers": _customer_pages,
    "merging customers": _customer_merge,
    "source": _source,
    "fault": _crash,
    "report": _report,
    "guide": _guide,
    "fill in": _fill_in,
    "passphrase": _passphrase,
    "change the subject": _rename,
    "removing a channel": _remove_account,
    "quitting": _quit_question,
    "closing": _closing_question,
}
MENUS: dict[str, Surface] = {
    "tags": _over("conversation.tag"),
    "move": _over("conversation.move"),
    "list menu": _list_menu,
    "more of a conversation": _more,
    "ways to a customer": chat_surfaces.ways,
    "ways to begin": chat_surfaces.openings,
    "ways to write to a customer": chat_surfaces.ways_to_write,
}
SETTINGS: dict[str, Surface] = {
    f"settings: {name}": _settings(name)
    for name in (
        "you",
        "identities",
        "channels",
        "work",
        "notifications",
        "business-hours",
        "service-levels",
        "appearance",
        "keyboard",
        "privacy",
        "backup",
        "updates",
        "advanced",
    )
}
