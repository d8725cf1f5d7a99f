"""The card in which a service level is written, with what it would mean for a mail.

What the preview says is computed by the function that judges real conversations. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, QTime, QTimer, QTimeZone
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.domain.policies import (
    MOST_REOPEN_DAYS,
    Policy,
    Standing,
    Terms,
    check,
    read_thresholds,
)
from desktop_inbox.domain.service_levels import foreseen
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import service_levels
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.dialogs.policy_fields import ConditionsForm, Known, TargetsForm
from desktop_inbox.ui.views.controls import PlainLabel, with_air
from desktop_inbox.ui.views.service_level_words import (
    CLOCKS,
    due_words,
    hours_name,
    policy_name,
    threshold_words,
)

_WIDTH = 720
_PREVIEW_AFTER_MS = 120
_FRIDAY = 4
_ASKED_AT = QTime(16, 30)
_PAUSES = {
    Standing.SNOOZED: N_("Snoozed"),
    Standing.WAITING: N_("Waiting for the customer"),
    Standing.CLOSED: N_("Closed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFacts:
    """What a service level is written with."""

    known: Known
    hours: Sequence[tuple[str, Hours]]  # calendars, by uid


class PolicyEditor(EditorCard):
    """Writes one service level; `uid` is empty for a new one."""

    def __init__(
        self, context: AppContext, parent: QWidget, *, facts: PolicyFacts, uid: str, terms: Terms
    ) -> None:
        title = policy_name(terms.name) if uid else _("New service level")
        super().__init__(context, parent, title=title, width=_WIDTH)
        self._facts = facts
        self._uid = uid
        self._shown = replace(terms, name=policy_name(terms.name))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PREVIEW_AFTER_MS)
        self._later.timeout.connect(self.show_preview)
        self._build()
        self._first = self._written()
        self._on_edited()
        self.show_preview()

    def open(self) -> None:
        """Show the card."""
        self.present()
        self.name.setFocus()
        self.name.selectAll()

    @property
    def is_edited(self) -> bool:
        return self._written() != self._first

    def terms(self) -> Terms:
        """What the form says.

        Raises:
            UserError: "warning-invalid".
        """
        return replace(
            self._shown,
            name=self.name.text(),
            enabled=self.enabled.isChecked(),
            calendar=str(self.hours.currentData() or ""),
            conditions=self.conditions.conditions(),
            targets=self.targets.targets(),
            pauses=frozenset(one for one, box in self.pauses.items() if box.isChecked()),
            snooze_pauses_responses=self.snooze.isChecked(),
            reopens_within=timedelta(days=self.reopen.value()),
            warnings=read_thresholds(self.warnings.text()),
            automation_counts=self.automation.isChecked(),
        )

    async def keep(self) -> None:
        wanted, uid = self.terms(), self._uid
        if uid:
            kept = await self._context.write(
                lambda tx: service_levels.change_policy(tx, uid, wanted)
            )
            if kept is not None:
                words = _("Service level changed")
                self._context.commands.run(lambda _tx: kept, words)
        else:
            await self._context.write(lambda tx: service_levels.add_policy(tx, wanted))

    def show_preview(self) -> None:
        """Say what becomes of a mail at the chosen time, or what is wrong."""
        try:
            self.preview.setText("\n".join(self._foreseen()))
            self.error.setText("")
        except UserError as error:
            self.preview.setText("")
            self.error.setText(errors.sentence(error.code, error.values))

    def _foreseen(self) -> list[str]:
        terms = self.terms()
        hours = dict(self._facts.hours)[terms.calendar].calendar()
        at = self._asked_at(hours.zone.key)
        check(terms, hours, now=at)
        policy = Policy(uid=self._uid, calendar=hours, terms=terms)
        return [
            _("{clock}: due {time}").format(
                clock=_(CLOCKS[one.kind]), time=due_words(one.due_at, hours.zone, now=at)
            )
            for one in foreseen(policy, at)
            if one.due_at is not None
        ]

    def _asked_at(self, zone: str) -> datetime:
        """The chosen time, by the clock of the business."""
        local = self.asked.dateTime()
        there = QDateTime(local.date(), local.time(), QTimeZone(zone.encode()))
        return datetime.fromtimestamp(there.toSecsSinceEpoch(), tz=UTC)

    def _written(self) -> tuple[object, ...]:
        """Everything that can be changed in the form, as it stands."""
        return (
            self.name.text(),
            self.enabled.isChecked(),
            self.hours.currentData(),
            self.conditions.conditions(),
            self.targets.targets(),
            tuple(box.isChecked() for box in self.pauses.values()),
            self.snooze.isChecked(),
            self.reopen.value(),
            self.warnings.text(),
            self.automation.isChecked(),
        )

    def _on_edited(self) -> None:
        self.save_button.setEnabled(not self._uid or self.is_edited)
        self._later.start()

    # --- parts ---

    def _build(self) -> None:
        shown = self._shown
        self.name = QLineEdit(shown.name if self._uid else "")
        self.name.setPlaceholderText(_("Important customers"))
        self.enabled = QCheckBox(_("In force"))
        self.enabled.setChecked(shown.enabled)
        self.hours = QComboBox()
        for uid, hours in self._facts.hours:
            self.hours.addItem(hours_name(hours.name), uid)
        self.hours.setCurrentIndex(max(0, self.hours.findData(shown.calendar)))
        self.conditions = ConditionsForm(self._context.theme, self._facts.known, shown.conditions)
        self.targets = TargetsForm(self._context.theme, shown.targets)
        self._row(_("Name"), self.name, self.enabled)
        self._row(_("Opening hours"), self.hours)
        self._section(_("Meant for"))
        self.column.addWidget(self.conditions)
        self._section(_("Promised"))
        self.column.addWidget(self.targets)
        self._build_preview()
        self._build_warnings()
        self._build_pauses()
        self.column.addStretch(1)
        self._connect()

    def _build_preview(self) -> None:
        self.asked = with_air(QDateTimeEdit(_next_friday()))
        self.asked.setAccessibleName(_("A mail that comes"))
        self.preview = PlainLabel(kind="strong", wrap=True)
        self._row(_("A mail that comes"), self.asked, self.preview)

    def _build_warnings(self) -> None:
        self._section(_("Warnings"))
        self.warnings = QLineEdit(", ".join(threshold_words(one) for one in self._shown.warnings))
        self.warnings.setPlaceholderText(_("50 %, 80 %, 30 min"))
        self._row(
            _("Warn at"),
            self.warnings,
            note=_("Percent of the time, or minutes before it is over. Being late is always said."),
        )

    def _build_pauses(self) -> None:
        shown = self._shown
        self._section(_("When the clock stands still"))
        self.pauses = {one: QCheckBox(_(words)) for one, words in _PAUSES.items()}
        for one, box in self.pauses.items():
            box.setChecked(one in shown.pauses)
        self._row(_("Resolution pauses while"), *self.pauses.values())
        self.snooze = QCheckBox(_("Snoozing pauses replies too, although the customer waits"))
        self.snooze.setChecked(shown.snooze_pauses_responses)
        self.automation = QCheckBox(_("Automatic answers count as replies"))
        self.automation.setChecked(shown.automation_counts)
        self.reopen = with_air(QSpinBox())
        self.reopen.setRange(0, MOST_REOPEN_DAYS)
        self.reopen.setValue(shown.reopens_within.days)
        self.reopen.setSuffix(f" {_('days')}")
        self.column.addWidget(self.snooze)
        self.column.addWidget(self.automation)
        self._row(_("Opened again within"), self.reopen, note=_("it is the same matter still."))

    def _section(self, words: str) -> None:
        label = PlainLabel(words, kind="section")
        label.setContentsMargins(0, 8, 0, 0)
        self.column.addWidget(label)

    def _row(self, words: str, field: QWidget, *more: QWidget, note: str = "") -> None:
        label = PlainLabel(words)
        label.setBuddy(field)
        label.setMinimumWidth(self._context.theme.px(150))
        if not field.accessibleName() and not isinstance(field, QCheckBox):
            field.setAccessibleName(words)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(label)
        line.addWidget(field, 1 if isinstance(field, QLineEdit) else 0)
        for widget in more:
            line.addWidget(widget, 1 if isinstance(widget, PlainLabel) else 0)
        if note:
            line.addWidget(PlainLabel(note, kind="small", wrap=True), 1)
        elif not any(isinstance(one, QLineEdit | PlainLabel) for one in (field, *more)):
            line.addStretch(1)
        self.column.addLayout(line)

    def _connect(self) -> None:
        for line in (self.name, self.warnings):
            line.textEdited.connect(self._on_edited)
        for box in (self.enabled, self.snooze, self.automation, *self.pauses.values()):
            box.toggled.connect(self._on_edited)
        self.hours.activated.connect(self._on_edited)
        self.reopen.valueChanged.connect(self._on_edited)
        self.conditions.edited.connect(self._on_edited)
        self.targets.edited.connect(self._on_edited)
        self.asked.dateTimeChanged.connect(self._on_edited)


def _next_friday() -> QDateTime:
    """The Friday to come, late in the afternoon: when promises are hardest to foresee."""
    today = QDateTime.currentDateTime().date()
    days = (_FRIDAY + 1 - today.dayOfWeek()) % 7 or 7
    return QDateTime(today.addDays(days), _ASKED_AT)
