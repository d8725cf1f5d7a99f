"""Asks for what a canned response lacks before it goes into the text. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.templates import PROMPT
from desktop_inbox.i18n import _
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.dialog import Dialog

_WIDTH, _TALLEST = 440, 420


class CannedFill(Dialog):
    """One field for each name; what stays empty keeps its place in the text."""

    filled = Signal(dict)  # of what was entered, by name

    def __init__(self, title: str, missing: Sequence[str], *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Fill in"))
        self.setMinimumWidth(_WIDTH)
        self.fields = {name: self._field(name) for name in missing}
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(PlainLabel(visible(title), kind="title", wrap=True))
        column.addWidget(
            PlainLabel(_("What stays empty is marked in the text."), kind="caption", wrap=True)
        )
        column.addWidget(self._form())
        column.addLayout(self._buttons())
        next(iter(self.fields.values())).setFocus(Qt.FocusReason.PopupFocusReason)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(_label(name))
        return field

    def _form(self) -> QScrollArea:
        inner = QWidget()
        form = QFormLayout(inner)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in self.fields.items():
            label = PlainLabel(_label(name))
            label.setBuddy(field)
            form.addRow(label, field)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        area.setAccessibleName(_("Fill in"))
        area.setMinimumHeight(min(inner.sizeHint().height() + 4, _TALLEST))
        return area

    def _buttons(self) -> QHBoxLayout:
        insert = button(_("Insert"), kind="primary", clicked=self._insert)
        self.default = insert
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), kind="ghost", clicked=self.reject))
        row.addWidget(insert)
        return row

    def _insert(self) -> None:
        entered = {name: field.text().strip() for name, field in self.fields.items()}
        # An empty answer still answers a question that a condition of the response asks.
        self.filled.emit(
            {name: text for name, text in entered.items() if text or name.startswith(PROMPT)}
        )
        self.accept()


def _label(name: str) -> str:
    """Return what is asked for: a person's own words for it, or the variable."""
    return visible(name.removeprefix(PROMPT))
