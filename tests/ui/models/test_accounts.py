"""The accounts of the window: what matters is told at once, progress a few times a second."""

from __future__ import annotations

import pytest_asyncio

from desktop_inbox.domain.changes import Changes
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.accounts import Accounts
from tests.support import builders
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def accounts(context: AppContext) -> Accounts:
    await context.write(builders.account)
    accounts = Accounts(context)
    accounts.reload()
    await until(lambda: accounts.rows)
    return accounts


def status(accounts: Accounts, state: State, *, done: int = 0) -> AccountStatus:
    return AccountStatus(account_id=accounts.rows[0].id, state=state, done=done, total=1000)


async def test_progress_is_told_a_few_times_a_second_and_the_last_is_not_lost(
    context: AppContext, accounts: Accounts
) -> None:
    told: list[int] = []
    accounts.changed.connect(lambda: told.append(accounts.statuses()[0][1].done))
    for done in range(1, 101):
        context.bridge.account_status.emit(status(accounts, State.CATCHING_UP, done=done))
    await until(lambda: told and told[-1] == 100)
    assert len(told) <= 3  # the state, the first progress, the last


async def test_another_state_is_told_at_once(context: AppContext, accounts: Accounts) -> None:
    told: list[State] = []
    accounts.changed.connect(lambda: told.append(accounts.statuses()[0][1].state))
    for state in (State.CONNECTING, State.CATCHING_UP, State.NEEDS_SIGN_IN):
        context.bridge.account_status.emit(status(accounts, state))
    assert told == [State.CONNECTING, State.CATCHING_UP, State.NEEDS_SIGN_IN]


async def test_a_burst_of_mail_reads_the_accounts_anew_once_or_twice(
    context: AppContext, accounts: Accounts
) -> None:
    reads: list[bool] = []
    reload = accounts._reload

    async def counting() -> None:
        reads.append(True)
        await reload()

    accounts._reload = counting  # type: ignore[method-assign]
    for key in range(50):
        context.bridge.changed.emit(Changes(conversations=frozenset({key})))
    await until(lambda: len(reads) == 2)
    assert not accounts._reloads.waiting
