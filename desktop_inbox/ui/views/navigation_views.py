"""The views people made, in the navigation: counted live, put in order by pointer or key.

Reads on the store's threads, everything else on the UI thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.i18n import _
from desktop_inbox.store.lists import SAVED, ListQuery
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.throttle import Throttle
from desktop_inbox.ui.views.controls import PlainLabel, icon_button
from desktop_inbox.ui.views.navigation_item import NavigationItem

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes
    from desktop_inbox.store.rows import SavedViewRow

_COUNT_PAUSE_MS = 500
_TICK_MS = 15_000
_LEFT = Qt.MouseButton.LeftButton
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class SavedViewSection(QWidget):
    """A heading with a button for a new view, and a line for each view there is."""

    changed = Signal()  # the lines are others now
    edit_requested = Signal(object)  # SavedViewRow, or None for a new one
    turned = Signal(object)  # ids of views that show others now although nothing changed

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: list[SavedViewRow] = []
        self._items: dict[int, NavigationItem] = {}
        self._pressed: QPoint | None = None  # where, in the section; None while nothing is
        self._dragged: NavigationItem | None = None
        self._focus_next: int | None = None  # the view whose line gets the focus when it is back
        self._counting = False
        self._counts = Throttle(self._start_count, pause_ms=_COUNT_PAUSE_MS, parent=self)
        self._turns: dict[int, datetime] = {}  # when each view is to be looked at again
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self.turn)
        self._build()
        context.bridge.changed.connect(self._follow)
        context.start(self._reload())

    def lines(self) -> Iterator[tuple[SavedViewRow, NavigationItem]]:
        """Yield every view with its line, in their order."""
        for row in self._rows:
            yield row, self._items[row.id]

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 8, 4, 0)
        head.addWidget(PlainLabel(_("Saved views"), kind="section"), 1)
        add = icon_button(
            self._context.theme,
            "plus",
            _("New view"),
            clicked=lambda: self.edit_requested.emit(None),
        )
        head.addWidget(add)
        self._column = QVBoxLayout()
        self._column.setSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._column)
        self._mark = QFrame(self)  # where a line goes when it is let go
        self._mark.setProperty("kind", "drop")
        self._mark.setFixedHeight(2)
        self._mark.hide()

    # --- reading ---

    def _follow(self, changes: Changes) -> None:
        if changes.views:
            self._context.start(self._reload())
        elif changes.conversations or changes.tags or changes.customers:
            self._counts.ask()

    async def _reload(self) -> None:
        rows = await self._context.read(_rows)
        if isValid(self):
            self._show(rows)
            self._counts.ask()

    def turn(self, now: datetime | None = None) -> None:
        """Look again at what "in the last 7 days" shows; by the clock, which goes on in sleep."""
        now = now or datetime.now().astimezone()
        due = {key for key, at in self._turns.items() if at <= now}
        self._foresee(now)
        if due:
            self._counts.ask()
            self.turned.emit(due)

    def _foresee(self, now: datetime) -> None:
        from desktop_inbox.domain.conditions import next_turn  # not on the first frame

        found = {
            row.id: next_turn(row.condition, now=now)
            for row in self._rows
            if row.condition is not None
        }
        self._turns = {key: at for key, at in found.items() if at is not None}
        if self._turns and not self._clock.isActive():
            self._clock.start()
        elif not self._turns:
            self._clock.stop()

    def _start_count(self) -> None:
        if self._counting:
            self._counts.ask()  # slower than the pause; the timer comes back to it
        elif self._rows:
            self._counting = True
            self._context.start(self._count())

    async def _count(self) -> None:
        """Count one view after the other, so that lists are read in between."""
        began = time.monotonic()
        try:
            for row in list(self._rows):
                query = ListQuery(view=SAVED, saved_id=row.id)
                count = await self._context.read(partial(_size, query=query))
                if isValid(self) and row.id in self._items:
                    self._items[row.id].show_count(count)
        finally:
            self._counting = False
        self._counts.rest(4 * (time.monotonic() - began))

    # --- lines ---

    def _show(self, rows: list[SavedViewRow]) -> None:
        focused = next((key for key, item in self._items.items() if item.hasFocus()), None)
        kept = {key: item.number for key, item in self._items.items()}
        for item in self._items.values():
            self._column.removeWidget(item)
            item.deleteLater()
        self._rows, self._items = rows, {}
        for row in rows:
            self._items[row.id] = item = self._line(row)
            item.show_count(kept.get(row.id, 0))
            self._column.addWidget(item)
            item.show()  # so that it can have the focus at once
        self._foresee(datetime.now().astimezone())
        self.changed.emit()
        wanted = self._focus_next if self._focus_next in self._items else focused
        self._focus_next = None
        if wanted in self._items:
            self._items[wanted].setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, row: SavedViewRow) -> NavigationItem:
        item = NavigationItem(self._context.theme, row.name, icon="funnel")
        if row.condition is None:
            item.show_mark("triangle-alert", words=_("Made by a newer version of Desktop Inbox"))
        item.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        item.customContextMenuRequested.connect(
            lambda point: self.menu(row).popup(item.mapToGlobal(point))
        )
        item.installEventFilter(self)
        return item

    def menu(self, row: SavedViewRow) -> QMenu:
        """Return the menu of what can be done with a view; it goes with its closing."""
        place = self._rows.index(row)
        menu = QMenu(self)
        context = self._context
        edit = menu.addAction(
            context.icon("pencil"), _("Edit…"), lambda: self.edit_requested.emit(row)
        )
        edit.setEnabled(row.condition is not None)
        menu.addSeparator()
        up = menu.addAction(_("Move up\tAlt+Up"), lambda: self._move(row, place - 1))
        up.setEnabled(place > 0)
        down = menu.addAction(_("Move down\tAlt+Down"), lambda: self._move(row, place + 1))
        down.setEnabled(place + 1 < len(self._rows))
        menu.addSeparator()
        menu.addAction(context.icon("trash-2"), _("Remove"), lambda: self._remove(row))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _remove(self, row: SavedViewRow) -> None:
        from desktop_inbox.services import saved_views

        self._context.commands.run(
            lambda tx: saved_views.remove(tx, row.id),
            _("View {name} removed").format(name=row.name),
        )

    def _move(self, row: SavedViewRow, place: int) -> None:
        from desktop_inbox.services import saved_views

        if 0 <= place < len(self._rows) and place != self._rows.index(row):
            self._focus_next = row.id
            self._context.commands.run(
                lambda tx: saved_views.move(tx, row.id, place=place),
                _("View {name} moved").format(name=row.name),
            )

    # --- dragging and keys ---

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, NavigationItem):
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key_pressed(watched, event)
            if isinstance(event, QMouseEvent):
                return self._pointer(watched, event)
        return super().eventFilter(watched, event)

    def _key_pressed(self, item: NavigationItem, event: QKeyEvent) -> bool:
        row = self._row_of(item)
        if event.key() == Qt.Key.Key_Escape and self._dragged is not None:
            self._end_drag()
            return True
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in _STEPS:
            self._move(row, self._rows.index(row) + _STEPS[Qt.Key(event.key())])
            return True
        if event.key() == Qt.Key.Key_Delete:
            self._remove(row)
            return True
        return False

    def _pointer(self, item: NavigationItem, event: QMouseEvent) -> bool:
        at = item.mapTo(self, event.position().toPoint())
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == _LEFT:
            self._pressed = at
        elif event.type() == QEvent.Type.MouseMove and self._pressed is not None:
            far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far and len(self._rows) > 1:
                self._dragged = item
            if self._dragged is not None:
                self._show_drop(self._gap(at))
                return True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            dragged, gap = self._dragged, self._gap(at)
            self._end_drag()
            if dragged is not None:
                row = self._row_of(dragged)
                self._move(row, gap - (self._rows.index(row) < gap))
                dragged.setDown(False)
                return True
        return False

    def _gap(self, at: QPoint) -> int:
        """Return before which line something goes that is let go here."""
        middles = [self._items[row.id].geometry().center().y() for row in self._rows]
        return sum(at.y() > middle for middle in middles)

    def _show_drop(self, gap: int) -> None:
        last = self._items[self._rows[min(gap, len(self._rows) - 1)].id].geometry()
        top = last.top() - 1 if gap < len(self._rows) else last.bottom()
        self._mark.setGeometry(8, top, self.width() - 16, 2)
        self._mark.show()
        self._mark.raise_()

    def _end_drag(self) -> None:
        self._pressed = self._dragged = None
        self._mark.hide()

    def _row_of(self, item: NavigationItem) -> SavedViewRow:
        return next(row for row in self._rows if self._items[row.id] is item)


def _rows(conn: Any) -> list[SavedViewRow]:
    from desktop_inbox.store import saved_views

    return saved_views.list_all(conn)


def _size(conn: Any, *, query: ListQuery) -> int:
    from desktop_inbox.store import conversations

    return conversations.count(conn, query)
