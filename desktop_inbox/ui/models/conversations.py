"""The conversations of one view as a list model, each with a sentence for screen readers.

Lives on the UI thread.
"""

from __future__ import annotations

from array import array
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QObject, Qt

from desktop_inbox.domain.states import Direction, Priority, Status
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import PagedModel
from desktop_inbox.ui.views import formats
from desktop_inbox.ui.views.channel_marks import named
from desktop_inbox.ui.views.controls import tooltip

if TYPE_CHECKING:
    from desktop_inbox.domain.changes import Changes
    from desktop_inbox.store.rows import DraftRow

# Priorities worth a word.
_LOUD = {Priority.URGENT: N_("Urgent"), Priority.HIGH: N_("High")}


def _ids(conn: Any, query: ListQuery, limit: int | None) -> array[int]:
    """Return the list's ids; a draft that begins a conversation stands there as minus its id."""
    from desktop_inbox.store import conversations, drafts

    found = conversations.ids(conn, query, limit=limit)
    if query.view == "drafts":
        loose = [-row.id for row in drafts.list_all(conn) if row.conversation_id is None]
        return array("q", loose) + found
    return found


def _rows(conn: Any, ids: list[int]) -> dict[int, ConversationRow]:
    from desktop_inbox.store import conversations, drafts

    rows = conversations.rows(conn, [key for key in ids if key > 0])
    for key in ids:
        draft = drafts.get(conn, -key) if key < 0 else None
        if draft is not None:
            rows[key] = _row_of_draft(draft, *_channel_of(conn, draft))
    return rows


def _channel_of(conn: Any, draft: DraftRow) -> tuple[str, str]:
    """Return the channel a new message leaves through, and what the service calls the chat."""
    from desktop_inbox.connectors.kinds import is_chat
    from desktop_inbox.store import accounts, chats

    account = accounts.row(conn, draft.account_id) if draft.account_id is not None else None
    if account is None or not is_chat(account.kind):
        return "email", ""
    form = draft.form or {}
    chat = chats.row(conn, chosen) if isinstance(chosen := form.get("chat"), int) else None
    return account.kind, chat.external_id if chat is not None else str(form.get("opens") or "")


def _row_of_draft(draft: DraftRow, channel: str, chat: str) -> ConversationRow:
    """Show a message that was begun, and belongs to no conversation yet, like a conversation."""
    names = ", ".join(person.name or person.address for person in draft.to)
    on = "" if channel == "email" else named(channel, chat)
    return ConversationRow(
        id=-draft.id,
        uid=draft.uid,
        subject=draft.subject or f"{on[:1].upper()}{on[1:]}",
        customer_id=None,
        customer_name=names or _("New message"),
        status=Status.OPEN,
        priority=Priority.NORMAL,
        assignee_id=None,
        assignee_name="",
        snoozed_until=None,
        snoozed_until_reply=False,
        channel=channel,
        chat=chat,
        account_id=draft.account_id,
        last_at=draft.updated_at,
        last_direction=Direction.NOTE,
        waiting_since=None,
        next_due_at=None,
        unread=0,
        message_count=0,
        has_attachment=bool(draft.attachments),
        failed=False,
        snippet="",
        draft_snippet=" ".join(draft.body.split())[:200] or _("(empty)"),
        tags=(),
    )


def _searched(query: object) -> str:
    return query.text if isinstance(query, ListQuery) else ""


def _with_hits(
    conn: Any, typed: str, rows: dict[int, ConversationRow]
) -> dict[int, ConversationRow]:
    from desktop_inbox.store import search_beside

    hits = search_beside.shown(conn, typed, rows)
    return {
        key: row._replace(snippet=hits[key].snippet, marks=hits[key].marks) if key in hits else row
        for key, row in rows.items()
    }


