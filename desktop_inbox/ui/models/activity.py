"""What was done in the workspace as a list model, a sentence for every action. UI thread only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt

from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _
from desktop_inbox.store import activity
from desktop_inbox.store.activity import ActivityRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import PagedModel
from desktop_inbox.ui.views import activity_words
from desktop_inbox.ui.views.controls import tooltip
from desktop_inbox.ui.views.event_words import Names
from desktop_inbox.ui.views.formats import absolute, moment


class ActivityModel(PagedModel[ActivityRow]):
    """The actions, newest first; follows what is done meanwhile."""

    def __init__(self, context: AppContext, names: Names, parent: QObject | None = None) -> None:
        super().__init__(context, read_ids=activity.ids, read_rows=activity.rows, parent=parent)
        self.names = names
        context.bridge.changed.connect(self._follow)

    def _follow(self, changes: Changes) -> None:
        if changes:
            self.touch_all()

    def told(self, row: ActivityRow) -> str:
        """Return what was done."""
        return activity_words.describe(row, names=self.names, now=utc_now())

    def words(self, number: int, role: int) -> object:
        row = self.peek(self.ids[number])
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(absolute(row.at)) if row else None
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return self._sentence(row) if row else _("Loading…")
        return None

    def _sentence(self, row: ActivityRow) -> str:
        parts = [self.told(row), activity_words.about(row), moment(row.at, now=utc_now())]
        if row.undone:
            parts.append(_("Taken back"))
        return ", ".join(filter(None, parts))


def read_names(conn: Any) -> Names:
    """Return what uids in events are called. On a reader thread."""
    from desktop_inbox.store import agents, tags

    people = agents.list_all(conn)
    return Names(
        tags={tag.uid: tag.name for tag in tags.list_all(conn)},
        agents={one.uid: one.name for one in people},
        me=people[0].name if len(people) > 1 else "",
        my_uid=people[0].uid,
    )
