"""One line each of the customer pane: an address, a conversation, a file. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.customer_files import CustomerFile
from desktop_inbox.store.rows import IdentityRow
from desktop_inbox.store.suppression import Suppressed
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.attachments import icon_of
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.channel_marks import mark
from desktop_inbox.ui.views.channel_marks import subject as subject_of
from desktop_inbox.ui.views.controls import ElidedLabel, IconMark, PlainLabel, icon_button, tooltip
from desktop_inbox.ui.views.formats import file_size, short_date
from desktop_inbox.ui.views.message_body import copy_text
from desktop_inbox.ui.views.thread_head import status_name


class IdentityLine(QWidget):
    """One address with a button that copies it, and since when mail to it comes back (D6)."""

    def __init__(
        self,
        context: AppContext,
        row: IdentityRow,
        *,
        undeliverable: Suppressed | None = None,
        now: datetime,
    ) -> None:
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
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(label)
        if undeliverable is not None:
            since = short_date(undeliverable.since, now=now)
            warning = ElidedLabel(_("Undeliverable since {date}").format(date=since), kind="small")
            warning.setStyleSheet(f"color: {context.theme.colour('bad').name()};")
            self.setToolTip(tooltip(visible(undeliverable.words)))
            texts.addWidget(warning)
        elif row.verified:
            self.setToolTip(tooltip(_("Confirmed by its service")))
        line.addLayout(texts, 1)
        line.addWidget(copy)


class HistoryLine(QAbstractButton):
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
        subject = ElidedLabel(subject_of(row))
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
        badge = ChannelBadge(mark(row.channel, row.chat) or "email", size=16)
        line.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
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


class FileLine(QAbstractButton):
    """A file that went back or forth; a click shows the message it came with."""

    def __init__(self, context: AppContext, file: CustomerFile, *, now: datetime) -> None:
        super().__init__()
        theme = context.theme
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        name = visible(file.name) or file.safe_name
        icon = IconMark(theme, icon_of(file.media_type))
        label = ElidedLabel(name)
        date = short_date(file.at, now=now)
        second = PlainLabel(f"{file_size(file.size)} · {date}", kind="small")
        for part in (icon, label, second):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(8)
        line.addWidget(icon)
        line.addWidget(label, 1)
        line.addWidget(second)
        told = f"{name}, {file_size(file.size)}, {date}"
        self.setToolTip(tooltip(told))
        self.setAccessibleName(told)
        self.clicked.connect(
            lambda: context.message_requested.emit(file.conversation_id, file.message_id)
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
