"""The card in which a call or a visit is written down. UI thread only."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QLocale, QStringListModel, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.connectors.phone.reading import CallNote
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.pieces import CallOutcome
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import phone
from desktop_inbox.store import conversations, customer_search, customers
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import CustomerRow
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.dialogs.phone_timer import CallTimer
from desktop_inbox.ui.views.controls import PlainLabel, button

_WIDTH, _HEIGHT = 540, 400
_OFFERED = 8
_NOTES = 96
_LONGEST_SUBJECT = 60
THEY_CALLED, WE_CALLED, VISIT = "in", "out", "visit"
_KINDS = (
    (THEY_CALLED, N_("They called")),
    (WE_CALLED, N_("We called")),
    (VISIT, N_("They came in")),
)
_OUTCOMES = {
    THEY_CALLED: (
        (CallOutcome.ANSWERED, N_("We spoke")),
        (CallOutcome.MISSED, N_("Missed: to call back")),
        (CallOutcome.VOICEMAIL, N_("They left a voicemail")),
    ),
    WE_CALLED: (
        (CallOutcome.ANSWERED, N_("We spoke")),
        (CallOutcome.MISSED, N_("Nobody answered")),
        (CallOutcome.VOICEMAIL, N_("We left a voicemail")),
    ),
}


class PhoneLog(EditorCard):
    """Asks who it was, what became of it, how long it took and what was said."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(
            context, parent, title=_("Write down a call or visit"), width=_WIDTH, height=_HEIGHT
        )
        self._name = new_uid(utc_now())  # the same note however often it is saved
        self._customer: CustomerRow | None = None
        self._found: dict[str, CustomerRow] = {}  # by what the list of offers says
        self._touched = False
        self._build()
        self._choose_kind(THEY_CALLED)

    def open(self) -> None:
        """Show it over the window, about the conversation that is shown."""
        self.present()
        self.who.setFocus(Qt.FocusReason.PopupFocusReason)
        shown = self._context.selected_conversation
        if shown is not None:
            self._context.start(self._suggest(shown), name="phone log")

    @property
    def is_edited(self) -> bool:
        return self._touched

    @property
    def kind(self) -> str:
        """Who went to whom."""
        chosen = self.kinds.checkedButton()
        return str(chosen.property("value")) if chosen is not None else THEY_CALLED

    @property
    def chosen_outcome(self) -> CallOutcome:
        """What became of it."""
        if self.kind == VISIT:
            return CallOutcome.WALK_IN
        return CallOutcome(str(self.outcome.currentData()))

    async def keep(self) -> None:
        """Write it down."""
        seconds = self.timer.seconds
        if seconds is None:
            raise UserError("length-unreadable", value=self.timer.field.text())
        if self.timer.running:
            self.timer.toggle()
        note = CallNote(
            name=self._name,
            at=utc_now() - timedelta(seconds=seconds),
            outcome=self.chosen_outcome,
            number=self.number.text().strip(),
            caller=visible(self.who.text()),
            seconds=0 if self.chosen_outcome is CallOutcome.MISSED else seconds,
            text=self.notes.toPlainText().strip(),
            from_us=self.kind == WE_CALLED,
        )
        row = await self._context.write(
            partial(
                phone.write_down,
                note=note,
                customer_id=self._customer.id if self._customer is not None else None,
                conversation_id=self.place.currentData(),
                region=QLocale.territoryToCode(QLocale().territory()),
            )
        )
        context = self._context
        context.notice.emit(
            Notice(
                text=_("Written down"),
                action_text=_("Show"),
                action=lambda: context.message_requested.emit(row.conversation_id, row.id),
                key="phone-log",
            )
        )

    # --- whom and where ---

    async def _suggest(self, conversation_id: int) -> None:
        """Begin with the conversation that is shown, and whoever it is with."""
        row, customer = await self._context.read(partial(_with, conversation_id=conversation_id))
        if not isValid(self) or self._touched or row is None:
            return
        if customer is not None:
            self._take(customer)
            await self._offer_places(chosen=row)

    def _typed(self, text: str) -> None:
        self._touch()
        if self._customer is not None and text != visible(self._customer.name):
            self._customer = None
            self._show_places((), chosen=None)
        self._context.start(self._look_up(text), name="phone log")

    async def _look_up(self, text: str) -> None:
        if not text.strip():
            return
        found = await self._context.read(
            lambda conn: customer_search.find(conn, text, limit=_OFFERED)
        )
        if not isValid(self) or text != self.who.text():
            return
        self._found = {_offered(row): row for row in found}
        self._offers.setStringList(list(self._found))
        if self._found and self.who.hasFocus():
            self._completer.complete()

    def _picked(self, words: str) -> None:
        customer = self._found.get(words)
        if customer is not None:
            self._take(customer)
            self._context.start(self._offer_places(chosen=None), name="phone log")

    def _take(self, customer: CustomerRow) -> None:
        self._customer = customer
        self.who.setText(visible(customer.name))
        if not self.number.text():
            numbers = [one for one in customer.identities if one.kind == "phone"]
            self.number.setText(visible(numbers[0].label or numbers[0].address) if numbers else "")

    async def _offer_places(self, *, chosen: ConversationRow | None) -> None:
        customer = self._customer
        if customer is None:
            return
        rows = await self._context.read(
            lambda conn: conversations.of_customer(conn, customer.id, limit=_OFFERED)
        )
        if isValid(self) and customer == self._customer:
            self._show_places(tuple(rows), chosen=chosen)

    def _show_places(
        self, rows: tuple[ConversationRow, ...], *, chosen: ConversationRow | None
    ) -> None:
        if chosen is not None and all(row.id != chosen.id for row in rows):
            rows = (chosen, *rows)
        self.place.clear()
        self.place.addItem(_("Where they have something open, else a new one"), None)
        for row in rows:
            subject = visible(row.subject) or _("(no subject)")
            self.place.addItem(subject[:_LONGEST_SUBJECT], row.id)
        self.place.setCurrentIndex(self.place.findData(chosen.id) if chosen is not None else 0)

    # --- the form ---

    def _choose_kind(self, kind: str) -> None:
        outcomes = _OUTCOMES.get(kind, ())
        before = self.outcome.currentData()
        self.outcome.clear()
        for value, words in outcomes:
            self.outcome.addItem(_(words), value.value)
        self.outcome.setCurrentIndex(max(self.outcome.findData(before), 0))
        self._outcome_label.setVisible(bool(outcomes))
        self.outcome.setVisible(bool(outcomes))
        self._show_timer()

    def _outcome_chosen(self) -> None:
        self._touch()
        self._show_timer()

    def _show_timer(self) -> None:
        """A call that reached nobody has no length."""
        reached = self.chosen_outcome is not CallOutcome.MISSED if self.outcome.count() else True
        self._timer_label.setVisible(reached)
        self.timer.setVisible(reached)

    def _touch(self) -> None:
        self._touched = True
        self.error.setText("")

    def _build(self) -> None:
        self.who = _line(_("A customer, or a name"))
        self.number = _line(_("Where to call them back"))
        self.outcome = QComboBox()
        self.timer = CallTimer(self._context)
        self.notes = QPlainTextEdit()
        self.notes.setMinimumHeight(self._context.theme.px(_NOTES))
        self.notes.setTabChangesFocus(True)
        self.place = QComboBox()
        for box in (self.outcome, self.place):
            box.setSizeAdjustPolicy(_GIVES_WAY)
            box.setMinimumContentsLength(12)
        self.column.addLayout(self._build_kinds())
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        _put(grid, 0, 0, _("Who"), self.who)
        _put(grid, 0, 1, _("Phone number"), self.number)
        self._outcome_label = _put(grid, 1, 0, _("What became of it"), self.outcome)
        self._timer_label = _put(grid, 1, 1, _("Length"), self.timer)
        _put(grid, 2, 0, _("What was said"), self.notes, across=2)
        _put(grid, 3, 0, _("Add to"), self.place, across=2)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self._show_places((), chosen=None)
        self._connect()

    def _connect(self) -> None:
        self._offers = QStringListModel(self)
        self._completer = QCompleter(self._offers, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.activated.connect(self._picked)
        self._completer.setWidget(self.who)  # not its completer: that would type the offer whole
        self._popup = QListView()
        self._popup.setProperty("kind", "offers")
        self._completer.setPopup(self._popup)
        self.who.textEdited.connect(self._typed)
        self.number.textEdited.connect(lambda _text: self._touch())
        self.outcome.activated.connect(self._outcome_chosen)
        self.timer.edited.connect(self._touch)
        self.notes.textChanged.connect(self._touch)

    def _build_kinds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.kinds = QButtonGroup(self)
        for value, words in _KINDS:
            one = button(_(words), kind="filter", clicked=partial(self._kind_pressed, value))
            one.setCheckable(True)
            one.setProperty("value", value)
            one.setChecked(value == THEY_CALLED)
            self.kinds.addButton(one)
            row.addWidget(one)
        row.addStretch(1)
        return row

    def _kind_pressed(self, kind: str) -> None:
        self._touch()
        self._choose_kind(kind)


_GIVES_WAY = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


def _line(hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(hint)
    return field


def _put(
    grid: QGridLayout, row: int, column: int, title: str, field: QWidget, *, across: int = 1
) -> PlainLabel:
    """Put a field under its title."""
    label = PlainLabel(title, kind="heading")
    field.setAccessibleName(title)
    grid.addWidget(label, 2 * row, column, 1, across)
    grid.addWidget(field, 2 * row + 1, column, 1, across)
    return label


def _offered(row: CustomerRow) -> str:
    """A customer in the list of offers: the name, and what tells two of the same name apart."""
    ways = ", ".join(visible(one.label or one.address) for one in row.identities[:2])
    return f"{visible(row.name)} · {ways}" if ways else visible(row.name)


def _with(conn: Any, *, conversation_id: int) -> tuple[ConversationRow | None, CustomerRow | None]:
    """Return a conversation and whoever it is with."""
    row = conversations.row(conn, conversation_id)
    if row is None or row.customer_id is None:
        return row, None
    return row, customers.row(conn, row.customer_id)
