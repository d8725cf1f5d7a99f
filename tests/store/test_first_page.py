"""The rows that the driver reads for the first frame are those that the list shows afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.services import conversations as acts
from desktop_inbox.services import drafts, joining
from desktop_inbox.store import DATABASE_NAME, conversations, driver, first_page, migrations
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.lists import SORT_KEYS, ListQuery
from tests.store.conftest import Store
from tests.support import builders

READ_EARLY = ("inbox", "mine", "unassigned", "snoozed", "closed", "spam")


def _shop(tx: Tx) -> None:
    """Something of everything that a row can show, in every view."""
    keys = builders.fill(tx, conversation_count=first_page.ROWS + 20, messages_each=2)
    acts.assign_to_me(tx, keys[:8])
    acts.tag(tx, keys[4:12], "wholesale")
    acts.tag(tx, keys[6:9], "Ärger")
    acts.set_priority(tx, keys[2:4], Priority.URGENT)
    acts.snooze(tx, keys[12:14], until=tx.now + timedelta(days=2), until_reply=False)
    acts.snooze(tx, keys[14:15], until=None, until_reply=True)
    acts.close(tx, keys[15:18])
    acts.set_status(tx, keys[18:20], Status.SPAM)
    joining.merge(tx, keys[20], keys[21])
    drafts.save(
        tx, drafts.DraftContent(conversation_id=keys[1], mode="reply", body="Begun,\n\n not sent.")
    )


def _listed(store: Store, view: str, sort: str) -> list[ConversationRow]:
    query = ListQuery(view=view, sort=sort)

    def read(conn: object) -> list[ConversationRow]:
        found, _next = conversations.page(conn, query, limit=first_page.ROWS)  # type: ignore[arg-type]
        return found

    return store.read(read)


@pytest.mark.parametrize(
    ("view", "sort"),
    [*((view, "") for view in READ_EARLY), *(("inbox", sort) for sort in SORT_KEYS)],
)
def test_the_rows_are_those_of_the_list(store: Store, view: str, sort: str) -> None:
    store.write(_shop)
    expected = _listed(store, view, sort)
    assert expected
    assert first_page.read(store.db.path, view, sort=sort) == expected


def test_the_shape_is_the_one_it_was_written_for() -> None:
    # Whoever adds a migration looks whether the statements still say the same.
    assert first_page.VERSION == migrations.VERSION


def test_an_empty_list_is_known_as_such_once_there_is_an_account(store: Store) -> None:
    assert first_page.read(store.db.path, "inbox") is None  # the welcome page is due
    store.write(builders.account)
    assert first_page.read(store.db.path, "inbox") == []


@pytest.mark.parametrize("view", ["drafts", "outbox", "due", "no such view"])
def test_other_views_wait_for_the_workspace(store: Store, view: str) -> None:
    store.write(_shop)
    assert first_page.read(store.db.path, view) is None


def test_where_there_is_no_workspace_none_is_made(tmp_path: Path) -> None:
    assert first_page.read(tmp_path / DATABASE_NAME, "inbox") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_what_is_no_database_is_left_to_the_full_opening(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / DATABASE_NAME
    path.write_bytes(content)
    assert first_page.read(path, "inbox") is None
    assert path.read_bytes() == content


def test_another_shape_is_left_to_the_full_opening(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    Database.open(path).close()
    connection = driver.open_file(path, key=None)
    connection.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    connection.close()
    assert first_page.read(path, "inbox") is None


def test_a_locked_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    Database.open(path).close()
    holder = driver.open_file(path, key=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert first_page.read(path, "inbox") is None
    finally:
        holder.close()
