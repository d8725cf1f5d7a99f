"""The window: navigation, list, thread and customer side by side, and what belongs around them.

It is made in two steps. The first builds what the first frame shows, the navigation and the list;
`complete` builds the rest, once that frame is painted and the workspace is open. Owns which view
and which conversation are shown, and remembers sizes and folded panes. UI thread only.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.ui.arrangement import NARROWER, Arrangement
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.follows_eye import FollowsEye
from desktop_inbox.ui.forward import come_forward
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.pages import Pages
from desktop_inbox.ui.throttle import Throttle
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.navigation import VIEWS, Navigation
from desktop_inbox.ui.views.view_choice import ViewChoice, remembered, saved_choice

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes
    from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
    from desktop_inbox.store.rows import SavedViewRow

MINIMUM = (420, 360)
_TITLE_BAR = 40  # pixels that a window manager draws above; nobody tells before it is shown
_COUNT_PAUSE_MS = 250
_LONGEST_COUNT_REST = 2.0  # seconds
_BY_KEY = Qt.FocusReason.ShortcutFocusReason
# The statuses that a conversation may have and still be in a view; saved views are read again.
_STAYS_IN = {
    **dict.fromkeys(("inbox", "mine", "unassigned"), ("open",)),
    "due": ("open", "snoozed"),
    **{view: (view,) for view in ("snoozed", "closed", "spam", "trash")},
}


class MainWindow(FollowsEye, QMainWindow):
    """One window on a workspace. `rows` are known to begin the list, before it can be read."""

    sample_requested = Signal()
    closed = Signal()

    def __init__(
        self,
        context: AppContext,
        *,
        with_sample: bool = False,
        rows: Sequence[ConversationRow] = (),
    ) -> None:
        super().__init__()
        self._context = context
        self._counts = Throttle(self._start_count, pause_ms=_COUNT_PAUSE_MS, parent=self)
        self._counting = False
        self._complete = False
        self.setWindowTitle("Desktop Inbox")
        self.setMinimumSize(*MINIMUM)
        self.accounts = Accounts(context, self)
        self._build(with_sample=with_sample)
        self._connect()
        self._restore()
        self.accounts.reload()
        self._counts.ask()
        self.list.begin_with(rows)
        self.navigation.choose(self._first_view())
        self.list.focus_list()

    # --- building ---

    def _build(self, *, with_sample: bool) -> None:
        context = self._context
        self.navigation = Navigation(context, self.accounts)
        self.list = ConversationList(context)
        self.panes = Arrangement(context, self.navigation, self.list)
        self.pages = Pages(context, self.accounts, self.panes.inner, with_sample=with_sample)
        right = QWidget()
        self._column = _column(right)
        self._column.addWidget(self.pages, 1)
        self.panes.surround(right)
        self._ground = QWidget()
        self._foot = _column(self._ground)
        self._foot.addWidget(self.panes.outer, 1)
        self.setCentralWidget(self._ground)
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.timeout.connect(self._dwelt)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(600)
        self._settle.timeout.connect(self._store_layout)

    async def complete(self) -> None:
        """Build everything else, part by part: the window answers in between. The store is open."""
        from asyncio import sleep

        for build in (
            self._build_thread,
            self._build_sidebar,
            self._build_edges,
            self._build_overlays,
            self._join,
        ):
            build()
            await sleep(0)

    # None of these is on the first frame, and to import them takes longer than to paint it.

    def _build_thread(self) -> None:
        from desktop_inbox.ui.commands import Commands
        from desktop_inbox.ui.views.thread_view import ThreadView

        self.commands = self._context.commands = Commands(self._context, self)
        self.thread_view = ThreadView(self._context)
        self.panes.fill("thread", self.thread_view)

    def _build_sidebar(self) -> None:
        from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar

        self.sidebar = CustomerSidebar(self._context)
        self.panes.fill("sidebar", self.sidebar)

    def _build_edges(self) -> None:
        from desktop_inbox.ui.views.message_bar import MessageBar
        from desktop_inbox.ui.views.status_bar import StatusBar

        self.message_bar = MessageBar(self._context)
        self._column.insertWidget(0, self.message_bar)
        self.status_bar = StatusBar(self._context, self.accounts, self.commands)
        self._foot.addWidget(self.status_bar)

    def _build_overlays(self) -> None:
        from desktop_inbox.ui.dialogs.shortcuts import Shortcuts
        from desktop_inbox.ui.views.composer_sending import message_actions
        from desktop_inbox.ui.views.outbox_quit import QuitQuestion
        from desktop_inbox.ui.views.outbox_view import OutboxView
        from desktop_inbox.ui.views.palette import Palette
        from desktop_inbox.ui.views.toast import Toast

        self.quit_question = QuitQuestion(self._context, self, leave=self.close)
        actions = message_actions(self.thread_view.acts.sending)
        self.list.add_pane("outbox", OutboxView(self._context, actions=actions))
        self.toast = Toast(self._context, self._ground)
        self.toast.beside = self.list
        self.palette_overlay = Palette(self._context, self._ground, thread=self.thread_view)
        self.shortcuts = Shortcuts(self._context, self._ground)

    def _join(self) -> None:
        """Connect the parts, now that all are there."""
        from desktop_inbox.ui.automation import StoppedAutomation
        from desktop_inbox.ui.dialogs.backups import Backups
        from desktop_inbox.ui.help_desk import HelpDesk
        from desktop_inbox.ui.keyboard import Keyboard
        from desktop_inbox.ui.troubles import Troubles

        context = self._context
        self._troubles = Troubles(
            context, self.accounts, sign_in=self.pages.sign_in_again, window=self
        )
        self._complete = True
        self._connect_panes()
        self._bind_actions()
        context.keys.reload()
        Keyboard(context.actions, self)
        Backups(context, self)
        self.help_desk = HelpDesk(context, self, self._ground)
        StoppedAutomation(context, self)
        self._tell_outside()
        self._arrange()
        if context.selected_conversation is not None:  # chosen before there was a thread pane
            self.thread_view.show_conversation(context.selected_conversation)

    def _tell_outside(self) -> None:
        """Build what reaches a person who looks elsewhere."""
        from desktop_inbox.ui.closing import Closing
        from desktop_inbox.ui.notifications.notifier import Notifier
        from desktop_inbox.ui.tray import Tray

        context = self._context
        self.tray = Tray(context, self)
        self.closing = Closing(context, self, self.tray, leave=self.quit)
        context.notifier = Notifier(context, self.accounts, self, self.tray)
        self.thread_view.shown.connect(self._reply_if_asked)
        self._counts.ask()

    def _reply_if_asked(self, conversation: object) -> None:
        """A notification's Reply goes on once its conversation is there."""
        notifier = self._context.notifier
        if notifier is not None and notifier.replies_in(conversation):
            self._context.actions["reply"].trigger()

    def _connect(self) -> None:
        context = self._context
        self.navigation.view_chosen.connect(self._view_chosen)
        self.navigation.view_renamed.connect(self.list.rename)
        self.list.conversation_selected.connect(self._conversation_chosen)
        self.list.navigation_requested.connect(self._show_navigation)
        self.accounts.loaded.connect(self.pages.turn)
        self.accounts.changed.connect(self._accounts_changed)
        self.pages.turned.connect(self._arrange)
        self.pages.sample_requested.connect(self.sample_requested)
        context.bridge.changed.connect(self._follow)
        for splitter in (self.panes.outer, self.panes.inner):
            splitter.splitterMoved.connect(lambda _pos, _index: self._settle.start())

    def _connect_panes(self) -> None:
        context = self._context
        self.list.entered_conversation.connect(self._enter_conversation)
        self.list.action_requested.connect(self._run_on)
        self.list.menu_requested.connect(self._show_list_menu)
        self.list.table.clicked.connect(lambda _index: self._clicked_in_list())
        self.commands.leaving.connect(self._turn_to_neighbour)
        self.commands.settled.connect(self.list.model.stay)
        self.navigation.views.edit_requested.connect(self._edit_view)
        self.navigation.views.turned.connect(self.list.turn)
        context.conversation_selected.connect(self.thread_view.show_conversation)
        context.conversation_selected.connect(self.sidebar.leave)
        self.thread_view.shown.connect(self.sidebar.show_conversation)
        context.conversation_requested.connect(self._open_conversation)
        context.message_requested.connect(lambda key, _message: self._open_conversation(key))
        context.draft_requested.connect(lambda _draft: self._show_thread())
        context.message_wanted.connect(lambda _to: self._show_thread())
        context.focus_list_requested.connect(self._leave_thread)
        context.settings_requested.connect(self.open_settings)

    def _bind_actions(self) -> None:

        actions, commands = self._context.actions, self.commands
        for action_id, command in (
            ("conversation.close", commands.close),
            ("conversation.reopen", commands.reopen),
            ("conversation.assign", commands.assign_to_me),
            ("conversation.unassign", commands.unassign),
            ("conversation.read", commands.mark_read),
            ("conversation.unread", commands.mark_unread),
            ("conversation.spam", commands.spam),
            ("conversation.trash", commands.throw_away),
            ("conversation.rename", commands.offer_rename),
            ("conversation.merge", commands.offer_merge),
            ("conversation.snooze", commands.offer_snooze),
            ("conversation.snooze_again", commands.snooze_again),
            ("conversation.follow_up", commands.offer_follow_up),
            ("conversation.star", commands.star),
            ("conversation.automated", commands.automated),
        ):
            actions.on(action_id, self._on_selection(command))
        actions.on("conversation.tag", lambda: self._offer(commands.offer_tags))
        actions.on("conversation.move", lambda: self._offer(commands.offer_move))
        actions.on("conversation.close_next", partial(self._close_and_turn, forward=True))
        actions.on("conversation.close_previous", partial(self._close_and_turn, forward=False))
        actions.on("undo", self._undo)
        for action_id in ("compose.new", "reply", "reply_all", "forward", "note"):
            actions[action_id].triggered.connect(self._show_thread)  # the thread binds them
        for view in (
            "inbox",
            "mine",
            "unassigned",
            "due",
            "snoozed",
            "drafts",
            "outbox",
            "closed",
            "spam",
            "trash",
        ):
            actions.on(f"go.{view}", partial(self._go, view))
        table = self.list.table
        for action_id, slot in (
            ("list.next", partial(self.list.step, 1)),
            ("list.previous", partial(self.list.step, -1)),
            ("list.open", self.list.open_current),
            ("list.back", self._leave_thread),
            ("list.select", table.toggle_mark),
            ("list.select_all", table.mark_all),
            ("list.select_none", table.unmark),
            ("list.select_read", partial(self.list.select_where, unread=False)),
            ("list.select_unread", partial(self.list.select_where, unread=True)),
            ("search", self._start_search),
            ("palette", self.palette_overlay.open),
            ("help", self.shortcuts.open),
            ("pane.next", lambda: self._cycle(1)),
            ("pane.previous", lambda: self._cycle(-1)),
            ("fold.navigation", lambda: self._toggle("navigation")),
            ("fold.list", lambda: self._toggle("list")),
            ("fold.sidebar", lambda: self._toggle("sidebar")),
            ("account.add", self.pages.add_account),
            ("phone.log", self._open_phone_log),
            ("go.customers", self._open_customers),
            ("go.activity", self._open_activity),
            ("tags.manage", commands.manage_tags),
            ("view.new", partial(self._edit_view, None)),
            ("settings", self.open_settings),
            ("canned.manage", self.open_canned),
            ("sync", self._sync_now),
            ("quit", self.quit),
        ):
            actions.on(action_id, slot)

    def _edit_view(self, row: SavedViewRow | None) -> None:
        """Let the person make a view, or change one; a new one is shown then."""
        from desktop_inbox.ui.dialogs.view_editor import ViewEditor

        editor = ViewEditor(self._context, self._ground, row)
        if row is None:
            editor.saved.connect(lambda key, name: self.navigation.choose(saved_choice(key, name)))
        editor.closed.connect(editor.deleteLater)
        editor.open()

    def _open_phone_log(self) -> None:
        from desktop_inbox.ui.dialogs.phone_log import PhoneLog

        self.pages.close_setup()
        PhoneLog(self._context, self._ground).open()

    def _open_customers(self) -> None:
        from desktop_inbox.ui.views.customers_page import CustomersPage

        CustomersPage(self._context, parent=self).open()

    def _open_activity(self) -> None:
        from desktop_inbox.ui.dialogs.activity import ActivityPage

        page = ActivityPage(self._context, self._ground)
        page.closed.connect(page.deleteLater)
        page.open()

    def _show_thread(self) -> None:
        """Something is written or read in the thread: make room for it."""
        self.pages.close_setup()
        self.panes.reading = True
        self._arrange()

    def _on_selection(self, command: Callable[[list[int]], None]) -> Callable[[], None]:
        def run() -> None:
            ids = [key for key in self.list.selected_ids() if key > 0]
            if ids:
                command(ids)

        return run

    def _run_on(self, action_id: str, ids: list[int]) -> None:
        """Run a command on rows that need not be selected: a button under the pointer."""
        commands = {
            "conversation.close": self.commands.close,
            "conversation.reopen": self.commands.reopen,
            "conversation.snooze": self.commands.offer_snooze,
        }
        commands[action_id](ids)

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
            "conversation.follow_up",
            "conversation.star",
            "conversation.assign",
            "conversation.unassign",
            "conversation.tag",
            "conversation.rename",
            "conversation.merge",
            "",
            "conversation.read",
            "conversation.unread",
            "conversation.spam",
            "conversation.trash",
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
        saved = remembered(view)
        if saved is not None:
            return saved
        known = {name for name, _words, _icon in VIEWS}
        view = view if view in known else "inbox"
        title = next(_(words) for name, words, _icon in VIEWS if name == view)
        return ViewChoice(view=view, title=title)

    def _go(self, view: str) -> None:
        self.navigation.choose_view(view)
        self.list.focus_list()

    def _view_chosen(self, choice: ViewChoice) -> None:
        if choice.account_id is None and choice.tag_id is None:
            self._context.settings.last_view = choice.key
        self.panes.release("navigation")
        self.panes.reading = False
        self.pages.close_setup()
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
        self.panes.reading = False
        self._arrange()
        self.list.focus_list()

    def _enter_conversation(self) -> None:
        if self._context.selected_conversation is None:
            return
        self.panes.reading = True
        self._arrange()
        self.thread_view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked_in_list(self) -> None:
        if self.width() < NARROWER and self._context.selected_conversation is not None:
            self._enter_conversation()

    def _close_and_turn(self, *, forward: bool) -> None:
        """Close, and show the neighbour on one side whatever the settings say."""
        ids = [key for key in self.list.selected_ids() if key > 0]
        if not ids:
            return
        table = self.list.table
        table.choose(table.neighbour(set(ids), forward=forward), by_person=True)
        self.commands.close(ids)

    def _turn_to_neighbour(self, ids: Sequence[int], status: str) -> None:
        """Let what gets a status leave the list at once, and turn to what stands beside it."""
        stays = _STAYS_IN.get(self.list.choice.view)
        if stays is None or status in stays or self.list.search.text():
            return
        table = self.list.table
        if table.shown in ids:
            after = self._context.settings.after_close
            neighbour = None
            if after != "none":
                neighbour = table.neighbour(set(ids), forward=after == "next")
            table.choose(neighbour, by_person=True)
        self.list.model.leave(ids)

    def _dwelt(self) -> None:
        key = self._context.selected_conversation
        if key is not None and self.isActiveWindow():
            self._context.start(self._mark_read(key))

    async def _mark_read(self, key: int) -> None:
        row = await self._context.read(lambda conn: _conversation(conn, key))
        if row is not None and row.unread and key == self._context.selected_conversation:
            self.commands.mark_read([key], quietly=True)

    def _start_search(self) -> None:
        self.panes.reading = False
        self.panes.unfold("list")
        self._arrange()
        self.list.search.start()

    # --- counts and accounts ---

    def _follow(self, changes: Changes) -> None:
        if changes.conversations or changes.drafts or changes.outbox or changes.tags:
            self._counts.ask()

    def _start_count(self) -> None:
        if self._counting:
            self._counts.ask()  # slower than the pause; the timer comes back to it
            return
        self._counting = True
        self._context.start(self._count())

    async def _count(self) -> None:
        began = time.monotonic()
        try:
            counts, tags = await self._context.read(_counts_and_tags)
        finally:
            self._counting = False
            # A count that waited for others to read says little of what it costs.
            self._counts.rest(min(4 * (time.monotonic() - began), _LONGEST_COUNT_REST))
        self.navigation.show_counts(counts)
        self.navigation.show_tags(tags)
        self.list.show_counts(counts)
        title = f"({counts.unread}) " if counts.unread else ""
        self.setWindowTitle(f"{title}Desktop Inbox")
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setBadgeNumber(counts.unread)
        if self._complete:
            self.tray.show_count(counts.unread)

    def _accounts_changed(self) -> None:
        self.navigation.show_workspace(self._workspace_name())
        self.pages.turn()

    def _workspace_name(self) -> str:
        """What the owner calls the shop, else the name on outgoing mail, or where it goes to."""
        if self.accounts.business:
            return self.accounts.business
        for row in self.accounts.rows:
            return str(row.settings.get("name") or row.title)
        return "Desktop Inbox"

    def open_settings(self, page_id: str = "") -> None:
        """Show the settings over the window, a page of them where it is named."""
        from desktop_inbox.ui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(
            self._context, self.accounts, self._ground, sign_in=self.pages.sign_in_again
        )
        dialog.closed.connect(dialog.deleteLater)
        dialog.open(page_id)

    def open_canned(self) -> None:
        """Show the page of canned responses over the window."""
        from desktop_inbox.ui.dialogs.canned_responses import CannedResponses

        page = CannedResponses(self._context, self._ground)
        page.closed.connect(page.deleteLater)
        page.open()

    def _sync_now(self) -> None:
        if self._context.engine is not None:
            self._context.engine.kick()

    # --- panes ---

    def _arrange(self) -> None:
        """Show as many panes as fit; the welcome page stands alone."""
        width = self.width()
        self.panes.show(width)
        wanted = self.panes.fits("navigation", width)
        self.navigation.setVisible(wanted and not self.pages.alone)
        self.list.show_menu_button(not wanted)
        if self._complete:
            self.status_bar.setVisible(not self.pages.alone)

    def _toggle(self, pane: str) -> None:
        self.panes.toggle(pane, self.width())
        self._arrange()
        self._settle.start()

    def _show_navigation(self) -> None:
        self.panes.force("navigation")
        self._arrange()
        self.navigation.take_focus()

    def _cycle(self, step: int) -> None:
        self.panes.cycle(
            step,
            takes_focus={"navigation": self.navigation.take_focus, "list": self.list.focus_list},
        )

    # --- remembering ---

    def _store_layout(self) -> None:
        geometry = base64.b64encode(self.saveGeometry().data()).decode()
        kept = {**self._context.settings.window, **self.panes.kept(self.width())}
        self._context.settings.window = {**kept, "geometry": geometry}

    def _restore(self) -> None:
        kept = self._context.settings.window
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(1440, screen.width()), min(900, screen.height() - _TITLE_BAR))
        geometry = kept.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray(base64.b64decode(geometry, validate=False)))
        self.panes.restore(kept, self.width())
        self._arrange()

    # --- Qt's side ---

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.panes.resized(event.oldSize().width(), event.size().width())
            self._arrange()
        self._settle.start()

    async def leave(self) -> None:
        """Store what is being written, before anything is cancelled."""
        if self._complete:
            self.sidebar.flush()
            await self.thread_view.flush()
            await self.commands.settle()
            self.tray.close()
            if self._context.notifier is not None:
                await self._context.notifier.stop()

    def let_go(self) -> None:
        """Remove what lies in temporary places; nothing runs any more."""
        if self._complete:
            self.thread_view.close_desk()

    def quit(self) -> None:
        """Close the window; ask first where something still waits to be sent."""
        if self._waiting:
            if not self.isActiveWindow():  # hidden, with its icon in the tray
                come_forward(self)
            self.quit_question.ask()
        else:
            self.close()

    @property
    def _waiting(self) -> int:
        """How many messages would stay behind; nothing waits before the window is complete."""
        return self.status_bar.waiting if self._complete else 0

    def closeEvent(self, event: QCloseEvent) -> None:
        if event.spontaneous() and self._complete and self.closing.holds_back():
            event.ignore()
            return
        if event.spontaneous() and self._waiting:
            event.ignore()
            self.quit_question.ask()
            return
        self._store_layout()
        self._settle.stop()
        event.accept()
        self.closed.emit()


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column


def _counts_and_tags(conn: Any) -> tuple[ViewCounts, list[TagRow]]:
    from desktop_inbox.store import conversations, tags

    return conversations.counts(conn), tags.counted(conn)


def _conversation(conn: Any, key: int) -> ConversationRow | None:
    from desktop_inbox.store import conversations

    return conversations.row(conn, key)
