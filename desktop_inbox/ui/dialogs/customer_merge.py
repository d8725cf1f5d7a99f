"""Two customers side by side, and what the one they become shall have (rule E4). UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.customer_merge import Choice, Side
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services.customer_merging import Preview
from desktop_inbox.ui.views.controls import PlainLabel, button
from desktop_inbox.ui.views.customer_same import called
from desktop_inbox.ui.views.dialog import Dialog

_WIDTH, _TALLEST = 620, 420
_LONGEST = 200  # characters of a value that are shown


class CustomerMerge(Dialog):
    """Every field that differs has a choice; the suggested one is marked."""

    agreed = Signal(object)  # Side by field; of a dict Qt would make plain words

    def __init__(self, preview: Preview, names: dict[str, str], *, parent: QWidget) -> None:
        """`names` has the titles of fields of one's own, by uid."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Merge customers"))
        self.setMinimumWidth(_WIDTH)
        self._names = names
        self.choices: dict[str, dict[Side, QRadioButton]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(PlainLabel(_("Make one customer of these two?"), kind="title"))
        column.addWidget(PlainLabel(_moved(preview), kind="caption", wrap=True))
        column.addWidget(self._table(preview))
        column.addWidget(
            PlainLabel(_("This can be taken back for 30 days."), kind="caption", wrap=True)
        )
        column.addLayout(self._buttons())

    def _table(self, preview: Preview) -> QScrollArea:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for place, customer in ((1, preview.target), (2, preview.source)):
            grid.addWidget(PlainLabel(called(customer), kind="heading", wrap=True), 0, place)
        for row, choice in enumerate(preview.choices, 1):
            grid.addWidget(PlainLabel(self._title(choice.field), kind="caption"), row, 0)
            self._offer(grid, row, choice)
        grid.setRowStretch(len(preview.choices) + 1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMaximumHeight(_TALLEST)
        area.setWidget(inside)
        area.setAccessibleName(_("Merge customers"))
        return area

    def _offer(self, grid: QGridLayout, row: int, choice: Choice) -> None:
        group = QButtonGroup(self)
        made: dict[Side, QRadioButton] = {}
        offered = [(Side.TARGET, 1, choice.target), (Side.SOURCE, 2, choice.source)]
        if choice.conflict and choice.field == "notes":
            offered.append((Side.BOTH, 3, _("both")))
        for side, place, value in offered:
            mark = QRadioButton(_shown(value))
            mark.setAccessibleName(f"{self._title(choice.field)}: {_shown(value)}")
            mark.setChecked(value == choice.result)
            group.addButton(mark)
            grid.addWidget(mark, row, place)
            made[side] = mark
        if not any(mark.isChecked() for mark in made.values()):
            made[Side.BOTH].setChecked(True)
        self.choices[choice.field] = made

    def _title(self, field: str) -> str:
        known = {
            "name": _("Name"),
            "company": _("Company"),
            "notes": _("Notes"),
            "language": _("Language"),
            "time_zone": _("Time zone"),
            "vip": _("VIP"),
            "blocked": _("Blocked"),
        }
        return known.get(field) or visible(self._names.get(field.removeprefix("field:"), ""))

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(button(_("Cancel"), clicked=self.reject))
        self.merge_button = button(_("Merge"), kind="primary", clicked=self._agree)
        line.addWidget(self.merge_button)
        self.default = self.merge_button
        return line

    def _agree(self) -> None:
        self.agreed.emit(
            {
                field: next(side for side, mark in made.items() if mark.isChecked())
                for field, made in self.choices.items()
            }
        )
        self.accept()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = visible(str(value or ""))[:_LONGEST]
    return text.replace("&", "&&") or "–"


def _moved(preview: Preview) -> str:
    moved = preview.moved
    parts = [
        ngettext("{n} conversation", "{n} conversations", moved.conversations).format(
            n=moved.conversations
        ),
        ngettext("{n} message", "{n} messages", moved.messages).format(n=moved.messages),
        ngettext("{n} address", "{n} addresses", moved.identities).format(n=moved.identities),
    ]
    return _("{what} of {name} will be shown with {other}.").format(
        what=", ".join(parts), name=called(preview.source), other=called(preview.target)
    )
