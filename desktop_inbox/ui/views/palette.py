"""The command palette: every command, and a jump to any customer or conversation by name.

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store import conversations
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.rows import ConversationRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.overlay import Overlay

_DEBOUNCE_MS = 90
_MOST_COMMANDS = 8
_MOST_CONVERSATIONS = 6
_ROW = 38
_EntryRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the palette."""

    text: str
    run: Callable[[], object]
    detail: str = ""
    icon: str = ""
    key: str = ""


def score(wanted: str, text: str) -> int:
    """Return how well folded words match a text: 0 not at all, more is better."""
    if not wanted:
        return 1
    if text.startswith(wanted):
        return 100
    words = text.split()
    if all(any(word.startswith(part) for word in words) for part in wanted.split()):
        return 60
    if wanted in text:
        return 40
    letters = iter(text)
    return 10 if all(letter in letters for letter in wanted.replace(" ", "")) else 0


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, self._theme.px(_ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, entry = self._theme, index.data(_EntryRole)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_bg"))
            painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 7, 7)
        side = theme.px(16)
        place = QRect(rect.left() + theme.px(16), rect.center().y() - side // 2 + 1, side, side)
        if entry.icon:
            icons.paint(painter, QRectF(place), entry.icon, theme.colour("muted"))
        right = rect.right() - theme.px(16)
        small = theme.font(11.5)
        aside = entry.key or entry.detail
        aside_width = min(QFontMetrics(small).horizontalAdvance(aside) + 2, rect.width() // 2)
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            QRect(right - aside_width, rect.top(), aside_width, rect.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            QFontMetrics(small).elidedText(aside, Qt.TextElideMode.ElideRight, aside_width),
        )
        left = place.right() + theme.px(12)
        text_rect = QRect(left, rect.top(), right - aside_width - 12 - left, rect.height())
        font = theme.font(13)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(
            text_rect,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            QFontMetrics(font).elidedText(
                entry.text, Qt.TextElideMode.ElideRight, text_rect.width()
            ),
        )
        painter.restore()


class Palette(Overlay):
    """Typing finds; Enter does it."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=560, top=90)
        self._search = 0
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(_("Type a command, a customer or a subject"))
        self.field.setAccessibleName(_("Commands"))
        self.field.setMinimumHeight(context.theme.px(46))
        self.field.setTextMargins(16, 0, 16, 0)
        self.field.installEventFilter(self)
        line = QFrame()
        line.setProperty("kind", "line")
        self.list = QListWidget()
        self.list.setItemDelegate(_Delegate(context.theme, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Commands"))
        self.list.itemClicked.connect(lambda _item: self._run())
        self.card_layout.addWidget(self.field)
        self.card_layout.addWidget(line)
        self.card_layout.addSpacing(6)
        self.card_layout.addWidget(self.list)
        self.card_layout.addSpacing(6)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._look_up)
        self.field.textChanged.connect(self._typed)

    def open(self) -> None:
        """Show the palette, empty."""
        self.field.clear()
        self._show(self._commands(""))
        self.present()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def texts(self) -> list[str]:
        """Return what is listed."""
        return [self.list.item(row).data(_EntryRole).text for row in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            return self._key_pressed(event.key())
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: int) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            count = max(1, self.list.count())
            self.list.setCurrentRow((self.list.currentRow() + step) % count)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        return False

    def _typed(self, text: str) -> None:
        self._show(self._commands(text))
        self._search += 1
        if text.strip():
            self._timer.start()

    def _commands(self, text: str) -> list[Entry]:
        wanted = fold(text.strip())
        actions = self._context.actions
        scored: list[tuple[int, Entry]] = []
        for action in actions.all():
            spec = actions.spec(action.objectName())
            value = score(wanted, fold(f"{action.text()} {_(spec.group)}"))
            if not spec.in_palette or not action.isEnabled() or not value:
                continue
            entry = Entry(
                text=action.text(),
                run=action.trigger,
                icon=spec.icon,
                key=actions.key_text(spec.id),
            )
            scored.append((value, entry))
        scored.sort(key=lambda one: -one[0])
        most = _MOST_COMMANDS if wanted else len(scored)
        return [entry for _value, entry in scored[:most]]

    def _look_up(self) -> None:
        self._context.start(self._find(self.field.text().strip(), self._search))

    async def _find(self, text: str, search: int) -> None:
        rows = await self._context.read(lambda conn: _matching(conn, text))
        if search != self._search:
            return
        found = self._found(rows)
        if found:
            self._show([*self._commands(text), *found])

    def _found(self, rows: Sequence[ConversationRow]) -> list[Entry]:
        return [self._conversation(row) for row in rows]

    def _conversation(self, row: ConversationRow) -> Entry:
        return Entry(
            text=row.subject or _("(no subject)"),
            detail=row.customer_name,
            icon="mail",
            run=lambda: self._context.conversation_requested.emit(row.id),
        )

    def _show(self, entries: list[Entry]) -> None:
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.text)
            item.setData(_EntryRole, entry)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                ", ".join(filter(None, (entry.text, entry.detail, entry.key))),
            )
            self.list.addItem(item)
        if entries:
            self.list.setCurrentRow(0)
        shown = min(max(len(entries), 1), 10)
        self.list.setFixedHeight(self._context.theme.px(_ROW) * shown)
        self._place()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        entry: Entry = item.data(_EntryRole)
        self.dismiss()
        entry.run()


def _matching(conn: Any, text: str) -> list[ConversationRow]:
    ids = conversations.ids(conn, ListQuery(view="all", text=text), limit=_MOST_CONVERSATIONS)
    rows = conversations.rows(conn, ids)
    return [rows[key] for key in ids if key in rows]
