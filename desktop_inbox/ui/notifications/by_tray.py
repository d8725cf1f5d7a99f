"""Notifications by the icon in the tray, where the system has no other way for them."""

from __future__ import annotations

from itertools import count

from desktop_inbox.ui.notifications.shower import OPEN, Ability, Card, OnAction
from desktop_inbox.ui.tray import Tray


class ByTray:
    """A title and a body that can be clicked; buttons, and taking one back, are not known here."""

    def __init__(self, tray: Tray, on_action: OnAction) -> None:
        self._tray = tray
        self._on_action = on_action
        self._numbers = count(1)
        self._last = 0
        tray.message_clicked.connect(self._clicked)

    async def show(self, card: Card, *, replaces: int = 0) -> int:
        """See `Shower.show`."""
        if not self._tray.show_message(card.title, card.body):
            return 0
        self._last = next(self._numbers)
        return self._last

    async def withdraw(self, number: int) -> None:
        """See `Shower.withdraw`."""
        if number == self._last:
            self._last = 0

    async def ability(self) -> Ability:
        """See `Shower.ability`."""
        can = frozenset({"body"}) if self._tray.can_show_messages else frozenset[str]()
        return Ability(server=self._tray.name if can else "", can=can)

    async def stop(self) -> None:
        """See `Shower.stop`."""
        self._tray.message_clicked.disconnect(self._clicked)

    def _clicked(self) -> None:
        if self._last:
            self._on_action(self._last, OPEN, "")
