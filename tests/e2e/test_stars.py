"""Stars and flags are one thing, here and in a real mailbox that others read too."""

from __future__ import annotations

from desktop_inbox.services import conversations as actions
from tests.connectors.mailbox_desk import message
from tests.support.desk import Desk


def _store(desk: Desk, uid: int, change: str) -> None:
    client = desk.mailbox.imap()
    client.select("INBOX")
    client.uid("STORE", str(uid), change, "(\\Flagged)")
    client.logout()


def _starred(desk: Desk) -> dict[str, bool]:
    return {row.subject: row.starred for row in desk.conversations()}


async def test_a_star_goes_to_the_server_and_a_flag_comes_from_it(desk: Desk) -> None:
    desk.mailbox.append(message(1), message(2))
    _store(desk, 2, "+FLAGS")
    await desk.add_account()
    await desk.sync()
    assert _starred(desk) == {"m1": False, "m2": True}

    rows = {row.subject: row.id for row in desk.conversations()}
    desk.write(lambda tx: actions.star(tx, [rows["m1"]]))  # no engine runs: we are offline
    _store(desk, 2, "-FLAGS")
    await desk.sync()
    assert desk.mailbox.uids(criterion="FLAGGED") == [1]
    assert _starred(desk) == {"m1": True, "m2": False}

    _store(desk, 1, "-FLAGS")
    await desk.sync()
    assert _starred(desk) == {"m1": False, "m2": False}
    await desk.sync()
    assert desk.mailbox.uids(criterion="FLAGGED") == []
