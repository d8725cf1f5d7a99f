"""What is known of a customer: marks, language, local time, tags, fields of one's own.

Edited in place; each change is saved by itself. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QLocale, QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store import customer_fields
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.store.customer_fields import FieldRow
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, icon_button
from desktop_inbox.ui.views.customer_parts import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailData:
    """What is known of one customer, and what could be."""

    customer: CustomerRow
    tags: tuple[TagRow, ...]
    fields: tuple[FieldRow, ...]
    values: dict[str, str]  # by the field's uid


def read_details(conn: Any, customer: CustomerRow) -> DetailData:
    """Return what is known of a customer. On a reader thread."""
    return DetailData(
        customer=customer,
        tags=customer_fields.tags_of(conn, [customer.id]).get(customer.id, ()),
        fields=tuple(customer_fields.list_all(conn)),
        values=customer_fields.values(conn, [customer.id]).get(customer.id, {}),
    )


class Details(Section):
    """The section; it only says what was edited, saving is the pane's."""

    marked = Signal(str, bool)  # "vip" or "blocked"
    edited = Signal(str, str)  # "language", "time_zone" or "field:UID"; the text
    tagged = Signal(str)
    untagged = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__(_("Details"))
        self._context = context
        self.data: DetailData | None = None
        self.editors: dict[str, QLineEdit | QComboBox] = {}
        self.vip = QCheckBox(_("VIP"))
        self.blocked = QCheckBox(_("Blocked: mail goes to spam"))
        self.vip.clicked.connect(lambda on: self.marked.emit("vip", on))
        self.blocked.clicked.connect(lambda on: self.marked.emit("blocked", on))
        self.tag_field = QLineEdit()
        self.tag_field.setPlaceholderText(_("Add a tag"))
        self.tag_field.setAccessibleName(_("Add a tag"))
        self.tag_field.returnPressed.connect(self._tag)
        for part in (self.vip, self.blocked):
            self._inside.addWidget(part)

    def show_details(self, data: DetailData) -> None:
        """Show them; what is being typed is never overwritten."""
        if self._is_typing(data):
            return
        self.data = data
        self.vip.setChecked(data.customer.vip)
        self.blocked.setChecked(data.customer.blocked)
        self.tag_field.setParent(None)  # it outlives the lines it stood among
        self.fill([self._form(data), self._tags(data.tags)])

    def _is_typing(self, data: DetailData) -> bool:
        same = self.data is not None and self.data.customer.id == data.customer.id
        return same and any(
            isinstance(one, QLineEdit) and one.hasFocus() and one.isModified()
            for one in self.editors.values()
        )

    def _form(self, data: DetailData) -> QWidget:
        self.editors = {}
        form = QWidget()
        lines = QFormLayout(form)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setVerticalSpacing(4)
        lines.setHorizontalSpacing(10)
        lines.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        customer = data.customer
        self._line(lines, "language", _("Language"), customer.language, hint="tr, en-GB")
        self._line(lines, "time_zone", _("Time zone"), customer.time_zone, hint="Europe/Istanbul")
        if now := local_time(customer.time_zone):
            lines.addRow(
                PlainLabel(_("Local time"), kind="caption"), PlainLabel(now, kind="caption")
            )
        for field in data.fields:
            value = data.values.get(field.uid, "")
            name = visible(field.name)
            if field.kind == FieldKind.CHOICE:
                self._choice(lines, field, value)
            else:
                hint = "2026-11-30" if field.kind == FieldKind.DATE else ""
                self._line(lines, f"field:{field.uid}", name, value, hint=hint)
        return form

    def _line(self, lines: QFormLayout, key: str, name: str, value: str, *, hint: str = "") -> None:
        editor = QLineEdit(value)
        editor.setAccessibleName(name)
        editor.setPlaceholderText(hint)
        editor.editingFinished.connect(lambda: self._finished(key, editor, value))
        self.editors[key] = editor
        lines.addRow(_beside(editor, name), editor)

    def _finished(self, key: str, editor: QLineEdit, before: str) -> None:
        if editor.isModified() and editor.text().strip() != before:
            editor.setModified(False)
            self.edited.emit(key, editor.text())

    def _choice(self, lines: QFormLayout, field: FieldRow, value: str) -> None:
        name = visible(field.name)
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItems(["", *field.choices])
        box.setCurrentIndex(max(box.findText(value), 0))
        box.textActivated.connect(lambda text: self.edited.emit(f"field:{field.uid}", text))
        self.editors[f"field:{field.uid}"] = box
        lines.addRow(_beside(box, name), box)

    def _tags(self, tags: Sequence[TagRow]) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for tag in tags:
            name = visible(tag.name)
            line = QHBoxLayout()
            line.addWidget(ElidedLabel(name), 1)
            line.addWidget(
                icon_button(
                    self._context.theme,
                    "x",
                    _("Take off {name}").format(name=name),
                    clicked=partial(self.untagged.emit, tag.name),
                )
            )
            column.addLayout(line)
        column.addWidget(self.tag_field)
        return part

    def _tag(self) -> None:
        name = self.tag_field.text().strip()
        if name:
            self.tag_field.clear()
            self.tagged.emit(name)


def _beside(field: QWidget, name: str) -> PlainLabel:
    """The name of a field, in the middle of its height."""
    label = PlainLabel(name, kind="caption", wrap=True)
    label.setBuddy(field)
    label.setMinimumHeight(field.sizeHint().height())
    return label


def local_time(zone: str) -> str:
    """Return what time it is there now, '' for no zone or one this machine does not know."""
    if not zone:
        return ""
    try:
        there = datetime.now(UTC).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    time = QTime(there.hour, there.minute)
    return QLocale().toString(time, QLocale.FormatType.ShortFormat)
