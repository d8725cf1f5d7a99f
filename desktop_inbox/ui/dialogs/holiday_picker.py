"""The card that offers holidays of a country or of a file; a person ticks what holds.

UI thread only; holidays are worked out and files are read on a thread of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QListWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox import i18n
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services import holidays
from desktop_inbox.services.holidays import Region, Suggestion
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.roomy import TellingList
from desktop_inbox.ui.views.service_level_words import date_words, special_words

_WIDTH, _HEIGHT = 560, 380
_LINE_HEIGHT = 26
_YEARS_AHEAD = 2
_SUGGESTION = Qt.ItemDataRole.UserRole


class HolidayPicker(EditorCard):
    """Suggestions with a tick each; those that are known already are not offered."""

    picked = Signal(object)  # list of SpecialDay

    def __init__(self, context: AppContext, parent: QWidget, *, hours: Hours) -> None:
        super().__init__(context, parent, title=_("Holidays"), width=_WIDTH, height=_HEIGHT)
        self._hours = hours
        self._known: Collection[date] = {one.day for one in hours.special}
        self.save_button.setText(_("Add"))
        self._build()

    def open(self) -> None:
        """Offer the holidays of a country."""
        self.present()
        self.country.setFocus()
        self._context.start(self.read_countries())

    def open_file(self, path: Path) -> None:
        """Offer the days of a calendar file."""
        for widget in self._asked:
            widget.hide()
        self.present()
        self._context.start(self.read_file(path))

    @property
    def is_edited(self) -> bool:
        return False  # ticks are made again in no time

    async def keep(self) -> None:
        days = [holidays.special_day(one, self._hours) for one in self.ticked()]
        self.picked.emit(days)

    def ticked(self) -> list[Suggestion]:
        """What is ticked, in order."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_SUGGESTION) for item in items if _is_ticked(item)]

    async def read_countries(self) -> None:
        """Read which countries are known, then the holidays of this computer's own."""
        codes = await self._context.tasks.aside(holidays.countries)
        if isValid(self):
            for code, name in sorted(((one, _country(one)) for one in codes), key=_by_name):
                self.country.addItem(name, code)
            own = QLocale.territoryToCode(QLocale.system().territory())
            self.choose_country(own)

    def choose_country(self, code: str) -> None:
        """Show the holidays of a country."""
        self.country.setCurrentIndex(max(0, self.country.findData(code)))
        self._context.start(self.read_country())

    async def read_country(self) -> None:
        """Read the regions of the chosen country, then its holidays."""
        country = str(self.country.currentData())
        found = await self._context.tasks.aside(partial(holidays.regions, country))
        if isValid(self) and country == self.country.currentData():
            self._offer_regions(found)
            await self.read_holidays()

    async def read_holidays(self) -> None:
        """Show the holidays of the chosen region and year."""
        country, region = str(self.country.currentData()), str(self.region.currentData() or "")
        year = int(self.year.currentData())
        language = i18n.language()
        found = await self._context.tasks.aside(
            lambda: holidays.of_country(country, years=[year], language=language, region=region)
        )
        if isValid(self):
            self.offer(found)

    async def read_file(self, path: Path) -> None:
        """Show the days of a file."""
        found = await self._context.tasks.aside(partial(holidays.of_file, path, today=_today()))
        if isValid(self):
            self.offer(found)

    def offer(self, found: Sequence[Suggestion]) -> None:
        """Show suggestions, each ticked."""
        self.list.clear()
        new = [one for one in found if one.day not in self._known]
        for one in new:
            shown = special_words(holidays.special_day(one, self._hours))
            item = QListWidgetItem(f"{date_words(one.day)}   {visible(one.name)}   {shown}")
            item.setData(_SUGGESTION, one)
            item.setSizeHint(QSize(0, self._context.theme.px(_LINE_HEIGHT)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        self._nothing.setVisible(not new)
        self._on_ticked()

    def _offer_regions(self, found: Sequence[Region]) -> None:
        self.region.clear()
        self.region.addItem(_("The whole country"), "")
        for one in found:
            self.region.addItem(visible(one.name), one.code)
        self.region.setVisible(bool(found))
        self._region_label.setVisible(bool(found))

    def _on_ticked(self) -> None:
        count = len(self.ticked())
        self.save_button.setEnabled(count > 0)
        self.save_button.setText(
            ngettext("Add {count} day", "Add {count} days", count).format(count=count)
        )

    # --- parts ---

    def _build(self) -> None:
        self.country, self.region, self.year = QComboBox(), QComboBox(), QComboBox()
        self.country.activated.connect(lambda _at: self._context.start(self.read_country()))
        self.region.activated.connect(lambda _at: self._context.start(self.read_holidays()))
        this_year = _today().year
        for number in range(this_year, this_year + _YEARS_AHEAD + 1):
            self.year.addItem(str(number), number)
        self.year.activated.connect(lambda _at: self._context.start(self.read_holidays()))
        self._region_label = PlainLabel(_("Region"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        country, year = PlainLabel(_("Country")), PlainLabel(_("Year"))
        places: list[tuple[QLabel, QComboBox, tuple[int, int, int]]] = [
            (country, self.country, (0, 0, 1)),
            (year, self.year, (0, 2, 1)),
            (self._region_label, self.region, (1, 0, 3)),
        ]
        self._asked: list[QWidget] = []
        for label, box, (row, column, span) in places:
            label.setBuddy(box)
            box.setAccessibleName(label.text())
            box.setMinimumContentsLength(4)  # names of countries are long; the list shows them
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            grid.addWidget(label, row, column)
            grid.addWidget(box, row, column + 1, 1, span)
            self._asked += [label, box]
        for widget in (self._region_label, self.region):
            widget.hide()
        self.list = TellingList(name=_("Holidays"))
        self.list.itemChanged.connect(lambda _item: self._on_ticked())
        self._nothing = PlainLabel(_("All of these are special days already."), kind="muted")
        self._nothing.hide()
        self.column.addLayout(grid)
        self.column.addWidget(self._nothing)
        self.column.addWidget(self.list, 1)
        self.save_button.setEnabled(False)


def _is_ticked(item: QListWidgetItem) -> bool:
    return item.checkState() is Qt.CheckState.Checked


def _today() -> date:
    return datetime.now().astimezone().date()


def _by_name(country: tuple[str, str]) -> str:
    return country[1].casefold()


def _country(code: str) -> str:
    territory = QLocale.codeToTerritory(code)
    if territory == QLocale.Country.AnyTerritory:
        return code
    own = QLocale(QLocale.Language.AnyLanguage, territory).nativeTerritoryName()
    return f"{own or QLocale.territoryToString(territory)} ({code})"
