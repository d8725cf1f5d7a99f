"""One thing that is entered for an account: its words, what it is entered with, what is wrong.

Made from what a connector declares. UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QDate, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.connectors.setup import Field, FieldType
from desktop_inbox.i18n import _
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, restyle, with_air

_WIDTH = 250
_TEXT_HEIGHT = 130
_DAY = "yyyy-MM-dd"


class FieldRow(QWidget):
    """A field with its title and help on the left, or above where it takes a longer text."""

    edited = Signal()

    def __init__(self, theme: Theme, field: Field, value: str) -> None:
        super().__init__()
        self.field = field
        self._theme = theme
        self._wrong = PlainLabel(kind="error", wrap=True)
        self._wrong.hide()
        self.editor = self._editor()
        self.editor.setAccessibleName(_(field.title))
        self._assemble()
        self._show(value)
        self._known = self.value()
        self._listen()

    def value(self) -> str:
        """What is entered, as it is kept."""
        match self.editor:
            case QComboBox():
                return str(self.editor.currentData())
            case QCheckBox():
                return "yes" if self.editor.isChecked() else "no"
            case QSpinBox():
                return str(self.editor.value())
            case DayEdit():
                return self.editor.text()
            case QPlainTextEdit():
                return self.editor.toPlainText().strip()
            case QLineEdit():
                text = self.editor.text()
                return text if self.field.secret else text.strip()
        raise AssertionError(self.field.type)

    @property
    def is_edited(self) -> bool:
        """Whether something else is entered than was known."""
        return self.value() != self._known

    @property
    def wrong(self) -> str:
        """What is said to be wrong; '' while nothing is."""
        return "" if self._wrong.isHidden() else self._wrong.text()

    def complain(self, words: str) -> None:
        """Say at the field what is wrong with it."""
        self._wrong.setText(words)
        self._wrong.show()
        restyle(self.editor, invalid="true")
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def calm(self) -> None:
        """Take back what was said to be wrong."""
        if not self._wrong.isHidden():
            self._wrong.hide()
            restyle(self.editor, invalid="false")

    # --- what it is entered with ---

    def _editor(self) -> QWidget:
        field = self.field
        match field.type:
            case FieldType.CHOICE:
                box = QComboBox()
                titles = field.choice_titles or field.choices
                for value, title in zip(field.choices, titles, strict=True):
                    box.addItem(_(title), value)
                return _still(box)
            case FieldType.SWITCH:
                return QCheckBox(_("On"))
            case FieldType.NUMBER:
                number = with_air(QSpinBox())
                number.setRange(field.least, field.most)
                return _still(number)
            case FieldType.DATE:
                return DayEdit()
            case FieldType.LONG_TEXT:
                text = QPlainTextEdit()
                text.setTabChangesFocus(True)
                text.setFixedHeight(self._theme.px(_TEXT_HEIGHT))
                return text
            case _:
                return self._line()

    def _line(self) -> QLineEdit:
        line = QLineEdit()
        if self.field.secret:
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setPlaceholderText(_("Unchanged"))
        if self.field.type is FieldType.FILE:
            choose = QAction(icons.icon(self._theme, "file"), _("Choose a file"), line)
            choose.triggered.connect(lambda _checked=False: self._choose_file(line))
            line.addAction(choose, QLineEdit.ActionPosition.TrailingPosition)
        return line

    def _choose_file(self, line: QLineEdit) -> None:
        dialog = QFileDialog(self, _(self.field.title))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(line.setText)
        dialog.open()

    def _show(self, value: str) -> None:
        match self.editor:
            case QComboBox():
                self.editor.setCurrentIndex(max(0, self.editor.findData(value)))
            case QCheckBox():
                self.editor.setChecked(value in ("yes", "True"))
            case QSpinBox():
                self.editor.setValue(int(value) if self.field.takes(value) and value else 0)
            case QPlainTextEdit():
                self.editor.setPlainText(value)
            case QLineEdit():
                self.editor.setText(value)
            case DayEdit():
                self.editor.set_text(value)

    def _listen(self) -> None:
        match self.editor:
            case QComboBox():
                self.editor.currentIndexChanged.connect(self._on_edited)
            case QCheckBox():
                self.editor.toggled.connect(self._on_edited)
            case QSpinBox():
                self.editor.valueChanged.connect(self._on_edited)
            case QPlainTextEdit():
                self.editor.textChanged.connect(self._on_edited)
            case QLineEdit():
                self.editor.textChanged.connect(self._on_edited)
            case DayEdit():
                self.editor.edited.connect(self._on_edited)

    def _on_edited(self) -> None:
        self.calm()
        self.edited.emit()

    def _assemble(self) -> None:
        title = PlainLabel(_(self.field.title), wrap=True)
        title.setBuddy(self.editor)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(title)
        if self.field.help:
            words.addWidget(PlainLabel(_(self.field.help), kind="small", wrap=True))
        entry = QVBoxLayout()
        entry.setSpacing(2)
        entry.addWidget(self.editor)
        entry.addWidget(self._wrong)
        whole: QHBoxLayout | QVBoxLayout
        if self.field.type is FieldType.LONG_TEXT:
            whole = QVBoxLayout(self)
            whole.setSpacing(6)
            whole.addLayout(words)
            whole.addLayout(entry)
        else:
            whole = QHBoxLayout(self)
            whole.setSpacing(16)
            words.addStretch(1)
            entry.addStretch(1)
            width = self._theme.px(_WIDTH)
            self.editor.setFixedWidth(width)
            self._wrong.setFixedWidth(width)
            whole.addLayout(words, 1)
            whole.addLayout(entry)
        whole.setContentsMargins(0, 0, 0, 0)


class DayEdit(QWidget):
    """A day, or none."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._some = QCheckBox()
        self._day = QDateEdit(QDate.currentDate())
        self._day.setCalendarPopup(True)
        self._day.setEnabled(False)
        _still(self._day)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._some)
        row.addWidget(self._day, 1)
        self.setFocusProxy(self._some)
        self._some.toggled.connect(self._day.setEnabled)
        self._some.toggled.connect(self.edited)
        self._day.dateChanged.connect(self.edited)

    def text(self) -> str:
        """The day as it is kept, '' for none."""
        return self._day.date().toString(_DAY) if self._some.isChecked() else ""

    def set_text(self, text: str) -> None:
        """Show a day as it is kept."""
        day = QDate.fromString(text[:10], _DAY)
        self._some.setChecked(day.isValid())
        if day.isValid():
            self._day.setDate(day)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self._some.setAccessibleName(name)
        self._day.setAccessibleName(name)


class _Still(QObject):
    """Lets the wheel scroll the page rather than change what it happens to be over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _still(widget: QWidget) -> QWidget:
    widget.installEventFilter(_Still(widget))
    return widget
