"""What is read of a conversation is read of it alone, however much else there is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event

from desktop_inbox.services import tagging
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.thread_data import ThreadData, read_thread
from tests.support import builders
from tests.support.builders import Mail


def _fill(tx: Tx) -> int:
    """Two conversations of one customer, with a tag and something waiting in each."""
    builders.account(tx)
    keys = [builders.conversation(tx) for _each in range(2)]
    for key in keys:
        builders.message(tx, key, Mail(text="A bowl"), account_id=1)
    return keys[0]


async def test_opening_a_conversation_counts_nothing_and_reads_no_other_outbox(
    context: AppContext,
) -> None:
    key = await context.write(_fill)
    await context.write(lambda tx: tagging.create(tx, "Order", hue=10))
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement.lower())

    def read(conn: Connection) -> ThreadData | None:
        event.listen(conn, "before_cursor_execute", note)
        try:
            return read_thread(conn, key)
        finally:
            event.remove(conn, "before_cursor_execute", note)

    data = await context.read(read)
    assert data is not None
    assert [tag.name for tag in data.tags] == ["Order"]
    assert len(data.messages) == 1
    assert not [one for one in statements if "count(" in one], "numbers are the navigation's"
    (waiting,) = [one for one in statements if "from outbox" in one]
    assert "message.conversation_id = " in waiting
