"""The list pane: title and count, search, filters, the table, and words where there is nothing.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.lists import ListQuery, ViewCounts
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.conversations import ConversationsModel
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, icon_button
from desktop_inbox.ui.views.conversation_table import ConversationTable
from desktop_inbox.ui.views.empty_state import EmptyState
from desktop_inbox.ui.views.list_filters import ListFilters
from desktop_inbox.ui.views.search_bar import SearchBar
from desktop_inbox.ui.views.search_found import SearchFound
from desktop_inbox.ui.views.sort_button import SortButton
from desktop_inbox.ui.views.view_choice import ViewChoice, keep_sort, query_of, sort_for

if TYPE_CHECKING:
    from desktop_inbox.ui.views.outbox_view import OutboxView

_CALM_MS = 1000
_AWAY = frozenset({"closed", "spam", "trash"})
_UNSORTED = frozenset({"drafts", "outbox"})  # as few as somebody writes, the latest first


class ConversationList(QFrame):
    """Shows one view of the conversations, filtered and searched."""

    conversation_selected = Signal(object, bool)  # id or None; True where a person chose it
    entered_conversation = Signal()
    action_requested = Signal(str, object)  # action id, list of conversation ids
    menu_requested = Signal(QPoint)
    navigation_requested = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._choice = ViewChoice()
        self._counts = ViewCounts()
        self._choose_first = True  # until the window has shown its first conversation
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._choose_one)
        self._panes: dict[str, OutboxView] = {}
        self.setProperty("kind", "panel")
        self.setMinimumWidth(context.theme.px(240))
        self.model = ConversationsModel(context, self)
        self.table = ConversationTable(context, self.model)
        self.search = SearchBar(context)
        self.found = SearchFound(context)
        self.sort_button = SortButton(context.theme)
        self.filters = ListFilters(select_all=self.table.mark_all, select_none=self.table.unmark)
        self._empty = EmptyState(context)
        self._pill = QPushButton(self.table)
        self._build()
        self._connect()

    @property
    def choice(self) -> ViewChoice:
        return self._choice

    @property
    def empty_words(self) -> str:
        """What the pane says instead of rows, '' while it shows rows."""
        return self._empty.title if self._stack.currentWidget() is self._empty else ""

    def add_pane(self, view: str, pane: OutboxView) -> None:
        """Show `pane` in the place of the rows of a view, unless it is searched or filtered."""
        self._panes[view] = pane
        self._stack.addWidget(pane)
        self._settle()

    @property
    def _body(self) -> QWidget:
        """What shows the contents of the view."""
        return self._pane or self.table

    @property
    def _pane(self) -> OutboxView | None:
        """What stands in the place of the rows, None where rows are shown."""
        plain = self.filters.is_clear and not self.search.text()
        return self._panes.get(self._choice.view) if plain else None

    def turn(self, saved_ids: Collection[int]) -> None:
        """Read the ids again where one of these views is shown: the time has moved on."""
        if self._choice.saved_id in saved_ids:
            self.model.refresh()

    def begin_with(self, rows: Sequence[ConversationRow]) -> None:
        """Show these rows at once, until the first view has been read."""
        if rows:
            self.model.begin_with({row.id: row for row in rows})
            self._stack.setCurrentWidget(self.table)

    def show_view(self, choice: ViewChoice) -> None:
        """Show another view, without filter or search of the one before."""
        self._choose_first = self._choose_first and self._choice == ViewChoice()
        self._choice = choice
        self.table.offer(away=choice.view in _AWAY)
        self.filters.clear()
        self.search.field.blockSignals(True)
        self.search.clear()
        self.search.field.blockSignals(False)
        self._query_changed()

    def show_counts(self, counts: ViewCounts) -> None:
        """Take over the counts that head and filters show."""
        self._counts = counts
        self._label()

    def selected_ids(self) -> list[int]:
        """Return what an action applies to: the selection, else what is shown; never a draft."""
        ids = self.table.selected_ids()
        if not ids and self.table.shown is not None:
            ids = [self.table.shown]
        return [key for key in ids if key > 0]

    def step(self, rows: int) -> None:
        """Go down so many rows of what is shown, or up."""
        pane = self._pane
        if pane is not None:
            pane.step(rows)
        else:
            self.table.step(rows)

    def open_current(self) -> None:
        """Go and read what is chosen."""
        pane = self._pane
        if pane is not None:
            pane.open_current()
        else:
            self.entered_conversation.emit()

    # --- building ---

    def _build(self) -> None:
        self._menu_button = icon_button(
            self._context.theme, "menu", _("Navigation"), clicked=self.navigation_requested.emit
        )
        self._menu_button.hide()
        self._title = ElidedLabel(kind="title")
        self._title.setSizePolicy(
            self._title.sizePolicy().Policy.Maximum, self._title.sizePolicy().Policy.Fixed
        )
        self._count = PlainLabel(kind="muted")
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self._menu_button)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.sort_button)
        line = QFrame()
        line.setProperty("kind", "line")
        self._line = line

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 9, 0, 0)
        column.setSpacing(0)
        holder = QWidget()
        holder.setLayout(head)
        holder.setMinimumHeight(self._context.theme.px(36))
        column.addWidget(holder)
        column.addSpacing(5)
        search = QHBoxLayout()
        search.setContentsMargins(12, 0, 12, 0)
        search.addWidget(self.search)
        column.addLayout(search)
        column.addWidget(self.filters)
        column.addWidget(line)
        column.addWidget(self.found)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        column.addLayout(self._stack, 1)
        self._pill.setProperty("kind", "primary")
        self._pill.setCursor(Qt.CursorShape.PointingHandCursor)
        self._pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pill.hide()
        self._explain_loading()

    def _connect(self) -> None:
        self.filters.changed.connect(self._query_changed)
        self.search.query_changed.connect(lambda _text: self._query_changed())
        self.search.left_downwards.connect(self.focus_list)
        self.found.search_wanted.connect(self.search.search_for)
        self.found.settled.connect(self._settle)
        self.sort_button.chosen.connect(self._sort_by)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._explain_failure)
        self.model.refreshed.connect(lambda _on_top: self._refreshed())
        for elsewhere in (
            self._context.actions["compose.new"].triggered,
            self._context.draft_requested,
            self._context.conversation_requested,
        ):
            elsewhere.connect(self._choose_none)
        self.table.chosen.connect(self.conversation_selected)
        self.table.entered_conversation.connect(self.entered_conversation)
        self.table.button_pressed.connect(
            lambda action, key: self.action_requested.emit(action, [key])
        )
        self.table.selection_resized.connect(self._show_selected)
        self.table.new_above.connect(self._show_pill)
        self.table.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.table.viewport().mapToGlobal(point))
        )
        self._pill.clicked.connect(lambda: self.table.verticalScrollBar().setValue(0))

    # --- what is shown ---

    @property
    def query(self) -> ListQuery:
        """The query in force. A search looks everywhere, whatever view it was typed in."""
        text = self.search.text()
        base = query_of(self._context.settings, self._choice)._replace(
            unread=self.filters.unread.isChecked(),
            unassigned=self.filters.unassigned.isChecked(),
        )
        if not text:
            return base
        from desktop_inbox.domain.query import parse_query, view_asked_for

        return base._replace(
            view=view_asked_for(parse_query(text)) or "all",
            account_id=None,
            tag_id=None,
            saved_id=None,
            sort="",
            text=text,
        )

    def _query_changed(self) -> None:
        self._label()
        self.model.show(self.query)
        self.found.show_for(self.search.text())
        self._context.note_search(self.search.text())
        # Only after a while: a list that is there at once must not flicker.
        QTimer.singleShot(150, self._explain_loading)

    def _sort_by(self, sort: str) -> None:
        keep_sort(self._context.settings, self._choice, sort)
        self._query_changed()

    def rename(self, choice: ViewChoice) -> None:
        """Take over what the view that is shown is called now."""
        self._choice = choice
        self._label()

    def _label(self) -> None:
        searching = bool(self.search.text())
        self.sort_button.show_sort(sort_for(self._context.settings, self._choice))
        self.sort_button.setVisible(not searching and self._choice.view not in _UNSORTED)
        self._title.setText(_("Search results") if searching else self._choice.title)
        inbox = self._choice.view == "inbox" and not searching
        self.filters.show_view(self._choice.view, self._counts if inbox else None)

    def _loaded(self) -> None:
        self._settle()
        if self.model.rowCount():
            self.table.scrollToTop()
            self._choose_one()

    def _refreshed(self) -> None:
        self._settle()
        if self._choose_first and self.model.rowCount():
            self._calm.start()  # a list that began empty: wait until mail stops pouring in

    def _choose_one(self) -> None:
        """Show something to look at. Nothing is marked read by it: nobody chose it."""
        if self._choose_first and self.table.shown is None and self.model.rowCount():
            self.table.choose(self.model.ids[0], by_person=False)
        self._choose_first = False

    def _choose_none(self) -> None:
        """Somebody looks at something else, or writes: nothing may come in between."""
        self._choose_first = False

    def _settle(self) -> None:
        if self.model.loading:
            return
        count = self.model.rowCount()
        if count:
            self._stack.setCurrentWidget(self._body)
        else:
            self._explain_emptiness()
        if self._body is not self.table:
            count = self._counts.outbox  # messages, where the rows would be conversations
        number = QLocale().toString(count)
        if self._choice.view == "inbox" and not self.search.text():
            words = ngettext("{count} open", "{count} open", count)
        else:
            words = "{count}"
        self._count.setText(words.format(count=number) if count else "")

    def _explain_loading(self) -> None:
        if self.model.loading and not self.model.rowCount():
            self._empty.explain(_("Loading…"), icon="loader-circle")
            self._stack.setCurrentWidget(self._empty)

    def _explain_failure(self) -> None:
        self._empty.explain(
            _("The list could not be read"),
            icon="circle-alert",
            action_text=_("Try again"),
            action=self._query_changed,
        )
        self._stack.setCurrentWidget(self._empty)

    def _explain_emptiness(self) -> None:
        if self.search.text():
            self.found.explain_nothing()
            self._empty.explain(
                _("No match"),
                _("Nothing found for “{text}”.").format(text=self.search.text()),
                icon="search",
                action_text=_("Clear search"),
                action=self.search.clear,
            )
        elif not self.filters.is_clear:
            self._empty.explain(
                _("Nothing matches the filter"),
                icon="list-filter",
                action_text=_("Clear filter"),
                action=self._clear_filter,
            )
        else:
            from desktop_inbox.ui.views import list_emptiness  # the first frame does without

            found = list_emptiness.of_view(self._choice)
            self._empty.explain(_(found.title), _(found.text), icon=found.icon)
        self._stack.setCurrentWidget(self._empty)

    def _clear_filter(self) -> None:
        self.filters.clear()
        self._query_changed()

    def _show_selected(self, count: int) -> None:
        self.filters.show_selected(count, total=self.model.rowCount())
        if count <= 1:
            self._label()  # which filters there are is up to the view

    def _show_pill(self, count: int) -> None:
        self._pill.setVisible(count > 0)
        if count:
            self._pill.setText(
                "↑ " + ngettext("{count} new", "{count} new", count).format(count=count)
            )
            self._pill.adjustSize()
            self._pill.move((self.table.width() - self._pill.width()) // 2, 8)
            self._pill.raise_()

    def select_where(self, *, unread: bool) -> None:
        """Select what is unread in the whole view, or what is read."""
        self._context.start(self._select_where(unread=unread))

    async def _select_where(self, *, unread: bool) -> None:
        query = self.query
        found = await self._context.read(lambda conn: _unread_ids(conn, query))
        if query == self.query:
            self.table.mark_ids(found if unread else frozenset(self.model.ids) - found)

    def focus_list(self) -> None:
        self._body.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_menu_button(self, shown: bool) -> None:
        """Offer the way to a navigation that is folded away."""
        self._menu_button.setVisible(shown)


def _unread_ids(conn: Any, query: ListQuery) -> frozenset[int]:
    from desktop_inbox.store import conversations

    return frozenset(conversations.ids(conn, query._replace(unread=True)))
