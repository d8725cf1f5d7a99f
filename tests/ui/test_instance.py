"""One window per workspace: what a second start hands over, and what knocks besides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop_inbox.ui import instance
from desktop_inbox.ui.instance import Request, SingleInstance, decode, encode

LINK = "mailto:mina@orders.example?subject=Kâse&body=a%0Ab"


class Window:
    """The first start, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = SingleInstance(str(folder))
        assert self.instance.claim()
        self.asked: list[Request] = []
        self.instance.asked.connect(self.asked.append)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    window = Window(tmp_path)
    yield window
    window.instance.close()


def knock(window: Window, *pieces: bytes) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(window.instance._name)
    assert socket.waitForConnected(1000)
    for piece in pieces:
        socket.write(piece)
        socket.waitForBytesWritten(1000)
    return socket


@pytest.mark.parametrize("request_", [Request(), Request(mailto=LINK, token="wayland-7")])
def test_a_second_start_hands_over_what_it_was_started_for(
    qtbot: QtBot, window: Window, request_: Request
) -> None:
    second = SingleInstance(str(window.folder))
    assert not second.claim(request_)
    qtbot.waitUntil(lambda: window.asked == [request_])


def test_a_link_as_long_as_a_command_line_arrives_whole(qtbot: QtBot, window: Window) -> None:
    long = Request(mailto="mailto:?body=" + "ğ" * 60_000)
    assert not SingleInstance(str(window.folder)).claim(long)
    qtbot.waitUntil(lambda: window.asked == [long])


def test_several_starts_at_once_are_all_heard(qtbot: QtBot, window: Window) -> None:
    starts = [Request(mailto=f"mailto:{number}@a.example") for number in range(5)]
    for one in starts:
        assert not SingleInstance(str(window.folder)).claim(one)
    qtbot.waitUntil(lambda: sorted(window.asked, key=repr) == sorted(starts, key=repr))


def test_a_request_in_pieces_is_put_together(qtbot: QtBot, window: Window) -> None:
    line = encode(Request(mailto=LINK))
    socket = knock(window, line[:5])
    qtbot.wait(20)
    socket.write(line[5:])
    qtbot.waitUntil(lambda: window.asked == [Request(mailto=LINK)])


@pytest.mark.parametrize(
    "noise",
    [b"raise\n", b"GET / HTTP/1.1\r\n\r\n", b"{}x\n", b"[]\n", b'{"mailto": 7}\n', b"\xff\n", b""],
)
def test_noise_is_not_taken_for_a_start(qtbot: QtBot, window: Window, noise: bytes) -> None:
    socket = knock(window, noise)
    socket.disconnectFromServer()
    assert not SingleInstance(str(window.folder)).claim(Request(token="after"))
    qtbot.waitUntil(lambda: window.asked == [Request(token="after")])


def test_whoever_never_ends_its_line_is_let_go(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_MOST_BYTES", 1000)
    monkeypatch.setattr(instance, "_READ_MS", 100)
    flood, silent = knock(window, b"x" * 5000), knock(window)
    gone = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: flood.state() == gone and silent.state() == gone)
    assert window.asked == []


def test_half_a_character_of_a_command_line_is_replaced() -> None:
    assert decode(encode(Request(mailto="mailto:\udcff"))) == Request(mailto="mailto:?")


def test_a_newer_start_that_says_more_is_understood(qtbot: QtBot) -> None:
    assert decode(b'{"mailto": "mailto:a@b.example", "urgent": true}\n') == Request(
        mailto="mailto:a@b.example"
    )


@given(st.builds(Request, mailto=st.text(), token=st.text()))
def test_what_is_encoded_is_decoded(request_: Request) -> None:
    line = encode(request_)
    assert line.count(b"\n") == 1
    assert decode(line) == request_


@given(st.binary(max_size=200))
def test_no_line_is_too_strange(line: bytes) -> None:
    assert decode(line) is None or isinstance(decode(line), Request)
