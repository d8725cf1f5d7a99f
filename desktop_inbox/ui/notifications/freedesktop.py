"""Notifications as freedesktop.org desktops show them: GNOME, KDE, Xfce and their like.

Follows the Desktop Notifications Specification 1.2. What the server cannot do is not asked of it.
"""

from __future__ import annotations

import logging
from html import escape
from typing import Any

from jeepney import DBusAddress  # type: ignore[import-untyped]

from desktop_inbox.paths import resources
from desktop_inbox.ui.notifications.bus import Bus, BusError
from desktop_inbox.ui.notifications.shower import CLOSED, OPEN, Ability, Card, OnAction

logger = logging.getLogger(__name__)

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_SERVER = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
_APP = "Desktop Inbox"
_NORMAL, _CRITICAL = 1, 2
_AS_THE_SERVER_LIKES = -1


class Freedesktop:
    """The notification server of this session, asked for when there is something to show."""

    def __init__(self, on_action: OnAction, *, window_id: str = "desktop-inbox") -> None:
        self._on_action = on_action
        self._window_id = window_id  # the name of the .desktop file
        self._bus: Bus | None = None
        self._sender = ""  # of the server; others may send signals too
        self._can: frozenset[str] = frozenset()
        self._tokens: dict[int, str] = {}

    async def show(self, card: Card, *, replaces: int = 0) -> int:
        """See `Shower.show`."""
        try:
            bus = await self._connected()
            body = escape(card.body, quote=False) if "body-markup" in self._can else card.body
            sender, answer = await bus.call(
                _SERVER,
                "Notify",
                "susssasa{sv}i",
                _APP,
                replaces,
                self._icon,
                card.title,
                body if "body" in self._can else "",
                self._actions(card),
                self._hints(card),
                _AS_THE_SERVER_LIKES,
            )
            if sender != self._sender:  # it was started again, or another took its place
                await self._meet(bus)
        except BusError as error:
            logger.info("no notification: %s", error)
            return 0
        return int(answer[0]) if answer and isinstance(answer[0], int) else 0

    async def withdraw(self, number: int) -> None:
        """See `Shower.withdraw`."""
        self._tokens.pop(number, None)
        if self._bus is None or not self._bus.is_open:
            return  # a server that is gone has taken them along
        try:
            await self._bus.call(_SERVER, "CloseNotification", "u", number)
        except BusError as error:
            logger.info("a notification was not taken back: %s", error)

    async def ability(self) -> Ability:
        """See `Shower.ability`."""
        try:
            bus = await self._connected()
            _sender, (name, _vendor, version, *_rest) = await bus.call(
                _SERVER, "GetServerInformation"
            )
        except (BusError, ValueError) as error:
            return Ability(problem=str(error))
        return Ability(server=f"{name} {version}".strip(), can=self._can)

    async def stop(self) -> None:
        """See `Shower.stop`."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    async def _connected(self) -> Bus:
        if self._bus is not None and self._bus.is_open:
            return self._bus
        await self.stop()
        bus = await Bus.open(self._heard)
        try:
            await bus.hear(interface=_NAME, path=_PATH)
            await self._meet(bus)
        except BusError:
            await bus.close()
            raise
        self._bus = bus
        return bus

    async def _meet(self, bus: Bus) -> None:
        """Learn who the server is and what it can do. *Raises:* BusError."""
        sender, answer = await bus.call(_SERVER, "GetCapabilities")
        if len(answer) != 1 or not isinstance(answer[0], list):
            raise BusError("the server says nothing of what it can do")
        self._sender, self._can = sender, frozenset(map(str, answer[0]))

    def _actions(self, card: Card) -> list[str]:
        if "actions" not in self._can:
            return []
        return [text for pair in ((OPEN, ""), *card.actions) for text in pair]

    def _hints(self, card: Card) -> dict[str, tuple[str, Any]]:
        hints: dict[str, tuple[str, Any]] = {
            "desktop-entry": ("s", self._window_id),
            "urgency": ("y", _CRITICAL if card.urgent else _NORMAL),
        }
        if card.category:
            hints["category"] = ("s", card.category)
        if card.sound and "sound" in self._can:
            hints["sound-name"] = ("s", "message-new-instant")
        else:
            hints["suppress-sound"] = ("b", True)
        return hints

    @property
    def _icon(self) -> str:
        return (resources() / "icons" / "app.svg").as_uri()

    def _heard(self, sender: str, name: str, body: tuple[Any, ...]) -> None:
        if sender != self._sender or not body or not isinstance(body[0], int):
            return
        number = body[0]
        if name == "ActivationToken" and len(body) > 1:
            self._tokens[number] = str(body[1])
        elif name == "ActionInvoked" and len(body) > 1:
            self._on_action(number, str(body[1]), self._tokens.pop(number, ""))
        elif name == "NotificationClosed":
            self._tokens.pop(number, None)
            self._on_action(number, CLOSED, "")
