"""The lines in which a canned response says what it does besides its words. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.macros import MOST, Deed, Step, values_of
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import icon_button, link_button
from desktop_inbox.ui.views.macro_words import TITLES, value_words


class StepLine(QWidget):
    """One step: what is done, and with what."""

    edited = Signal()
    removed = Signal(object)  # itself

    def __init__(self, theme: Theme, step: Step) -> None:
        super().__init__()
        self.deed = QComboBox()
        self.deed.setAccessibleName(_("What is done"))
        for deed, words in TITLES.items():
            self.deed.addItem(_(words), deed)
        self.choice = QComboBox()
        self.choice.setAccessibleName(_("With what"))
        self.text = QLineEdit()
        self.text.setAccessibleName(_("With what"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.deed)
        line.addWidget(self.choice, 1)
        line.addWidget(self.text, 1)
        line.addWidget(
            icon_button(theme, "x", _("Remove"), clicked=lambda: self.removed.emit(self))
        )
        self.deed.setCurrentIndex(self.deed.findData(step.deed))
        self._offer(step.value)
        self.deed.activated.connect(lambda _index: self._offer(""))
        self.choice.activated.connect(lambda _index: self.edited.emit())
        self.text.textEdited.connect(lambda _text: self.edited.emit())

    def step(self) -> Step | None:
        """What the line says, None while something is missing."""
        deed = Deed(self.deed.currentData())
        value = self.choice.currentData() if values_of(deed) else self.text.text()
        return Step(deed=deed, value=str(value)) if str(value or "").strip() else None

    def _offer(self, value: str) -> None:
        deed = Deed(self.deed.currentData())
        offered = values_of(deed)
        self.choice.clear()
        for one in offered:
            self.choice.addItem(value_words(deed, one), one)
        if value in offered:
            self.choice.setCurrentIndex(offered.index(value))
        self.text.setText("" if offered else value)
        self.choice.setVisible(bool(offered))
        self.text.setVisible(not offered)
        self.edited.emit()


class MacroSteps(QWidget):
    """The lines in their order, and a word to add another."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: list[StepLine] = []
        self.add_button = link_button(_("Do something else too"), clicked=self._add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show these steps in place of the ones before."""
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = []
        for step in steps:
            self._append(step)

    def steps(self) -> tuple[Step, ...]:
        """What the lines say; those that are not filled in yet are left out."""
        return tuple(step for line in self.lines if (step := line.step()) is not None)

    def _append(self, step: Step) -> StepLine:
        line = StepLine(self._theme, step)
        line.edited.connect(self.edited)
        line.removed.connect(self._remove)
        self._column.insertWidget(len(self.lines), line)
        self.lines.append(line)
        self.add_button.setVisible(len(self.lines) < MOST)
        return line

    def _add(self) -> None:
        line = self._append(Step(deed=Deed.PRIORITY, value="high"))
        line.deed.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def _remove(self, line: StepLine) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        self.add_button.show()
        self.edited.emit()
