"""The sections of the customer pane: headings with lines, person, notes. UI thread only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.avatar import Avatar
from desktop_inbox.ui.views.controls import PlainLabel, icon_button, link_button
from desktop_inbox.ui.views.formats import month
from desktop_inbox.ui.views.write_button import WriteButton

_AVATAR = 56
_SAVE_AFTER_MS = 800
_LONGEST_GUESS = 40  # characters of a company's name
_MAY_BREAK = "\N{ZERO WIDTH SPACE}"
_LONG_RUN = re.compile(r"\S{16}(?=\S{4})")


class Section(QFrame):
    """A heading with lines below it; hidden while there are none."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._lines: list[QWidget] = []
        line = QFrame()
        line.setProperty("kind", "line")
        self._count = PlainLabel(kind="caption")
        heading = QHBoxLayout()
        heading.setSpacing(6)
        heading.addWidget(PlainLabel(title, kind="heading"))
        heading.addWidget(self._count)
        heading.addStretch(1)
        self._inside = QVBoxLayout()
        self._inside.setContentsMargins(16, 10, 16, 12)
        self._inside.setSpacing(4)
        self._inside.addLayout(heading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addLayout(self._inside)
        self.setAccessibleName(title)
        self.hide()

    def fill(self, lines: Sequence[QWidget], *, count: int | None = None) -> None:
        """Show these lines in place of the ones before; one that is among both stays."""
        for line in self._lines:
            if line not in lines:
                line.hide()
                line.deleteLater()
        self._lines = list(lines)
        for line in self._lines:
            self._inside.addWidget(line)
        self._count.setText(str(count) if count is not None and count > 1 else "")
        self.setVisible(bool(self._lines))

    def lines(self) -> list[QWidget]:
        return list(self._lines)


class Person(QWidget):
    """Avatar, name and company; the pencil turns the names into fields."""

    edited = Signal(str, str)  # field, text

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._customer: CustomerRow | None = None
        theme = context.theme
        self._avatar = Avatar(theme, size=_AVATAR)
        self.name = PlainLabel(kind="title", wrap=True)
        self.company = PlainLabel(kind="caption", wrap=True)
        self.since = PlainLabel(kind="caption", wrap=True)
        self.guess = link_button("", clicked=self._take_guess)
        self._likely = ""
        for label in (self.name, self.company, self.since):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name_field = self._field(_("Name"))
        self.company_field = self._field(_("Company"))
        self.pencil = icon_button(theme, "pencil", _("Edit name and company"))
        self.pencil.setCheckable(True)
        self.pencil.toggled.connect(self._edit)
        self.write = WriteButton(context)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 18, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self.name, self.name_field, self.company, self.company_field, self.since):
            column.addWidget(part)
        column.addWidget(self.guess, 0, Qt.AlignmentFlag.AlignHCenter)
        deeds = QHBoxLayout()
        deeds.setSpacing(6)
        deeds.addStretch(1)
        deeds.addWidget(self.write)
        deeds.addWidget(self.pencil)
        deeds.addStretch(1)
        column.addLayout(deeds)
        self._timer = _save_timer(self, self.flush)

    def show_customer(self, customer: CustomerRow, *, likely_company: str = "") -> None:
        """Show them, and offer the company that others at their domain work for."""
        self._likely = likely_company
        words = _("Company: {name}?").format(name=visible(likely_company)[:_LONGEST_GUESS])
        self.guess.setText(words.replace("&", "&&"))
        self.guess.setAccessibleName(words)
        if self._customer is None or self._customer.id != customer.id:
            self.pencil.setChecked(False)
        self._customer = customer
        shown = visible(customer.name) or _first_address(customer)
        self._avatar.show_customer(shown)
        self.write.show_customer(customer, called=shown)
        for label, words in ((self.name, shown), (self.company, visible(customer.company))):
            label.setText(_breakable(words))
            label.setAccessibleName(words)
        self.since.setText(_("Customer since {month}").format(month=month(customer.first_seen_at)))
        for field, text in (
            (self.name_field, customer.name),
            (self.company_field, customer.company),
        ):
            if not field.hasFocus():
                field.setText(text)
        self._show_parts()

    def flush(self) -> None:
        """Save what is typed, once: the next time somebody else may be shown."""
        self._timer.stop()
        customer = self._customer
        if customer is None or self.name_field.isHidden():
            return
        name, company = self.name_field.text().strip(), self.company_field.text().strip()
        self._customer = replace(customer, name=name or customer.name, company=company)
        if name and name != customer.name:
            self.edited.emit("name", name)
        if company != customer.company:
            self.edited.emit("company", company)

    def _edit(self, on: bool) -> None:
        if not on:
            self.flush()
        self._show_parts()
        if on:
            self.name_field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name_field.selectAll()

    def _show_parts(self) -> None:
        editing = self.pencil.isChecked()
        self.name.setVisible(not editing)
        self.name_field.setVisible(editing)
        self.company.setVisible(not editing and bool(self.company.text()))
        self.company_field.setVisible(editing)
        self.guess.setVisible(not editing and bool(self._likely))

    def _take_guess(self) -> None:
        self.edited.emit("company", self._likely)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(name)
        field.setAccessibleName(name)
        field.setMaxLength(200)
        field.textEdited.connect(lambda: self._timer.start())
        field.returnPressed.connect(lambda: self.pencil.setChecked(False))
        field.hide()
        return field


class Notes(Section):
    """What one should know about this customer, for the team's eyes."""

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__(_("Notes"))
        self._customer: CustomerRow | None = None
        self.field = QPlainTextEdit()
        self.field.setPlaceholderText(_("What to know about this customer"))
        self.field.setAccessibleName(_("Notes about the customer"))
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(92)
        self.field.textChanged.connect(self._on_text)
        self.field.installEventFilter(self)
        self._inside.addWidget(self.field)
        self._timer = _save_timer(self, self.flush)
        self._showing = False
        self._told = ""  # what the store said last
        self._kept = ""  # what was shown or saved last: anything else was typed since
        self.show()

    def show_customer(self, customer: CustomerRow) -> None:
        """Show the notes; what is being typed is never overwritten."""
        other = self._customer is None or self._customer.id != customer.id
        news = other or customer.notes != self._told
        self._customer, self._told = customer, customer.notes
        if other or (news and self._written() == self._kept):
            self._kept = customer.notes
            self._showing = True
            if self._written() != customer.notes:
                self.field.setPlainText(customer.notes)
            self._showing = False

    def _written(self) -> str:
        return self.field.toPlainText().strip()

    def flush(self) -> None:
        self._timer.stop()
        if self._customer is not None and self._written() != self._kept:
            self._kept = self._written()
            self.edited.emit(self.field.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.flush()
        return super().eventFilter(watched, event)

    def _on_text(self) -> None:
        if not self._showing:
            self._timer.start()


def _save_timer(owner: QObject, save: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(_SAVE_AFTER_MS)
    timer.timeout.connect(save)
    return timer


def _breakable(words: str) -> str:
    """The same with places to break a word that is longer than a line of the pane."""
    return _LONG_RUN.sub(lambda run: run.group() + _MAY_BREAK, words)


def _first_address(customer: CustomerRow) -> str:
    return visible(customer.identities[0].label) if customer.identities else _("Unknown")
