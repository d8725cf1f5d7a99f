"""Fields of one's own that every customer has: made, renamed, taken away. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import customers as service
from desktop_inbox.services import undoing
from desktop_inbox.store import customer_fields
from desktop_inbox.store.customer_fields import FieldRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay

_WIDTH = 520
_KINDS = {
    FieldKind.TEXT: N_("Text"),
    FieldKind.NUMBER: N_("Number"),
    FieldKind.DATE: N_("Date"),
    FieldKind.CHOICE: N_("Choice"),
}


class CustomerFields(Overlay):
    """A line for each field, and one to make another."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self.setAccessibleName(_("Fields of customers"))
        self.rows: list[FieldRow] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self._shown: list[QWidget] = []
        self._empty = PlainLabel(
            _("Such as a customer number or a birthday. Each customer then has it."),
            kind="caption",
            wrap=True,
        )
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Name of a new field"))
        self.name.setAccessibleName(_("Name of a new field"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(_("What it holds"))
        for kind, words in _KINDS.items():
            self.kind.addItem(_(words), kind)
        self.kind.currentIndexChanged.connect(self._offer_choices)
        self.choices = QLineEdit()
        self.choices.setPlaceholderText(_("Choices, with commas between them"))
        self.choices.setAccessibleName(_("Choices"))
        self.error = PlainLabel(kind="error", wrap=True)
        self.error.hide()
        self._arrange()
        self._offer_choices()
        context.bridge.changed.connect(self._on_changed)

    def _arrange(self) -> None:
        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(12)
        inside.addWidget(PlainLabel(_("Fields of customers"), kind="title"))
        inside.addWidget(self._empty)
        inside.addLayout(self._lines)
        new = QHBoxLayout()
        new.addWidget(self.name, 1)
        new.addWidget(self.kind)
        self.default = button(_("Add"), clicked=self._add)
        new.addWidget(self.default)
        inside.addLayout(new)
        inside.addWidget(self.choices)
        inside.addWidget(self.error)
        feet = QHBoxLayout()
        feet.addStretch(1)
        feet.addWidget(button(_("Done"), kind="primary", clicked=self.dismiss))
        inside.addLayout(feet)
        self.card_layout.addLayout(inside)

    def open(self) -> None:
        """Show the card over the window."""
        self.present()
        self.name.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self.reload(), name="customer fields")

    async def reload(self) -> None:
        """Read the fields again; the one that is being renamed stays as it is typed."""
        rows = await self._context.read(customer_fields.list_all)
        if not isValid(self) or rows == self.rows:
            return
        self.rows = rows
        for line in self._shown:
            line.hide()
            line.deleteLater()
        self._shown = [self._line(row) for row in rows]
        for line in self._shown:
            self._lines.addWidget(line)
        self._empty.setVisible(not rows)

    def _line(self, row: FieldRow) -> QWidget:
        line = QWidget()
        parts = QHBoxLayout(line)
        parts.setContentsMargins(0, 0, 0, 0)
        name = QLineEdit(row.name)
        name.setAccessibleName(_("Name of {field}").format(field=visible(row.name)))
        name.editingFinished.connect(lambda: self._rename(row, name))
        kind = _(_KINDS[FieldKind(row.kind)])
        if row.choices:
            kind = f"{kind}: {', '.join(visible(one) for one in row.choices)}"
        parts.addWidget(name, 1)
        parts.addWidget(PlainLabel(kind, kind="caption"))
        parts.addWidget(
            icon_button(
                self._context.theme,
                "trash-2",
                _("Remove {field}").format(field=visible(row.name)),
                clicked=partial(self._remove, row),
            )
        )
        return line

    def _offer_choices(self) -> None:
        self.choices.setVisible(self.kind.currentData() == FieldKind.CHOICE)

    def _on_changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.customer_fields:
            self._context.start(self.reload(), name="customer fields")

    # --- what is done ---

    def _add(self) -> None:
        name, kind = self.name.text(), FieldKind(self.kind.currentData())
        choices = self.choices.text().split(",") if kind is FieldKind.CHOICE else ()
        self._do(
            lambda tx: service.add_field(tx, name, kind=kind, choices=choices), then=self._added
        )

    def _added(self, _uid: str | None) -> None:
        self.name.clear()
        self.choices.clear()

    def _rename(self, row: FieldRow, name: QLineEdit) -> None:
        if name.isModified() and name.text() != row.name:
            name.setModified(False)
            self._do(lambda tx: service.rename_field(tx, row.uid, name.text()))

    def _remove(self, row: FieldRow) -> None:
        self._do(
            lambda tx: service.remove_field(tx, row.uid),
            then=lambda group: self._removed(row, group),
        )

    def _removed(self, row: FieldRow, group: str | None) -> None:
        if group is not None:
            self._context.notice.emit(
                Notice(
                    text=_("Removed {field}").format(field=visible(row.name)),
                    action_text=_("Undo"),
                    action=lambda: self._do(lambda tx: undoing.undo(tx, group)),
                )
            )

    def _do(
        self, change: Callable[[Any], Any], then: Callable[[str | None], None] | None = None
    ) -> None:
        self._context.start(self._done(change, then), name="customer fields")

    async def _done(
        self, change: Callable[[Any], Any], then: Callable[[str | None], None] | None
    ) -> None:
        try:
            result = await self._context.write(change)
        except UserError as refused:
            if isValid(self):
                self.error.setText(errors.sentence(refused.code, refused.values))
                self.error.show()
            return
        if isValid(self):
            self.error.hide()
            if then is not None:
                then(result)
            await self.reload()
