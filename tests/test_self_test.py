"""What the self-test of an installed copy says of its channels."""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from slixmpp.plugins import base as features

from desktop_inbox import self_test
from desktop_inbox.connectors import CONNECTORS
from desktop_inbox.sync import sound_reading
from desktop_inbox.sync.parse_protocol import SoundAnswer


@pytest.fixture
def knocked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every host that anything connects to, or asks the name of."""
    hosts: list[str] = []
    connect, find = socket.socket.connect, socket.getaddrinfo

    def connecting(one: socket.socket, address: Any) -> None:
        hosts.append(address[0])
        connect(one, address)

    def finding(host: str, *arguments: Any, **more: Any) -> Any:
        hosts.append(host)
        return find(host, *arguments, **more)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", finding)
    return hosts


def test_what_only_linux_gets_a_library_for_is_imported_there_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Path(self_test.__file__).parent
    linux = {
        ".".join(path.relative_to(here.parent).with_suffix("").parts)
        for path in here.rglob("*.py")
        if re.search(r"^(from|import) jeepney", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    monkeypatch.setattr(sys, "platform", "linux")
    everywhere = set(self_test._own_modules())
    monkeypatch.setattr(sys, "platform", "win32")
    assert everywhere - set(self_test._own_modules()) == linux
    assert linux


def test_every_channel_knocks_and_only_on_this_computer(tmp_path: Path, knocked: list[str]) -> None:
    told = self_test._channels(tmp_path)
    assert told.split(", ") == [info.kind for info in CONNECTORS]
    assert all(ipaddress.ip_address(host).is_loopback for host in knocked)
    silent = 1  # calls and visits are written down here
    assert len(knocked) >= len(CONNECTORS) - silent


def test_a_channel_without_its_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("desktop_inbox.connectors.mqtt.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with pytest.raises(RuntimeError, match=r"^mqtt: ModuleNotFoundError: .*paho\.mqtt\.client"):
        self_test._channels(tmp_path)


def test_so_is_one_that_lacks_what_is_loaded_by_name_while_it_connects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature = "feature_bind"
    monkeypatch.delitem(features.PLUGIN_REGISTRY, feature, raising=False)
    monkeypatch.setitem(sys.modules, f"slixmpp.features.{feature}", None)
    with pytest.raises(RuntimeError, match=rf"^xmpp: PluginNotFound: .*{feature}"):
        self_test._channels(tmp_path)


def test_a_voice_note_is_taken_apart_and_played_to_nobody(tmp_path: Path) -> None:
    assert self_test._sound(tmp_path) == "16000 Hz"


def test_a_copy_that_cannot_take_recordings_apart_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def without_library(_data: bytes, *, target: Path) -> SoundAnswer:
        return SoundAnswer("library")

    monkeypatch.setattr(sound_reading, "read", without_library)
    result = self_test._result("sound", self_test._sound)
    assert not result["ok"]
    assert result["detail"] == "RuntimeError: a voice note cannot be read: library"
