"""The questions of a saved view as lines of controls, in groups within groups. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.domain.conditions import (
    DEEPEST,
    FLAGS,
    OPERATORS,
    TIMED,
    Condition,
    Field,
    Group,
    Mode,
    Operator,
    Test,
)
from desktop_inbox.i18n import _
from desktop_inbox.ui.dialogs.view_words import FIELDS, MODES, UNITS, Answers, operator_words
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import icon_button, link_button, with_air

FIRST = Test(field=Field.STATUS, operator=Operator.IS, value="open")
_NO_VALUE = (Operator.SET, Operator.NOT_SET)
_LENGTHS = (Operator.LESS_THAN, Operator.MORE_THAN)
_DAYS = (Operator.SINCE, Operator.BEFORE)
_MOST = 99_999
_LEVELS = DEEPEST - 2  # of groups that the card has room for


class TestLine(QWidget):
    """One question: a field, how it is compared, and with what."""

    __test__ = False  # no test of pytest's
    changed = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, answers: Answers, test: Test) -> None:
        super().__init__()
        self._answers = answers
        self.field = _combo(_("Field"), [(one.value, _(words)) for one, words in FIELDS.items()])
        self.operator = _combo(_("Comparison"), [])
        self.choice = _combo(_("Value"), [])
        self.amount = with_air(QSpinBox())
        self.amount.setRange(1, _MOST)
        self.amount.setAccessibleName(_("Amount"))
        self.unit = _combo(_("Unit"), [(unit, _(words)) for unit, words in UNITS.items()])
        self.day = QDateEdit(QDate.currentDate())
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat(QLocale().dateFormat(QLocale.FormatType.ShortFormat))
        self.day.setAccessibleName(_("Day"))
        self.text = QLineEdit()
        self.text.setAccessibleName(_("Text"))
        self._values = QStackedWidget()
        self._values.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._nothing, self._length = QWidget(), _beside(self.amount, self.unit)
        for page in (self._nothing, self.choice, self._length, self.day, self.text):
            self._values.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 3)
        row.addWidget(self.operator, 2)
        row.addWidget(self._values, 3)
        row.addWidget(icon_button(theme, "x", _("Remove this question"), clicked=self.removed.emit))
        self._show(test)
        self.field.activated.connect(lambda _index: self._field_chosen())
        self.operator.activated.connect(lambda _index: self._operator_chosen())
        for signal in (
            self.choice.activated,
            self.unit.activated,
            self.amount.valueChanged,
            self.day.dateChanged,
            self.text.textEdited,
        ):
            signal.connect(lambda _value: self.changed.emit())

    def test(self) -> Test:
        """Return the question that the controls ask."""
        field, operator = Field(self.field.currentData()), Operator(self.operator.currentData())
        return Test(field=field, operator=operator, value=self._value(field, operator))

    def _value(self, field: Field, operator: Operator) -> str:
        page = self._page(field, operator)
        if page is self.choice:
            return str(self.choice.currentData() or "")
        if page is self._length:
            return f"{self.amount.value()}{self.unit.currentData()}"
        if page is self.day:
            return self.day.date().toString(Qt.DateFormat.ISODate)
        return self.text.text().strip() if page is self.text else ""

    def _page(self, field: Field, operator: Operator) -> QWidget:
        if field in FLAGS or operator in _NO_VALUE:
            return self._nothing
        if field in TIMED:
            return self.day if operator in _DAYS else self._length
        return self.text if field in (Field.SUBJECT, Field.WORDS) else self.choice

    def _show(self, test: Test) -> None:
        _select(self.field, test.field.value)
        self._list_operators(test.field)
        _select(self.operator, test.operator.value)
        self._list_choices(test.field, test.value)
        if test.operator in _LENGTHS:
            self.amount.setValue(int(test.value[:-1]))
            _select(self.unit, test.value[-1])
        elif test.operator in _DAYS:
            self.day.setDate(QDate.fromString(test.value, Qt.DateFormat.ISODate))
        else:
            self.text.setText(test.value)
            _select(self.unit, "d")
        self._turn()

    def _list_operators(self, field: Field) -> None:
        self.operator.clear()
        for operator in OPERATORS[field]:
            self.operator.addItem(operator_words(field, operator), operator.value)

    def _list_choices(self, field: Field, value: str) -> None:
        """List what can be chosen; what is chosen stays, although it may be gone meanwhile."""
        known = self._answers.of(field)
        self.choice.clear()
        for one, words in known:
            self.choice.addItem(words, one)
        if value and value not in dict(known):
            gone = field in (Field.TAG, Field.ACCOUNT, Field.ASSIGNEE)
            self.choice.addItem(_("(gone)") if gone else value, value)
        _select(self.choice, value)

    def _field_chosen(self) -> None:
        field = Field(self.field.currentData())
        self._list_operators(field)
        self._list_choices(field, "")
        self.text.clear()
        self._operator_chosen()

    def _operator_chosen(self) -> None:
        self._turn()
        self.changed.emit()

    def _turn(self) -> None:
        field, operator = Field(self.field.currentData()), Operator(self.operator.currentData())
        self._values.setCurrentWidget(self._page(field, operator))


class GroupBox(QFrame):
    """Several questions, how many of them must hold, and groups of more."""

    changed = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, answers: Answers, group: Group, *, level: int = 0) -> None:
        super().__init__()
        self._theme = theme
        self._answers = answers
        self._level = level
        self._members: list[TestLine | GroupBox] = []
        self.mode = _combo(
            _("How many must hold"), [(one.value, _(words)) for one, words in MODES.items()]
        )
        self.mode.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        _select(self.mode, group.mode.value)
        self.mode.activated.connect(lambda _index: self.changed.emit())
        head = QHBoxLayout()
        head.addWidget(self.mode)
        head.addStretch(1)
        if level:
            self.setProperty("kind", "card")
            head.addWidget(
                icon_button(theme, "x", _("Remove this group"), clicked=self.removed.emit)
            )
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_test = link_button(_("Add a condition"), clicked=lambda: self._grow(FIRST))
        foot = QHBoxLayout()
        foot.addWidget(self.add_test)
        if level < _LEVELS:
            self.add_group = link_button(
                _("Add a group"), clicked=lambda: self._grow(Group(mode=Mode.ANY, members=(FIRST,)))
            )
            foot.addWidget(self.add_group)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        margin = 10 if level else 0
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self._column)
        column.addLayout(foot)
        for member in group.members:
            self._add(member)

    @property
    def members(self) -> list[TestLine | GroupBox]:
        """The lines and boxes in it, from the top."""
        return list(self._members)

    def group(self) -> Group:
        """Return the condition that the controls ask."""
        members = tuple(
            one.test() if isinstance(one, TestLine) else one.group() for one in self._members
        )
        return Group(mode=Mode(self.mode.currentData()), members=members)

    def _grow(self, condition: Condition) -> None:
        added = self._add(condition)
        added.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _add(self, condition: Condition) -> QWidget:
        member: TestLine | GroupBox
        if isinstance(condition, Test):
            member = TestLine(self._theme, self._answers, condition)
            member.setFocusProxy(member.field)
        else:
            member = GroupBox(self._theme, self._answers, condition, level=self._level + 1)
            member.setFocusProxy(member.mode)
        member.changed.connect(self.changed)
        member.removed.connect(lambda: self._remove(member))
        self._members.append(member)
        self._column.addWidget(member)
        return member

    def _remove(self, member: TestLine | GroupBox) -> None:
        self._members.remove(member)
        self._column.removeWidget(member)
        member.deleteLater()
        self.add_test.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()


def _combo(name: str, items: list[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for value, words in items:
        box.addItem(words, value)
    return box


def _select(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(max(box.findData(value), 0))


def _beside(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1)
    return holder
