"""A session bus of the test's own, with a notification server on it that a test looks into."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import (  # type: ignore[import-untyped]
    DBusConnection,
    DBusRouter,
    open_dbus_connection,
)

NAME = "org.freedesktop.Notifications"
_OBJECT = DBusAddress("/org/freedesktop/Notifications", interface=NAME)
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """Run a bus that starts no service by itself; yield its address, which the environment names.

    The test is skipped where dbus-daemon is not installed.
    """
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon is not installed")
    config = folder / "bus.conf"
    config.write_text(_CONFIG.format(socket=folder / "bus"))
    process = subprocess.Popen(
        [program, f"--config-file={config}", "--print-address=1", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    try:
        address = process.stdout.readline().decode().strip()
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
        yield address
    finally:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = before
        process.stdout.close()
        process.terminate()
        process.wait(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One notification as the server was asked for it."""

    number: int
    replaces: int
    title: str
    body: str
    actions: list[str]
    hints: dict[str, object]


@dataclass(slots=True)
class Server:
    """Answers what the specification says, from the loop of the test."""

    can: list[str] = field(default_factory=lambda: ["actions", "body", "body-markup", "sound"])
    silent: bool = False  # takes calls and never answers
    clicks: str = ""  # what somebody presses before the number of a notification is told
    shown: list[Shown] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    connection: Any = None
    _task: asyncio.Task[None] | None = None
    _last: int = 0

    async def start(self, *, name: str = NAME) -> None:
        """Take the name on the bus."""
        self.connection = await open_dbus_connection()
        async with DBusRouter(self.connection) as router:
            await router.send_and_get_reply(message_bus.RequestName(name))
        self._task = asyncio.get_running_loop().create_task(self._serve(self.connection))

    async def stop(self) -> None:
        """Leave the bus, as a desktop that crashes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self.connection.close()
            self._task = None

    async def invoke(self, number: int, action: str, *, token: str = "") -> None:
        """Click on a notification or one of its buttons."""
        if token:
            await self._signal("ActivationToken", "us", number, token)
        await self._signal("ActionInvoked", "us", number, action)

    async def dismiss(self, number: int) -> None:
        """Close a notification as a person does."""
        await self._signal("NotificationClosed", "uu", number, 2)

    @property
    def open(self) -> list[int]:
        """The numbers of those that are still shown."""
        gone = {*self.closed, *(one.replaces for one in self.shown if one.replaces != one.number)}
        return list(dict.fromkeys(one.number for one in self.shown if one.number not in gone))

    async def _signal(self, name: str, signature: str, *body: object) -> None:
        await self.connection.send(new_signal(_OBJECT, name, signature, body))

    async def _serve(self, connection: DBusConnection) -> None:
        while True:
            message = await connection.receive()
            if message.header.message_type is MessageType.method_call and not self.silent:
                answer = self._answer(message)
                if self.clicks and message.header.fields[HeaderFields.member] == "Notify":
                    await self.invoke(self.shown[-1].number, self.clicks)
                await connection.send(answer)

    def _answer(self, message: Any) -> Any:
        method = message.header.fields[HeaderFields.member]
        if method == "GetCapabilities":
            return new_method_return(message, "as", (self.can,))
        if method == "GetServerInformation":
            return new_method_return(message, "ssss", ("Pretend Shell", "Nobody", "4.2", "1.2"))
        if method == "CloseNotification":
            self.closed.append(message.body[0])
            return new_method_return(message)
        if method != "Notify":
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        _app, replaces, _icon, title, body, actions, hints, _timeout = message.body
        assert message.header.fields[HeaderFields.signature] == "susssasa{sv}i"
        self._last += 1
        number = replaces or self._last
        self.shown.append(
            Shown(
                number=number,
                replaces=replaces,
                title=title,
                body=body,
                actions=list(actions),
                hints={key: value for key, (_kind, value) in hints.items()},
            )
        )
        return new_method_return(message, "u", (number,))
