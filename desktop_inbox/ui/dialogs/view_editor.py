"""The card on which a view is made or changed, with how many conversations it would show.

UI thread only; the store is read and written on threads of its own.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.conditions import Field, Group, checked
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services import saved_views
from desktop_inbox.store import conversations
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import SavedViewRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.dialogs.view_conditions import FIRST, GroupBox
from desktop_inbox.ui.dialogs.view_words import FIELDS, Answers, read_answers
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea

_WIDTH, _HEIGHT = 720, 380
_COUNT_AFTER_MS = 200


class ViewEditor(Overlay):
    """Asks for a name and a condition. `row` is the view that is changed, None for a new one."""

    saved = Signal(int, str)  # the view and its name

    def __init__(self, context: AppContext, parent: QWidget, row: SavedViewRow | None) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._row = row
        self.box: GroupBox | None = None  # once it is known what there is to choose from
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_COUNT_AFTER_MS)
        self._later.timeout.connect(lambda: context.start(self._count()))
        self._build()

    def open(self) -> None:
        """Show the card over the window."""
        self.present()
        self.name.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self._load())

    async def _load(self) -> None:
        answers = await self._context.read(read_answers)
        if isValid(self):
            self._fill(answers)

    def _fill(self, answers: Answers) -> None:
        known = self._row.condition if self._row is not None else None
        group = Group(members=(FIRST,)) if known is None else known
        self.box = GroupBox(self._context.theme, answers, group)
        self.box.changed.connect(self._changed)
        self._area.setWidget(_on_top(self.box))
        self._changed()

    # --- what is done ---

    async def save(self) -> None:
        """Keep the view; what is wrong is said here."""
        if self.box is None:
            return
        name, condition = self.name.text(), self.box.group()
        row = self._row

        def write(tx: Tx) -> tuple[int, str | None]:
            if row is None:
                return saved_views.create(tx, name=name, condition=condition)
            return row.id, saved_views.change(tx, row.id, name=name, condition=condition)

        try:
            key, group = await self._context.write(write)
        except UserError as error:
            self._refuse(error)
            return
        words = _("View {name} saved").format(name=" ".join(name.split()))
        self._context.commands.run(lambda _tx: group, words)
        self.dismiss()
        self.saved.emit(key, " ".join(name.split()))

    def _refuse(self, error: UserError) -> None:
        values = dict(error.values)
        if "field" in values:
            values["field"] = _(FIELDS[Field(str(values["field"]))])
        self._error.setText(errors.sentence(error.code, values))
        self._error.show()
        if error.code.startswith("view-name"):
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self) -> None:
        self._error.hide()
        self._later.start()

    async def _count(self) -> None:
        """Say how many conversations the view would show, once every question can be asked."""
        if self.box is None:
            return
        try:
            condition = checked(self.box.group())
        except UserError:
            self._size.setText("")
            return
        count = await self._context.read(lambda conn: conversations.count_shown_by(conn, condition))
        if isValid(self):
            words = ngettext("{count} conversation", "{count} conversations", count)
            self._size.setText(words.format(count=QLocale().toString(count)))

    # --- parts ---

    def _build(self) -> None:
        theme = self._context.theme
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        title = _("New view") if self._row is None else _("Edit view")
        head.addWidget(PlainLabel(title, kind="title"), 1)
        head.addWidget(icon_button(theme, "x", _("Close"), clicked=self.dismiss))
        self.name = QLineEdit(self._row.name if self._row is not None else "")
        self.name.setPlaceholderText(_("Name, such as Refunds this week"))
        self.name.setAccessibleName(_("Name"))
        self.name.setMaxLength(saved_views.LONGEST_NAME)
        self.name.textEdited.connect(lambda _text: self._error.hide())
        self._area = TallArea(theme.px(_HEIGHT))
        self._area.setAccessibleName(title)
        body = QVBoxLayout()
        body.setContentsMargins(24, 14, 24, 10)
        body.setSpacing(12)
        body.addWidget(self.name)
        body.addWidget(self._area, 1)
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(body, 1)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(self._build_foot())

    def _build_foot(self) -> QHBoxLayout:
        self._size = PlainLabel(kind="muted")
        self._error = PlainLabel(kind="error", wrap=True)
        self._error.hide()
        self.save_button = button(
            _("Save"), kind="primary", clicked=lambda: self._context.start(self.save())
        )
        self.default = self.save_button
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 14)
        foot.setSpacing(12)
        foot.addWidget(self._size)
        foot.addWidget(self._error, 1)
        foot.addStretch(1)
        foot.addWidget(button(_("Cancel"), clicked=self.dismiss))
        foot.addWidget(self.save_button)
        return foot


def _on_top(box: QWidget) -> QWidget:
    holder = QWidget()
    holder.setAutoFillBackground(False)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 6, 0)
    column.addWidget(box)
    column.addStretch(1)
    return holder
