"""The first page answers at once, also where what it opens takes its time."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs import welcome
from desktop_inbox.ui.dialogs.welcome import Welcome
from tests.support.qt_waits import until


async def test_the_sample_shop_is_asked_for_once_and_said_to_be_opening(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(welcome, "_OPENS_MS", 50)
    page = Welcome(context, with_sample=True)
    qtbot.addWidget(page)
    page.show()
    asked: list[None] = []
    page.sample_requested.connect(lambda: asked.append(None))
    offered = page.sample.text()
    page.sample.click()
    page.sample.click()
    assert len(asked) == 1
    assert page.sample.text() == "The sample shop is opening…"
    await until(page.sample.isEnabled)
    assert page.sample.text() == offered
