"""The outbox: every message that has not left, why, until when, and what can be done about it.

Stands in the place of the conversation list, and is filled while somebody looks at it. UI thread
only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.store import outbox
from desktop_inbox.store.database import utc_now
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import outbox_words
from desktop_inbox.ui.views.chat_delivery import Actions
from desktop_inbox.ui.views.controls import ElidedLabel, IconMark, PlainLabel, link_button

MOST_CARDS = 200  # what nobody scrolls through; the rest is counted
_AT_ONCE = 10
_TICK_MS = 1000
_RADIUS = 12.0  # as the style of a card has it


class OutboxCard(QFrame):
    """One message on its way."""

    opened = Signal()
    acted = Signal(str)
    stepped = Signal(int)  # to the next or previous card

    def __init__(self, row: OutboxRow, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: outbox_words.DeliveryWords | None = None
        self.row = row
        self.setProperty("kind", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._who = ElidedLabel(kind="strong")
        self._about = ElidedLabel(kind="caption")
        self._state = PlainLabel(kind="caption")
        self._icon = IconMark(theme, "clock", parent=self)
        self._detail = PlainLabel(kind="caption", wrap=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._buttons.setSpacing(12)
        state = QHBoxLayout()
        state.setContentsMargins(0, 0, 0, 0)
        state.setSpacing(6)
        state.addWidget(self._icon)
        state.addWidget(self._state, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        for part in (self._who, self._about):
            column.addWidget(part)
        column.addLayout(state)
        column.addWidget(self._detail)
        column.addLayout(self._buttons)
        self.show_row(row)

    @property
    def words(self) -> outbox_words.DeliveryWords:
        """What it says."""
        assert self._shown is not None
        return self._shown

    def show_row(self, row: OutboxRow) -> None:
        """Show how the message is now; a button under the pointer stays where it can."""
        self.row = row
        state = outbox_words.waiting(row, now=utc_now())
        self._who.setText(visible(row.customer_name) or _("Unknown recipient"))
        self._about.setText(visible(row.subject) or _("(no subject)"))
        if state == self._shown:
            return
        buttons = self._shown is None or self._shown.actions != state.actions
        self._shown = state
        self._state.setText(state.text)
        self._state.setStyleSheet(f"color: {self._theme.colour(state.tone).name()};")
        self._icon.show_icon(state.icon)
        self._detail.setText(state.detail)
        self._detail.setVisible(bool(state.detail))
        self.setAccessibleName(
            ", ".join(filter(None, (row.customer_name, row.subject, state.text)))
        )
        self.setAccessibleDescription(state.detail)
        if buttons:
            self._fill_buttons(state.actions)

    def press(self, action: str) -> None:
        """Do what one of the buttons does."""
        self.acted.emit(action)

    def _fill_buttons(self, actions: Actions) -> None:
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for action, text in actions:
            self._buttons.addWidget(link_button(text, clicked=partial(self.press, action)))
        self._buttons.addStretch(1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.opened.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.key() in step:
            self.stepped.emit(step[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.colour("accent"))
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
            painter.end()


class OutboxView(QScrollArea):
    """All of them, those that need a person first."""

    def __init__(
        self, context: AppContext, *, actions: Mapping[str, Callable[[int], None]]
    ) -> None:
        super().__init__()
        self._context = context
        self._actions = actions
        self._cards: dict[int, OutboxCard] = {}
        self._reading = False
        self._stale = True
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Outbox"))
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self._more = PlainLabel(kind="muted")
        self._more.hide()
        self._column.addWidget(self._more)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._count_down)
        context.bridge.changed.connect(self._on_changed)

    @property
    def cards(self) -> list[OutboxCard]:
        """What it shows, from the top."""
        return list(self._cards.values())

    def reload(self) -> None:
        """Read the outbox again; several calls while one runs make one more."""
        if self._reading or not self.isVisible():
            self._stale = True
            return
        self._reading = True
        self._context.start(self._reload(), name="outbox")

    async def _reload(self) -> None:
        try:
            rows = await self._context.read(outbox.list_all)
            await self._show([row for row in rows if row.state != "filing"])
        finally:
            self._reading = False
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale:
            self._stale = False
            self.reload()

    async def _show(self, rows: list[OutboxRow]) -> None:
        rows.sort(key=lambda row: (row.state not in ("failed", "uncertain"), row.next_at))
        shown = {row.message_id: row for row in rows[:MOST_CARDS]}
        for key in self._cards.keys() - shown.keys():
            card = self._cards.pop(key)
            card.hide()
            card.deleteLater()
        for at, (key, row) in enumerate(shown.items()):
            self._cards[key] = self._card(row, at)
            if at % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)  # the window answers in between
        self._cards = {key: self._cards[key] for key in shown}
        more = len(rows) - len(shown)
        self._more.setVisible(more > 0)
        self._more.setText(
            ngettext("and {count} more", "and {count} more", more).format(count=more)
        )
        if self._cards:
            self.setFocusProxy(self.cards[0])
        self._set_ticking()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_down()  # what it said before is as old
        self._catch_up()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def _card(self, row: OutboxRow, at: int) -> OutboxCard:
        card = self._cards.get(row.message_id)
        if card is None:
            card = OutboxCard(row, theme=self._context.theme, parent=self._body)
            card.opened.connect(partial(self._open, card))
            card.acted.connect(partial(self._act, card))
            card.stepped.connect(partial(self._step, card))
            self._column.insertWidget(at, card)
        else:
            card.show_row(row)
            if self._column.indexOf(card) != at:
                self._column.insertWidget(at, card)
        return card

    def _open(self, card: OutboxCard) -> None:
        self._context.message_requested.emit(card.row.conversation_id, card.row.message_id)

    def _act(self, card: OutboxCard, action: str) -> None:
        self._actions[action](card.row.message_id)

    def step(self, step: int) -> None:
        """Go to the next card (+1) or the one before, to the first where none has the focus."""
        focused = [card for card in self.cards if card.hasFocus()]
        if focused:
            self._step(focused[0], step)
        elif self.cards:
            self.cards[0].setFocus(Qt.FocusReason.TabFocusReason)

    def open_current(self) -> None:
        """Show the message whose card has the focus."""
        for card in self.cards:
            if card.hasFocus():
                self._open(card)

    def _step(self, card: OutboxCard, step: int) -> None:
        cards = self.cards
        at = cards.index(card) + step
        if 0 <= at < len(cards):
            cards[at].setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(cards[at])

    def _on_changed(self, changes: Changes) -> None:
        if changes.outbox or changes.accounts:
            self.reload()

    def _count_down(self) -> None:
        for card in self._cards.values():
            card.show_row(card.row)
        self._set_ticking()

    def _set_ticking(self) -> None:
        """Tick only while something it says depends on the time."""
        wanted = self.isVisible() and any(
            card.words.counts_down or card.row.next_at > utc_now() for card in self._cards.values()
        )
        if wanted != self._tick.isActive():
            self._tick.start() if wanted else self._tick.stop()
