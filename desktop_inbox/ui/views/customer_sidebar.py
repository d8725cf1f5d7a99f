"""Who the customer is: how to reach them, what was said before, which files went back and forth.

Shows only what there is data for. Lives on the UI thread; edits are saved by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Direction
from desktop_inbox.i18n import _
from desktop_inbox.services import customers as customer_service
from desktop_inbox.store import conversations, customers, messages
from desktop_inbox.store.rows import (
    AttachmentRow,
    ConversationRow,
    CustomerRow,
    IdentityRow,
    MessageRow,
)
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.attachments import icon_of
from desktop_inbox.ui.views.avatar import Avatar, ChannelBadge
from desktop_inbox.ui.views.controls import (
    ElidedLabel,
    IconMark,
    PlainLabel,
    icon_button,
    link_button,
    tooltip,
)
from desktop_inbox.ui.views.formats import file_size, month, short_date
from desktop_inbox.ui.views.message_body import copy_text
from desktop_inbox.ui.views.thread_head import status_name

_AVATAR = 56
_HISTORY = 6  # shown at once; the rest behind a button
_FILES = 6
_SAVE_AFTER_MS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class SidebarData:
    """A customer as they were at one moment."""

    customer: CustomerRow
    history: tuple[ConversationRow, ...]  # their other conversations, newest first
    files: tuple[tuple[AttachmentRow, MessageRow], ...]  # of this one, newest first


def read_sidebar(conn: Any, conversation_id: int) -> SidebarData | None:
    """Return the customer of a conversation, None where nobody can be named. On a reader thread."""
    row = conversations.row(conn, conversation_id)
    customer = customers.row(conn, row.customer_id) if row and row.customer_id else None
    if customer is None:
        return None
    others = conversations.of_customer(conn, customer.id)
    files = [
        (file, message)
        for message in reversed(messages.of_conversation(conn, conversation_id))
        if message.direction in (Direction.IN, Direction.OUT)
        for file in message.attachments
        if not (file.inline and file.content_id)
    ]
    return SidebarData(
        customer=customer,
        history=tuple(other for other in others if other.id != conversation_id),
        files=tuple(files),
    )


class CustomerSidebar(QFrame):
    """The pane on the right."""

    conversation_requested = Signal(int)

    def __init__(self, context: AppContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.conversation_id: int | None = None
        self.data: SidebarData | None = None
        self._generation = 0
        self._whole_history = False
        self.setProperty("kind", "panel")
        self.setAccessibleName(_("Customer"))
        self.setMinimumWidth(220)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.person = _Person(context)
        self.person.edited.connect(self._save)
        self.identities = _Section(_("Identities"))
        self.history = _Section(_("History"))
        self.files = _Section(_("Files"))
        self.notes = _Notes()
        self.notes.edited.connect(lambda text: self._save("notes", text))
        for part in (self.person, self.identities, self.history, self.files, self.notes):
            self._column.addWidget(part)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        self._body.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.conversation_requested.connect(context.conversation_requested)
        context.bridge.changed.connect(self._on_changed)
        self._body.hide()

    def show_conversation(self, conversation_id: int | None) -> None:
        """Show whose conversation this is, or nobody."""
        self._generation += 1
        self.flush()
        self.conversation_id = conversation_id
        self._whole_history = False
        if conversation_id is None:
            self.data = None
            self._body.hide()
            return
        self._context.start(self._load(conversation_id, self._generation), name="customer")

    def flush(self) -> None:
        """Save what is typed and not saved yet."""
        self.person.flush()
        self.notes.flush()

    async def _load(self, conversation_id: int, generation: int) -> None:
        data = await self._context.read(lambda conn: read_sidebar(conn, conversation_id))
        if generation != self._generation or not isValid(self):
            return
        self.data = data
        self._body.setVisible(data is not None)
        if data is not None:
            self._show(data)

    def _on_changed(self, changes: Changes) -> None:
        if self.conversation_id is None:
            return
        customer = self.data.customer.id if self.data is not None else None
        theirs = {row.id for row in self.data.history} if self.data is not None else set()
        touched = (
            customer in changes.customers
            or self.conversation_id in changes.conversations
            or not theirs.isdisjoint(changes.conversations)
        )
        if touched:
            self._context.start(
                self._load(self.conversation_id, self._generation), name="customer again"
            )

    def _show(self, data: SidebarData) -> None:
        self.person.show_customer(data.customer)
        self.identities.fill([_Identity(self._context, row) for row in data.customer.identities])
        self._show_history(data)
        self.files.fill(
            [
                _FileLine(self._context, file, message, now=datetime.now(UTC))
                for file, message in data.files[:_FILES]
            ],
            count=len(data.files),
        )
        self.notes.show_customer(data.customer)

    def _show_history(self, data: SidebarData) -> None:
        shown = data.history if self._whole_history else data.history[:_HISTORY]
        now = datetime.now(UTC)
        lines: list[QWidget] = [
            _HistoryLine(self._context, row, now=now, clicked=self.conversation_requested.emit)
            for row in shown
        ]
        if len(shown) < len(data.history):
            lines.append(link_button(_("Show all"), clicked=self._show_whole_history))
        self.history.fill(lines, count=len(data.history))

    def _show_whole_history(self) -> None:
        self._whole_history = True
        if self.data is not None:
            self._show_history(self.data)

    def _save(self, field: str, text: str) -> None:
        if self.data is None:
            return
        customer_id = self.data.customer.id
        self._context.start(
            self._context.write(lambda tx: customer_service.edit(tx, customer_id, **{field: text})),
            name="save customer",
        )


class _Section(QFrame):
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
        """Show these lines in place of the ones before."""
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = list(lines)
        for line in self._lines:
            self._inside.addWidget(line)
        self._count.setText(str(count) if count is not None and count > 1 else "")
        self.setVisible(bool(self._lines))

    def lines(self) -> list[QWidget]:
        return list(self._lines)


class _Person(QWidget):
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
        for label in (self.name, self.company, self.since):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name_field = self._field(_("Name"))
        self.company_field = self._field(_("Company"))
        self.pencil = icon_button(theme, "pencil", _("Edit name and company"))
        self.pencil.setCheckable(True)
        self.pencil.toggled.connect(self._edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 18, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self.name, self.name_field, self.company, self.company_field, self.since):
            column.addWidget(part)
        column.addWidget(self.pencil, 0, Qt.AlignmentFlag.AlignHCenter)
        self._timer = _save_timer(self, self.flush)

    def show_customer(self, customer: CustomerRow) -> None:
        changed_person = self._customer is None or self._customer.id != customer.id
        self._customer = customer
        shown = visible(customer.name) or _first_address(customer)
        self._avatar.show_customer(shown)
        self.name.setText(shown)
        self.company.setText(visible(customer.company))
        self.since.setText(_("Customer since {month}").format(month=month(customer.first_seen_at)))
        if changed_person:
            self.pencil.setChecked(False)
        for field, text in (
            (self.name_field, customer.name),
            (self.company_field, customer.company),
        ):
            if not field.hasFocus():
                field.setText(text)
        self._show_parts()

    def flush(self) -> None:
        self._timer.stop()
        customer = self._customer
        if customer is None or self.name_field.isHidden():
            return
        name, company = self.name_field.text().strip(), self.company_field.text().strip()
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

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(name)
        field.setAccessibleName(name)
        field.setMaxLength(200)
        field.textEdited.connect(lambda: self._timer.start())
        field.returnPressed.connect(lambda: self.pencil.setChecked(False))
        field.hide()
        return field


class _Notes(_Section):
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
        self.show()

    def show_customer(self, customer: CustomerRow) -> None:
        """Show the notes; what is being typed is never overwritten."""
        other = self._customer is None or self._customer.id != customer.id
        self._customer = customer
        if other or not self.field.hasFocus():
            self._showing = True
            if self.field.toPlainText() != customer.notes:
                self.field.setPlainText(customer.notes)
            self._showing = False

    def flush(self) -> None:
        self._timer.stop()
        text = self.field.toPlainText()
        if self._customer is not None and text.strip() != self._customer.notes:
            self.edited.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.flush()
        return super().eventFilter(watched, event)

    def _on_text(self) -> None:
        if not self._showing:
            self._timer.start()


class _Identity(QWidget):
    """One address with a button that copies it."""

    def __init__(self, context: AppContext, row: IdentityRow) -> None:
        super().__init__()
        address = visible(row.label or row.address)
        label = ElidedLabel(address)
        copy = icon_button(
            context.theme,
            "copy",
            _("Copy {address}").format(address=address),
            clicked=lambda: copy_text(row.label or row.address),
        )
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(ChannelBadge(row.kind, size=16))
        line.addWidget(label, 1)
        line.addWidget(copy)


class _HistoryLine(QAbstractButton):
    """Another conversation of the customer; opens on a click."""

    def __init__(
        self,
        context: AppContext,
        row: ConversationRow,
        *,
        now: datetime,
        clicked: Callable[[int], None],
    ) -> None:
        super().__init__()
        self.row = row
        self._theme = context.theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        subject = ElidedLabel(row.subject or _("(no subject)"))
        about = f"{short_date(row.last_at, now=now)} · {status_name(row.status).lower()}"
        second = ElidedLabel(about, kind="small")
        for label in (subject, second):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(subject)
        texts.addWidget(second)
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 3, 4, 3)
        line.setSpacing(8)
        line.addWidget(ChannelBadge(row.channel or "email", size=16), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(texts, 1)
        told = f"{row.subject}\n{about}"
        self.setToolTip(tooltip(told))
        self.setAccessibleName(told)
        self.clicked.connect(lambda: clicked(row.id))

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else QSize(120, 34)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self.underMouse() or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("hover"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        painter.end()


class _FileLine(QAbstractButton):
    """A file that went back or forth; a click shows the message it came with."""

    def __init__(
        self, context: AppContext, file: AttachmentRow, message: MessageRow, *, now: datetime
    ) -> None:
        super().__init__()
        theme = context.theme
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        name = visible(file.name) or file.safe_name
        icon = IconMark(theme, icon_of(file.media_type))
        label = ElidedLabel(name)
        date = short_date(message.at, now=now)
        second = PlainLabel(f"{file_size(file.size)} · {date}", kind="small")
        for part in (icon, label, second):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(8)
        line.addWidget(icon)
        line.addWidget(label, 1)
        line.addWidget(second)
        self.setAccessibleName(f"{name}, {file_size(file.size)}, {date}")
        self.clicked.connect(
            lambda: context.message_requested.emit(message.conversation_id, message.id)
        )

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else QSize(120, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 5, 5)
            painter.end()


def _save_timer(owner: QObject, save: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(_SAVE_AFTER_MS)
    timer.timeout.connect(save)
    return timer


def _first_address(customer: CustomerRow) -> str:
    return visible(customer.identities[0].label) if customer.identities else _("Unknown")
