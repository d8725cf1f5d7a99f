"""A table or address cards of customers, tried before they are brought in (rule E7).

The file is read and compared on threads of their own; nothing is stored until somebody agrees.
UI thread only.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.services import customer_import as service
from desktop_inbox.services import customer_tables, undoing
from desktop_inbox.services.customer_import import Line, Outcome
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.overlay import Overlay

_WIDTH, _TABLE_HEIGHT = 720, 320
_SHOWN = 500  # rows of the table; what needs a look comes first
_TITLES = {
    Outcome.CONFLICT: N_("Unclear"),
    Outcome.REJECT: N_("Left out"),
    Outcome.CREATE: N_("New"),
    Outcome.UPDATE: N_("Completed"),
    Outcome.SAME: N_("Known already"),
}
_ORDER = tuple(_TITLES)
_REFUSED = (Outcome.CONFLICT, Outcome.REJECT)
_REASONS = {
    "several-customers": N_("Its addresses belong to several customers: {detail}"),
    "no-address": N_("No e-mail address and no phone number"),
    "address-invalid": N_("Not an address: {detail}"),
    "same-as-line": N_("The same person as in line {detail}"),
}


class CustomerImport(Overlay):
    """What becomes of each row, and a button that does it."""

    def __init__(self, context: AppContext, parent: QWidget, path: Path) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._path = path
        self.lines: list[Line] = []
        self._title = PlainLabel(
            _("Import customers from {file}").format(file=visible(path.name)), kind="title"
        )
        self.summary = PlainLabel(_("Reading the file…"), kind="caption", wrap=True)
        self.table = QTableWidget(0, 4)
        self.save_button = button(_("Save what was left out…"), clicked=self._ask_errors)
        self.import_button = button(_("Import"), kind="primary", clicked=self._agree)
        self.leave_button = button(_("Cancel"), clicked=self.dismiss)
        self.default = self.import_button
        self._arrange()

    def _arrange(self) -> None:
        self.setAccessibleName(_("Import customers"))
        self.table.setHorizontalHeaderLabels([_("Line"), _("What"), _("Name"), _("Why")])
        self.table.setAccessibleName(_("Rows of the file"))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumHeight(self._context.theme.px(_TABLE_HEIGHT))
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(12)
        for part in (self._title, self.summary, self.table):
            inside.addWidget(part)
        feet = QHBoxLayout()
        feet.addWidget(self.save_button)
        feet.addStretch(1)
        feet.addWidget(self.leave_button)
        feet.addWidget(self.import_button)
        inside.addLayout(feet)
        self.card_layout.addLayout(inside)
        self._offer([])

    def open(self) -> None:
        """Show the card and look at the file."""
        self.present()
        self.table.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self._look(), name="customer import")

    async def _look(self) -> None:
        region = QLocale.territoryToCode(QLocale().territory())
        try:
            people = await asyncio.to_thread(customer_tables.read, self._path)
            lines = await self._context.read(lambda conn: service.plan(conn, people, region=region))
        except UserError as refused:
            if isValid(self):
                self.summary.setText(errors.sentence(refused.code, refused.values))
            return
        if isValid(self):
            self._offer(lines)

    def _offer(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)
        counts = Counter(line.outcome for line in lines)
        wanted = counts[Outcome.CREATE] + counts[Outcome.UPDATE]
        self.import_button.setEnabled(bool(wanted))
        self.import_button.setText(
            ngettext("Import {n} customer", "Import {n} customers", wanted).format(n=wanted)
            if wanted
            else _("Import")
        )
        self.save_button.setVisible(any(counts[one] for one in _REFUSED))
        if lines:
            self.summary.setText(_counted(counts))
        self._list(sorted(lines, key=lambda line: _ORDER.index(line.outcome))[:_SHOWN])

    def _list(self, lines: Sequence[Line]) -> None:
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            cells = (
                str(line.person.line),
                _(_TITLES[line.outcome]),
                visible(line.person.name),
                _why(line),
            )
            for column, words in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(words))

    # --- what is done ---

    def _agree(self) -> None:
        self.import_button.setEnabled(False)
        self._context.start(self._import(), name="customer import")

    async def _import(self) -> None:
        group = new_uid(datetime.now(UTC))
        done: list[Line] = []
        for some in service.batches(self.lines):
            carry_out = partial(service.carry_out, lines=some, group_uid=group)
            done += await self._context.write(carry_out)
        if isValid(self):
            self.leave_button.setText(_("Close"))  # nothing is left to be cancelled
        counts = Counter(line.outcome for line in done)
        self._context.notice.emit(
            Notice(
                text=_("Customers imported: {counts}").format(counts=_counted(counts)),
                action_text=_("Undo"),
                action=lambda: self._undo(group),
            )
        )
        if not isValid(self):
            return
        if any(counts[one] for one in _REFUSED):  # to be saved, or read
            self._offer([line for line in done if line.outcome in _REFUSED])
        else:
            self.dismiss()

    def _undo(self, group: str) -> None:
        self._context.start(self._context.write(lambda tx: undoing.undo(tx, group)), name="undo")

    def _ask_errors(self) -> None:
        dialog = QFileDialog(self, _("Save what was left out"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self._save_errors(Path(name)))
        dialog.open()

    def _save_errors(self, path: Path) -> None:
        self._context.start(self._saved_errors(path), name="customer import errors")

    async def _saved_errors(self, path: Path) -> None:
        count = await asyncio.to_thread(service.write_errors, path, list(self.lines))
        words = ngettext("{n} row saved to {path}", "{n} rows saved to {path}", count)
        self._context.notice.emit(Notice(text=words.format(n=count, path=path)))


def _counted(counts: Counter[Outcome]) -> str:
    """Return how many rows there are of each outcome, in words."""
    return ", ".join(f"{_(_TITLES[one])}: {counts[one]}" for one in _ORDER if counts[one])


def _why(line: Line) -> str:
    if not line.reason:
        return ", ".join(visible(written) for _key, written in line.keys)
    known = _REASONS.get(line.reason)
    if known is None:
        return errors.sentence(line.reason, {"value": line.detail})
    return _(known).format(detail=visible(line.detail))
