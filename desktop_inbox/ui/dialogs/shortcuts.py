"""The keyboard shortcuts that are in force, found by their words. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.actions import key_text
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea

# In which column a group stands.
_COLUMNS = (("Go to", "List"), ("Conversation",), ("Writing", "Window"))
_HEIGHT = 560


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One action: its widgets, and the words it is found by."""

    group: PlainLabel
    widgets: tuple[QWidget, ...]
    words: str
    has_keys: bool


class Shortcuts(Overlay):
    """Lists every action that has keys, and the others where somebody looks for them by words.

    Its lines are made when somebody asks for them.
    """

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=980)
        self._lines: list[_Line] = []
        self._stale = True
        self._area: TallArea | None = None
        context.actions.keys_changed.connect(self._keys_changed)

    def open(self) -> None:
        if self._area is None:
            self._build()
        if self._stale:
            self._stale = False
            self._fill()
        self.search.clear()
        self.present()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def listed(self) -> list[str]:
        """Return the names of the actions that are shown."""
        return [line.widgets[0].property("text") for line in self._lines if _stands(line)]

    def _keys_changed(self) -> None:
        self._stale = True

    def _build(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a shortcut"))
        self.search.setAccessibleName(_("Find a shortcut"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(self._context.theme.px(220))
        self.search.textChanged.connect(self._seek)
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 8)
        head.setSpacing(8)
        head.addWidget(PlainLabel(_("Keyboard shortcuts"), kind="title"), 1)
        head.addWidget(self.search)
        head.addWidget(button(_("Change keys…"), kind="ghost", clicked=self._change))
        close = icon_button(self._context.theme, "x", _("Close this message"), clicked=self.dismiss)
        head.addWidget(close)
        self._nothing = PlainLabel(kind="muted")
        self._nothing.setContentsMargins(24, 8, 24, 16)
        self._nothing.hide()
        self._area = TallArea(self._context.theme.px(_HEIGHT))
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setAccessibleName(_("Keyboard shortcuts"))
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(self._nothing)
        self.card_layout.addWidget(self._area, 1)

    def _fill(self) -> None:
        assert self._area is not None
        self._lines = []
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
        self._seek("")
        self._area.setWidget(inner)  # which deletes the one before
        inner.setAutoFillBackground(False)
        self._area.wish(min(inner.sizeHint().height(), self._context.theme.px(_HEIGHT)))

    def _group(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        head = PlainLabel(_(group), kind="section")
        grid.addWidget(head, 0, 0, 1, 2)
        for spec in TABLE:
            keys = self._context.actions.keys(spec.id)
            if spec.group != group or not (keys or spec.in_palette):
                continue
            row = grid.rowCount()
            name, caps = PlainLabel(_(spec.text), wrap=True), _caps(keys)
            grid.addWidget(name, row, 0)
            grid.addWidget(caps, row, 1, Qt.AlignmentFlag.AlignVCenter)
            shown = " ".join(map(key_text, keys))
            words = fold(f"{_(spec.text)} {_(group)} {shown}")
            line = _Line(group=head, widgets=(name, caps), words=words, has_keys=bool(keys))
            self._lines.append(line)
        return grid

    def _seek(self, text: str) -> None:
        wanted = fold(text).split()
        heads = {line.group for line in self._lines}
        hits = [
            line
            for line in self._lines
            if (wanted or line.has_keys) and all(word in line.words for word in wanted)
        ]
        for line in self._lines:
            for widget in line.widgets:
                widget.setVisible(line in hits)
        for head in heads:
            head.setVisible(any(line.group is head for line in hits))
        self._nothing.setText(_("Nothing found for “{text}”.").format(text=text.strip()))
        self._nothing.setVisible(not hits)

    def _change(self) -> None:
        self.dismiss()
        self._context.settings_requested.emit("keyboard")


def _stands(line: _Line) -> bool:
    return not line.widgets[0].isHidden()


def _caps(keys: tuple[str, ...]) -> QWidget:
    """The keys as they stand on the keyboard, one cap each."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addStretch(1)
    for one in keys:
        row.addWidget(PlainLabel(key_text(one), kind="keycap"))
    if not keys:
        row.addWidget(PlainLabel(_("no key"), kind="muted"))
    return holder
