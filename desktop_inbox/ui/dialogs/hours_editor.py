"""The card in which the opening hours of one business are written (rule B9). UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Day, Hours, SpecialDay, checked, day_words, read_day
from desktop_inbox.i18n import _
from desktop_inbox.services import service_levels
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.dialogs.holiday_picker import HolidayPicker
from desktop_inbox.ui.dialogs.special_days import SpecialDays
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.service_level_words import day_name, hours_name

_WIDTH = 680
_MONDAY_TO_FRIDAY = range(5)


class HoursEditor(EditorCard):
    """Writes one calendar; `uid` is empty for a new one."""

    def __init__(
        self,
        context: AppContext,
        parent: QWidget,
        *,
        uid: str,
        hours: Hours,
        zones: Sequence[str] = (),
    ) -> None:
        title = hours_name(hours.name) if uid else _("New opening hours")
        super().__init__(context, parent, title=title, width=_WIDTH)
        self._uid = uid
        self._shown = hours
        self._zones = zones
        self._build()
        self._first = self._written()
        self._on_edited()

    def open(self) -> None:
        """Show the card."""
        self.present()
        first: QWidget = self.days[0] if self._uid else self.name
        first.setFocus()

    @property
    def is_edited(self) -> bool:
        return self._written() != self._first

    def hours(self) -> Hours:
        """What the form says.

        Raises:
            UserError: what cannot be kept of it.
        """
        return checked(self._read())

    async def keep(self) -> None:
        wanted, uid = self.hours(), self._uid
        if uid:
            kept = await self._context.write(
                lambda tx: service_levels.change_hours(tx, uid, wanted)
            )
            if kept is not None:
                self._context.commands.run(lambda _tx: kept, _("Opening hours changed"))
        else:
            await self._context.write(lambda tx: service_levels.add_hours(tx, wanted))

    def _read(self) -> Hours:
        name = self.name.text().strip()
        return Hours(
            name="" if not self._shown.name and name == hours_name("") else name,
            zone=self.zone.currentText().strip(),
            week=tuple(self._read_day(number) for number in range(7)),
            special=self.special.days(),
        )

    def _read_day(self, number: int) -> Day:
        return read_day(self.days[number].text())

    def _written(self) -> tuple[object, ...]:
        """Everything that can be changed in the form, as it stands."""
        days = tuple(day.text() for day in self.days)
        return self.name.text(), self.zone.currentText(), days, self.special.days()

    def _on_edited(self) -> None:
        """Say at once what is wrong; it is kept only when nothing is."""
        self.save_button.setEnabled(not self._uid or self.is_edited)
        try:
            self.hours()
        except UserError as error:
            self._refuse(error)
        else:
            self.error.setText("")

    def _refuse(self, error: UserError) -> None:
        self.error.setText(errors.sentence(error.code, error.values))

    # --- what is done ---

    def copy_monday(self) -> None:
        """Let the other working days be as Monday is."""
        for number in _MONDAY_TO_FRIDAY:
            self.days[number].setText(self.days[0].text())
        self._on_edited()

    def offer_holidays(self) -> HolidayPicker | None:
        """Open the card with the holidays of a country."""
        picker = self._picker()
        if picker is not None:
            picker.open()
        return picker

    def offer_file(self, path: Path) -> HolidayPicker | None:
        """Open the card with the days of a calendar file."""
        picker = self._picker()
        if picker is not None:
            picker.open_file(path)
        return picker

    def _picker(self) -> HolidayPicker | None:
        """The card of suggestions, which are counted by the hours as they are written."""
        try:
            hours = self._read()
        except UserError as error:
            self._refuse(error)
            return None
        picker = HolidayPicker(self._context, self._over, hours=hours)
        picker.picked.connect(self._take)
        return picker

    def _take(self, days: list[SpecialDay]) -> None:
        self.special.take(days)

    def _add_special(self) -> None:
        try:
            self.special.add()
        except UserError as error:
            self._refuse(error)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, _("Import a calendar file"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("iCalendar (*.ics)")
        dialog.fileSelected.connect(lambda name: self.offer_file(Path(name)))
        dialog.open()

    # --- parts ---

    def _build(self) -> None:
        self.name = QLineEdit(hours_name(self._shown.name) if self._uid else "")
        self.name.setPlaceholderText(_("Shop, warehouse"))
        self.zone = _zone_box(self._zones, self._shown.zone)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._line(grid, _("Name"), self.name)
        self._line(grid, _("Time zone"), self.zone)
        self.days = [QLineEdit(day_words(day)) for day in self._shown.week]
        for number, field in enumerate(self.days):
            field.setPlaceholderText(_("Closed"))
            self._line(grid, day_name(number), field)
            field.textEdited.connect(self._on_edited)
        copy = button(_("The same to Friday"), kind="ghost", clicked=self.copy_monday)
        copy.setToolTip(_("Let Tuesday to Friday be as Monday is"))
        grid.addWidget(copy, 2, 2)
        self.column.addLayout(grid)
        self.column.addWidget(
            PlainLabel(
                _("Such as 09:00–12:00, 13:30–18:00, over night 21:00–02:00, or until 24:00."),
                kind="small",
                wrap=True,
            )
        )
        self._build_special()
        self.column.addStretch(1)
        self.name.textEdited.connect(self._on_edited)
        self.zone.editTextChanged.connect(self._on_edited)

    def _build_special(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(6)
        heading.addWidget(PlainLabel(_("Holidays and special days"), kind="section"), 1)
        heading.addWidget(button(_("Public holidays…"), kind="ghost", clicked=self.offer_holidays))
        heading.addWidget(button(_("Calendar file…"), kind="ghost", clicked=self._ask_file))
        self.special = SpecialDays(self._context.theme, self._shown.special)
        self.special.edited.connect(self._on_edited)
        self.special.add_button.clicked.connect(self._add_special)
        self.column.addLayout(heading)
        self.column.addWidget(self.special)

    def _line(self, grid: QGridLayout, words: str, field: QWidget) -> None:
        row = grid.rowCount() if grid.count() else 0
        label = PlainLabel(words)
        label.setBuddy(field)
        field.setAccessibleName(words)
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)


def blank(like: Hours) -> Hours:
    """Return what new opening hours begin with: those of another calendar."""
    return replace(like, name="")


def _zone_box(zones: Sequence[str], shown: str) -> QComboBox:
    """A box in which a zone is chosen, or found by typing a part of its name."""
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.addItems(zones)
    completer = QCompleter(zones, box)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    offers = completer.popup()
    assert offers is not None  # it is made when it is asked for
    offers.setProperty("kind", "offers")
    box.setCompleter(completer)
    box.setCurrentText(shown)
    return box
