"""What can be done to conversations from anywhere in the window, each undoable once.

Every command is one group of events and one line with Undo at the foot. UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale, QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services import conversations, joining, replies, undoing
from desktop_inbox.services.turns import Change
from desktop_inbox.store import conversations as stored
from desktop_inbox.store import snoozes, tags
from desktop_inbox.store.conversation_rows import ConversationRow, TagRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.snoozes import Snooze
from desktop_inbox.store.zone import own_zone
from desktop_inbox.ui.bulk import failed_banner, in_turns
from desktop_inbox.ui.context import AppContext, Notice
from desktop_inbox.ui.models.conversations import until as until_words
from desktop_inbox.ui.views import time_words
from desktop_inbox.ui.views.tag_menu import TagMenu
from desktop_inbox.ui.views.time_picker import Asked, Picked, TimePicker

Ids = Sequence[int]
_UNDO_KEY = "undo"
_KEPT_UNDO = 50


class Commands(QObject):
    """Runs commands and remembers what can be undone."""

    leaving = Signal(object, str)  # ids that are about to get a status
    settled = Signal(object)  # these ids are done with, changed or not

    def __init__(self, context: AppContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._running = 0  # actions on conversations
        self._idle = asyncio.Event()
        self._idle.set()
        self._undoable: list[str] = []  # groups of events, the latest last

    def close(self, ids: Ids) -> None:
        self.leaving.emit(ids, Status.CLOSED.value)
        self._each(
            ids,
            lambda tx, ids: conversations.close(tx, ids),
            _counted(ngettext("Closed", "{count} closed", len(ids)), ids),
        )

    def reopen(self, ids: Ids) -> None:
        self.leaving.emit(ids, Status.OPEN.value)
        self._each(
            ids,
            lambda tx, ids: conversations.reopen(tx, ids),
            _counted(ngettext("Reopened", "{count} reopened", len(ids)), ids),
        )

    def spam(self, ids: Ids) -> None:
        self.leaving.emit(ids, Status.SPAM.value)
        self._each(
            ids,
            lambda tx, ids: conversations.set_status(tx, ids, Status.SPAM),
            _counted(ngettext("Marked as spam", "{count} marked as spam", len(ids)), ids),
        )

    def throw_away(self, ids: Ids) -> None:
        self.leaving.emit(ids, Status.TRASH.value)
        self._each(
            ids,
            lambda tx, ids: conversations.throw_away(tx, ids),
            _counted(ngettext("Put into the trash", "{count} put into the trash", len(ids)), ids),
        )

    def assign_to_me(self, ids: Ids) -> None:
        self._each(
            ids,
            lambda tx, ids: conversations.assign_to_me(tx, ids),
            _counted(ngettext("Assigned to you", "{count} assigned to you", len(ids)), ids),
        )

    def unassign(self, ids: Ids) -> None:
        self._each(
            ids,
            lambda tx, ids: conversations.assign(tx, ids, None),
            _counted(ngettext("Unassigned", "{count} unassigned", len(ids)), ids),
        )

    def mark_read(self, ids: Ids, *, quietly: bool = False) -> None:
        """Mark read; `quietly` for what happens by itself after a while of reading."""
        words = ngettext("Marked read", "{count} marked read", len(ids))
        self._each(
            ids,
            lambda tx, ids: conversations.mark_read(tx, ids),
            "" if quietly else _counted(words, ids),
        )

    def mark_unread(self, ids: Ids) -> None:
        self._each(
            ids,
            lambda tx, ids: conversations.mark_unread(tx, ids),
            _counted(ngettext("Marked unread", "{count} marked unread", len(ids)), ids),
        )

    def snooze(
        self, ids: Ids, *, until: datetime | None, until_reply: bool, stays: bool = False
    ) -> None:
        """Have conversations come back at a time, or with the customer's reply (rule H1)."""
        self.leaving.emit(ids, Status.SNOOZED.value)
        if until is None:
            words = _("Snoozed till they reply")
        else:
            words = _("Snoozed till {time}").format(time=until_words(until, now=utc_now()))
        self._each(
            ids,
            lambda tx, ids: conversations.snooze(
                tx, ids, until=until, until_reply=until_reply, stays=stays
            ),
            words,
        )

    def snooze_again(self, ids: Ids) -> None:
        """Snooze conversations as they were snoozed before."""
        zone = ZoneInfo(own_zone())
        self._run(lambda tx: conversations.snooze_again(tx, ids, zone=zone), _("Snoozed as before"))

    def follow_up(self, ids: Ids, at: datetime | None) -> None:
        """Have conversations come back at a time if nobody has answered by then (rule H3)."""
        words = _("No reminder any more")
        if at is not None:
            words = _("Comes back {time} if nobody replies").format(
                time=until_words(at, now=utc_now())
            )
        self._run(lambda tx: conversations.follow_up(tx, ids, at), words)

    def star(self, ids: Ids) -> None:
        """Mark conversations with a star, or take it off where all have one."""
        self._context.start(self._star(ids), name="star")

    async def _star(self, ids: Ids) -> None:
        rows = (await self._context.read(lambda conn: stored.rows(conn, ids))).values()
        on = not all(row.starred for row in rows)
        words = _("Marked with a star") if on else _("Star taken off")
        await self.change(lambda tx: conversations.star(tx, ids, on=on), words)

    def automated(self, ids: Ids) -> None:
        """Say that a machine wrote these, or a person where that was said already."""
        self._run(lambda tx: conversations.toggle_automated(tx, ids), _("Changed who wrote this"))

    def prioritise(self, ids: Ids, priority: Priority) -> None:
        """Say how urgent conversations are."""
        self._each(
            ids,
            lambda tx, ids: conversations.set_priority(tx, ids, priority),
            _("Priority changed"),
        )

    def assign(self, ids: Ids, agent_id: int) -> None:
        """Give conversations to somebody."""
        self._each(ids, lambda tx, ids: conversations.assign(tx, ids, agent_id), _("Assigned"))

    def manage_tags(self) -> None:
        """Show the page on which tags are kept."""
        from desktop_inbox.ui.dialogs.tag_manager import TagManager  # seldom wanted

        page = TagManager(self._context, self._window)
        page.closed.connect(page.deleteLater)
        page.open()

    def tag(self, ids: Ids, name: str, *, on: bool) -> None:
        """Give conversations a tag, new or known, or take it from them."""
        if on:
            words = _("Tagged {tag}").format(tag=name)
            self._each(ids, lambda tx, ids: conversations.tag(tx, ids, name), words)
        else:
            words = _("Tag {tag} removed").format(tag=name)
            self._each(ids, lambda tx, ids: conversations.untag(tx, ids, name), words)

    # --- making one of several, and several of one ---

    def merge(self, ids: Ids, into: int) -> None:
        """Let conversations go on in another, and show that one."""
        self._context.start(self._merge(ids, into))

    async def _merge(self, ids: Ids, into: int) -> None:
        await self.change(lambda tx: joining.merge(tx, ids, into), _("Merged"))
        self._context.conversation_requested.emit(into)

    def offer_merge(self, ids: Ids) -> None:
        """Merge several into the oldest of them; of a single one, ask what it goes on in."""
        if len(ids) > 1:
            *sources, oldest = ids
            self.merge(sources, oldest)
        elif ids:
            from desktop_inbox.ui.views.merge_picker import MergePicker  # seldom wanted

            MergePicker(self._context, self._window, merge=self.merge).ask(ids[0])

    def offer_rename(self, ids: Ids) -> None:
        """Ask what the first of these is to be called."""
        if ids:
            self._context.start(self._ask_subject(ids[0]))

    async def _ask_subject(self, conversation_id: int) -> None:
        from desktop_inbox.ui.dialogs.rename import RenameDialog  # seldom wanted

        row = await self._context.read(lambda conn: stored.row(conn, conversation_id))
        if row is not None:
            RenameDialog(
                row.subject, lambda wanted: self.rename(conversation_id, wanted), self._window
            ).open()

    def rename(self, conversation_id: int, subject: str) -> None:
        """Call a conversation something else than its first message did."""
        self._run(
            lambda tx: conversations.set_subject(tx, conversation_id, subject),
            _("Subject changed"),
        )

    def split(self, conversation_id: int, message_id: int) -> None:
        """Give a message, and all after it, a conversation of their own."""
        self._run(
            lambda tx: joining.split(tx, conversation_id, message_id)[1],
            _("Split off into a conversation of its own"),
        )

    def keep_apart(self, conversation_id: int, other_uid: str) -> None:
        """Never suggest again that two conversations belong together."""
        self._run(lambda tx: joining.keep_apart(tx, conversation_id, other_uid), _("Kept apart"))

    # --- menus ---

    def offer_snooze(self, ids: Ids) -> None:
        """Let the person pick a time."""
        self._context.start(self._offer_snooze(ids))

    async def _offer_snooze(self, ids: Ids) -> None:
        row, last = await self._context.read(lambda conn: _snoozed_before(conn, ids[0]))
        asked = Asked(
            title=_("Snooze until"),
            offers=time_words.SNOOZE,
            icon="alarm-clock",
            account_id=row.account_id if row else None,
            until_reply=True,
            may_stay=True,
            previous=last.until if last else None,
        )
        self._ask(
            asked,
            lambda picked: self.snooze(
                ids, until=picked.at, until_reply=not picked.stays, stays=picked.stays
            ),
        )

    def offer_follow_up(self, ids: Ids) -> None:
        """Let the person pick when to be reminded if nobody answers."""
        self._context.start(self._offer_follow_up(ids))

    async def _offer_follow_up(self, ids: Ids) -> None:
        row = await self._context.read(lambda conn: stored.row(conn, ids[0]))
        waits = row is not None and row.follow_up_at is not None
        asked = Asked(
            title=_("Come back if nobody has replied by"),
            offers=time_words.FOLLOW_UP,
            icon="alarm-clock",
            account_id=row.account_id if row else None,
            off=_("No reminder"),
        )
        self._ask(
            asked,
            lambda picked: self.follow_up(ids, picked.at),
            taken_off=partial(self.follow_up, ids, None) if waits else None,
        )

    def _ask(
        self,
        asked: Asked,
        picked: Callable[[Picked], object],
        *,
        taken_off: Callable[[], object] | None = None,
    ) -> None:
        TimePicker(self._context, self._window, asked, picked=picked, taken_off=taken_off).ask()

    def offer_move(self, ids: Ids, at: QPoint) -> None:
        """Let the person pick where conversations go, in a menu at a point of the screen."""
        menu = QMenu(self._window)
        for icon, words, move in (
            ("inbox", _("Inbox"), self.reopen),
            ("circle-check", _("Closed"), self.close),
            ("ban", _("Spam"), self.spam),
            ("trash-2", _("Trash"), self.throw_away),
        ):
            menu.addAction(self._context.icon(icon), words, partial(move, ids))
        menu.addAction(
            self._context.icon("alarm-clock"), _("Snoozed…"), partial(self.offer_snooze, ids)
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def offer_tags(self, ids: Ids, at: QPoint) -> None:
        """Let the person pick tags, in a menu at a point of the screen."""
        self._context.start(self._offer_tags(ids, at))

    async def _offer_tags(self, ids: Ids, at: QPoint) -> None:
        every: list[TagRow] = await self._context.read(tags.list_all)
        rows = await self._context.read(lambda conn: stored.rows(conn, ids))
        borne = [{tag.id for tag in row.tags} for row in rows.values()]
        chosen = set.intersection(*borne) if borne else set()
        menu = TagMenu(self._context.theme, tags=every, chosen=chosen, parent=self._window)
        menu.toggled.connect(lambda tag, on: self.tag(ids, tag.name, on=on))
        menu.created.connect(lambda name: self.tag(ids, name, on=True))
        menu.manage_wanted.connect(self.manage_tags)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # --- undo ---

    def undo(self) -> None:
        """Take back the last command; after a restart, what was done last before it."""
        group = self._undoable.pop() if self._undoable else None
        self._context.start(self._undo(group))

    def undo_send(self, message_id: int) -> None:
        """Take a message back out of the outbox; its draft returns."""
        self._context.start(self._undo_send(message_id))

    async def _undo(self, group: str | None) -> None:
        self._context.notice_cleared.emit(_UNDO_KEY)
        await self._context.write(lambda tx: undoing.undo(tx, group))
        self._context.notice.emit(Notice(text=_("Undone"), seconds=3, key=_UNDO_KEY))

    async def _undo_send(self, message_id: int) -> None:
        draft_id = await self._context.write(lambda tx: replies.cancel(tx, message_id))
        self._context.notice_cleared.emit(f"send:{message_id}")
        self._context.draft_restored.emit(draft_id)

    def run(self, change: Callable[[Any], str | None], words: str) -> None:
        """Carry out what another page changes, undone as any command is."""
        self._run(change, words)

    def _run(self, change: Callable[[Any], str | None], words: str) -> None:
        self._context.start(self.change(change, words))

    def _each(self, ids: Ids, change: Change, words: str) -> None:
        """Do the same to each of these, a few at a time, as one action."""
        self._running += 1
        self._idle.clear()
        self._context.start(self._change_each(tuple(ids), change, words))

    async def _change_each(self, ids: Ids, change: Change, words: str) -> None:
        try:
            outcome = await in_turns(self._context, ids, change)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
            if isValid(self):  # the window may have been closed meanwhile
                self.settled.emit(ids)
        self._tell(outcome.group, words)
        if outcome.failed:
            self._context.banner.emit(failed_banner(outcome))
        if outcome.error is not None:
            raise outcome.error

    async def settle(self) -> None:
        """Wait until what was begun on conversations is done."""
        await self._idle.wait()

    async def change(self, change: Callable[[Any], str | None], words: str) -> None:
        """Carry out a change and offer to take it back; what refuses it is raised."""
        self._tell(await self._context.write(change), words)

    def _tell(self, group: str | None, words: str) -> None:
        """Say what was done, and offer to take it back."""
        if not group or not words:
            return
        self._undoable.append(group)
        del self._undoable[:-_KEPT_UNDO]
        self._context.actions.set_state(undo=True)
        self._context.notice.emit(
            Notice(text=words, action_text=_("Undo"), action=self.undo, key=_UNDO_KEY)
        )


def _snoozed_before(conn: Any, key: int) -> tuple[ConversationRow | None, Snooze | None]:
    row = stored.row(conn, key)
    return row, snoozes.latest(conn, row.uid) if row is not None else None


def _counted(words: str, ids: Ids) -> str:
    return words.format(count=QLocale().toString(len(ids)))
