"""The line above the list: filters, or how many rows are selected. UI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.ui.views.controls import PlainLabel, link_button

_ONE_PERSONS = ("mine", "unassigned")  # views in which everything is, or nothing is, unassigned


class ListFilters(QWidget):
    """Everything, what is unread, what nobody took: one of them stands."""

    changed = Signal()

    def __init__(
        self, *, select_all: Callable[[], object], select_none: Callable[[], object]
    ) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.everything, self.unread, self.unassigned = (QPushButton() for _ in range(3))
        self.selected = PlainLabel(kind="muted")
        self.select_all = link_button("", clicked=select_all)
        self.select_none = link_button(_("Clear selection"), clicked=select_none)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(6)
        for button in (self.everything, self.unread, self.unassigned):
            button.setProperty("kind", "filter")
            button.setCheckable(True)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(button)
            row.addWidget(button)
        for part in (self.selected, self.select_all, self.select_none):
            row.addWidget(part)
            part.hide()
        row.addStretch(1)
        self.clear()
        self._group.buttonClicked.connect(lambda _button: self.changed.emit())

    @property
    def is_clear(self) -> bool:
        """Whether nothing is filtered out."""
        return self.everything.isChecked()

    def clear(self) -> None:
        """Filter nothing out."""
        self.everything.setChecked(True)

    def show_view(self, view: str, counts: ViewCounts | None) -> None:
        """Say what there is to filter in a view, with numbers where there are `counts` of it."""
        locale = QLocale()
        unread = locale.toString(counts.unread) if counts and counts.unread else ""
        free = locale.toString(counts.unassigned) if counts and counts.unassigned else ""
        self.everything.setText(_("All"))
        self.unread.setText(" ".join(filter(None, (_("Unread"), unread))))
        self.unassigned.setText(" ".join(filter(None, (_("Unassigned"), free))))
        self.unassigned.setVisible(view not in _ONE_PERSONS)

    def show_selected(self, count: int, *, total: int) -> None:
        """Say in the place of the filters how many of all rows are selected, if several are."""
        locale = QLocale()
        for button in self._group.buttons():
            button.setHidden(count > 1)
        self.selected.setVisible(count > 1)
        self.select_all.setVisible(1 < count < total)
        self.select_none.setVisible(count > 1)
        self.selected.setText(
            ngettext("{count} selected", "{count} selected", count).format(
                count=locale.toString(count)
            )
        )
        words = _("Select all {total}").format(total=locale.toString(total))
        self.select_all.setText(words)
        self.select_all.setAccessibleName(words)
