"""The page of the settings with the opening hours of the business. UI thread only."""

from __future__ import annotations

from functools import partial
from zoneinfo import available_timezones

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.services import service_levels
from desktop_inbox.store import policies
from desktop_inbox.store.policies import Kept
from desktop_inbox.ui import errors
from desktop_inbox.ui.dialogs.hours_editor import HoursEditor, blank
from desktop_inbox.ui.dialogs.kept_card import KeptCard
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.service_level_words import days_words, hours_name


class HoursPage(SettingsPage):
    """One card a calendar; a shop and a warehouse may be open at other times."""

    id = "business-hours"
    title = N_("Business hours")
    icon = "calendar-clock"

    def build(self) -> None:
        self._kept: list[Kept[Hours]] = []
        self._zones: list[str] = []
        note = PlainLabel(
            _("Service levels count the time in which you are open."), kind="small", wrap=True
        )
        self.wide(note, words=" ".join((_("Holidays"), _("Time zone"), _("Special days"))))
        holder = QWidget()
        self._cards = QVBoxLayout(holder)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(8)
        self.wide(holder, words=" ".join((_("Business hours"), _("Opening hours"))))
        self.refusal = PlainLabel(kind="error", wrap=True)
        self.refusal.hide()
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(button(_("Add opening hours"), clicked=lambda: self.editor("").open()))
        row.addWidget(self.refusal, 1)
        row.addStretch(1)
        self.wide(line, words=_("Add opening hours"))
        self.context.bridge.changed.connect(self._on_changed)

    async def load(self) -> None:
        """Read the calendars."""
        kept = await self.context.read(policies.calendars)
        zones = await self.context.tasks.aside(available_timezones)
        if isValid(self):
            self._kept = kept
            self._zones = sorted(name for name in zones if "/" in name or name == "UTC")
            self._list()

    def editor(self, uid: str) -> HoursEditor:
        """Return the card for a calendar, or with '' for a new one; not open yet."""
        kept = next((one for one in self._kept if one.uid == uid), None)
        hours = kept.current if kept is not None else blank(self._kept[0].current)
        return HoursEditor(self.context, self.desk.window, uid=uid, hours=hours, zones=self._zones)

    async def remove(self, uid: str) -> None:
        """Take a calendar away, undone at the foot; why it cannot be is said here."""
        try:
            kept = await self.context.write(lambda tx: service_levels.remove_hours(tx, uid))
        except UserError as error:
            self.refusal.setText(errors.sentence(error.code, error.values))
            self.refusal.show()
            return
        self.refusal.hide()
        self.context.commands.run(lambda _tx: kept, _("Opening hours removed"))

    def _list(self) -> None:
        while (entry := self._cards.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in self._kept:
            self._cards.addWidget(self._card(one))

    def _card(self, kept: Kept[Hours]) -> QWidget:
        name = hours_name(kept.current.name)
        card = KeptCard(name, _summary(kept.current))
        card.add(button(_("Edit"), kind="ghost", clicked=lambda: self.editor(kept.uid).open()))
        remove = partial(self._start_removing, kept.uid)
        card.add(
            icon_button(
                self.context.theme, "trash-2", _("Remove {name}").format(name=name), clicked=remove
            )
        )
        return card

    def _start_removing(self, uid: str) -> None:
        self.context.start(self.remove(uid))

    def _on_changed(self, changes: Changes) -> None:
        if changes.service_levels and self.isVisible():
            self.context.start(self.load())


def _summary(hours: Hours) -> str:
    count = len(hours.special)
    special = ngettext("{count} special day", "{count} special days", count).format(count=count)
    parts = [days_words(hours.week), hours.zone, *([special] if count else [])]
    return " · ".join(parts)
