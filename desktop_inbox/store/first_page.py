"""The beginning of the list, for the first frame of the window: read by the driver alone.

These few rows do without SQLAlchemy (see `listed_rows`). What they hold is what
`conversations.rows` returns; a test holds the two together. Any thread.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from desktop_inbox.store import driver, listed_rows
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.lists import OWNER_ID, SORT_KEYS, sort_of

VERSION = 1  # of the tables that the statements below know; see `migrations`
ROWS = 40  # more than any screen shows

_IN_VIEW = {
    "inbox": "status = 'open'",
    "mine": f"status = 'open' AND assignee_id = {OWNER_ID}",
    "unassigned": "status = 'open' AND assignee_id IS NULL",
    "snoozed": "status = 'snoozed'",
    "closed": "status = 'closed'",
    "spam": "status = 'spam'",
}
_PAGE = (
    "SELECT id FROM conversation WHERE merged_into_id IS NULL"  # noqa: S608 - only constants
    f" AND {{in_view}} ORDER BY {{order}} LIMIT {ROWS}"
)


def read(path: Path, view: str, *, sort: str = "") -> list[ConversationRow] | None:
    """Return the first conversations of a view of the workspace at `path`, as it is sorted.

    None where there is nothing to show before the workspace was opened in full: there is none yet,
    it has no account or another shape, it cannot be read, or the view is not one of the simple
    ones. Whatever is wrong is left to that opening, which says so.
    """
    if view not in _IN_VIEW or not path.exists():
        return None
    try:
        with closing(driver.open_file(path, key=None, timeout_seconds=0)) as connection:
            connection.execute("PRAGMA query_only = ON")
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                return None
            if connection.execute("SELECT 1 FROM account LIMIT 1").fetchone() is None:
                return None
            page = _PAGE.format(in_view=_IN_VIEW[view], order=_order(view, sort))
            found = [key for (key,) in connection.execute(page)]
            by_id = listed_rows.read(connection, found)
            return [by_id[key] for key in found if key in by_id]
    except driver.MODULE.Error:
        return None


def _order(view: str, sort: str) -> str:
    key = SORT_KEYS[sort_of(view, sort)]
    newest = "conversation.last_at DESC, conversation.id DESC"
    return f"{key} DESC, {newest}" if key else newest
