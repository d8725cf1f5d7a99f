"""The icon in the tray: brings the window back, pauses notifications, shows that somebody wrote.

Only where the desktop has a tray; everything works without one. UI thread only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from desktop_inbox.i18n import _, ngettext
from desktop_inbox.ui import icons
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.forward import come_forward

_SIDES = (16, 22, 24, 32, 44, 48, 64)  # what panels ask for, at 100 % and 200 %
_ON_LIGHT, _ON_DARK, _DOT = QColor("#2E3440"), QColor("#F2F4F8"), QColor("#F04438")
_MESSAGE_MS = 8_000


def has_tray() -> bool:
    """Tell whether this desktop has a tray."""
    return QSystemTrayIcon.isSystemTrayAvailable()


class Tray(QObject):
    """The icon, as long as it is wanted and there is a place for it."""

    message_clicked = Signal()

    def __init__(
        self,
        context: AppContext,
        window: QWidget,
        *,
        available: Callable[[], bool] = has_tray,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._available = available
        self._unread = 0
        self._icon: QSystemTrayIcon | None = None
        self._menu = QMenu(window)
        self._build_menu()
        self._end = context.settings.subscribe(self._follow)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._paint)
        self._renew()

    # --- what it offers ---

    @property
    def is_there(self) -> bool:
        """Whether a hidden window can be brought back by it."""
        return self._icon is not None and self._available()

    @property
    def name(self) -> str:
        """What shows its messages, for a person."""
        return _("the system tray")

    @property
    def can_show_messages(self) -> bool:
        return self.is_there and QSystemTrayIcon.supportsMessages()

    @property
    def menu(self) -> QMenu:
        return self._menu

    def show_message(self, title: str, body: str) -> bool:
        """Show a notification; False where that cannot be done."""
        if self._icon is None or not self.can_show_messages:
            return False
        self._icon.showMessage(title, body, self._window.windowIcon(), _MESSAGE_MS)
        return True

    def show_count(self, unread: int) -> None:
        """Say how many conversations of the inbox are unread."""
        if unread != self._unread:
            self._unread = unread
            self._paint()

    def close(self) -> None:
        """Take the icon away. Idempotent."""
        self._end()
        self._end = _nothing
        self._remove()

    # --- the icon ---

    def _follow(self, name: str) -> None:
        if name == "tray_icon":
            self._renew()
        elif name == "notify":
            self._show_pause()

    def _renew(self) -> None:
        if not self._context.settings.tray_icon or not self._available():
            self._remove()
        elif self._icon is None:
            icon = self._icon = QSystemTrayIcon(self)
            icon.setContextMenu(self._menu)  # GNOME's extensions open nothing else
            icon.activated.connect(self._activated)
            icon.messageClicked.connect(self.message_clicked)
            self._paint()
            icon.show()

    def _remove(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _paint(self) -> None:
        if self._icon is None:
            return
        self._icon.setIcon(tray_icon(dark=_panel_is_dark(), unread=self._unread > 0))
        words = ngettext(
            "{count} unread conversation", "{count} unread conversations", self._unread
        ).format(count=self._unread)
        self._icon.setToolTip(f"Desktop Inbox\n{words}" if self._unread else "Desktop Inbox")

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            come_forward(self._window)

    def _build_menu(self) -> None:
        actions = self._context.actions
        actions.on("window.show", lambda: come_forward(self._window))
        actions.on("notifications.pause", self._turn_pause)
        self._show_pause()
        self._menu.addActions([actions["window.show"], actions["notifications.pause"]])
        self._menu.addSeparator()
        self._menu.addAction(actions["quit"])

    def _turn_pause(self) -> None:
        self._context.settings.notify = not self._context.settings.notify

    def _show_pause(self) -> None:
        pause = self._context.actions["notifications.pause"]
        pause.setChecked(not self._context.settings.notify)


def tray_icon(*, dark: bool, unread: bool) -> QIcon:
    """Return the program's outline in one colour, with a dot while something is unread."""
    icon = QIcon()
    for side in _SIDES:
        icon.addPixmap(_picture(side, _ON_DARK if dark else _ON_LIGHT, dot=unread))
    icon.setIsMask(sys.platform == "darwin" and not unread)  # macOS colours a mask by itself
    return icon


def _picture(side: int, colour: QColor, *, dot: bool) -> QPixmap:
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(0, 0, icons.render("inbox", size=QSize(side, side), colour=colour))
    if dot:
        radius = side * 0.2
        centre = QPointF(side - radius - 0.5, radius + 0.5)
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.setBrush(Qt.GlobalColor.black)
        rim = side / 16
        painter.drawEllipse(box.adjusted(-rim, -rim, rim, rim))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setBrush(_DOT)
        painter.drawEllipse(box)
    painter.end()
    return picture


def _panel_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _nothing() -> None:
    """What ends a subscription that has ended."""
