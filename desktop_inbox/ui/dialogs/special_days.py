"""The days that are not as usual: listed, added, changed and taken away. UI thread only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QDate, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.opening_hours import SpecialDay, day_words, read_day
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import button, icon_button
from desktop_inbox.ui.views.dialog import is_enter, press_enter
from desktop_inbox.ui.views.roomy import TellingList
from desktop_inbox.ui.views.service_level_words import date_words, special_words

_LIST_HEIGHT, _LINE_HEIGHT = 150, 26
_DAY = Qt.ItemDataRole.UserRole


class SpecialDays(QWidget):
    """A list by day, and a line in which one is written."""

    edited = Signal()
    refused = Signal(object)  # UserError: what was written is no hours

    def __init__(self, theme: Theme, shown: Iterable[SpecialDay]) -> None:
        super().__init__()
        self._theme = theme
        self._days = {one.day: one for one in shown}
        self._build()
        self._list()

    def days(self) -> tuple[SpecialDay, ...]:
        """Every special day, in order."""
        return tuple(self._days[day] for day in sorted(self._days))

    def take(self, days: Iterable[SpecialDay]) -> None:
        """Let these days be special too, in place of what they were."""
        for one in days:
            self._days[one.day] = one
        self._list()
        self.edited.emit()

    def add(self) -> None:
        """Let the day that is written be special.

        Raises:
            UserError: "calendar-hours".
        """
        day = self.date.date()
        found = SpecialDay(
            date(day.year(), day.month(), day.day()),
            read_day(self.hours.text()),
            visible(self.name.text()).strip(),
        )
        self.take([found])
        self.hours.clear()
        self.name.clear()

    def remove_chosen(self) -> None:
        """Let the chosen days be as usual again."""
        for item in self.list.selectedItems():
            self._days.pop(item.data(_DAY), None)
        self._list()
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):  # what is written here is a day, not the whole card
            if not self.list.hasFocus():  # there it has put the day into the line already
                press_enter(self.add_button)
        else:
            super().keyPressEvent(event)

    def _list(self) -> None:
        self.list.clear()
        for one in self.days():
            words = f"{date_words(one.day)}   {special_words(one)}"
            item = QListWidgetItem(f"{words}   {visible(one.name)}".rstrip())
            item.setData(_DAY, one.day)
            item.setSizeHint(QSize(0, self._theme.px(_LINE_HEIGHT)))
            self.list.addItem(item)

    def _show_chosen(self, item: QListWidgetItem | None) -> None:
        """Put a day into the line below, to be changed."""
        one = self._days.get(item.data(_DAY)) if item is not None else None
        if one is not None:
            self.date.setDate(QDate(one.day.year, one.day.month, one.day.day))
            self.hours.setText(day_words(one.hours))
            self.name.setText(one.name)

    def _build(self) -> None:
        self.list = TellingList(name=_("Special days"))
        self.list.setSelectionMode(TellingList.SelectionMode.ExtendedSelection)
        self.list.setMinimumHeight(self._theme.px(_LIST_HEIGHT))
        self.list.itemActivated.connect(self._show_chosen)
        self.list.itemClicked.connect(self._show_chosen)
        self.date = QDateEdit(QDate.currentDate())
        self.date.setCalendarPopup(True)
        self.date.setAccessibleName(_("Day"))
        self.hours = QLineEdit()
        self.hours.setPlaceholderText(_("Closed"))
        self.hours.setAccessibleName(_("Hours of the day"))
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Name"))
        self.name.setAccessibleName(_("Name of the day"))
        self.add_button = button(_("Add"))
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.date)
        line.addWidget(self.hours, 1)
        line.addWidget(self.name, 1)
        line.addWidget(self.add_button)
        line.addWidget(icon_button(self._theme, "trash-2", _("Remove"), clicked=self.remove_chosen))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list)
        column.addLayout(line)
