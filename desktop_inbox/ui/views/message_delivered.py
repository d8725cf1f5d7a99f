"""Which of our addresses a mail reached, where it reached several (rule C4). UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.chips import Chip, ChipStyle
from desktop_inbox.ui.views.controls import PlainLabel, tooltip

_MOST = 3  # of a crowd of accounts; the rest stands in the tooltip


class DeliveredTo(QWidget):
    """A badge for each address; hidden while a mail reached one only."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._addresses: Sequence[str] = ()
        self.badges: list[Chip] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(5)
        self._row.addWidget(PlainLabel(_("Delivered to"), kind="caption"))
        self._row.addStretch(1)
        self.hide()

    def show_addresses(self, addresses: Sequence[str]) -> None:
        """Show these addresses."""
        if tuple(addresses) == tuple(self._addresses):
            return
        self._addresses = addresses
        for badge in self.badges:
            badge.hide()
            badge.deleteLater()
        shown = [visible(address) for address in addresses[:_MOST]]
        if len(addresses) > _MOST:
            shown.append(f"+{len(addresses) - _MOST}")
        self.badges = [Chip(self._theme, ChipStyle(text=text)) for text in shown]
        for badge in self.badges:
            self._row.insertWidget(self._row.count() - 1, badge)
        told = "\n".join(map(visible, addresses))
        self.setToolTip(tooltip(told))
        self.setAccessibleName(f"{_('Delivered to')} {', '.join(map(visible, addresses))}")
        self.setVisible(bool(addresses))
