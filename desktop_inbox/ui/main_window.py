"""The window: navigation, list, thread and customer side by side, and what belongs around them.

It is made in two steps. The first builds what the first frame shows, the navigation and the list;
`complete` builds the rest, once that frame is painted and the workspace is open. Owns which view
and which conversation are shown, and remembers sizes and folded panes. What its actions do stands
in `ui.window_actions`, what opens over it in `ui.cards`. UI thread only.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.arrangement import NARROWER, Arrangement
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.follows_eye import FollowsEye
from desktop_inbox.ui.forward import come_forward
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.pages import Pages
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.navigation import VIEWS, Navigation
from desktop_inbox.ui.views.view_choice import ViewChoice, remembered

if TYPE_CHECKING:
    from desktop_inbox.store.conversation_rows import ConversationRow

MINIMUM = (420, 360)
_TITLE_BAR = 40  # pixels that a window manager draws above; nobody tells before it is shown


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
        self._complete = False
        self.setWindowTitle("Desktop Inbox")
        self.setMinimumSize(*MINIMUM)
        self.accounts = Accounts(context, self)
        self._build(with_sample=with_sample)
        self._connect()
        self._restore()
        self.accounts.reload()
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
        from desktop_inbox.ui.cards import Cards
        from desktop_inbox.ui.dialogs.backups import Backups
        from desktop_inbox.ui.help_desk import HelpDesk
        from desktop_inbox.ui.keyboard import Keyboard
        from desktop_inbox.ui.lists_ahead import ListsAhead
        from desktop_inbox.ui.troubles import Troubles
        from desktop_inbox.ui.turning import Turning
        from desktop_inbox.ui.window_actions import WindowActions

        context = self._context
        self._troubles = Troubles(
            context, self.accounts, sign_in=self.pages.sign_in_again, window=self
        )
        self._complete = True
        self.cards = Cards(context, self, self._ground)
        self.turning = Turning(context, self)
        self._connect_panes()
        WindowActions(context, self)
        context.keys.reload()
        Keyboard(context.actions, self)
        Backups(context, self)
        self.help_desk = HelpDesk(context, self, self._ground)
        StoppedAutomation(context, self)
        ListsAhead(context, self.navigation)
        self._tell_outside()
        self._arrange()
        if context.selected_conversation is not None:  # chosen before there was a thread pane
            self.thread_view.show_conversation(context.selected_conversation)

    def _tell_outside(self) -> None:
        """Build what reaches a person who looks elsewhere."""
        from desktop_inbox.ui.closing import Closing
        from desktop_inbox.ui.counts import Counts
        from desktop_inbox.ui.notifications.notifier import Notifier
        from desktop_inbox.ui.tray import Tray

        context = self._context
        self.tray = Tray(context, self)
        self.closing = Closing(context, self, self.tray, leave=self.quit)
        context.notifier = Notifier(context, self.accounts, self, self.tray)
        self.thread_view.shown.connect(self._reply_if_asked)
        Counts(context, self)

    def _reply_if_asked(self, conversation: object) -> None:
        """A notification's Reply goes on once its conversation is there."""
        notifier = self._context.notifier
        if notifier is not None and notifier.replies_in(conversation):
            self._context.actions["reply"].trigger()

    def _connect(self) -> None:
        self.navigation.view_chosen.connect(self._view_chosen)
        self.navigation.view_renamed.connect(self.list.rename)
        self.list.conversation_selected.connect(self._conversation_chosen)
        self.list.navigation_requested.connect(self._show_navigation)
        self.accounts.loaded.connect(self.pages.turn)
        self.accounts.changed.connect(self._accounts_changed)
        self.pages.turned.connect(self._arrange)
        self.pages.sample_requested.connect(self.sample_requested)
        for splitter in (self.panes.outer, self.panes.inner):
            splitter.splitterMoved.connect(lambda _pos, _index: self._settle.start())

    def _connect_panes(self) -> None:
        context = self._context
        self.list.entered_conversation.connect(self._enter_conversation)
        self.list.table.clicked.connect(lambda _index: self._clicked_in_list())
        self.navigation.views.edit_requested.connect(self.cards.edit_view)
        self.navigation.views.turned.connect(self.list.turn)
        context.conversation_selected.connect(self.thread_view.show_conversation)
        context.conversation_selected.connect(self.sidebar.leave)
        self.thread_view.shown.connect(self.sidebar.show_conversation)
        context.conversation_requested.connect(self._open_conversation)
        context.message_requested.connect(lambda key, _message: self._open_conversation(key))
        context.draft_requested.connect(lambda _draft: self.show_thread())
        context.message_wanted.connect(lambda _to: self.show_thread())
        context.focus_list_requested.connect(self.leave_thread)

    def show_thread(self) -> None:
        """Something is written or read in the thread: make room for it."""
        self.pages.close_setup()
        self.panes.reading = True
        self._arrange()

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

    def leave_thread(self) -> None:
        """Go back to the list; where one pane fits it takes the place of the thread."""
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

    def _dwelt(self) -> None:
        key = self._context.selected_conversation
        if key is not None and self.isActiveWindow():
            self._context.start(self._mark_read(key))

    async def _mark_read(self, key: int) -> None:
        row = await self._context.read(lambda conn: _conversation(conn, key))
        if row is not None and row.unread and key == self._context.selected_conversation:
            self.commands.mark_read([key], quietly=True)

    def start_search(self) -> None:
        """Let the person type what to look for, in the list."""
        self.panes.reading = False
        self.panes.unfold("list")
        self._arrange()
        self.list.search.start()

    # --- accounts ---

    def _accounts_changed(self) -> None:
        self.navigation.show_workspace(self.accounts.workspace_name)
        self.pages.turn()

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

    def fold(self, pane: str) -> None:
        """Fold a pane away, or show it again."""
        self.panes.toggle(pane, self.width())
        self._arrange()
        self._settle.start()

    def _show_navigation(self) -> None:
        self.panes.force("navigation")
        self._arrange()
        self.navigation.take_focus()

    def cycle(self, step: int) -> None:
        """Move the focus to the next pane (+1), or to the one before (-1)."""
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
            self.sidebar.editor.flush()
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


def _conversation(conn: Any, key: int) -> ConversationRow | None:
    from desktop_inbox.store import conversations

    return conversations.row(conn, key)
