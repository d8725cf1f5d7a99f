"""The lists that the navigation offers are asked for before somebody opens them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conditions import Field, Group, Operator, Test
from desktop_inbox.services import saved_views
from desktop_inbox.store import conversations, questions
from desktop_inbox.store.database import Tx
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of
from desktop_inbox.ui import lists_ahead
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.lists_ahead import ListsAhead
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.models.paged import FIRST_IDS
from desktop_inbox.ui.views.navigation import VIEWS, Navigation
from desktop_inbox.ui.views.view_choice import ViewChoice, keep_sort
from tests.support import builders
from tests.support.qt_waits import until

URGENT = Group(members=(Test(field=Field.PRIORITY, operator=Operator.IS, value="urgent"),))
OFFERED = {
    *(
        ListQuery(view=view, sort=sort_of(view))
        for view, _words, _icon in VIEWS
        if view != "closed"
    ),
    ListQuery(view="closed", sort="priority"),
    ListQuery(account_id=1, sort="newest"),
    ListQuery(view=SAVED, saved_id=1, sort="newest"),
}


async def test_each_list_is_asked_for_once_and_opens_without_compiling_anything(
    qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ListQuery] = []
    threads: set[threading.Thread] = set()
    read = conversations.ids

    def recorded(conn: Any, query: ListQuery, **more: Any) -> Any:
        threads.add(threading.current_thread())
        found = read(conn, query, **more)
        asked.append(query)
        return found

    def fill(tx: Tx) -> None:
        builders.fill(tx, conversation_count=5, messages_each=1)
        saved_views.create(tx, name="Urgent", condition=URGENT)

    monkeypatch.setattr(conversations, "ids", recorded)
    monkeypatch.setattr(lists_ahead, "_CALM_MS", 0)
    monkeypatch.setattr(lists_ahead, "_PAUSE_MS", 0)
    await context.write(fill)
    keep_sort(context.settings, ViewChoice(view="closed"), "priority")
    accounts = Accounts(context)
    navigation = Navigation(context, accounts)
    qtbot.addWidget(navigation)
    accounts.reload()
    await until(lambda: len(navigation.offered()) == len(OFFERED))
    ListsAhead(context, navigation)
    await until(lambda: len(asked) == len(OFFERED))
    assert set(asked) == OFFERED
    assert threading.main_thread() not in threads

    def open_all(conn: Any) -> None:
        for query in OFFERED:
            read(conn, query, limit=FIRST_IDS)

    monkeypatch.setattr(questions, "_form_of", _refuse)
    await context.read(open_all)


def _refuse(*_told: Any, **_more: Any) -> Any:
    raise AssertionError("compiled")
