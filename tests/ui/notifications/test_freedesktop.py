"""Notifications over a real session bus, to a server of the test's own."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.notifications.shower import CLOSED, OPEN, Card

if sys.platform != "linux":
    pytest.skip("D-Bus is for freedesktop.org desktops", allow_module_level=True)

from desktop_inbox.ui.notifications import bus
from desktop_inbox.ui.notifications.freedesktop import Freedesktop
from tests.support.notification_server import NAME, Server, session_bus
from tests.support.qt_waits import until

CARD = Card(
    title="Mina Okafor",
    body="Glaze & <kiln>\nIs it in stock?",
    actions=(("reply", "Reply"), ("close", "Close conversation")),
    category="email.arrived",
    sound=True,
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


@pytest_asyncio.fixture
async def server(qtbot: QtBot, session: str) -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


Acted = list[tuple[int, str, str]]


@pytest.fixture
def acted() -> Acted:
    return []


@pytest_asyncio.fixture
async def shower(qtbot: QtBot, acted: Acted) -> AsyncIterator[Freedesktop]:
    shower = Freedesktop(lambda *done: acted.append(done))
    yield shower
    await shower.stop()


async def test_a_card_is_shown_with_all_the_server_can(server: Server, shower: Freedesktop) -> None:
    number = await shower.show(CARD)
    (shown,) = server.shown
    assert number == shown.number
    assert shown.title == "Mina Okafor"
    assert shown.body == "Glaze &amp; &lt;kiln&gt;\nIs it in stock?"
    assert shown.actions == [OPEN, "", "reply", "Reply", "close", "Close conversation"]
    assert shown.hints == {
        "desktop-entry": "desktop-inbox",
        "urgency": 1,
        "category": "email.arrived",
        "sound-name": "message-new-instant",
    }


async def test_what_the_server_cannot_do_is_not_asked_of_it(
    server: Server, shower: Freedesktop
) -> None:
    server.can = ["body"]
    await shower.show(CARD)
    (shown,) = server.shown
    assert shown.actions == []
    assert shown.body == CARD.body  # no markup, so nothing to escape
    assert shown.hints["suppress-sound"] is True


async def test_a_card_takes_the_place_of_another_and_is_taken_back(
    server: Server, shower: Freedesktop
) -> None:
    first = await shower.show(CARD)
    assert await shower.show(CARD, replaces=first) == first
    assert server.shown[-1].replaces == first
    await shower.withdraw(first)
    assert server.closed == [first]


async def test_a_button_comes_back_with_the_token_to_come_forward(
    server: Server, shower: Freedesktop, acted: Acted
) -> None:
    number = await shower.show(CARD)
    await server.invoke(number, "reply", token="gnome-shell-42")
    await server.invoke(number, OPEN)
    await server.dismiss(number)
    await until(lambda: len(acted) == 3)
    assert acted == [(number, "reply", "gnome-shell-42"), (number, OPEN, ""), (number, CLOSED, "")]


async def test_signals_of_others_are_not_believed(
    server: Server, shower: Freedesktop, acted: Acted
) -> None:
    number = await shower.show(CARD)
    stranger = Server()
    await stranger.start(name="org.example.Stranger")
    await stranger.invoke(number, "close")
    await server.invoke(number, "reply")
    await until(lambda: bool(acted))
    assert acted == [(number, "reply", "")]
    await stranger.stop()


async def test_the_test_button_hears_who_shows_them(server: Server, shower: Freedesktop) -> None:
    ability = await shower.ability()
    assert ability.server == "Pretend Shell 4.2"
    assert ability.can >= {"actions", "body"}


async def test_a_server_that_was_started_again_is_found_again(
    server: Server, shower: Freedesktop, acted: Acted
) -> None:
    first = await shower.show(CARD)
    await server.stop()
    assert await shower.show(CARD) == 0
    again = Server()
    await again.start()
    number = await shower.show(CARD, replaces=first)
    assert number
    await again.invoke(number, "reply")
    await until(lambda: bool(acted))
    await again.stop()


async def test_a_bus_without_a_server_shows_nothing_and_says_why(
    session: str, shower: Freedesktop
) -> None:
    assert await shower.show(CARD) == 0
    ability = await shower.ability()
    assert ability.server == ""
    assert NAME in ability.problem


@pytest.mark.parametrize("address", ["disabled:", "unix:path=/nowhere/bus", "tcp:host=x", "", "?"])
async def test_no_bus_at_all_shows_nothing(
    shower: Freedesktop, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert await shower.show(CARD) == 0
    assert (await shower.ability()).problem


async def test_a_server_that_never_answers_holds_nothing_up(
    server: Server, shower: Freedesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "ANSWER_SECONDS", 0.2)
    server.silent = True
    began = time.monotonic()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    assert await shower.show(CARD) == 0
    ticking.cancel()
    assert time.monotonic() - began < 2
    assert ticks > 1  # the window went on meanwhile, on however busy a machine


async def test_a_bus_that_never_says_hello_holds_nothing_up(
    shower: Freedesktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bus, "ANSWER_SECONDS", 0.2)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'deaf'}")
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        deaf.listen()
        assert await shower.show(CARD) == 0


async def test_a_connection_that_breaks_is_made_anew(server: Server, shower: Freedesktop) -> None:
    await shower.show(CARD)
    held = shower._bus
    assert held is not None
    held._connection.writer.transport.abort()
    await until(lambda: not held.is_open)
    assert await shower.show(CARD)
    assert shower._bus is not held
