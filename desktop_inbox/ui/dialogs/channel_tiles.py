"""The kinds of channel there are, one of them chosen. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QVBoxLayout, QWidget

from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.avatar import paint_badge
from desktop_inbox.ui.views.controls import PlainLabel

_COLUMNS = 3
_SHORT = {  # where it is long
    "twilio": "Twilio",
    "xmpp": "XMPP",
    "feed": N_("Feeds"),
    "mqtt": N_("Devices"),
}
_WORDS = {
    "email": N_("Gmail, Outlook, any IMAP"),
    "telegram": N_("Bot token"),
    "twilio": N_("SMS, WhatsApp, calls"),
    "messenger": N_("A Facebook page"),
    "instagram": N_("A professional account"),
    "matrix": N_("Element, any server"),
    "xmpp": N_("Jabber, any server"),
    "feed": N_("RSS of forums, reviews"),
    "mqtt": N_("Alarms by MQTT"),
    "phone": N_("Calls you write down"),
}


class Tile(QAbstractButton):
    """One kind of channel."""

    def __init__(self, theme: Theme, kind: str, title: str) -> None:
        super().__init__()
        self.kind = kind
        self._theme = theme
        words = _(_WORDS[kind]) if kind in _WORDS else ""
        column = QVBoxLayout(self)
        column.setContentsMargins(46, 10, 12, 10)
        column.setSpacing(1)
        column.addWidget(PlainLabel(title, kind="strong"))
        column.addWidget(PlainLabel(words, kind="small", wrap=True))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.px(58))
        self.setAccessibleName(f"{title}, {words}" if words else title)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.isChecked() or self.hasFocus()
        painter.setPen(self._theme.colour("accent" if marked else "line"))
        painter.setBrush(self._theme.colour("selection" if self.isChecked() else "panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        side = 24
        place = QRectF(12, (self.height() - side) / 2, side, side)
        paint_badge(painter, place, channel=self.kind)
        painter.end()


class ChannelTiles(QWidget):
    """Every kind this build knows; with `alone` only the chosen one, which stays."""

    picked = Signal(str)  # another kind than the chosen one

    def __init__(self, theme: Theme, *, chosen: str, alone: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(_("Channel"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(10)
        self.tiles: dict[str, Tile] = {}
        group = QButtonGroup(self)
        for info in CONNECTORS:
            if alone and info.kind != chosen:
                continue
            tile = Tile(theme, info.kind, _(_SHORT.get(info.kind, info.title)))
            tile.setChecked(info.kind == chosen)
            group.addButton(tile)
            grid.addWidget(tile, len(self.tiles) // _COLUMNS, len(self.tiles) % _COLUMNS)
            self.tiles[info.kind] = tile
            if info.kind != chosen:
                tile.clicked.connect(lambda _checked=False, kind=info.kind: self.picked.emit(kind))
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
