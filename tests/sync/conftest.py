"""A workspace behind a scripted service, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox import connectors
from tests.support.engine_room import Room
from tests.support.scripted_chat import INFOS, ChatRoom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Return an empty workspace."""
    opened = Room.open(tmp_path / "data")
    yield opened
    opened.workspace.close()


@pytest.fixture
def chat_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatRoom]:
    """Return an empty workspace that knows the scripted messaging channels as well."""
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
    opened = ChatRoom.open(tmp_path / "data")
    assert isinstance(opened, ChatRoom)
    yield opened
    opened.workspace.close()
