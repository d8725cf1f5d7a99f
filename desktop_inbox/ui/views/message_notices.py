"""What a bubble says under its text, with buttons: pictures not fetched, a message not sent."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import message_words as words
from desktop_inbox.ui.views import outbox_words
from desktop_inbox.ui.views.controls import PlainLabel, link_button, tooltip


def fill(row: QHBoxLayout, actions: tuple[tuple[str, str], ...], acted: SignalInstance) -> None:
    """Put one link button per action into `row`, in place of what was there."""
    while row.count():
        item = row.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    for action, text in actions:
        press = link_button(text, clicked=partial(acted.emit, action))
        row.addWidget(press)
        press.show()  # its row would do so later, and is measured without it until then


# What a person may wish about a message's pictures, and whether for everything its sender writes.
PICTURES = {"pictures": False, "pictures-always": True}


class PicturesOffer(QWidget):
    """How many things from the web a message would load, and the two ways to see its pictures."""

    acted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = PlainLabel(kind="caption")
        self._once = link_button(_("Show pictures"), clicked=partial(self.acted.emit, "pictures"))
        self._always = link_button(
            _("Always from this sender"), clicked=partial(self.acted.emit, "pictures-always")
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        for part in (self._text, self._once, self._always):
            self._row.addWidget(part)
        self._row.addStretch(1)

    def show_count(self, count: int, *, sender: str) -> None:
        """Offer to show `count` things; `sender` is '' where nobody can be allowed for good."""
        self._text.setText(words.blocked(count))
        self._always.setVisible(bool(sender))
        self._always.setToolTip(tooltip(sender))
        self.setVisible(count > 0)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()


class Trouble(QWidget):
    """Why a message did not go out, in the server's words, and what to do about it."""

    acted = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = PlainLabel(wrap=True, parent=self)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QWidget(self)
        self._row = QHBoxLayout(self._buttons)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._shown: outbox_words.DeliveryWords | None = None
        self.hide()

    def show_state(self, state: outbox_words.DeliveryWords | None) -> bool:
        wanted = state if state is not None and state.detail else None
        if wanted == self._shown:
            return False
        self._shown = wanted
        self.setVisible(wanted is not None)
        if wanted is not None:
            colour = self._theme.colour(wanted.tone).name()
            self._text.setText(wanted.detail)
            self._text.setStyleSheet(f"color: {colour};")
            fill(self._row, wanted.actions, self.acted)
            self._row.addStretch(1)
        return True

    def measure(self, width: int) -> QSize:
        height = self._text.heightForWidth(width)
        if self._shown is not None and self._shown.actions:
            height += 4 + self._buttons.sizeHint().height()
        lines = self._text.text().splitlines()
        metrics = QFontMetrics(self._text.font())
        natural = max((metrics.horizontalAdvance(line) for line in lines), default=0) + 4
        return QSize(min(width, max(natural, self._buttons.sizeHint().width())), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        height = self._text.heightForWidth(self.width())
        self._text.setGeometry(0, 0, self.width(), height)
        self._buttons.setGeometry(0, height + 4, self.width(), self._buttons.sizeHint().height())
