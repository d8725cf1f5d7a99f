"""The navigation on the left: workspace, new message, views, channels, tags, settings.

UI thread only.
"""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QEvent, QLocale, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.lists import ViewCounts
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import TagRow
from desktop_inbox.sync.status import State
from desktop_inbox.ui import errors, icons
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import WORKING, Accounts
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import paint_badge
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, tooltip
from desktop_inbox.ui.views.conversation_list import ViewChoice
from desktop_inbox.ui.views.row_words import duration

# View, its words and its icon; the order is that of the window.
VIEWS: tuple[tuple[str, str, str], ...] = (
    ("inbox", N_("Inbox"), "inbox"),
    ("mine", N_("Mine"), "user-check"),
    ("unassigned", N_("Unassigned"), "user-x"),
    ("due", N_("Due soon"), "clock"),
    ("snoozed", N_("Snoozed"), "alarm-clock"),
    ("drafts", N_("Drafts"), "file-pen-line"),
    ("outbox", N_("Outbox"), "send"),
    ("closed", N_("Closed"), "circle-check"),
    ("spam", N_("Spam"), "ban"),
    ("trash", N_("Trash"), "trash-2"),
)
_BY_KEY = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)
_UNCOUNTED = frozenset({"closed", "spam", "trash"})  # a number there asks for nothing


class NavigationItem(QAbstractButton):
    """One line: a mark, words that give way, a count."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        channel: str = "",
        hue: int | None = None,
        urgent: bool = False,  # its count is a warning
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._channel = channel
        self._hue = hue
        self._urgent = urgent
        self._count = ""
        self._mark = ""
        self._hint = ""  # what the mark means
        self._ring = False  # the focus came by key, so it has to be seen
        self.setText(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        theme.changed.connect(self.updateGeometry)

    @property
    def count(self) -> str:
        return self._count

    def show_count(self, count: int) -> None:
        shown = QLocale().toString(count) if count else ""
        if shown != self._count:
            self._count = shown
            self._name()
            self.update()

    def show_mark(self, icon: str, *, words: str) -> None:
        """Show a warning in place of the count; `words` say what it means."""
        if words != self._hint:
            self._hint = words
            self.setToolTip(tooltip(words))
            self._name()
        if icon != self._mark:
            self._mark = icon
            self.update()

    def _name(self) -> None:
        self.setAccessibleName(", ".join(filter(None, (self.text(), self._count, self._hint))))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self._paint_background(painter)
        theme = self._theme
        px = theme.px
        selected = self.isChecked()
        colour = theme.colour("accent" if selected else "text")
        font = theme.font(13, 600 if selected else 400)
        right = self.width() - px(10)
        if self._mark:
            side = px(15)
            place = QRect(right - side, (self.height() - side) // 2, side, side)
            icons.paint(painter, QRectF(self._mirrored(place)), self._mark, theme.colour("warn"))
            right -= side + px(8)
        elif self._count:
            figures = theme.tabular(12, 600 if selected or self._urgent else 400)
            tone = "warn" if self._urgent else "accent" if selected else "muted"
            width = QFontMetrics(figures).horizontalAdvance(self._count) + 1
            painter.setFont(figures)
            painter.setPen(theme.colour(tone))
            painter.drawText(
                self._mirrored(QRect(right - width, 0, width, self.height())),
                Qt.AlignmentFlag.AlignCenter,
                self._count,
            )
            right -= width + px(8)
        self._paint_symbol(painter)
        painter.setFont(font)
        painter.setPen(colour)
        rect = QRect(px(36), 0, right - px(36), self.height())
        text = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        side_flag = (
            Qt.AlignmentFlag.AlignRight
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            else Qt.AlignmentFlag.AlignLeft
        )
        painter.drawText(
            self._mirrored(rect),
            side_flag | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter,
            text,
        )
        painter.end()

    def _paint_background(self, painter: QPainter) -> None:
        theme = self._theme
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.colour("accent") if self._ring else Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.colour("accent_bg"))
        elif self.underMouse():
            painter.setBrush(theme.colour("hover"))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 7, 7)

    def _paint_symbol(self, painter: QPainter) -> None:
        theme = self._theme
        side = theme.px(16)
        place = self._mirrored(QRect(theme.px(10), (self.height() - side) // 2, side, side))
        if self._channel:
            paint_badge(painter, QRectF(place), channel=self._channel)
        elif self._hue is not None:
            dot = theme.px(9)
            centre = place.center()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tag_dot(self._hue))
            painter.drawRoundedRect(
                QRectF(centre.x() - dot / 2 + 0.5, centre.y() - dot / 2 + 0.5, dot, dot), 3, 3
            )
        elif self._icon_name:
            colour = theme.colour("accent" if self.isChecked() else "text")
            icons.paint(painter, QRectF(place), self._icon_name, colour)

    def _mirrored(self, rect: QRect) -> QRect:
        return self.style().visualRect(self.layoutDirection(), self.rect(), rect)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class _Logo(QWidget):
    """The mark of the workspace."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(32, 32)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(self.rect(), 9, 9)
        icons.paint(painter, QRectF(7, 7, 18, 18), "inbox", self._theme.colour("on_accent"))
        painter.end()


