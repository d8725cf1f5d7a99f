"""The parts of the form of a service level: its conditions and its targets. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QSpinBox,
    QWidget,
)

from desktop_inbox.domain.policies import ClockKind, Conditions, Target
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.customer_fields import FieldRow
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.dialogs.policy_customer import FieldsForm
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.choice_button import ChoiceButton
from desktop_inbox.ui.views.controls import PlainLabel, with_air
from desktop_inbox.ui.views.priority_words import PRIORITIES
from desktop_inbox.ui.views.service_level_words import CLOCKS

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_MOST = 100_000
_AMOUNT_WIDTH = 116  # of so many digits
_USUAL = {
    ClockKind.FIRST_RESPONSE: Target(length=8 * _HOUR),
    ClockKind.NEXT_RESPONSE: Target(length=8 * _HOUR),
    ClockKind.RESOLUTION: Target(length=40 * _HOUR),
    ClockKind.PERIODIC_UPDATE: Target(length=16 * _HOUR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What conditions may name."""

    channels: Sequence[tuple[str, str]] = ()  # kind and words
    accounts: Sequence[AccountRow] = ()
    tags: Sequence[TagRow] = ()
    fields: Sequence[FieldRow] = ()


class ConditionsForm(QWidget):
    """For which conversations it is meant; a button that says "Any" asks nothing."""

    edited = Signal()

    def __init__(self, theme: Theme, known: Known, shown: Conditions) -> None:
        super().__init__()
        self._shown = shown
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        priorities = [(value, _(words)) for value, words in PRIORITIES.items()]
        accounts = [(one.uid, one.title) for one in known.accounts]
        tags = [(one.uid, one.name) for one in known.tags]
        self.channels = self._several(0, 0, _("Channel"), known.channels, shown.channels)
        self.accounts = self._several(0, 2, _("Account"), accounts, shown.accounts)
        self.priorities = self._several(1, 0, _("Priority"), priorities, shown.priorities)
        self.tags = self._several(1, 2, _("Tags"), tags, shown.tags)
        self._build_customer(theme, known)

    def _several(
        self,
        row: int,
        column: int,
        words: str,
        choices: Sequence[tuple[str, str]],
        chosen: frozenset[str],
    ) -> ChoiceButton:
        box = ChoiceButton()
        box.offer(choices, chosen=chosen)
        box.setAccessibleName(words)
        box.edited.connect(self.edited)
        label = PlainLabel(words)
        label.setBuddy(box)
        self._grid.addWidget(label, row, column)
        self._grid.addWidget(box, row, column + 1)
        return box

    def _build_customer(self, theme: Theme, known: Known) -> None:
        self.vip = QCheckBox(_("Only VIP customers"))
        self.vip.setChecked(self._shown.vip)
        self.vip.toggled.connect(self.edited)
        self._grid.addWidget(PlainLabel(_("Customer")), 2, 0)
        self._grid.addWidget(self.vip, 2, 1)
        self.fields = FieldsForm(theme, known.fields, self._shown.fields)
        self.fields.edited.connect(self.edited)
        if known.fields:
            self._grid.addWidget(self.fields, 3, 1, 1, 3)

    def conditions(self) -> Conditions:
        """What the form says."""
        return replace(
            self._shown,
            channels=self.channels.chosen(),
            accounts=self.accounts.chosen(),
            priorities=self.priorities.chosen(),
            tags=self.tags.chosen(),
            vip=self.vip.isChecked(),
            fields=self.fields.wanted(),
        )


class TargetsForm(QWidget):
    """How much time there is for each clock; one that is not ticked is not promised."""

    edited = Signal()

    def __init__(self, theme: Theme, shown: Mapping[ClockKind, Target]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(4, 1)
        self.rows = {kind: _TargetRow(theme, kind, shown.get(kind)) for kind in ClockKind}
        for number, row in enumerate(self.rows.values()):
            for column, widget in enumerate((row.on, row.amount, row.unit, row.time)):
                grid.addWidget(widget, number, column)
            row.edited.connect(self.edited)

    def targets(self) -> dict[ClockKind, Target]:
        """What the form says."""
        found = {kind: row.target() for kind, row in self.rows.items()}
        return {kind: target for kind, target in found.items() if target is not None}


class _TargetRow(QObject):
    """The fields of one clock, which the form lays out."""

    edited = Signal()

    def __init__(self, theme: Theme, kind: ClockKind, shown: Target | None) -> None:
        super().__init__()
        name = _(CLOCKS[kind])
        target = shown or _USUAL[kind]
        in_hours = target.length % _HOUR == timedelta()
        self.on = QCheckBox(name)
        self.on.setChecked(shown is not None)
        self.amount = with_air(QSpinBox())
        self.amount.setRange(1, _MOST)
        self.amount.setFixedWidth(theme.px(_AMOUNT_WIDTH))
        self.amount.setValue(target.length // (_HOUR if in_hours else _MINUTE))
        self.amount.setAccessibleName(_("{clock}: how long").format(clock=name))
        self.unit = QComboBox()
        self.unit.addItem(_("minutes"), _MINUTE)
        self.unit.addItem(_("hours"), _HOUR)
        self.unit.setCurrentIndex(int(in_hours))
        self.unit.setAccessibleName(_("{clock}: unit").format(clock=name))
        self.time = QComboBox()
        self.time.addItem(_("of opening hours"), True)
        self.time.addItem(_("around the clock"), False)
        self.time.setCurrentIndex(int(not target.business))
        self.time.setAccessibleName(_("{clock}: counted in").format(clock=name))
        self.on.toggled.connect(self._on_edited)
        self.amount.valueChanged.connect(self._on_edited)
        self.unit.activated.connect(self._on_edited)
        self.time.activated.connect(self._on_edited)
        self._show_use()

    def target(self) -> Target | None:
        """How much time there is, None where nothing is promised."""
        if not self.on.isChecked():
            return None
        unit: timedelta = self.unit.currentData()
        return Target(length=self.amount.value() * unit, business=bool(self.time.currentData()))

    def _show_use(self) -> None:
        for field in (self.amount, self.unit, self.time):
            field.setEnabled(self.on.isChecked())

    def _on_edited(self) -> None:
        self._show_use()
        self.edited.emit()
