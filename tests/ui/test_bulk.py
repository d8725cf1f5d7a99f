"""Actions on many conversations: at once on the screen, in short transactions, one undo."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from bench import big_store
from desktop_inbox.secrets import MemorySecrets
from desktop_inbox.services import turns as turns_of
from desktop_inbox.settings import Settings
from desktop_inbox.store import conversations
from desktop_inbox.store.errors import DiskFull
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.ui import bulk
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext, Banner, Notice
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.view_choice import ViewChoice
from tests.support import builders
from tests.support.qt_waits import until

INBOX = ViewChoice(view="inbox", title="Inbox")


@pytest_asyncio.fixture
async def commands(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Commands]:
    """Commands on ninety conversations, in turns of forty."""
    await context.write(lambda tx: builders.fill(tx, conversation_count=90, messages_each=1))
    monkeypatch.setattr(bulk, "TURN", 40)
    window = QWidget()
    qtbot.addWidget(window)
    context.commands = Commands(context, window)
    yield context.commands


async def listed(context: AppContext, view: str) -> list[int]:
    return list(await context.read(lambda conn: conversations.ids(conn, ListQuery(view=view))))


async def test_what_takes_several_transactions_is_one_undo(
    commands: Commands, context: AppContext
) -> None:
    before = await listed(context, "inbox")
    commands.close(before)
    await commands.settle()
    assert await listed(context, "inbox") == []
    groups = await context.read(
        lambda conn: conn.scalar(text("SELECT count(DISTINCT group_uid) FROM event"))
    )
    assert groups == 1
    commands.undo()
    await until(lambda: context.actions["undo"] is not None)
    while await listed(context, "inbox") != before:
        await until(lambda: True)


async def test_one_that_cannot_be_changed_is_told_of_and_the_others_are_changed(
    commands: Commands, context: AppContext
) -> None:
    banners: list[Banner] = []
    notices: list[Notice] = []
    context.banner.connect(banners.append)
    context.notice.connect(notices.append)
    ids = await listed(context, "inbox")
    commands.close([*ids[:60], 9_999_999])
    await commands.settle()
    await until(lambda: banners)
    assert banners[0].text.startswith("1 conversation was not changed")
    assert "9999999" in banners[0].detail
    assert len(await listed(context, "closed")) == 60
    assert notices[-1].action_text == "Undo"


async def test_where_the_disk_fills_up_half_way_what_was_done_can_be_taken_back(
    commands: Commands, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0
    carry_out = turns_of.carry_out

    def full_at_the_second(*arguments: object, **named: object) -> object:
        nonlocal turns
        turns += 1
        if turns == 2:
            raise DiskFull(Path("workspace.db"))
        return carry_out(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "carry_out", full_at_the_second)
    banners: list[Banner] = []
    context.banner.connect(banners.append)
    before = await listed(context, "inbox")
    commands.close(before)
    await commands.settle()
    await until(lambda: banners)
    assert "disk is full" in banners[0].text
    assert len(await listed(context, "closed")) == 40
    commands.undo()
    while await listed(context, "inbox") != before:
        await until(lambda: True)


@pytest_asyncio.fixture
async def large(qtbot: QtBot, tmp_path: Path, theme: Theme) -> AsyncIterator[ConversationList]:
    """The list on some 5,500 open conversations, its commands joined as in the window."""
    big_store.build(tmp_path / "large", rows=10_000, seed=1)
    workspace = Workspace.open(tmp_path / "large")
    context = AppContext(
        workspace=workspace, engine=None, settings=Settings(), secrets=MemorySecrets(), theme=theme
    )
    context.bridge.listen(workspace.db.subscribe(context.bridge.publish))
    window = QWidget()
    qtbot.addWidget(window)
    context.commands = Commands(context, window)
    pane = ConversationList(context)
    context.commands.leaving.connect(lambda ids, _status: pane.model.leave(ids))
    context.commands.settled.connect(pane.model.stay)
    qtbot.addWidget(pane)
    pane.resize(344, 640)
    pane.show()
    pane.show_view(INBOX)
    await until(lambda: pane.model.whole and pane.model.rowCount() > 5_000)
    yield pane
    await context.commands.settle()
    context.bridge.close()
    await context.tasks.stop()
    workspace.close()


@pytest.mark.parametrize("every", [1, 2], ids=["in a row", "scattered"])
async def test_the_screen_answers_at_once_however_many_are_changed(
    large: ConversationList, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 4: a bulk action over 5,000 rows answers within 100 ms."""
    # What the store does then, in turns, is another matter.
    monkeypatch.setattr(bulk, "carry_out", lambda _tx, **_named: (None, []))
    context = large._context
    ids = list(large.model.ids[: 5_000 * every : every])[:5_000]
    rest = large.model.rowCount() - len(ids)
    began = time.perf_counter()
    context.commands.close(ids)
    answered = time.perf_counter() - began
    assert large.model.rowCount() == rest
    assert answered < 0.1, f"{answered * 1000:.0f} ms"


async def test_rows_that_left_too_early_come_back(
    commands: Commands, context: AppContext, qtbot: QtBot
) -> None:
    pane = ConversationList(context)
    qtbot.addWidget(pane)
    pane.show()
    pane.show_view(INBOX)
    await until(lambda: pane.model.rowCount() == 90)
    ids = list(pane.model.ids)
    pane.model.leave(ids[10:20])
    assert pane.model.rowCount() == 80
    pane.model.refresh()  # mail arrives meanwhile
    await until(lambda: not pane.model._refreshing and not pane.model._throttle.waiting)
    assert pane.model.rowCount() == 80
    pane.model.stay(ids[10:20])  # the store has not closed them after all
    await until(lambda: list(pane.model.ids) == ids)


async def test_a_star_is_told_as_it_is_given_and_as_it_is_taken_off(
    commands: Commands, context: AppContext
) -> None:
    told: list[Notice] = []
    context.notice.connect(told.append)
    some = await context.read(lambda conn: list(conversations.ids(conn, ListQuery()))[:2])
    for words in ("Marked with a star", "Star taken off"):
        commands.star(some)
        await until(lambda words=words: told and told[-1].text == words)  # type: ignore[misc]
