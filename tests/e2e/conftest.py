"""A real Dovecot, a real SMTP server, and a desk that answers customers through them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_inbox.settings import Settings
from desktop_inbox.sync.engine_thread import EngineThread
from desktop_inbox.ui import application
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.instance import SingleInstance
from desktop_inbox.ui.main_window import MainWindow
from tests.support.desk import Desk
from tests.support.dovecot import Dovecot, Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.qt_waits import until
from tests.support.smtp_server import SmtpServer, _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401


@pytest.fixture
def desk(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> Iterator[Desk]:  # noqa: F811
    """A workspace for one test, whose mailbox is still empty."""
    desk = Desk.open(tmp_path / "workspace", dovecot.mailbox("shop"), smtp_server)
    yield desk
    desk.close()


@pytest.fixture
async def window(qtbot: QtBot, desk: Desk, customer: Mailbox) -> AsyncIterator[MainWindow]:
    """The program as it starts, on an account that has never been synced."""
    await desk.add_account()
    async with started(desk) as window:
        yield window


@asynccontextmanager
async def started(desk: Desk) -> AsyncIterator[MainWindow]:
    """Start the program on a desk, and end it in an orderly way."""
    settings = Settings()
    settings.undo_send_seconds = 1
    engine = EngineThread(desk.engine())
    application.create_application(settings)
    context = AppContext(
        workspace=None,
        engine=None,
        settings=settings,
        secrets=desk.secrets,
        theme=application._theme(settings),
    )
    context.tasks.hold()
    window = MainWindow(context)
    context.theme.apply()
    window.show()
    complete: asyncio.Future[EngineThread | None] = asyncio.get_running_loop().create_future()
    session = asyncio.create_task(
        application._session(
            window,
            SingleInstance(str(desk.workspace.data_dir)),
            context,
            lambda: (desk.workspace, engine),
            on_ready=lambda _window, its: complete.set_result(its),
            on_sample=None,
        )
    )
    waited: set[asyncio.Future[Any]] = {session, complete}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if session.done():
        session.result()  # what kept the window from being completed
    assert complete.result() is engine
    window.resize(1440, 900)
    window.activateWindow()
    await until(window.isActiveWindow)
    await asyncio.to_thread(engine.start)
    yield window
    window.close()
    await session
    await asyncio.to_thread(engine.stop)
