"""What a page of the settings is made of: rows with a title, a note and a field, found by words.

A page of one's own subclasses `SettingsPage` and joins `PAGES` in settings.py. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.settings import Settings
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, with_air
from desktop_inbox.ui.views.find_text import find

_FIELD_WIDTH = 230


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDesk:
    """What every page is given."""

    context: AppContext
    accounts: Accounts
    window: QWidget  # what lies under the settings; other cards go over it
    dismiss: Callable[[], None]  # closes the settings, before something else is shown
    sign_in: Callable[[AccountRow], None]


class FoundLabel(PlainLabel):
    """A label that can show where the words looked for stand in it."""

    def __init__(self, theme: Theme, text: str, *, kind: str = "") -> None:
        super().__init__(text, kind=kind, wrap=True)
        self._theme = theme
        self._plain = text

    def say(self, text: str) -> None:
        """Show another text, with nothing marked in it."""
        self._plain = text
        self.mark(())

    def mark(self, words: tuple[str, ...]) -> None:
        """Lay a colour under every word that is found; none takes them off."""
        places = sorted({place for word in words for place in find(self._plain, word)})
        if not places:
            self.setTextFormat(Qt.TextFormat.PlainText)
            self.setText(self._plain)
            return
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(_marked(self._plain, places, self._theme))


def _marked(text: str, places: list[tuple[int, int]], theme: Theme) -> str:
    ground, ink = theme.colour("warn_bg").name(), theme.colour("text").name()
    pieces, end = [], 0
    for start, stop in places:
        if start < end:  # two words that overlap
            continue
        inside = escape(text[start:stop])
        pieces.append(escape(text[end:start]))
        pieces.append(f'<span style="background-color:{ground}; color:{ink}">{inside}</span>')
        end = stop
    return "".join(pieces) + escape(text[end:])


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One thing that can be found: its labels, all that goes away with it, and its words."""

    labels: tuple[FoundLabel, ...]
    widgets: tuple[QWidget, ...]
    words: str  # folded

    def seek(self, words: tuple[str, ...]) -> bool:
        hit = all(word in self.words for word in words)
        for widget in self.widgets:
            widget.setVisible(hit and bool(widget.property("told")))
        for label in self.labels:
            label.mark(words if hit else ())
        return hit