class ConversationsModel(PagedModel[ConversationRow]):
    """What the list shows. Follows the changes that the bridge reports."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(context, read_ids=_ids, read_rows=self._read_found, parent=parent)
        context.bridge.changed.connect(self._follow)

    def show(self, query: object) -> None:
        """Show another query; what a search shows of a row is read for each search anew."""
        if _searched(query) != _searched(self.query):
            self.forget_rows()
        super().show(query)

    def _read_found(self, conn: Any, ids: list[int]) -> dict[int, ConversationRow]:
        """Read rows; while somebody searches, each with the line that has the hit."""
        rows = _rows(conn, ids)
        typed = _searched(self.query)
        return _with_hits(conn, typed, rows) if typed else rows

    def _follow(self, changes: Changes) -> None:
        if changes.customers or changes.tags or changes.accounts:
            self.touch_all()
        elif changes.views:
            self.refresh()
        elif changes.conversations or changes.drafts or changes.outbox:
            self.touch(changes.conversations | {-key for key in changes.drafts})

    def belongs(self, row: ConversationRow) -> bool:
        query = self.query
        if not isinstance(query, ListQuery) or query.text:
            return True
        match query.view:
            case "inbox":
                return row.status is Status.OPEN
            case "mine":
                return row.status is Status.OPEN and row.assignee_id == query.agent_id
            case "unassigned":
                return row.status is Status.OPEN and row.assignee_id is None
            case "due":
                warned = row.warn_at or row.next_due_at
                stands = row.status in (Status.OPEN, Status.SNOOZED)
                return stands and warned is not None and warned <= utc_now()
            case "snoozed" | "closed" | "spam" | "trash":
                return row.status == query.view
            case _:
                return True

    def words(self, number: int, role: int) -> object:
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self.peek(self.ids[number])
            return tooltip(formats.absolute(row.last_at)) if row else None
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            row = self.peek(self.ids[number])
            return sentence(row, now=utc_now()) if row else _("Loading…")
        return None


def when(at: datetime, *, now: datetime) -> str:
    """Return how long ago in as few characters as say it: 2 min, 10:20, Yesterday, 18 Nov."""
    age = now - at
    if age < timedelta(minutes=1):
        return _("now")
    if age < timedelta(hours=1):
        return _("{count} min").format(count=int(age.total_seconds() // 60))
    days = (formats.local_day(now) - formats.local_day(at)).days
    if days == 0:
        return formats.clock(at)
    if days == 1:
        return _("Yesterday")
    if days < 7:
        return QLocale().dayName(formats.local_day(at).isoweekday(), QLocale.FormatType.ShortFormat)
    return formats.short_date(at, now=now)


def until(at: datetime, *, now: datetime) -> str:
    """Return when something ends, as short as can be: Mon 09:00, 14:30, 3 Dec 09:00."""
    day, today = formats.local_day(at), formats.local_day(now)
    clock = formats.clock(at)
    if day == today:
        return clock
    if 0 < (day - today).days < 7:
        name = QLocale().dayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
        return f"{name} {clock}"
    return f"{formats.short_date(at, now=now)} {clock}"


def snooze_words(row: ConversationRow, *, now: datetime) -> str:
    """Return the words of the chip of a snoozed conversation."""
    if row.snoozed_until is None:
        return _("Snoozed till they reply")
    words = _("Snoozed till {time}").format(time=until(row.snoozed_until, now=now))
    if row.snooze_stays and row.unread:
        return _("{snooze} · replied").format(snooze=words)
    return words


def woke_words(row: ConversationRow) -> str:
    """Return why an open conversation came back by itself, '' once something else happened (H1)."""
    if row.status is not Status.OPEN or row.woke_at is None or row.woke_at < row.last_at:
        return ""
    return _("No reply came") if row.woke_why == "follow_up" else _("Came back")


def reminder_words(row: ConversationRow, *, now: datetime) -> str:
    """Return when it comes back if nobody answers, '' where nobody asked for that (rule H3)."""
    if row.follow_up_at is None:
        return ""
    return _("Reminder {time}").format(time=until(row.follow_up_at, now=now))


def sentence(row: ConversationRow, *, now: datetime) -> str:
    """Return what a screen reader says for a row: everything that colour and weight tell."""
    parts: list[str] = []
    if row.unread:
        parts.append(_("Unread"))
    parts.append(row.customer_name or _("Unknown sender"))
    parts.append(row.subject or _("(no subject)"))
    if row.message_count > 1:
        parts.append(
            ngettext("{count} message", "{count} messages", row.message_count).format(
                count=row.message_count
            )
        )
    parts.append(when(row.last_at, now=now))
    if row.failed:
        parts.append(_("Not sent"))
    if row.priority in _LOUD:
        parts.append(_(_LOUD[row.priority]))
    if row.draft_snippet:
        parts.append(_("Draft"))
    if row.starred:
        parts.append(_("Starred"))
    parts.append(woke_words(row))
    parts.append(reminder_words(row, now=now))
    if row.status is Status.SNOOZED:
        parts.append(snooze_words(row, now=now))
    elif row.status is Status.CLOSED:
        parts.append(_("Closed"))
    if row.has_attachment:
        parts.append(_("Attachment"))
    if row.assignee_name:
        parts.append(_("Assigned to {name}").format(name=row.assignee_name))
    parts.extend(tag.name for tag in row.tags)
    parts.append(row.snippet)
    return ", ".join(part for part in parts if part)
