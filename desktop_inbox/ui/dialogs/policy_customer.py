"""The part of the form of a service level that asks for fields of the customer. UI thread only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.customer_fields import FieldRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, icon_button, link_button

Wanted = Mapping[str, frozenset[str]]  # values by the uid of a field


class FieldsForm(QWidget):
    """A line for each field that is asked for, as many as somebody wants; all have to be so."""

    edited = Signal()

    def __init__(self, theme: Theme, known: Sequence[FieldRow], shown: Wanted) -> None:
        super().__init__()
        self._theme = theme
        self._known = known
        names = {one.uid for one in known}
        # A field that is gone holds for nobody; it is asked for again once it is back.
        self._kept = {uid: values for uid, values in shown.items() if uid not in names}
        self.lines: list[FieldLine] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_button = link_button(_("Add a field of the customer"), clicked=self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._column)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        for one in known:
            if one.uid in shown:
                self._add(one.uid, shown[one.uid])
        self._offer()

    def add(self) -> FieldLine:
        """Ask for another field: the first that is not asked for yet."""
        asked = {line.uid for line in self.lines}
        line = self._add(next(one.uid for one in self._known if one.uid not in asked), frozenset())
        self._offer()
        line.values.setFocus(Qt.FocusReason.OtherFocusReason)
        return line

    def wanted(self) -> dict[str, frozenset[str]]:
        """What the form says; a field without values asks for nothing."""
        found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        found.update(self._kept)
        for line in self.lines:
            if values := line.chosen():
                found[line.uid] |= values
        return dict(found)

    def _add(self, uid: str, values: frozenset[str]) -> FieldLine:
        line = FieldLine(self._theme, self._known, uid, values)
        line.edited.connect(self.edited)
        line.removed.connect(lambda: self._remove(line))
        self.lines.append(line)
        self._column.addWidget(line.widget)
        return line

    def _remove(self, line: FieldLine) -> None:
        self.lines.remove(line)
        line.widget.hide()
        line.widget.deleteLater()
        self._offer()
        self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def _offer(self) -> None:
        """Offer another line as long as there is a field for it."""
        self.add_button.setVisible(len(self.lines) < len(self._known))


class FieldLine(QObject):
    """One field, and the values it may have."""

    edited = Signal()
    removed = Signal()

    def __init__(
        self, theme: Theme, known: Sequence[FieldRow], uid: str, values: frozenset[str]
    ) -> None:
        super().__init__()
        self.widget = QWidget()
        self.field = QComboBox()
        self.field.setAccessibleName(_("Customer field"))
        for one in known:
            self.field.addItem(visible(one.name), one.uid)
        self.field.setCurrentIndex(self.field.findData(uid))
        self.values = QLineEdit(", ".join(sorted(values)))
        self.values.setAccessibleName(_("Values of the field"))
        self.values.setPlaceholderText(_("Gold, Silver"))
        remove = icon_button(theme, "x", _("Remove"), clicked=self.removed.emit)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field)
        row.addWidget(PlainLabel("="))
        row.addWidget(self.values, 1)
        row.addWidget(remove)
        self.field.activated.connect(self.edited)
        self.values.textEdited.connect(self.edited)

    @property
    def uid(self) -> str:
        """Which field it is."""
        return str(self.field.currentData())

    def chosen(self) -> frozenset[str]:
        """The values it may have; none while nothing is written."""
        return frozenset(part.strip() for part in self.values.text().split(",") if part.strip())
