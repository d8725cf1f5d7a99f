"""Parts of the page that adds a channel: the tile of a kind, and the lines that tell how it goes.

UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QDate, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, restyle

_LABEL_WIDTH = 146
_RECENT_DAYS = 30
_ICONS = {
    "ok": ("circle-check", "good"),
    "bad": ("circle-x", "bad"),
    "busy": ("loader-circle", "muted"),
    "hint": ("info", "accent"),
}


class Line(QWidget):
    """One step: a mark, words, and perhaps what to do."""

    def __init__(self, context: AppContext, words: str, *, state: str, detail: str = "") -> None:
        super().__init__()
        self.words = words
        self.state = state
        icon, colour = _ICONS[state]
        mark = QLabel()
        mark.setPixmap(context.icon(icon, colour=colour).pixmap(QSize(16, 16)))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        mark.setContentsMargins(0, 1, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(_copyable(words))
        if detail:
            column.addWidget(_copyable(detail, kind="caption"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 2, 0, 2)
        self._row.setSpacing(8)
        self._row.addWidget(mark)
        self._row.addLayout(column, 1)

    def offer(self, widget: QWidget) -> None:
        """Put something to press behind the words."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)


def _copyable(text: str, *, kind: str = "") -> PlainLabel:
    label = PlainLabel(text, kind=kind, wrap=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class Lines(QVBoxLayout):
    """The steps so far, one below the other."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self.setSpacing(0)

    def say(self, words: str, *, state: str, detail: str = "") -> Line:
        """Add a step; `state` is ok, bad, busy or hint."""
        line = Line(self._context, words, state=state, detail=detail)
        self.addWidget(line)
        return line

    def all(self) -> list[Line]:
        """Return the steps from the first to the last."""
        entries = (self.itemAt(place) for place in range(self.count()))
        widgets = (entry.widget() for entry in entries if entry is not None)
        return [widget for widget in widgets if isinstance(widget, Line)]

    def clear(self) -> None:
        """Take every step away."""
        self._take(self.all())

    def drop_busy(self) -> None:
        """Take away what is no longer going on."""
        self._take([line for line in self.all() if line.state == "busy"])

    def _take(self, lines: list[Line]) -> None:
        for line in lines:
            self.removeWidget(line)
            line.hide()
            line.deleteLater()


class Complaint(PlainLabel):
    """What is wrong with a field, said below it until something else is typed there."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(kind="error", wrap=True)
        self._field = field
        self.hide()
        field.textChanged.connect(lambda _text: self.calm())

    def say(self, words: str) -> None:
        """Say it to whoever sees or hears the field, and put the cursor there."""
        self.setText(words)
        self.show()
        restyle(self._field, invalid="true")
        self._field.setAccessibleDescription(words)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.selectAll()
        announce(self._field, words)

    def calm(self) -> None:
        """Take it back."""
        if not self.isHidden():
            self.hide()
            restyle(self._field, invalid="false")
            self._field.setAccessibleDescription("")


class OlderMail(QWidget):
    """What becomes of mail that was there before: all of it comes, or from a day on."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Older mail"))
        self.choice = QComboBox()
        self.choice.setAccessibleName(_("Older mail"))
        for name, words in (
            ("closed_before", _("Arrives closed and quiet")),
            ("since", _("Stays on the server")),
            ("", _("Comes in like new mail")),
        ):
            self.choice.addItem(words, name)
        self.day = QDateEdit(QDate.currentDate().addDays(-_RECENT_DAYS))
        self.day.setAccessibleName(_("Older mail"))
        self.day.setCalendarPopup(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.choice, 1)
        self._before = PlainLabel(_("from before"))
        row.addWidget(self._before)
        row.addWidget(self.day)
        self.choice.currentIndexChanged.connect(lambda _index: self._show_day())

    def _show_day(self) -> None:
        for part in (self._before, self.day):
            part.setVisible(bool(self.choice.currentData()))

    def settings(self) -> dict[str, str]:
        """Return the account's settings for it."""
        name = str(self.choice.currentData())
        return {name: self.day.date().toString(Qt.DateFormat.ISODate)} if name else {}


def entry(name: str) -> QLineEdit:
    """Return a field to type into."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setMinimumHeight(32)
    return field


def form() -> tuple[QWidget, QGridLayout]:
    """Return a form without lines."""
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
    grid.setColumnStretch(1, 1)
    return widget, grid


def add_complaint(grid: QGridLayout, field: QLineEdit) -> Complaint:
    """Add room below the last line of a form for what may be wrong with its field."""
    complaint = Complaint(field)
    grid.addWidget(complaint, grid.rowCount(), 1)
    return complaint


def add_line(grid: QGridLayout, words: str, field: QWidget) -> PlainLabel:
    """Add a line to a form; return its label."""
    label = PlainLabel(words)
    label.setBuddy(field)
    line = grid.rowCount()
    grid.addWidget(label, line, 0)
    grid.addWidget(field, line, 1)
    return label
