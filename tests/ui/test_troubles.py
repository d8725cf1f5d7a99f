"""A channel that needs a person says so once, and what it says leads to where it is mended."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.troubles import Troubles
from tests.support import builders
from tests.support.qt_waits import until


@pytest.mark.parametrize("cause", ["revoked", "sign_in"])
async def test_a_sign_in_that_is_refused_is_one_banner_that_leads_to_signing_in(
    qtbot: QtBot, context: AppContext, cause: str
) -> None:
    key = await context.write(builders.account)
    window = QWidget()
    qtbot.addWidget(window)
    accounts = Accounts(context)
    accounts.reload()
    await until(lambda: accounts.known)
    banners: list[Banner] = []
    cleared: list[str] = []
    asked: list[AccountRow] = []
    context.banner.connect(banners.append)
    context.banner_cleared.connect(cleared.append)
    Troubles(context, accounts, sign_in=asked.append, window=window)
    refused = AccountStatus(account_id=key, state=State.NEEDS_SIGN_IN, cause=cause, detail="400")
    for status in (refused, refused, refused):
        context.bridge.publish_status(status)
    await until(lambda: banners)
    accounts.changed.emit()
    assert len(banners) == 1
    assert banners[0].action_text == "Sign in again"
    assert banners[0].detail == "400"
    assert banners[0].action is not None
    banners[0].action()
    assert [row.id for row in asked] == [key]
    context.bridge.publish_status(AccountStatus(account_id=key, state=State.ONLINE))
    await until(lambda: cleared)
    assert cleared == [banners[0].key]
