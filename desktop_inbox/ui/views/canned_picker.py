"""Chooses a canned response: found by a few letters, previewed as it will stand in the text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.templates import Rendered
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import CannedRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, link_button
from desktop_inbox.ui.views.roomy import TellingList

_SHOWN = 50
_LATELY = 10  # so many of those used last rank above what only holds the letters
_ROW = 28
_NONE, _LEAST, _MOST = 64, 116, 244
_BESIDE = 32  # of its right half: what lies around the words


def rank(rows: Sequence[CannedRow], typed: str) -> list[CannedRow]:
    """Those that match, best first (rule F3).

    The beginning of a shortcut, of a title, a match among those used lately, inside a word, in
    the text, and letters in this order; within each, what was used last stands first.
    """
    wanted = fold(typed).strip()
    lately = {row.id for row in sorted(filter(_used, rows), key=_last_use, reverse=True)[:_LATELY]}
    scored = [
        (score, row) for row in rows if (score := _score(row, wanted, row.id in lately)) is not None
    ]
    scored.sort(key=lambda pair: (pair[0], -_last_use(pair[1]), -pair[1].uses, fold(pair[1].title)))
    return [row for _score_, row in scored]


def _used(row: CannedRow) -> bool:
    return row.used_at is not None


def _last_use(row: CannedRow) -> float:
    return row.used_at.timestamp() if row.used_at is not None else 0.0


def _score(row: CannedRow, wanted: str, lately: bool) -> int | None:
    if not wanted:
        return 0
    shortcut, title = fold(row.shortcut), fold(row.title)
    if shortcut.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in title.split()):
        return 1
    if wanted in shortcut or wanted in title:
        return 2 if lately else 3
    if wanted in fold(row.body) or any(wanted in fold(body) for _language, body in row.bodies):
        return 2 if lately else 4
    return 5 if _in_order(wanted, f"{shortcut} {title}") else None


def _line(row: CannedRow) -> str:
    folder = f"{row.folder} › " if row.folder else ""
    return f"/{row.shortcut}   {visible(folder + row.title)}"


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters occur in this order, with anything between them."""
    position = 0
    for letter in letters:
        position = text.find(letter, position) + 1
        if not position:
            return False
    return True


class CannedPicker(QFrame):
    """The list and the preview, above the editor; the caret stays in the text."""

    chosen = Signal(object)  # CannedRow
    highlighted = Signal(object)  # CannedRow whose preview is wanted
    dismissed = Signal()
    room_wanted = Signal()  # more or less is said than a moment ago
    manage_wanted = Signal()  # the page on which they are kept

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows: list[CannedRow] = []
        self._all: Sequence[CannedRow] = ()
        self._list = TellingList(name=_("Canned responses"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.currentRowChanged.connect(self._on_row)
        self._list.itemClicked.connect(lambda _item: self._choose())
        self._preview = QPlainTextEdit()
        self._preview.setReadOnly(True)
        self._preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._preview.setProperty("kind", "message")
        self._preview.setAccessibleName(_("Preview"))
        self._deeds = PlainLabel(kind="caption", wrap=True)
        self._missing = PlainLabel(kind="error", wrap=True)
        self._missing.hide()
        self.none = PlainLabel(
            _("No canned responses to insert here yet. Write down once what you say often."),
            kind="muted",
            wrap=True,
        )
        self.none.setContentsMargins(12, 0, 0, 0)
        right = QVBoxLayout()
        right.setContentsMargins(12, 10, 12, 10)
        right.addWidget(self._preview, 1)
        right.addWidget(self._deeds)
        right.addWidget(self._missing)
        right.addWidget(
            link_button(_("Manage…"), clicked=self._manage), alignment=Qt.AlignmentFlag.AlignRight
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(0)
        row.addWidget(self.none, 8)
        row.addWidget(self._list, 1)
        row.addLayout(right, 1)
        self._theme = theme
        self.hide()

    def show_for(self, rows: Sequence[CannedRow], typed: str) -> None:
        """Offer what matches; hides where nothing does, and says so where there is nothing."""
        self._all = rows
        self._rows = rank(rows, typed)[:_SHOWN]
        self._list.blockSignals(True)
        self._list.clear()
        for row in self._rows:
            item = QListWidgetItem(_line(row))
            item.setSizeHint(QSize(0, self._theme.px(_ROW)))
            self._list.addItem(item)
        self._list.blockSignals(False)
        for part in (self._list, self._preview):
            part.setVisible(bool(self._rows))
        self._deeds.setVisible(False)
        self.none.setVisible(not rows)
        self.setVisible(bool(self._rows) or not (rows or typed))
        if not rows:
            self._missing.hide()
            self.raise_()
        if self._rows:
            self.raise_()
            self._list.setCurrentRow(0)
            self._on_row(0)

    def show_preview(self, row: CannedRow, rendered: Rendered) -> None:
        """Show the text as it will stand in the message, and what it lacks."""
        if self.current() != row:
            return
        self._preview.setPlainText(rendered.text)
        names = ", ".join(rendered.missing)
        self._missing.setText(_("No value for {names}").format(names=names))
        self._missing.setVisible(bool(names))
        self.room_wanted.emit()

    def wanted_height(self, width: int) -> int:
        """As tall as its list, within reason, and as what is said below the preview needs."""
        px = self._theme.px
        if not self._rows:
            return px(_NONE)
        beside = width // 2 - px(_BESIDE)
        said = [one for one in (self._deeds, self._missing) if not one.isHidden()]
        below = sum(one.heightForWidth(beside) + px(6) for one in said)
        return max(px(_LEAST) + below, min(len(self._rows) * px(_ROW) + 14, px(_MOST)))

    def current(self) -> CannedRow | None:
        """The response that Enter would insert."""
        index = self._list.currentRow()
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def shown(self) -> list[CannedRow]:
        """What is offered, best first."""
        return list(self._rows)

    @property
    def deeds(self) -> str:
        """What it says that the response does besides its words, '' for nothing."""
        return "" if self._deeds.isHidden() else self._deeds.text()

    def take_key(self, key: int) -> None:
        """A key that the editor passes on."""
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % max(len(self._rows), 1))
        elif key == Qt.Key.Key_Escape:
            self.hide()
            self.dismissed.emit()
        else:
            self._choose()

    def _choose(self) -> None:
        row = self.current()
        if row is not None:
            self.hide()
            self.chosen.emit(row)

    def _manage(self) -> None:
        self.hide()
        self.dismissed.emit()
        self.manage_wanted.emit()

    def _on_row(self, index: int) -> None:
        if 0 <= index < len(self._rows):
            row = self._rows[index]
            self._preview.setPlainText(row.body)
            self._show_deeds(row)
            self._missing.hide()
            self.room_wanted.emit()
            self.highlighted.emit(row)

    def _show_deeds(self, row: CannedRow) -> None:
        """Say what else it does; one without words does it as soon as it is chosen."""
        from desktop_inbox.ui.views.macro_words import deeds  # the first frame does without

        done = ", ".join(deeds(row))
        words = _("Does besides: {deeds}") if row.body.strip() else _("Does at once: {deeds}")
        self._deeds.setText(words.format(deeds=done))
        self._deeds.setVisible(bool(done))
        self._preview.setVisible(bool(row.body.strip()))
