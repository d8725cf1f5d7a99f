"""Short-lived lines at the foot of the window, with Undo where there is one. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, icon_button, link_button

_TICK_MS = 250


class Toast(QFrame):
    """Floats above the foot of its parent; stays while the pointer is on it."""

    def __init__(self, context: AppContext, parent: QWidget, *, alone: bool = False) -> None:
        """One that stands `alone` shows only what it is given, and nothing of what others say."""
        super().__init__(parent)
        self._over = parent
        self.beside: QWidget | None = None  # stands at its left edge while it is shown
        self._notice: Notice | None = None
        self._left_ms = 0
        self.setObjectName("toast")
        self._text = PlainLabel()
        self._text.setObjectName("toastText")
        self._action = link_button("", clicked=self._act)
        self._action.setObjectName("toastAction")
        close = icon_button(context.theme, "x", _("Close this message"), clicked=self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 6, 4)
        row.setSpacing(12)
        row.addWidget(self._text)
        row.addWidget(self._action)
        row.addWidget(close)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(context.theme.colour("shadow"))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        parent.installEventFilter(self)
        if not alone:
            context.notice.connect(self.show_notice)
        context.notice_cleared.connect(self._cleared)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """What is shown."""
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        """Show a line in place of the one before."""
        self._notice = notice
        self._left_ms = round(notice.seconds * 1000)
        self._action.setText(notice.action_text)
        self._action.setVisible(notice.action is not None)
        self._draw()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, _told(notice))

    def dismiss(self) -> None:
        self._notice = None
        self._timer.stop()
        self.hide()

    def undo(self) -> bool:
        """Do what the line offers, if it still does."""
        if self._notice is None or self._notice.action is None:
            return False
        self._act()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _cleared(self, key: str) -> None:
        if self._notice is not None and self._notice.key == key:
            self.dismiss()

    def _act(self) -> None:
        notice = self._notice
        self.dismiss()
        if notice is not None and notice.action is not None:
            notice.action()

    def _tick(self) -> None:
        if self.underMouse() and not (self._notice and self._notice.countdown):
            return
        self._left_ms -= _TICK_MS
        if self._left_ms <= 0:
            self.dismiss()
        else:
            self._draw()

    def _draw(self) -> None:
        if self._notice is None:
            return
        text = self._notice.text
        if self._notice.countdown:
            text += f" · {-(-self._left_ms // 1000)} s"
        self._text.setText(text)
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        left = 12
        if self.beside is not None and self.beside.isVisible():
            edge = self.beside.mapTo(self._over, self.beside.rect().topLeft()).x()
            # Over what it stands beside, and never over what is written on its right.
            left = min(edge + 12, edge + self.beside.width() - self.width() - 8)
        room = self._over.width() - self.width() - 8
        self.move(max(8, min(left, room)), self._over.height() - self.height() - 40)


def _told(notice: Notice) -> str:
    """What is said of a line: what happened, and what it offers."""
    if notice.action is None:
        return notice.text
    return _("{what}, {offer} available").format(what=notice.text, offer=notice.action_text)
