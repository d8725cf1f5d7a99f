"""The list of conversations itself: one column of painted rows over a paged model.

Keeps the row under the pointer, or the selected one, where it is while others come and go.
UI thread only.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QHoverEvent, QKeyEvent, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.conversations import ConversationsModel
from desktop_inbox.ui.models.paged import runs
from desktop_inbox.ui.tokens import SIZES
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.conversation_row import (
    AWAY_ACTIONS,
    HOVER_ACTIONS,
    ConversationDelegate,
    Standing,
)

HELD_KEY_MS = 120  # while a key repeats, only the row it stops at is opened
_AGE_MS = 60_000
_LEAVING = (QEvent.Type.HoverLeave, QEvent.Type.Leave)
_Flag = QItemSelectionModel.SelectionFlag


class ConversationTable(QTableView):
    """Announces what a person chose; what the model does by itself announces nothing."""

    chosen = Signal(object, bool)  # id or None; True where a person chose it
    entered_conversation = Signal()  # Enter: go and read
    button_pressed = Signal(str, int)  # action id, conversation id
    selection_resized = Signal(int)  # how many rows are selected
    new_above = Signal(int)  # how many rows came in above the first visible one

    def __init__(
        self, context: AppContext, model: ConversationsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._model = model
        self._delegate = ConversationDelegate(
            context.theme,
            words_of_button=self._words_of_button,
            standing=self._standing,
            parent=self,
        )
        self._shown: int | None = None
        self._target: int | None = None  # where a person moved to; shown as soon as they stop
        self._anchor: tuple[int, int] | None = None
        self._quiet = False  # the model, not a person, moves the current row
        self._all_when_whole = False  # everything was chosen before all ids were here
        self._held_at = 0  # scrolled past the end of a short list, so that a row stays in place
        self._new_above = 0
        self._pressed_button = -1
        self._hovered = QPersistentModelIndex()  # the row that the pointer moved to last
        self._open_later = QTimer(self)
        self._open_later.setSingleShot(True)
        self._open_later.setInterval(HELD_KEY_MS)
        self._open_later.timeout.connect(self._open_current)
        self._set_up_viewport()
        self._set_up()
        # Before the view's own handlers: they would move the current row to a neighbour.
        model.about_to_refresh.connect(self._before_refresh)
        model.modelAboutToBeReset.connect(self._before_reset)
        self.setModel(model)
        model.watch(self.rows_on_screen)
        self.setItemDelegate(self._delegate)
        model.refreshed.connect(self._after_refresh)
        model.modelReset.connect(self._after_reset)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._keep_held)
        context.theme.changed.connect(self._set_row_height)
        self._ageing = QTimer(self)
        self._ageing.setInterval(_AGE_MS)
        self._ageing.timeout.connect(self.viewport().update)
        self._ageing.start()

    def _set_up_viewport(self) -> None:
        # Qt makes one too; but PySide looks for the class of that among all widgets there are,
        # which takes longer than to paint the rows.
        viewport = QWidget()
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        viewport.setAutoFillBackground(True)
        viewport.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setViewport(viewport)

    def _set_up(self) -> None:
        self.setAccessibleName(_("Conversations"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # letters are commands
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(40)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(20)
        self._set_row_height()

    def _set_row_height(self) -> None:
        height = self._context.theme.px(SIZES.row)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(height // 2)

    def offer(self, *, away: bool) -> None:
        """Offer under the pointer what fits the rows of a view: those put away come back."""
        self._delegate.actions = AWAY_ACTIONS if away else HOVER_ACTIONS

    def rows_on_screen(self) -> range:
        """Return the rows of which something is to be seen."""
        if not self.isVisible():
            return range(0)
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        count = self._model.rowCount()
        return range(first, (count if last < 0 else last + 1)) if first >= 0 else range(0)

    def row_under_pointer(self) -> int:
        """Return the row that the pointer is on, -1 while it is elsewhere."""
        if not self.viewport().underMouse():
            return -1
        return self.rowAt(self.viewport().mapFromGlobal(self.cursor().pos()).y())

    # --- what is selected ---

    @property
    def shown(self) -> int | None:
        """The conversation that was chosen last."""
        return self._shown

    def selected_ids(self) -> list[int]:
        """Return the selected conversations in the order of the list, loaded or not."""
        ids = self._model.ids
        ranges = sorted((r.top(), r.bottom()) for r in self._ranges())
        return [key for top, bottom in ranges for key in ids[top : bottom + 1]]

    def _ranges(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def choose(self, key: int | None, *, by_person: bool) -> None:
        """Select one conversation; one that the list does not show is shown all the same."""
        row = -1 if key is None else self._model.row_of(key)
        self._quiet = True
        try:
            if row < 0:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            else:
                index = self._model.index(row, 0)
                self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect | _Flag.Rows)
                self.scrollTo(index)
        finally:
            self._quiet = False
        self._announce(key, by_person=by_person)

    def step(self, rows: int) -> None:
        """Move on by so many rows, as a person does with j and k."""
        count = self._model.rowCount()
        if not count:
            return
        current = self.currentIndex()
        row = min(max(current.row() + rows, 0), count - 1) if current.isValid() else 0
        flag = _Flag.NoUpdate if self._delegate.marking else _Flag.ClearAndSelect | _Flag.Rows
        self.selectionModel().setCurrentIndex(self._model.index(row, 0), flag)

    def neighbour(self, leaving: set[int], *, forward: bool = True) -> int | None:
        """Return whom to turn to once `leaving` are gone."""
        ids = self._model.ids
        row = self.currentIndex().row()
        if row < 0:
            return None
        after = (key for key in ids[row:] if key not in leaving)
        before = (key for key in reversed(ids[:row]) if key not in leaving)
        first, second = (after, before) if forward else (before, after)
        return next(first, None) or next(second, None)

    def toggle_mark(self) -> None:
        """Add the current row to the chosen ones, or take it out."""
        if self.currentIndex().isValid():
            if not self._delegate.marking and len(self.selectedIndexes()) == 1:
                self._delegate.marking = True
                self.viewport().update()
                self.selection_resized.emit(1)
                return
            self.selectionModel().select(self.currentIndex(), _Flag.Toggle | _Flag.Rows)

    def mark_ids(self, wanted: Collection[int]) -> None:
        """Select these conversations, loaded or not."""
        chosen = QItemSelection()
        for low, high in runs(row for row, key in enumerate(self._model.ids) if key in wanted):
            chosen.select(self._model.index(low, 0), self._model.index(high, 0))
        self._delegate.marking = True
        self.selectionModel().select(chosen, _Flag.ClearAndSelect | _Flag.Rows)
        self.viewport().update()

    def mark_all(self) -> None:
        """Select every row of the view; those whose ids are still on their way, once they come."""
        self._all_when_whole = not self._model.whole
        self._delegate.marking = True
        self.selectAll()
        self.viewport().update()

    def unmark(self) -> None:
        """Go back to the one current row."""
        self._all_when_whole = False
        self._delegate.marking = False
        current = self.currentIndex()
        if current.isValid():
            self.selectionModel().select(current, _Flag.ClearAndSelect | _Flag.Rows)
        else:
            self.clearSelection()
        self.viewport().update()

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._quiet or not current.isValid():
            return
        self._target = self._model.ids[current.row()]
        if self._open_later.isActive():
            self._open_later.start()  # a key is held: wait until it stops
            return
        self._open_current()
        self._open_later.start()

    def _open_current(self) -> None:
        if self._target != self._shown:
            self._announce(self._target, by_person=True)

    def _choose_again(self, before: int | None) -> None:
        """Open what stood out `before`: nobody had chosen it yet, or a new message hides it."""
        if before is not None and before == self._shown == self._target:
            self._announce(before, by_person=True)

    def _announce(self, key: int | None, *, by_person: bool) -> None:
        self._shown = self._target = key
        self.chosen.emit(key, by_person)

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        count = sum(r.height() for r in self._ranges())
        if count > 1 and not self._delegate.marking:
            self._delegate.marking = True
            self.viewport().update()
        elif count <= 1 and self._delegate.marking and self._button_held():
            self._delegate.marking = False
            self.viewport().update()
        self.selection_resized.emit(count)

    def _button_held(self) -> bool:
        return self.state() != QAbstractItemView.State.NoState or self.viewport().underMouse()

    # --- the model moves ---

    def _before_refresh(self) -> None:
        self._quiet = True
        self._anchor = self._find_anchor()

    def _after_refresh(self, on_top: int) -> None:
        self.executeDelayedItemsLayout()
        self.updateGeometries()
        anchor, self._anchor = self._anchor, None
        above = False
        if anchor is not None:
            row = self._model.row_of(anchor[0])
            if row >= 0:
                moved = self.rowViewportPosition(row) - anchor[1]
                self._scroll_by(moved)
                above = moved > 0
        self._keep_selection()
        if self._all_when_whole and self._model.whole:
            self._all_when_whole = False
            if self._delegate.marking:
                self.selectAll()
        if self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self.unmark()  # what was marked is gone
        self._quiet = False
        if on_top and above:
            self._new_above += on_top
            self.new_above.emit(self._new_above)

    def _scroll_by(self, moved: int) -> None:
        """Scroll, past the end where the list is short and the pointer rests on a row of it."""
        bar = self.verticalScrollBar()
        wanted = bar.value() + moved
        if wanted > bar.maximum() and self.row_under_pointer() >= 0:
            self._held_at = wanted
            bar.setMaximum(wanted)
        bar.setValue(wanted)

    def _let_go(self) -> None:
        """Hold no row in its place any more: the pointer is elsewhere, or the list another."""
        if self._held_at:
            self._held_at = 0
            self.updateGeometries()

    def _keep_held(self, _lowest: int, highest: int) -> None:
        """Qt ends the range where the rows end; it is wider while a row is held in its place."""
        if self._held_at > highest:
            self.verticalScrollBar().setMaximum(self._held_at)

    def _find_anchor(self) -> tuple[int, int] | None:
        """Return an id and where it stands now: the row that must not move."""
        candidates = [self.row_under_pointer(), self.currentIndex().row()]
        if self.verticalScrollBar().value() > 0:
            candidates.append(self.rowAt(0))
        for row in candidates:
            if 0 <= row < self._model.rowCount():
                top = self.rowViewportPosition(row)
                if -self.rowHeight(row) < top < self.viewport().height():
                    return self._model.ids[row], top
        return None

    def _before_reset(self) -> None:
        self._quiet = True
        self._open_later.stop()

    def _after_reset(self) -> None:
        self._delegate.marking = False
        self._let_go()
        self._new_above = 0
        self.new_above.emit(0)
        self._fit_column()
        self._keep_selection()
        self._quiet = False

    def _keep_selection(self) -> None:
        """Point at what was chosen, not at the neighbour that took a vanished row's place."""
        row = self.currentIndex().row()
        current = self._model.ids[row] if 0 <= row < self._model.rowCount() else None
        if current == self._target or self._delegate.marking:
            return
        place = -1 if self._target is None else self._model.row_of(self._target)
        if place >= 0:
            self.selectionModel().setCurrentIndex(
                self._model.index(place, 0), _Flag.ClearAndSelect | _Flag.Rows
            )
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def _scrolled(self, value: int) -> None:
        if value < self._held_at:
            self._held_at = value  # a person scrolls back to the new ones
        if value == 0 and self._new_above:
            self._new_above = 0
            self.new_above.emit(0)

    def _standing(self, index: QModelIndex | QPersistentModelIndex) -> Standing:
        return Standing(
            selected=self.selectionModel().isSelected(index),
            hovered=self._hovered.isValid() and self._hovered.row() == index.row(),
            focused=index.row() == self.currentIndex().row()
            and self.hasFocus()
            and self.isActiveWindow(),
        )

    # --- Qt's side ---

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in _LEAVING:
            self._hovered = QPersistentModelIndex()
        elif isinstance(event, QHoverEvent):
            self._hovered = QPersistentModelIndex(self.indexAt(event.position().toPoint()))
        return super().viewportEvent(event)

    def setCurrentIndex(self, index: QModelIndex | QPersistentModelIndex) -> None:
        flags = _Flag.ClearAndSelect | _Flag.Rows if index.isValid() else _Flag.Clear
        self.selectionModel().setCurrentIndex(index, flags)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus as any widget does: a view would make its first row current."""
        QWidget.focusInEvent(self, event)
        self.viewport().update()  # the current row shows that it has the focus

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not a search."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self._target is not None:
                self._announce(self._target, by_person=True)
            self.entered_conversation.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.unmark()
        elif event.key() == Qt.Key.Key_Delete:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_column()

    def _fit_column(self) -> None:
        self.setColumnWidth(0, self.viewport().width())

    def _words_of_button(self, button: int) -> str:
        action_id = self._delegate.actions[button][0]
        actions = self._context.actions
        text, key = actions[action_id].text(), actions.key_text(action_id)
        return tooltip(f"{text} ({key})" if key else text)

    def _button_at(self, point: QPoint) -> tuple[int, int]:
        index = self.indexAt(point)
        if not index.isValid():
            return -1, -1
        return index.row(), self._delegate.button_at(self.visualRect(index), point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row, button = self._button_at(event.position().toPoint())
        if button != self._delegate.hovered_button:
            self._delegate.hovered_button = button
            if row >= 0:
                self.update(self._model.index(row, 0))
        if self._pressed_button < 0:
            super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        _row, button = self._button_at(event.position().toPoint())
        if button >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_button = button
            return
        if not event.modifiers() and event.button() == Qt.MouseButton.LeftButton:
            self._delegate.marking = False
        before = self._shown
        super().mousePressEvent(event)
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and self.indexAt(event.position().toPoint()).isValid():
            self._choose_again(before)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_button >= 0:
            row, button = self._button_at(event.position().toPoint())
            pressed, self._pressed_button = self._pressed_button, -1
            if button == pressed and row >= 0:
                self.button_pressed.emit(self._delegate.actions[button][0], self._model.ids[row])
            return
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._delegate.hovered_button = -1
        self._let_go()
        super().leaveEvent(event)
