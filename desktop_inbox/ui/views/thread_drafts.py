"""What is being written in a thread view: each conversation's draft, in and out of the editor.

Lives on the UI thread. Nothing that is typed is ever replaced by what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from desktop_inbox.store import drafts
from desktop_inbox.ui.views.composer_request import Surroundings
from desktop_inbox.ui.views.draft_keeper import DraftKeeper
from desktop_inbox.ui.views.message_readings import seen_first
from desktop_inbox.ui.views.thread_data import ThreadData

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class ThreadDrafts(QObject):
    """Brings drafts into the composer of one thread view."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._composer = view.composer
        self.keeper = DraftKeeper(view.context, view.composer)
        self.keeper.saved.connect(view.composer.show_saved)
        self.keeper.other_wanted.connect(view.reload)
        view.composer.other_draft_wanted.connect(
            lambda: self._context.start(self._switch(), name="drafts")
        )
        view.composer.left.connect(self._leave_text)
        view.context.draft_restored.connect(self.restore)
        self._before: int | None = None  # what was shown before a new message

    async def read_at_rest(
        self, read: Callable[[Any], ThreadData | None], *, still: Callable[[], bool]
    ) -> ThreadData | None:
        """Read what shall be shown, once all is stored that was typed before and meanwhile."""
        view = self._view
        while True:
            await self.keeper.parted()
            stored = self.keeper.stored
            data = await self._context.read(read)
            if data is not None:
                await view.readings.warm(seen_first(data.messages))
            read_last = self.keeper.at_rest and self.keeper.stored == stored
            if read_last or not still():
                return data
            self.keeper.save_and_part()

    def enter(self, data: ThreadData) -> None:
        """Have the composer stand in another conversation, with what was written there."""
        surroundings = _surroundings(data)
        kept = self.keeper.kept(surroundings.conversation_id)
        self.keeper.attach(data.draft)
        self._composer.enter(surroundings, data.draft)
        self._composer.offer_other_draft(offered=len(data.drafts) > 1)
        if kept is not None:
            self._composer.restore(kept)
            self.keeper.touch()

    def take(self, data: ThreadData) -> None:
        """A draft changed elsewhere shows only where nobody is writing."""
        self._composer.stay(_surroundings(data))
        self._composer.offer_other_draft(offered=len(data.drafts) > 1)
        # The one that is shown, as long as there is it, though another was touched later.
        shown = [one for one in data.drafts if one.id == self.keeper.draft_id]
        draft = shown[0] if shown else data.draft
        quiet = not self.keeper.dirty and not self._composer.has_focus
        if not quiet or not self.keeper.is_news(draft):
            return
        self.keeper.attach(draft)
        if draft is not None:
            self._composer.restore(draft)
        else:
            self._composer.reset()

    # --- a message that begins a conversation ---

    @property
    def begins(self) -> bool:
        """Whether what is written begins a conversation."""
        return self._view.data is not None and self._view.conversation_id is None

    def begin(self) -> None:
        """Remember what is shown: a new message takes its place."""
        if not self.begins:
            self._before = self._view.conversation_id

    def go_back(self) -> None:
        """Show again what was shown before the new message, or nothing."""
        before, self._before = self._before, None
        if before is not None:
            self._context.conversation_requested.emit(before)
        else:
            self._view.show_conversation(None)

    def _leave_text(self) -> None:
        nothing_typed = self.keeper.draft_id is None and not self.keeper.dirty
        if self.begins and nothing_typed:
            self.go_back()
        else:
            self._view.setFocus()

    # --- drafts that come back ---

    def restore(self, draft_id: int) -> None:
        """Bring an editor back: sending was undone, or throwing a draft away."""
        self._context.start(self._restore(draft_id), name="restore draft")

    async def _restore(self, draft_id: int) -> None:
        draft = await self._context.read(lambda conn: drafts.get(conn, draft_id))
        if draft is None:
            return
        view = self._view
        if draft.conversation_id is None:
            view.new_message(draft_id=draft.id)
        elif draft.conversation_id != view.conversation_id or view.data is None:
            self._context.conversation_requested.emit(draft.conversation_id)
        else:
            self.keeper.attach(draft)
            self._composer.restore(draft)
            self._composer.focus()

    async def _switch(self) -> None:
        """Show another draft of a conversation that was merged from several (rule P4)."""
        still, conversation_id = self._view.still(), self._view.conversation_id
        if conversation_id is None:
            return
        await self._view.flush()
        found = await self._context.read(
            lambda conn: drafts.all_of_conversation(conn, conversation_id)
        )
        others = [one for one in found if one.id != self.keeper.draft_id]
        if not others or not still():
            return
        self.keeper.attach(others[-1])  # the one that waits longest, so that each has its turn
        self._composer.restore(others[-1])
        self._composer.focus()


def _surroundings(data: ThreadData) -> Surroundings:
    row = data.conversation
    return Surroundings(
        conversation_id=row.id if row is not None else None,
        messages=data.messages,
        accounts=data.accounts,
        account_id=row.account_id if row is not None else None,
        agent=data.me,
        agents=data.agents,
        ways=data.ways,
    )
