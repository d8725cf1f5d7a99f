"""The window: navigation, list, thread and customer side by side, and what belongs around them.

Owns which view and which conversation are shown, and remembers sizes and folded panes.
UI thread only.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store import conversations, tags
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.dialogs import passphrase
from desktop_inbox.ui.dialogs.account_setup import AccountSetup
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.dialogs.shortcuts import Shortcuts
from desktop_inbox.ui.dialogs.welcome import Welcome
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.theme import SIZES
from desktop_inbox.ui.views.conversation_list import ConversationList, ViewChoice
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from desktop_inbox.ui.views.message_bar import MessageBar
from desktop_inbox.ui.views.navigation import VIEWS, Navigation
from desktop_inbox.ui.views.palette import Palette
from desktop_inbox.ui.views.status_bar import StatusBar
from desktop_inbox.ui.views.thread_view import ThreadView
from desktop_inbox.ui.views.toast import Toast

# Below these widths the sidebar, then the list beside an open conversation, then the navigation
# fold away.
NARROW = 1200
NARROWER = 900
NARROWEST = 640
MINIMUM = (420, 360)
_FOLDABLE = frozenset({"navigation", "list", "sidebar"})
_BY_KEY = Qt.FocusReason.ShortcutFocusReason
# From these views a conversation goes away when it is closed, snoozed or marked as spam.
_LEAVES_FROM = frozenset({"inbox", "mine", "unassigned", "snoozed"})


def _holds_focus(pane: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and (pane is focus or pane.isAncestorOf(focus))


class MainWindow(QMainWindow):
    """One window on a workspace."""

    sample_requested = Signal()
    closed = Signal()

    def __init__(self, context: AppContext, *, with_sample: bool = False) -> None:
        super().__init__()
        self._context = context
        self._with_sample = with_sample
        self._folded_by_hand: set[str] = set()
        self._forced: set[str] = set()  # shown by hand although the window is narrow
        self._reading = False  # where one pane fits: the thread, not the list
        self._troubled: dict[int, tuple[State, str]] = {}
        self._welcome: Welcome | None = None
        self._question: QMessageBox | None = None
        self._setup: AccountSetup | None = None
        self._counting = False
        self._count_again = False
        self.setWindowTitle("Desktop Inbox")
        self.setMinimumSize(*MINIMUM)
        self.accounts = Accounts(context, self)
        self.commands = context.commands = Commands(context, self)
        self._build()
        self._connect()
        self._bind_actions()
        self._restore()
        self.accounts.reload()
        self._refresh_counts()
        self.navigation.choose(self._first_view())
        self.list.focus_list()

    # --- building ---

    def _build(self) -> None:
        context = self._context
        self.navigation = Navigation(context, self.accounts)
        self.list = ConversationList(context)
        self.thread_view = ThreadView(context)
        self.sidebar = CustomerSidebar(context)
        self.panes = QSplitter(Qt.Orientation.Horizontal)
        self.panes.setHandleWidth(1)
        self.panes.setChildrenCollapsible(False)
        for pane in (self.list, self.thread_view, self.sidebar):
            self.panes.addWidget(pane)
        self.panes.setStretchFactor(1, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.panes)
        self.message_bar = MessageBar(context)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.message_bar)
        column.addWidget(self._pages, 1)
        self._outer = QSplitter(Qt.Orientation.Horizontal)
        self._outer.setHandleWidth(1)
        self._outer.setChildrenCollapsible(False)
        self._outer.addWidget(self.navigation)
        self._outer.addWidget(right)
        self._outer.setStretchFactor(1, 1)
        self.status_bar = StatusBar(context, self.accounts, self.commands)
        central = QWidget()
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._outer, 1)
        outer.addWidget(self.status_bar)
        self.setCentralWidget(central)
        self._ground = central
        self.toast = Toast(context, central)
        self.toast.beside = self.list
        self.palette_overlay = Palette(context, central)
        self.shortcuts = Shortcuts(context, central)
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.timeout.connect(self._dwelt)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(600)
        self._settle.timeout.connect(self._store_layout)

    def _connect(self) -> None:
        context = self._context
        self.navigation.view_chosen.connect(self._view_chosen)
        self.list.conversation_selected.connect(self._conversation_chosen)
        self.list.entered_conversation.connect(self._enter_conversation)
        self.list.action_requested.connect(self._run_on)
        self.list.menu_requested.connect(self._show_list_menu)
        self.list.navigation_requested.connect(self._show_navigation)
        self.commands.leaving.connect(self._turn_to_neighbour)
        context.conversation_selected.connect(self.thread_view.show_conversation)
        context.conversation_selected.connect(self.sidebar.show_conversation)
        context.conversation_requested.connect(self._open_conversation)
        context.message_requested.connect(lambda key, _message: self._open_conversation(key))
        context.draft_requested.connect(lambda _draft: self._show_thread())
        context.focus_list_requested.connect(self._leave_thread)
        context.bridge.changed.connect(self._follow)
        self.accounts.loaded.connect(self._accounts_known)
        self.accounts.changed.connect(self._accounts_changed)
        self.list.table.clicked.connect(lambda _index: self._clicked_in_list())
        for splitter in (self._outer, self.panes):
            splitter.splitterMoved.connect(lambda _pos, _index: self._remember())

    def _bind_actions(self) -> None:
        actions, commands = self._context.actions, self.commands
        self.addActions(actions.all())
        for action_id, command in (
            ("conversation.close", commands.close),
            ("conversation.reopen", commands.reopen),
            ("conversation.assign", commands.assign_to_me),
            ("conversation.unassign", commands.unassign),
            ("conversation.read", commands.mark_read),
            ("conversation.unread", commands.mark_unread),
            ("conversation.spam", commands.spam),
        ):
            actions.on(action_id, self._on_selection(command))
        actions.on("conversation.snooze", lambda: self._offer(commands.offer_snooze))
        actions.on("conversation.tag", lambda: self._offer(commands.offer_tags))
        actions.on("undo", self._undo)
        for action_id in ("compose.new", "reply", "reply_all", "forward", "note"):
            actions[action_id].triggered.connect(self._show_thread)  # the thread binds them
        for view in (
            "inbox",
            "mine",
            "unassigned",
            "snoozed",
            "drafts",
            "outbox",
            "closed",
            "spam",
        ):
            actions.on(f"go.{view}", partial(self._go, view))
        table = self.list.table
        for action_id, slot in (
            ("list.next", lambda: table.step(1)),
            ("list.previous", lambda: table.step(-1)),
            ("list.open", self._enter_conversation),
            ("list.select", table.toggle_mark),
            ("list.select_all", table.mark_all),
            ("list.select_none", table.unmark),
            ("list.select_read", lambda: table.mark_where(unread=False)),
            ("list.select_unread", lambda: table.mark_where(unread=True)),
            ("search", self._start_search),
            ("palette", self.palette_overlay.open),
            ("help", self.shortcuts.open),
            ("pane.next", lambda: self._cycle(1)),
            ("pane.previous", lambda: self._cycle(-1)),
            ("fold.navigation", lambda: self._toggle("navigation")),
            ("fold.list", lambda: self._toggle("list")),
            ("fold.sidebar", lambda: self._toggle("sidebar")),
            ("account.add", self.add_account),
            ("settings", self.open_settings),
            ("sync", self._sync_now),
            ("quit", self.quit),
        ):
            actions.on(action_id, slot)

    def _show_thread(self) -> None:
        """Something is written or read in the thread: make room for it."""
        if self._setup is not None:
            self._close_setup()
        self._reading = True
        self._arrange()

    def _on_selection(self, command: Callable[[list[int]], None]) -> Callable[[], None]:
        def run() -> None:
            ids = [key for key in self.list.selected_ids() if key > 0]
            if ids:
                command(ids)

        return run

    def _run_on(self, action_id: str, ids: list[int]) -> None:
        """Run a command on rows that need not be selected: a button under the pointer."""
        if action_id == "conversation.close":
            self.commands.close(ids)
        else:
            self.commands.offer_snooze(ids, QCursor.pos())

    def _offer(self, menu: Callable[[list[int], QPoint], None]) -> None:
        ids = [key for key in self.list.selected_ids() if key > 0]
        if ids:
            menu(ids, self._menu_place())

    def _menu_place(self) -> QPoint:
        """Where a menu belongs: at the pointer if it was a click, else at the selected row."""
        pressed = QApplication.widgetAt(QCursor.pos())
        if pressed is not None and self.isAncestorOf(pressed) and not self.list.table.hasFocus():
            return QCursor.pos()
        table = self.list.table
        rect = table.visualRect(table.currentIndex())
        inside = rect.intersected(table.viewport().rect())
        if inside.isEmpty():
            return self.thread_view.mapToGlobal(QPoint(24, 48))
        return table.viewport().mapToGlobal(inside.bottomLeft() + QPoint(64, -20))

    def _show_list_menu(self, at: QPoint) -> None:
        actions = self._context.actions
        menu = QMenu(self)
        for action_id in (
            "reply",
            "forward",
            "",
            "conversation.close",
            "conversation.reopen",
            "conversation.snooze",
            "conversation.assign",
            "conversation.unassign",
            "conversation.tag",
            "",
            "conversation.read",
            "conversation.unread",
            "conversation.spam",
        ):
            if action_id:
                menu.addAction(actions[action_id])
            else:
                menu.addSeparator()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _undo(self) -> None:
        if not self.toast.undo():
            self.commands.undo()

    # --- views and conversations ---

    def _first_view(self) -> ViewChoice:
        view = self._context.settings.last_view
        known = {name for name, _words, _icon in VIEWS}
        view = view if view in known else "inbox"
        title = next(_(words) for name, words, _icon in VIEWS if name == view)
        return ViewChoice(view=view, title=title)

    def _go(self, view: str) -> None:
        self.navigation.choose_view(view)
        self.list.focus_list()

    def _view_chosen(self, choice: ViewChoice) -> None:
        if choice.account_id is None and choice.tag_id is None:
            self._context.settings.last_view = choice.view
        self._forced.discard("navigation")
        self._reading = False
        if self._setup is not None:
            self._close_setup()
        self._arrange()
        self.list.show_view(choice)

    def _conversation_chosen(self, key: int | None, by_person: bool) -> None:
        self._dwell.stop()
        if key is not None and key < 0:
            self._context.draft_requested.emit(-key)
            return
        self._context.select(key)
        if key is not None and by_person:
            self._dwell.start(self._context.settings.mark_read_after_ms)

    def _open_conversation(self, key: int) -> None:
        self.list.table.choose(key, by_person=True)
        self._enter_conversation()

    def _leave_thread(self) -> None:
        self._reading = False
        self._arrange()
        self.list.focus_list()

    def _enter_conversation(self) -> None:
        if self._context.selected_conversation is None:
            return
        self._reading = True
        self._arrange()
        self.thread_view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked_in_list(self) -> None:
        if self.width() < NARROWER and self._context.selected_conversation is not None:
            self._enter_conversation()

    def _turn_to_neighbour(self, ids: list[int]) -> None:
        table = self.list.table
        leaves = self.list.choice.view in _LEAVES_FROM and not self.list.search.text()
        if not leaves or table.shown not in ids:
            return
        after = self._context.settings.after_close
        if after == "none":
            table.choose(None, by_person=True)
            return
        table.choose(table.neighbour(set(ids), forward=after == "next"), by_person=True)

    def _dwelt(self) -> None:
        key = self._context.selected_conversation
        if key is not None and self.isActiveWindow():
            self._context.start(self._mark_read(key))

    async def _mark_read(self, key: int) -> None:
        rows = await self._context.read(lambda conn: conversations.rows(conn, [key]))
        if key in rows and rows[key].unread and key == self._context.selected_conversation:
            self.commands.mark_read([key], quietly=True)

    def _start_search(self) -> None:
        self._reading = False
        self._folded_by_hand.discard("list")
        self._arrange()
        self.list.search.start()

    # --- counts and accounts ---

    def _follow(self, changes: Changes) -> None:
        if changes.conversations or changes.drafts or changes.outbox or changes.tags:
            self._refresh_counts()

    def _refresh_counts(self) -> None:
        if self._counting:
            self._count_again = True
            return
        self._counting = True
        self._context.start(self._count())

    async def _count(self) -> None:
        try:
            counts: ViewCounts = await self._context.read(conversations.counts)
            every = await self._context.read(tags.list_all)
        finally:
            self._counting = False
        self.navigation.show_counts(counts)
        self.navigation.show_tags(every)
        self.list.show_counts(counts)
        title = f"({counts.unread}) " if counts.unread else ""
        self.setWindowTitle(f"{title}Desktop Inbox")
        if self._count_again:
            self._count_again = False
            self._refresh_counts()

    def _accounts_known(self) -> None:
        self._show_page()

    def _show_page(self) -> None:
        """Show the panes, or the welcome page while there is no account."""
        if self._setup is not None:
            self._pages.setCurrentWidget(self._setup)
        elif self.accounts.known and not self.accounts.rows:
            if self._welcome is None:
                self._welcome = Welcome(self._context, with_sample=self._with_sample)
                self._welcome.add_requested.connect(self.add_account)
                self._welcome.sample_requested.connect(self.sample_requested)
                self._pages.addWidget(self._welcome)
            self._pages.setCurrentWidget(self._welcome)
        else:
            self._pages.setCurrentWidget(self.panes)
        self._arrange()

    def _accounts_changed(self) -> None:
        self.navigation.show_workspace(self._workspace_name())
        if self._setup is None:
            self._show_page()
        for row, status in self.accounts.statuses():
            key = f"account:{row.id}"
            trouble = status.state in (State.NEEDS_SIGN_IN, State.FAILED)
            if not trouble:
                if self._troubled.pop(row.id, None) is not None:
                    self._context.banner_cleared.emit(key)
                continue
            if self._troubled.get(row.id) == (status.state, status.cause):
                continue
            self._troubled[row.id] = (status.state, status.cause)
            self._context.banner.emit(self._trouble_banner(row, status, key=key))

    def _trouble_banner(self, row: AccountRow, status: AccountStatus, *, key: str) -> Banner:
        text = errors.account_sentence(row.title, status)
        if status.state is State.FAILED:
            return Banner(text=text, tone="warn", detail=status.detail, key=key)
        if status.detail in ("passphrase-needed", "wrong-passphrase"):
            return Banner(
                text=text,
                action_text=_("Unlock"),
                action=lambda: self._context.start(self._unlock()),
                key=key,
            )
        return Banner(
            text=text,
            detail=status.detail,
            action_text=_("Sign in again"),
            action=partial(self.sign_in_again, row),
            key=key,
        )

    async def _unlock(self) -> None:
        if await passphrase.unlock(self._context, self):
            self._sync_now()

    def _workspace_name(self) -> str:
        """What the owner calls the shop: the name on outgoing mail, else where it goes to."""
        for row in self.accounts.rows:
            return str(row.settings.get("name") or row.title)
        return "Desktop Inbox"

    def add_account(self) -> None:
        """Show the page that adds a channel."""
        self._open_setup(None)

    def sign_in_again(self, account: AccountRow) -> None:
        """Show the same page for an account that is known already."""
        self._open_setup(account)

    def _open_setup(self, account: AccountRow | None) -> None:
        if self._setup is not None:
            self._close_setup()
        self._setup = AccountSetup(self._context, self.accounts, account=account)
        self._setup.finished.connect(self._close_setup)
        self._pages.addWidget(self._setup)
        self._show_page()
        self._setup.start()

    def _close_setup(self) -> None:
        setup, self._setup = self._setup, None
        if setup is not None:
            self._pages.removeWidget(setup)
            setup.deleteLater()
        self._show_page()

    def open_settings(self) -> None:
        """Show the settings over the window."""
        dialog = SettingsDialog(
            self._context, self.accounts, self._ground, sign_in=self.sign_in_again
        )
        dialog.closed.connect(dialog.deleteLater)
        dialog.open()

    def _sync_now(self) -> None:
        if self._context.engine is not None:
            self._context.engine.kick()

    # --- panes ---

    def _arrange(self) -> None:
        """Show as many panes as fit: the sidebar goes first, then the list beside a thread."""
        width = self.width()
        working = self._pages.currentWidget() is self.panes
        bare = self._welcome is not None and self._pages.currentWidget() is self._welcome
        hidden = self._folded_by_hand
        one_pane = width < NARROWER
        navigation = "navigation" in self._forced or (
            "navigation" not in hidden and width >= NARROWEST
        )
        listed = "list" not in hidden and not (one_pane and self._reading)
        sidebar = "sidebar" in self._forced or ("sidebar" not in hidden and width >= NARROW)
        self.navigation.setVisible(navigation and not bare)
        self.list.setVisible(listed)
        self.thread_view.setVisible(not (one_pane and listed))
        self.sidebar.setVisible(sidebar and not (one_pane and listed))
        self.list.show_menu_button(not navigation)
        self.status_bar.setVisible(working or not bare)

    def _toggle(self, pane: str) -> None:
        widget = {"navigation": self.navigation, "list": self.list, "sidebar": self.sidebar}[pane]
        limit = {"navigation": NARROWEST, "list": 0, "sidebar": NARROW}[pane]
        if widget.isVisible():
            self._forced.discard(pane)
            if self.width() >= limit:
                self._folded_by_hand.add(pane)
        else:
            self._folded_by_hand.discard(pane)
            if pane == "list":
                self._reading = False
            if self.width() < limit:
                self._forced.add(pane)
        self._arrange()
        self._remember()

    def _show_navigation(self) -> None:
        self._forced.add("navigation")
        self._arrange()
        self.navigation.take_focus()

    def _cycle(self, step: int) -> None:
        targets: list[tuple[QWidget, Callable[[], None]]] = [
            (self.navigation, self.navigation.take_focus),
            (self.list, self.list.focus_list),
            (self.thread_view, lambda: self.thread_view.setFocus(_BY_KEY)),
            (self.sidebar, lambda: self.sidebar.setFocus(_BY_KEY)),
        ]
        shown = [target for target in targets if target[0].isVisible()]
        holding = (place for place, (pane, _take) in enumerate(shown) if _holds_focus(pane))
        here = next(holding, -1 if step > 0 else 0)
        for further in range(1, len(shown) + 1):
            pane, take = shown[(here + step * further) % len(shown)]
            take()
            if _holds_focus(pane):  # an empty pane has nothing to focus: go past it
                return

    # --- remembering ---

    def _remember(self) -> None:
        self._settle.start()

    def _store_layout(self) -> None:
        before = self._context.settings.window
        kept = dict(before)
        kept["geometry"] = base64.b64encode(self.saveGeometry().data()).decode()
        kept["folded"] = sorted(self._folded_by_hand)
        # A pane that is folded away keeps the width it had.
        for name, pane in (
            ("navigation", self.navigation),
            ("list", self.list),
            ("sidebar", self.sidebar),
        ):
            if pane.isVisible() and self.width() >= NARROW:
                kept[name] = pane.width()
        self._context.settings.window = kept

    def _restore(self) -> None:
        kept = self._context.settings.window
        folded = kept.get("folded")
        if isinstance(folded, list):
            self._folded_by_hand = {name for name in folded if name in _FOLDABLE}
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(1440, screen.width()), min(900, screen.height()))
        geometry = kept.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray(base64.b64decode(geometry, validate=False)))
        px = self._context.theme.px

        def width_of(name: str, default: int) -> int:
            value = kept.get(name)
            return value if isinstance(value, int) and 100 < value < 900 else px(default)

        navigation = width_of("navigation", SIZES.navigation)
        wide = max(self.width() - navigation, 600)
        listed, sidebar = width_of("list", SIZES.list), width_of("sidebar", SIZES.sidebar)
        self._outer.setSizes([navigation, wide])
        self.panes.setSizes([listed, max(wide - listed - sidebar, 200), sidebar])
        self._arrange()

    # --- Qt's side ---

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            crossed = any(
                (event.oldSize().width() < limit) != (event.size().width() < limit)
                for limit in (NARROW, NARROWER, NARROWEST)
            )
            if crossed:
                self._forced.clear()
            self._arrange()
        self._remember()

    def quit(self) -> None:
        """Close the window; ask first where something still waits to be sent."""
        if self.status_bar.waiting:
            self._ask_to_quit(self.status_bar.waiting)
        else:
            self.close()

    def _ask_to_quit(self, waiting: int) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(_("Quit"))
        box.setText(
            ngettext(
                "{count} message has not been sent yet.",
                "{count} messages have not been sent yet.",
                waiting,
            ).format(count=waiting)
        )
        box.setInformativeText(
            _("What waits stays in the outbox and leaves when Desktop Inbox runs again.")
        )
        leave = box.addButton(_("Quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(_("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.buttonClicked.connect(lambda pressed: self.close() if pressed is leave else None)
        self._question = box
        box.open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if event.spontaneous() and self.status_bar.waiting:
            event.ignore()
            self._ask_to_quit(self.status_bar.waiting)
            return
        self._store_layout()
        self._settle.stop()
        event.accept()
        self.closed.emit()
