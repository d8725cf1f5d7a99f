"""The heading of a message being written: From, To, Cc, Bcc and, where it has one, the subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.messages import Address
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.composer_from import FromLine
from desktop_inbox.ui.views.controls import button
from desktop_inbox.ui.views.recipients import RecipientField


class ComposerFields(QWidget):
    """Who gets it, and what it is about."""

    edited = Signal()
    named = Signal()  # somebody was named, or taken off
    completion_wanted = Signal(str, object)  # typed, RecipientField

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.from_line = FromLine(theme, parent=self)
        self.to = RecipientField(_("To"), theme=theme, parent=self)
        self.cc = RecipientField(_("Cc"), theme=theme, parent=self)
        self.bcc = RecipientField(_("Bcc"), theme=theme, parent=self)
        self.subject = QLineEdit()
        self.subject.setProperty("kind", "bare")
        self.subject.setPlaceholderText(_("Subject"))
        self.subject.setAccessibleName(_("Subject"))
        self._copies = button(_("Cc Bcc"), kind="ghost", clicked=self._reveal_copies)
        self._copies.setStyleSheet("padding: 1px 6px;")
        self._with_copies = False
        self._in_chat = False
        self._build()
        self.subject.textEdited.connect(self.edited)
        for field in self._recipients():
            field.changed.connect(self.edited)
            field.changed.connect(self.named)
            field.completion_wanted.connect(self._ask_for_completion(field))

    def everybody(self) -> tuple[Address, ...]:
        """Everybody who gets it."""
        return tuple(one for field in self._recipients() for one in field.addresses())

    def invalid(self) -> list[str]:
        """What was typed as a recipient and is none."""
        return [text for field in self._recipients() for text in field.invalid()]

    def commit(self) -> None:
        """Take what is typed but not finished for a recipient."""
        for field in self._recipients():
            field.commit()

    def fill(
        self,
        *,
        to: Sequence[Address] = (),
        cc: Sequence[Address] = (),
        bcc: Sequence[Address] = (),
        subject: str = "",
    ) -> None:
        """Show these; nothing is announced."""
        self.to.set_addresses(tuple(to))
        self.cc.set_addresses(tuple(cc))
        self.bcc.set_addresses(tuple(bcc))
        self.subject.setText(subject)
        self._refresh_copies()

    def show_copies(self, *, wanted: bool) -> None:
        """Show Cc and Bcc even while they are empty, or only when somebody is in them."""
        self._with_copies = wanted
        self._refresh_copies()

    def show_for_chat(self, *, in_chat: bool) -> None:
        """Show one line alone, of whom a chat is with, and others only while they are filled."""
        self._in_chat = in_chat
        self._refresh_copies()

    def show_what_is_wrong(self) -> None:
        """Put the caret where a recipient is missing or is none."""
        if self.cc.invalid() or self.bcc.invalid():
            self.show_copies(wanted=True)
        self.to.focus()

    def show_subject(self, *, shown: bool) -> None:
        """Show the line for the subject, for a message that has one of its own."""
        self._subject_row.setVisible(shown)

    def _recipients(self) -> Iterator[RecipientField]:
        yield from (self.to, self.cc, self.bcc)

    def _ask_for_completion(self, field: RecipientField) -> object:
        return lambda typed: self.completion_wanted.emit(typed, field)

    def _refresh_copies(self) -> None:
        filled = bool(self.cc.addresses() or self.bcc.addresses())
        shown = filled or (self._with_copies and not self._in_chat)
        self.cc.setVisible(shown)
        self.bcc.setVisible(shown)
        self._copies.setVisible(not shown and not self._in_chat)

    def _reveal_copies(self) -> None:
        self.show_copies(wanted=True)
        self.cc.focus()

    def _build(self) -> None:
        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.addWidget(self.to, 1)
        first.addWidget(self._copies)
        self._subject_row = QWidget()
        subject = QHBoxLayout(self._subject_row)
        subject.setContentsMargins(0, 4, 0, 4)
        subject.addWidget(self.subject)
        line = QFrame()
        line.setProperty("kind", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 2, 10, 0)
        column.setSpacing(0)
        column.addWidget(self.from_line)
        column.addLayout(first)
        column.addWidget(self.cc)
        column.addWidget(self.bcc)
        column.addWidget(self._subject_row)
        column.addWidget(line)
