"""Why a connection did not come about is said in words, however the system put it."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

import pytest

from desktop_inbox.connectors.errors import TransientCause, TransientError
from desktop_inbox.connectors.system_words import system_words
from desktop_inbox.connectors.web import client
from tests.support.ports import free_ports

REFUSED = os.strerror(errno.ECONNREFUSED)


async def test_a_host_whose_every_address_refuses_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (port,) = free_ports(1)

    async def several(*_asked: object, **_how: object) -> list[tuple[object, ...]]:
        hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", several)
    with pytest.raises(TransientError) as failed:
        await client.get("http://shop.example/", plain=True)
    assert failed.value.detail == f"shop.example: {REFUSED}"
    assert failed.value.cause is TransientCause.NETWORK


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 9)"), REFUSED),
        (
            OSError("Multiple exceptions: [Errno 101] Connect call failed, [Errno 111] Connect …"),
            f"{os.strerror(101)}, {os.strerror(111)}",
        ),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not "),
        (OSError("the line is gone"), "the line is gone"),
        (ConnectionResetError(), "ConnectionResetError"),
    ],
)
def test_numbers_and_addresses_are_left_out(error: OSError, words: str) -> None:
    assert system_words(error).startswith(words)