class Navigation(QFrame):
    """Announces which view is wanted, and shows how much each holds."""

    view_chosen = Signal(object)  # ViewChoice

    def __init__(
        self, context: AppContext, accounts: Accounts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._accounts = accounts
        self._items: dict[tuple[str, int], NavigationItem] = {}
        self._tags: list[tuple[int, str, int]] = []  # what the lines of the tags show
        self._choice = ViewChoice(title=_("Inbox"))
        self._group = QButtonGroup(self)
        self.setProperty("kind", "nav")
        self.setMinimumWidth(context.theme.px(168))
        self._build()
        accounts.changed.connect(self._show_accounts)
        self._ticks = QTimer(self)
        self._ticks.setInterval(5000)
        self._ticks.timeout.connect(self._show_state)
        self._ticks.start()

    @property
    def choice(self) -> ViewChoice:
        return self._choice

    def item(self, kind: str, key: int = 0) -> NavigationItem:
        """Return a line: a view by its name, ("account", id) or ("tag", id)."""
        return self._items[kind, key]

    def take_focus(self) -> None:
        """Put the focus on the view that is shown."""
        item = self._items.get(_key(self._choice)) or self._items["inbox", 0]
        item.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose(self, choice: ViewChoice) -> None:
        """Go to a view as if it had been pressed."""
        self._choice = choice
        item = self._items.get(_key(choice))
        if item is not None:
            item.setChecked(True)
        self.view_chosen.emit(choice)

    def choose_view(self, view: str) -> None:
        title = next((_(words) for name, words, _icon in VIEWS if name == view), "")
        self.choose(ViewChoice(view=view, title=title))

    def show_counts(self, counts: ViewCounts) -> None:
        for view, _words, _icon in VIEWS:
            if view not in _UNCOUNTED:
                self._items[view, 0].show_count(int(getattr(counts, view)))

    def show_tags(self, tags: list[TagRow]) -> None:
        """Show the tags and how many open conversations bear each."""
        shown = [(tag.id, tag.name, tag.hue) for tag in tags]
        if shown != self._tags:
            self._tags = shown
            self._build_tags(tags)
        for tag in tags:
            self._items["tag", tag.id].show_count(tag.count)

    def _build_tags(self, tags: list[TagRow]) -> None:
        self._clear("tag", self._tag_column)
        self._tag_head.setVisible(bool(tags))
        for tag in tags:
            self._add(
                self._tag_column,
                ("tag", tag.id),
                NavigationItem(self._context.theme, tag.name, hue=tag.hue),
                ViewChoice(view="inbox", tag_id=tag.id, title=tag.name),
            )

    def show_workspace(self, name: str) -> None:
        self._name.setText(name)

    # --- building ---

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 10)
        column.setSpacing(0)
        column.addLayout(self._build_head())
        column.addSpacing(12)
        column.addWidget(self._build_compose())
        column.addSpacing(10)
        column.addWidget(self._build_lines(), 1)
        settings = NavigationItem(self._context.theme, _("Settings"), icon="settings")
        settings.setCheckable(False)
        settings.clicked.connect(self._context.actions["settings"].trigger)
        column.addWidget(settings)

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(10)
        self._name = ElidedLabel(kind="strong")
        self._state = ElidedLabel(kind="small")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._name)
        words.addWidget(self._state)
        row.addWidget(_Logo(self._context.theme))
        row.addLayout(words, 1)
        return row

    def _build_compose(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(4, 0, 4, 0)
        button = QPushButton()
        button.setObjectName("compose")
        button.setProperty("kind", "secondary")
        button.setAccessibleName(_("New message"))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setMinimumHeight(self._context.theme.px(34))
        inner = QHBoxLayout(button)
        inner.setContentsMargins(10, 0, 9, 0)
        inner.setSpacing(8)
        picture = QLabel()
        self._compose_picture = picture
        self._draw_compose()
        self._context.theme.changed.connect(self._draw_compose)
        inner.addWidget(picture)
        inner.addWidget(ElidedLabel(_("New message"), kind="strong"), 1)
        inner.addWidget(
            PlainLabel(self._context.actions.key_text("compose.new"), kind="keycap"),
            0,
            Qt.AlignmentFlag.AlignVCenter,
        )
        action = self._context.actions["compose.new"]
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        button.setEnabled(action.isEnabled())
        row.addWidget(button)
        return holder

    def _draw_compose(self) -> None:
        icon = self._context.icon("square-pen", colour="text")
        self._compose_picture.setPixmap(icon.pixmap(QSize(16, 16), self.devicePixelRatioF()))

    def _build_lines(self) -> QScrollArea:
        lines = QWidget()
        lines.setObjectName("navigationLines")
        column = QVBoxLayout(lines)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for view, words, icon in VIEWS:
            self._add(
                column,
                (view, 0),
                NavigationItem(self._context.theme, _(words), icon=icon, urgent=view == "due"),
                ViewChoice(view=view, title=_(words)),
            )
        self._account_head = self._heading(column, _("Channels"))
        self._account_column = QVBoxLayout()
        self._account_column.setSpacing(1)
        column.addLayout(self._account_column)
        self._tag_head = self._heading(column, _("Tags"))
        self._tag_column = QVBoxLayout()
        self._tag_column.setSpacing(1)
        column.addLayout(self._tag_column)
        column.addStretch(1)
        self._items["inbox", 0].setChecked(True)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(lines)
        area.viewport().setAutoFillBackground(False)
        lines.setAutoFillBackground(False)
        return area

    def _heading(self, column: QVBoxLayout, text: str) -> PlainLabel:
        label = PlainLabel(text, kind="section")
        label.setContentsMargins(10, 12, 10, 4)
        label.hide()
        column.addWidget(label)
        return label

    def _add(
        self,
        column: QVBoxLayout,
        key: tuple[str, int],
        item: NavigationItem,
        choice: ViewChoice,
    ) -> NavigationItem:
        self._items[key] = item
        self._group.addButton(item)
        item.clicked.connect(lambda _checked=False: self.choose(choice))
        item.setChecked(_key(self._choice) == key)
        column.addWidget(item)
        return item

    def _clear(self, kind: str, column: QVBoxLayout) -> None:
        for key in [key for key in self._items if key[0] == kind]:
            item = self._items.pop(key)
            self._group.removeButton(item)
            column.removeWidget(item)
            item.deleteLater()

    # --- accounts ---

    def _show_accounts(self) -> None:
        present = {key[1] for key in self._items if key[0] == "account"}
        if present != {row.id for row in self._accounts.rows}:
            self._clear("account", self._account_column)
            for row in self._accounts.rows:
                choice = ViewChoice(view="inbox", account_id=row.id, title=row.title)
                self._add(
                    self._account_column,
                    ("account", row.id),
                    NavigationItem(self._context.theme, row.title, channel=row.kind),
                    choice,
                )
        self._account_head.setVisible(bool(self._accounts.rows))
        for row, status in self._accounts.statuses():
            item = self._items["account", row.id]
            item.setText(row.title)
            item.show_count(row.open_count)
            mark = {
                State.NEEDS_SIGN_IN: "triangle-alert",
                State.FAILED: "triangle-alert",
                State.PAUSED: "pause",
            }.get(status.state, "")
            item.show_mark(mark, words=errors.account_sentence(row.title, status))
        self._show_state()

    def _show_state(self) -> None:
        self._state.setText(state_words(self._accounts))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()


def _key(choice: ViewChoice) -> tuple[str, int]:
    if choice.account_id is not None:
        return "account", choice.account_id
    if choice.tag_id is not None:
        return "tag", choice.tag_id
    return choice.view, 0


def state_words(accounts: Accounts) -> str:
    """Return one line on all accounts together."""
    statuses = [status for _row, status in accounts.statuses() if status.state != State.PAUSED]
    if not statuses:
        return _("All paused") if accounts.rows else ""
    attention = sum(s.state in (State.NEEDS_SIGN_IN, State.FAILED) for s in statuses)
    if attention:
        return ngettext("{count} channel needs you", "{count} channels need you", attention).format(
            count=attention
        )
    if all(s.state is State.WAITING for s in statuses):
        return _("Offline")
    if any(s.state is State.CATCHING_UP for s in statuses):
        return _("Catching up…")
    if not any(s.state in WORKING for s in statuses):
        return _("Connecting…")
    synced = accounts.last_sync_at
    if synced is None:
        return _("Online")
    age = utc_now() - synced
    if age < timedelta(minutes=1):
        words = _("{count} s").format(count=max(1, int(age.total_seconds())))
    else:
        words = duration(age)
    return _("Online · synced {time} ago").format(time=words)
