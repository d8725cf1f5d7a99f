"""The navigation on the left: workspace, new message, views, channels, tags, settings.

UI thread only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.lists import SAVED, ViewCounts
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, icon_button
from desktop_inbox.ui.views.key_cap import KeyCap
from desktop_inbox.ui.views.logo import Logo
from desktop_inbox.ui.views.navigation_item import NavigationItem
from desktop_inbox.ui.views.navigation_views import SavedViewSection
from desktop_inbox.ui.views.row_words import duration
from desktop_inbox.ui.views.view_choice import ViewChoice, choice_of, saved_choice

if TYPE_CHECKING:
    from desktop_inbox.store.rows import AccountRow
    from desktop_inbox.sync.status import AccountStatus

# What stands beside a channel that does not work by itself, by sync.status.State.
_MARKS = {"needs_sign_in": "triangle-alert", "failed": "triangle-alert", "paused": "pause"}

# View, its words and its icon; the order is that of the window.
VIEWS: tuple[tuple[str, str, str], ...] = (
    ("inbox", N_("Inbox"), "inbox"),
    ("mine", N_("Mine"), "user-check"),
    ("unassigned", N_("Unassigned"), "user-x"),
    ("due", N_("Due soon"), "clock"),
    ("snoozed", N_("Snoozed"), "alarm-clock"),
    ("drafts", N_("Drafts"), "file-pen-line"),
    ("outbox", N_("Outbox"), "send"),
    ("closed", N_("Closed"), "circle-check"),
    ("spam", N_("Spam"), "ban"),
    ("trash", N_("Trash"), "trash-2"),
)
_UNCOUNTED = frozenset({"closed", "spam", "trash"})  # a number there asks for nothing


class Navigation(QFrame):
    """Announces which view is wanted, and shows how much each holds."""

    view_chosen = Signal(object)  # ViewChoice
    view_renamed = Signal(object)  # ViewChoice: the one that is shown, under its name of now

    def __init__(
        self, context: AppContext, accounts: Accounts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._accounts = accounts
        self._items: dict[tuple[str, int], NavigationItem] = {}
        self._tags: list[tuple[int, str, int]] = []  # what the lines of the tags show
        self._choice = ViewChoice(title=_("Inbox"))
        self._group = QButtonGroup(self)
        self.setProperty("kind", "nav")
        self.setMinimumWidth(context.theme.px(168))
        self._build()
        accounts.changed.connect(self._show_accounts)
        self._ticks = QTimer(self)
        self._ticks.setInterval(5000)
        self._ticks.timeout.connect(self._show_state)
        self._ticks.start()

    @property
    def choice(self) -> ViewChoice:
        return self._choice

    def item(self, kind: str, key: int = 0) -> NavigationItem:
        """Return a line: a view by its name, or of a kind ("account", "tag", "saved") by its id."""
        return self._items[kind, key]

    def offered(self) -> list[ViewChoice]:
        """Return every view that can be chosen, without its title."""
        return [choice_of(kind, key) for kind, key in self._items]

    def take_focus(self) -> None:
        """Put the focus on the view that is shown."""
        item = self._items.get(_key(self._choice)) or self._items["inbox", 0]
        item.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose(self, choice: ViewChoice) -> None:
        """Go to a view as if it had been pressed."""
        self._choice = choice
        item = self._items.get(_key(choice))
        if item is not None:
            item.setChecked(True)
        self.view_chosen.emit(choice)

    def choose_view(self, view: str) -> None:
        title = next((_(words) for name, words, _icon in VIEWS if name == view), "")
        self.choose(ViewChoice(view=view, title=title))

    def show_counts(self, counts: ViewCounts) -> None:
        for view, _words, _icon in VIEWS:
            if view not in _UNCOUNTED:
                self._items[view, 0].show_count(int(getattr(counts, view)))

    def show_tags(self, tags: list[TagRow]) -> None:
        """Show the tags and how many open conversations bear each."""
        shown = [(tag.id, tag.name, tag.hue) for tag in tags]
        if shown != self._tags:
            self._tags = shown
            self._build_tags(tags)
        for tag in tags:
            self._items["tag", tag.id].show_count(tag.open_count)

    def _build_tags(self, tags: list[TagRow]) -> None:
        self._clear("tag", self._tag_column)
        self._tag_head.setVisible(bool(tags))
        for tag in tags:
            self._add(
                self._tag_column,
                ("tag", tag.id),
                NavigationItem(self._context.theme, tag.name, hue=tag.hue),
                ViewChoice(view="inbox", tag_id=tag.id, title=tag.name),
            )

    def show_workspace(self, name: str) -> None:
        self._name.setText(name)

    # --- building ---

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 10)
        column.setSpacing(0)
        column.addLayout(self._build_head())
        column.addSpacing(12)
        column.addWidget(self._build_compose())
        column.addSpacing(10)
        column.addWidget(self._build_lines(), 1)
        column.addWidget(self._opens("go.customers", _("Customers"), icon="user"))
        self.help = NavigationItem(self._context.theme, _("Help"), icon="circle-help")
        self.help.setCheckable(False)
        self.help.clicked.connect(self._offer_help)
        column.addWidget(self.help)
        column.addWidget(self._opens("settings", _("Settings"), icon="settings"))

    def _opens(self, action_id: str, words: str, *, icon: str) -> NavigationItem:
        item = NavigationItem(self._context.theme, words, icon=icon)
        item.setCheckable(False)
        item.clicked.connect(self._context.actions[action_id].trigger)
        return item

    def _offer_help(self) -> None:
        from desktop_inbox.ui.help_desk import show_menu  # not before the first frame

        show_menu(self._context, self, self.help.mapToGlobal(self.help.rect().topLeft()))

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(10)
        self._name = ElidedLabel(kind="strong")
        self._state = ElidedLabel(kind="small")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._name)
        words.addWidget(self._state)
        row.addWidget(Logo(self._context.theme, side=32, corner=9, tray=18))
        row.addLayout(words, 1)
        return row

    def _build_compose(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(2)
        button = QPushButton()
        button.setObjectName("compose")
        button.setProperty("kind", "secondary")
        button.setAccessibleName(_("New message"))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setMinimumHeight(self._context.theme.px(34))
        inner = QHBoxLayout(button)
        inner.setContentsMargins(10, 0, 9, 0)
        inner.setSpacing(8)
        picture = QLabel()
        self._compose_picture = picture
        self._draw_compose()
        self._context.theme.changed.connect(self._draw_compose)
        inner.addWidget(picture)
        inner.addWidget(ElidedLabel(_("New message"), kind="strong"), 1)
        inner.addWidget(
            KeyCap(self._context.actions, "compose.new"),
            0,
            Qt.AlignmentFlag.AlignVCenter,
        )
        action = self._context.actions["compose.new"]
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        button.setEnabled(action.isEnabled())
        row.addWidget(button, 1)
        more = icon_button(
            self._context.theme, "chevron-down", _("More to write"), clicked=self._offer_more
        )
        self._more = more
        row.addWidget(more)
        return holder

    def _offer_more(self) -> None:
        actions = self._context.actions
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addActions([actions["compose.new"], actions["phone.log"]])
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _draw_compose(self) -> None:
        icon = self._context.icon("square-pen", colour="text")
        self._compose_picture.setPixmap(icon.pixmap(QSize(16, 16), self.devicePixelRatioF()))

    def _build_lines(self) -> QScrollArea:
        lines = QWidget()
        lines.setObjectName("navigationLines")
        column = QVBoxLayout(lines)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for view, words, icon in VIEWS:
            self._add(
                column,
                (view, 0),
                NavigationItem(self._context.theme, _(words), icon=icon, urgent=view == "due"),
                ViewChoice(view=view, title=_(words)),
            )
        self._account_head = self._heading(column, _("Channels"))
        self._account_column = QVBoxLayout()
        self._account_column.setSpacing(1)
        column.addLayout(self._account_column)
        self.views = SavedViewSection(self._context)
        self.views.changed.connect(self._show_saved)
        column.addWidget(self.views)
        self._tag_head = self._heading(column, _("Tags"))
        self._tag_column = QVBoxLayout()
        self._tag_column.setSpacing(1)
        column.addLayout(self._tag_column)
        column.addStretch(1)
        self._items["inbox", 0].setChecked(True)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setViewport(QWidget())  # one of ours: PySide looks for the class of one that is not
        area.setWidget(lines)
        lines.setAutoFillBackground(False)
        return area

    def _heading(self, column: QVBoxLayout, text: str) -> PlainLabel:
        label = PlainLabel(text, kind="section")
        label.setContentsMargins(10, 12, 10, 4)
        label.hide()
        column.addWidget(label)
        return label

    def _add(
        self,
        column: QVBoxLayout,
        key: tuple[str, int],
        item: NavigationItem,
        choice: ViewChoice,
    ) -> None:
        self._join(key, item, choice)
        column.addWidget(item)

    def _join(self, key: tuple[str, int], item: NavigationItem, choice: ViewChoice) -> None:
        """Let a line be one of those of which one is chosen."""
        self._items[key] = item
        self._group.addButton(item)
        item.clicked.connect(lambda _checked=False: self.choose(choice))
        item.setChecked(_key(self._choice) == key)

    # --- views that people made ---

    def _show_saved(self) -> None:
        """Take over the lines of the saved views; leave one that was taken away."""
        for key in [key for key in self._items if key[0] == SAVED]:
            self._group.removeButton(self._items.pop(key))
        for row, item in self.views.lines():
            choice = saved_choice(row.id, row.name)
            self._join((SAVED, row.id), item, choice)
            if self._choice.saved_id == row.id and self._choice != choice:
                self._choice = choice
                self.view_renamed.emit(choice)
        if self._choice.saved_id is not None and (SAVED, self._choice.saved_id) not in self._items:
            self.choose_view("inbox")

    def _clear(self, kind: str, column: QVBoxLayout) -> None:
        for key in [key for key in self._items if key[0] == kind]:
            item = self._items.pop(key)
            self._group.removeButton(item)
            column.removeWidget(item)
            item.deleteLater()

    # --- accounts ---

    def _show_accounts(self) -> None:
        present = {key[1] for key in self._items if key[0] == "account"}
        if present != {row.id for row in self._accounts.rows}:
            self._clear("account", self._account_column)
            for row in self._accounts.rows:
                choice = ViewChoice(view="inbox", account_id=row.id, title=row.title)
                self._add(
                    self._account_column,
                    ("account", row.id),
                    NavigationItem(self._context.theme, row.title, channel=row.kind),
                    choice,
                )
        self._account_head.setVisible(bool(self._accounts.rows))
        for row, status in self._accounts.statuses():
            self._show_account(row, status)
        self._show_state()

    def _show_account(self, row: AccountRow, status: AccountStatus) -> None:
        from desktop_inbox.ui import errors  # no account is known at the first frame

        item = self._items["account", row.id]
        item.setText(row.title)
        item.show_count(row.open_count)
        mark = _MARKS.get(status.state, "")
        item.show_mark(mark, words=errors.account_sentence(row.title, status))

    def _show_state(self) -> None:
        self._state.setText(state_words(self._accounts))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()


def _key(choice: ViewChoice) -> tuple[str, int]:
    if choice.account_id is not None:
        return "account", choice.account_id
    if choice.tag_id is not None:
        return "tag", choice.tag_id
    return choice.view, choice.saved_id or 0


def state_words(accounts: Accounts) -> str:
    """Return one line on all accounts together."""
    if not accounts.rows:
        return ""
    from desktop_inbox.sync.status import State  # see `_show_account`

    statuses = [status for _row, status in accounts.statuses() if status.state != State.PAUSED]
    if not statuses:
        return _("All paused")
    attention = sum(s.state in (State.NEEDS_SIGN_IN, State.FAILED) for s in statuses)
    if attention:
        return ngettext("{count} channel needs you", "{count} channels need you", attention).format(
            count=attention
        )
    if all(s.state is State.WAITING for s in statuses):
        return _("Offline")
    if any(s.state is State.CATCHING_UP for s in statuses):
        return _("Catching up…")
    if not any(s.working for s in statuses):
        return _("Connecting…")
    synced = accounts.last_sync_at
    if synced is None:
        return _("Online")
    age = utc_now() - synced
    if age < timedelta(minutes=1):
        words = _("{count} s").format(count=max(1, int(age.total_seconds())))
    else:
        words = duration(age)
    return _("Online · synced {time} ago").format(time=words)
