"""The bar above the panes: what went wrong, in words, with the one thing to do about it.

Never modal. UI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button, link_button, restyle

_ICONS = {"bad": "circle-alert", "warn": "triangle-alert", "accent": "info"}


class MessageBar(QFrame):
    """Shows the latest banner; earlier ones come back when it is closed."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._banners: list[Banner] = []
        self.setObjectName("messageBar")
        self._icon = QLabel()
        self._text = PlainLabel(wrap=True)
        self._detail = PlainLabel(kind="caption", wrap=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = link_button(_("Copy details"), clicked=self._copy_detail)
        self._action = button("", clicked=self._act)
        self._other = button("", kind="ghost", clicked=self._act_otherwise)
        self._close = icon_button(
            context.theme, "x", _("Close this message"), clicked=self._close_current
        )
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._copy)
        row.addWidget(self._other)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()
        context.banner.connect(self.show_banner)
        context.banner_cleared.connect(self.clear)
        context.theme.changed.connect(self._draw)

    @property
    def current(self) -> Banner | None:
        """The banner that is shown."""
        return self._banners[-1] if self._banners else None

    def show_banner(self, banner: Banner) -> None:
        """Show a banner; one with the same key is replaced."""
        if banner.key:
            self._banners = [kept for kept in self._banners if kept.key != banner.key]
        self._banners.append(banner)
        self._draw()
        announce(self, banner.text)

    def clear(self, key: str) -> None:
        """Take back the banner with this key, if it is still there."""
        self._banners = [kept for kept in self._banners if kept.key != key]
        self._draw()

    def _draw(self) -> None:
        banner = self.current
        self.setVisible(banner is not None)
        if banner is None:
            return
        restyle(self, tone=banner.tone)
        icon = self._context.icon(_ICONS[banner.tone], colour=banner.tone)
        self._icon.setPixmap(icon.pixmap(QSize(18, 18), self.devicePixelRatioF()))
        self._text.setText(banner.text)
        self._detail.setText(banner.detail[:500])
        self._detail.setVisible(bool(banner.detail))
        self._copy.setVisible(bool(banner.detail))
        self._action.setText(banner.action_text)
        self._action.setVisible(banner.action is not None)
        self._other.setText(banner.other_text)
        self._other.setVisible(banner.other is not None)
        self.setAccessibleName(banner.text)

    def _copy_detail(self) -> None:
        if self.current is not None:
            QGuiApplication.clipboard().setText(f"{self.current.text}\n{self.current.detail}")

    def _act(self) -> None:
        banner = self.current
        self._close_current()
        if banner is not None and banner.action is not None:
            banner.action()

    def _act_otherwise(self) -> None:
        banner = self.current
        self._close_current()
        if banner is not None and banner.other is not None:
            banner.other()

    def _close_current(self) -> None:
        if self._banners:
            closed = self._banners.pop()
            if closed.key:  # another window may show it, too
                self._context.banner_cleared.emit(closed.key)
        self._draw()
