"""The keyboard shortcuts, generated from the table of actions. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.actions import TABLE, ActionSpec, key_text
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import PlainLabel, icon_button
from desktop_inbox.ui.views.overlay import Overlay

# In which column a group stands.
_COLUMNS = (("Go to", "List"), ("Conversation",), ("Writing", "Window"))


class Shortcuts(Overlay):
    """Lists every action that has keys. Its many lines are made when somebody asks for them."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=980)
        self._close = icon_button(
            context.theme, "x", _("Close this message"), clicked=self.dismiss, parent=self.card
        )
        self._built = False

    def open(self) -> None:
        if not self._built:
            self._built = True
            self._build()
        self.present()
        self._close.setFocus(Qt.FocusReason.PopupFocusReason)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 8)
        head.addWidget(PlainLabel(_("Keyboard shortcuts"), kind="title"), 1)
        head.addWidget(self._close)
        self.card_layout.addLayout(head)
        inner = QWidget()
        inner.setObjectName("shortcuts")
        columns = QHBoxLayout(inner)
        columns.setContentsMargins(24, 0, 24, 20)
        columns.setSpacing(32)
        for groups in _COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(14)
            for group in groups:
                column.addLayout(self._group(group))
            column.addStretch(1)
            columns.addLayout(column, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        area.setMinimumHeight(min(inner.sizeHint().height(), self._context.theme.px(560)))
        self.card_layout.addWidget(area, 1)

    def _group(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        grid.addWidget(PlainLabel(_(group), kind="section"), 0, 0, 1, 2)
        specs = [spec for spec in TABLE if spec.group == group and spec.keys]
        for line, spec in enumerate(specs, start=1):
            grid.addWidget(PlainLabel(_(spec.text)), line, 0)
            grid.addLayout(self._keys(spec), line, 1)
        return grid

    def _keys(self, spec: ActionSpec) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        for keys in spec.keys:
            cap = PlainLabel(key_text(keys), kind="keycap")
            row.addWidget(cap)
        return row
