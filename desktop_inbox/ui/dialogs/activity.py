"""Everything that was done in the workspace, newest first, and taking any of it back.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.services import undoing
from desktop_inbox.store.activity import ActivityQuery, ActivityRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.models.activity import ActivityModel, read_names
from desktop_inbox.ui.models.paged import RowRole
from desktop_inbox.ui.throttle import Throttle
from desktop_inbox.ui.views.activity_row import HEIGHT, ActivityDelegate
from desktop_inbox.ui.views.activity_words import FAMILIES
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.event_words import Names
from desktop_inbox.ui.views.overlay import Overlay

_WIDTH, _LIST_HEIGHT = 720, 400
_TYPING_MS = 150
_NOBODY = Names(tags={}, agents={}, me="", my_uid="")


class ActivityPage(Overlay):
    """A list with a filter above it, and what can be done with the chosen action below."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self.model = ActivityModel(context, _NOBODY, self)
        self._asked = Throttle(self._show, pause_ms=_TYPING_MS, parent=self)
        self._build()
        self.model.loaded.connect(self._loaded)
        self.model.dataChanged.connect(lambda *_range: self._refresh())
        self.model.refreshed.connect(lambda _count: self._refresh())

    def open(self) -> None:
        """Show the page over the window."""
        self.present()
        self.table.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self._open(), name="activity")

    async def _open(self) -> None:
        self.model.names = await self._context.read(read_names)
        if isValid(self):
            self._show()

    @property
    def chosen(self) -> ActivityRow | None:
        """The action that the foot is about."""
        row = self.table.currentIndex().data(RowRole)
        return row if isinstance(row, ActivityRow) else None

    # --- parts ---

    def _build(self) -> None:
        head = self._build_head()
        self._build_table()
        self.empty = PlainLabel(kind="caption")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.hide()
        foot = self._build_foot()
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addWidget(self.table, 1)
        self.card_layout.addWidget(self.empty)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(foot)
        self._refresh()

    def _build_head(self) -> QHBoxLayout:
        theme = self._context.theme
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.setSpacing(8)
        head.addWidget(PlainLabel(_("Activity"), kind="title"))
        head.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Customer or subject"))
        self.search.setAccessibleName(_("Find by customer or subject"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.px(200))
        self.search.textChanged.connect(lambda _text: self._asked.ask())
        self.family = QComboBox()
        self.family.setAccessibleName(_("What to show"))
        for words, kinds in FAMILIES:
            self.family.addItem(_(words), kinds)
        self.family.currentIndexChanged.connect(lambda _row: self._show())
        head.addWidget(self.search)
        head.addWidget(self.family)
        head.addWidget(icon_button(theme, "x", _("Close"), clicked=self.dismiss))
        return head

    def _build_foot(self) -> QHBoxLayout:
        self.why_not = PlainLabel(kind="caption", wrap=True)
        self.open_button = button(_("Open conversation"), kind="ghost", clicked=self._go)
        self.undo_button = button(_("Take back"), kind="primary", clicked=self._undo)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 16)
        foot.setSpacing(12)
        foot.addWidget(self.why_not, 1)
        foot.addWidget(self.open_button)
        foot.addWidget(self.undo_button)
        return foot

    def _build_table(self) -> None:
        theme = self._context.theme
        self.table = _Table()
        self.table.setModel(self.model)
        self.table.setItemDelegate(ActivityDelegate(theme, self.model, self.table))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(HEIGHT))
        self.table.setMinimumHeight(theme.px(_LIST_HEIGHT))
        self.table.setAccessibleName(_("Activity"))
        self.table.entered_row = self._go
        self.table.selectionModel().currentChanged.connect(lambda _now, _before: self._refresh())
        self.model.watch(self.table.on_screen)

    # --- what is shown ---

    def _show(self) -> None:
        self.model.show(ActivityQuery(families=self.family.currentData(), text=self.search.text()))

    def _loaded(self) -> None:
        found = self.model.rowCount() > 0
        self.table.setVisible(found)
        filtered = bool(self.search.text().strip()) or self.family.currentIndex() > 0
        self.empty.setText(
            _("Nothing was done that fits.") if filtered else _("Nothing was done yet.")
        )
        self.empty.setMinimumHeight(self._context.theme.px(_LIST_HEIGHT))
        self.empty.setVisible(not found)
        if found:
            self.table.selectionModel().setCurrentIndex(
                self.model.index(0, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        self._refresh()

    def _refresh(self) -> None:
        """Say what can be done with the chosen action; whether it can be undone is looked up."""
        row = self.chosen
        self.open_button.setVisible(row is not None and row.conversation_id is not None)
        self.undo_button.setEnabled(False)
        self.why_not.setText("")
        if row is not None:
            self._context.start(self._look_up(row), name="activity")

    async def _look_up(self, row: ActivityRow) -> None:
        refused = await self._context.read(
            lambda conn: undoing.refusal(conn, row.group_uid, now=utc_now())
        )
        if not isValid(self) or self.chosen is None or self.chosen.id != row.id:
            return
        self.undo_button.setEnabled(refused is None)
        self.undo_button.setText(_("Do again") if row.takes_back else _("Take back"))
        if refused is not None:
            self.why_not.setText(errors.sentence(refused.code, refused.values))

    # --- what is done ---

    def _go(self) -> None:
        row = self.chosen
        if row is not None and row.conversation_id is not None:
            self.dismiss()
            self._context.conversation_requested.emit(row.conversation_id)

    def _undo(self) -> None:
        row = self.chosen
        if row is not None and self.undo_button.isEnabled():
            self.undo_button.setEnabled(False)
            self._context.start(self._take_back(row), name="undo")

    async def _take_back(self, row: ActivityRow) -> None:
        try:
            await self._context.write(lambda tx: undoing.undo(tx, row.group_uid))
        except UserError as error:
            if isValid(self):
                self.why_not.setText(errors.sentence(error.code, error.values))
            return
        self._context.notice.emit(Notice(text=_("Undone"), seconds=3, key="undo"))


class _Table(QTableView):
    """One column of rows; Enter goes to what a row is about."""

    def __init__(self) -> None:
        super().__init__()
        self.entered_row: Callable[[], None] = lambda: None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.doubleClicked.connect(self._entered)

    def on_screen(self) -> range:
        """Return the rows that somebody sees."""
        height = self.viewport().height()
        first, last = self.rowAt(0), self.rowAt(height - 1)
        return range(max(first, 0), (last if last >= 0 else self.model().rowCount() - 1) + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row()
        else:
            super().keyPressEvent(event)

    def _entered(self, _index: QModelIndex) -> None:
        self.entered_row()