class SettingsPage(QWidget):
    """One page. It is built when the settings are opened; what it reads, `load` reads then."""

    id: ClassVar[str]
    title: ClassVar[str]  # marked with N_
    icon: ClassVar[str]

    def __init__(self, desk: SettingsDesk) -> None:
        super().__init__()
        self.desk = desk
        self.context = desk.context
        self._entries: list[_Entry] = []
        self._heads: list[tuple[FoundLabel, list[_Entry]]] = []
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(8, 4, 24, 12)
        self.grid.setHorizontalSpacing(16)
        self.grid.setVerticalSpacing(12)
        self.grid.setColumnStretch(0, 1)
        self.build()
        self.grid.setRowStretch(self.grid.rowCount(), 1)

    def build(self) -> None:
        """Add the rows."""
        raise NotImplementedError

    async def load(self) -> None:
        """Read what lies in the workspace; called each time the settings are opened."""

    def keep(self) -> None:
        """Store what was typed a moment ago; called when the settings are closed."""

    # --- rows ---

    def section(self, title: str, note: str = "") -> None:
        """Begin a group of rows under a heading."""
        label = FoundLabel(self.context.theme, title, kind="section")
        label.setContentsMargins(0, 6 if self._entries else 0, 0, 0)
        self._heads.append((label, []))
        row = self.grid.rowCount()
        self.grid.addWidget(label, row, 0, 1, 2)
        if note:
            self.wide(PlainLabel(note, kind="small", wrap=True), words=f"{title} {note}")

    def row(self, title: str, field: QWidget, *, note: str = "", words: str = "") -> FoundLabel:
        """Add a line with a field on its right; return the label of its note.

        It is found by its title, its note, and `words` that stand nowhere.
        """
        theme = self.context.theme
        label = FoundLabel(theme, title)
        label.setBuddy(field)
        field.setAccessibleName(title)
        several_lines = isinstance(field, QPlainTextEdit)
        if several_lines or isinstance(field, QLineEdit):
            field.setMinimumWidth(theme.px(_FIELD_WIDTH))  # and as wide as the widest
        else:
            field.setFixedWidth(theme.px(_FIELD_WIDTH))
        below = FoundLabel(theme, note, kind="small")
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addStretch(0 if several_lines else 1)
        column.addWidget(label)
        column.addWidget(below)
        column.addStretch(1)
        at = self.grid.rowCount()
        self.grid.addLayout(column, at, 0)
        top = Qt.AlignmentFlag.AlignTop
        self.grid.addWidget(field, at, 1, top)
        label.setProperty("told", True)
        field.setProperty("told", True)
        below.setProperty("told", bool(note))
        below.setVisible(bool(note))
        self._enter(
            _Entry(
                labels=(label, below),
                widgets=(label, below, field),
                words=fold(f"{title} {note} {words} {_choices(field)}"),
            )
        )
        return below

    def wide(self, widget: QWidget, *, words: str) -> None:
        """Add something that takes the whole width, found by `words`."""
        widget.setProperty("told", True)
        self.grid.addWidget(widget, self.grid.rowCount(), 0, 1, 2)
        self._enter(_Entry(labels=(), widgets=(widget,), words=fold(words)))

    def _enter(self, entry: _Entry) -> None:
        self._entries.append(entry)
        if self._heads:
            self._heads[-1][1].append(entry)

    # --- rows that are settings of this person ---

    def choice(
        self, name: str, choices: tuple[tuple[object, str], ...], *, note: str = ""
    ) -> QComboBox:
        """Add a row for a setting that is one of several."""
        settings = self.context.settings
        box = QComboBox()
        for value, shown in choices:
            box.addItem(shown, value)
        box.setCurrentIndex(box.findData(getattr(settings, name)))
        box.activated.connect(lambda _index: setattr(settings, name, box.currentData()))
        self.row(_title(name), box, note=note)
        return box

    def number(self, name: str, *, suffix: str, step: int, note: str = "") -> QSpinBox:
        """Add a row for a setting that is a number."""
        settings = self.context.settings
        declared = getattr(Settings, name)
        box = with_air(QSpinBox())
        box.setRange(declared.minimum, declared.maximum)
        box.setSingleStep(step)
        box.setSuffix(f" {suffix}")
        box.setValue(getattr(settings, name))
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda value: setattr(settings, name, value))
        self.row(_title(name), box, note=note)
        return box

    def switch(self, name: str, *, note: str = "") -> QCheckBox:
        """Add a row for a setting that is on or off."""
        settings = self.context.settings
        box = QCheckBox(_("On"))
        box.setChecked(getattr(settings, name))
        box.toggled.connect(lambda on: setattr(settings, name, on))
        self.row(_title(name), box, note=note)
        return box

    def text(self, name: str, *, note: str = "", words: str = "") -> QLineEdit:
        """Add a row for a setting that is a text; it is kept when the field is left."""
        settings = self.context.settings
        field = QLineEdit(getattr(settings, name))
        field.editingFinished.connect(lambda: setattr(settings, name, field.text().strip()))
        self.row(_title(name), field, note=note, words=words)
        return field

    # --- finding ---

    def seek(self, words: tuple[str, ...]) -> int:
        """Show only the rows that hold all of `words`, marked; return how many. None shows all."""
        whole = fold(_(type(self).title))
        if words and all(word in whole for word in words):
            words = ()  # the page itself was meant
            found = max(1, len(self._entries))
        else:
            found = 0
        hits = [entry for entry in self._entries if entry.seek(words)]
        for label, entries in self._heads:
            label.setVisible(any(entry in hits for entry in entries))
        return found or len(hits)


def tell(note: FoundLabel, text: str) -> None:
    """Change what stands below a row."""
    note.say(text)
    note.setProperty("told", bool(text))
    note.setVisible(bool(text))


def _title(name: str) -> str:
    return _(getattr(Settings, name).title)


def _choices(field: QWidget) -> str:
    if isinstance(field, QComboBox):
        return " ".join(field.itemText(place) for place in range(field.count()))
    return ""
