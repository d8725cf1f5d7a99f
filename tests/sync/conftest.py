"""A workspace behind a scripted service, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox.store.workspace import Workspace
from tests.support.engine_room import Room
from tests.support.post import Post
from tests.support.scripted_chat import chat_room as chat_room


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Return an empty workspace."""
    opened = Room.open(tmp_path / "data")
    yield opened
    opened.workspace.close()


@pytest.fixture
def post(room: Room) -> Post:
    """Return who brings mail into the empty workspace."""
    return Post(room)
