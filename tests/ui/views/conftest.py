"""A thread view that knows the scripted messaging channels, and an editor by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from pytestqt.qtbot import QtBot

from desktop_inbox import connectors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.scripted_chat import INFOS
from tests.support.scripted_chat import chat_room as chat_room
from tests.ui.views.talk import Talk, begin_talk
from tests.ui.views.ways_desk import HOUR, Begin, Desk


@pytest_asyncio.fixture
async def chat_view(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ThreadView]:
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
    shown = ThreadView(context)
    qtbot.addWidget(shown)
    shown.resize(620, 1400)
    shown.show()
    yield shown
    shown.close_desk()


@pytest.fixture
def editor(qtbot: QtBot, theme: Theme) -> ComposerEditor:
    """Where the composer's text is written, alone."""
    editor = ComposerEditor(theme)
    qtbot.addWidget(editor)
    editor.resize(480, 200)
    editor.show()
    return editor


@pytest_asyncio.fixture
async def talk(chat_view: ThreadView, context: AppContext) -> Talk:
    """A chat whose service knows everything."""
    return await begin_talk(context, chat_view, "talk")


@pytest_asyncio.fixture
async def desk(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Begin]:
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, *INFOS.values()))
    made: list[Desk] = []

    async def begin(*, written: timedelta = HOUR) -> Desk:
        one = Desk(context)
        made.append(one)
        await one.set_up(written=written)
        one.open(qtbot)
        await one.show()
        return one

    yield begin
    for one in made:
        one.view.close_desk()
