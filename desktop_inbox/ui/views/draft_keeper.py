"""Keeps what is typed: saves the composer as a draft within a second of a key press, in order.

Lives on the UI thread; each save is one durable transaction on the writer thread.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_inbox.services import drafts
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import DraftRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.composer import Composer

SAVE_AFTER_MS = 500  # after the first unsaved key press, however many follow


class DraftKeeper(QObject):
    """Saves one composer's draft."""

    saved = Signal(object)  # datetime

    def __init__(self, context: AppContext, composer: Composer) -> None:
        super().__init__(composer)
        self._context = context
        self._composer = composer
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save_now)
        self._dirty = False
        self._draft_id: int | None = None
        self._revision = 0
        self._lock = asyncio.Lock()
        self._parted = asyncio.Event()
        self._parted.set()
        self._kept: dict[int | None, DraftContent] = {}
        composer.changed.connect(self.touch)

    @property
    def dirty(self) -> bool:
        """Whether something typed is not stored yet."""
        return self._dirty

    @property
    def draft_id(self) -> int | None:
        return self._draft_id

    def attach(self, draft: DraftRow | None) -> None:
        """Go on with this draft, or with none; what was typed before must have been flushed."""
        self._timer.stop()
        self._dirty = False
        self._draft_id = draft.id if draft is not None else None
        self._revision = draft.revision if draft is not None else 0

    def touch(self) -> None:
        """Something was typed."""
        self._dirty = True
        self._composer.show_unsaved()
        if not self._timer.isActive():
            self._timer.start()

    def is_news(self, draft: DraftRow | None) -> bool:
        """Whether the stored draft was changed by somebody else than this editor."""
        if draft is None:
            return self._draft_id is not None
        return draft.id != self._draft_id or draft.revision > self._revision

    def forget(self) -> None:
        """What is in the editor has become a message or was thrown away."""
        self._timer.stop()
        self._dirty = False
        self._draft_id = None
        self._revision = 0

    def save_and_part(self) -> None:
        """Store what is typed as it is at this moment; the editor may be used for something else.

        Await `parted` before reading drafts again. What could not be stored is kept, see `kept`.
        """
        self._timer.stop()
        if not self._dirty:
            return
        self._dirty = False
        content, empty, known = self._composer.content(), self._composer.is_empty, self._draft_id
        self._kept[content.conversation_id] = content
        self._parted.clear()
        self._context.start(self._part(content, known=known, empty=empty), name="save draft")

    async def parted(self) -> None:
        """Return once what was left behind is stored, or has turned out not to be storable."""
        await self._parted.wait()

    def kept(self, conversation_id: int | None) -> DraftContent | None:
        """What was written there and could not be stored, for instance on a full disk."""
        return self._kept.get(conversation_id)

    async def flush(self) -> None:
        """Store what is typed and return when it is safe."""
        self._timer.stop()
        async with self._lock:
            if not self._dirty:
                return
            self._dirty = False
            content = self._composer.content()
            empty = self._composer.is_empty
            try:
                self._draft_id = await self._store(content, known=self._draft_id, empty=empty)
                self._revision += 1
            except BaseException:
                self._dirty = True
                raise
        self.saved.emit(datetime.now(UTC))

    async def _store(self, content: DraftContent, *, known: int | None, empty: bool) -> int | None:
        """Save the draft, or discard it where nothing is left; return its id."""
        if not empty:
            return await self._context.write(lambda tx: drafts.save(tx, content, draft_id=known))
        if known is not None:
            await self._context.write(lambda tx: drafts.discard(tx, known))
        return None

    async def _part(self, content: DraftContent, *, known: int | None, empty: bool) -> None:
        try:
            await self._store(content, known=known, empty=empty)
        finally:
            self._parted.set()
        if self._kept.get(content.conversation_id) is content:
            del self._kept[content.conversation_id]

    def _save_now(self) -> None:
        self._context.start(self.flush(), name="save draft")
