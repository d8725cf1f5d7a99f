"""Keeps what is typed: saves the composer as a draft within a second of a key press, in order.

Lives on the UI thread; each save is one durable transaction on the writer thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.services import drafts
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import DraftRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.composer import Composer

SAVE_AFTER_MS = 500  # after the first unsaved key press, however many follow
_ELSEWHERE = frozenset({"draft-elsewhere", "draft-gone"})


class DraftKeeper(QObject):
    """Saves one composer's draft."""

    saved = Signal(object)  # datetime
    other_wanted = Signal()  # the person wants what another window wrote instead

    def __init__(self, context: AppContext, composer: Composer) -> None:
        super().__init__(composer)
        self._context = context
        self._composer = composer
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save_now)
        self._dirty = False
        self._sending = False  # what is shown is becoming a message; nothing is saved meanwhile
        self._disputed = False  # another window changed the same draft; nothing is saved till told
        self._draft_id: int | None = None
        self._revision = 0
        self._lock = asyncio.Lock()
        self._parted = asyncio.Event()
        self._parted.set()
        self._holds = 0
        self._free = asyncio.Event()
        self._free.set()
        self._taken = 0  # how often the text was taken from the editor
        self._newest = 0  # which of these is stored
        self.stored = 0  # how often something was: drafts that were read before may be old
        self._kept: dict[int | None, DraftContent] = {}
        composer.changed.connect(self.touch)
        composer.caret_moved.connect(self._touch_caret)

    @property
    def dirty(self) -> bool:
        """Whether something typed is not stored yet."""
        return self._dirty

    @property
    def at_rest(self) -> bool:
        """Whether all is stored and nothing is on its way, so that another text may come in."""
        busy = self._dirty or self._lock.locked()
        return not busy and self._parted.is_set() and self._free.is_set()

    @property
    def draft_id(self) -> int | None:
        return self._draft_id

    @property
    def revision(self) -> int:
        """Which version of the draft this editor shows; 0 for one that is not stored yet."""
        return self._revision

    def attach(self, draft: DraftRow | None) -> None:
        """Go on with this draft, or with none; what was typed before must have been flushed."""
        self._timer.stop()
        self._dirty = self._disputed = self._sending = False
        self._draft_id = draft.id if draft is not None else None
        self._revision = draft.revision if draft is not None else 0

    def touch(self) -> None:
        """Something was typed."""
        self._dirty = True
        self._composer.show_unsaved()
        if not self._timer.isActive() and not self._disputed:
            self._timer.start()

    def _touch_caret(self) -> None:
        """Where writing goes on is part of a draft, of one that there is."""
        if self._draft_id is not None and not self._disputed:
            self._dirty = True
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
        self._dirty = self._disputed = self._sending = False
        self._draft_id = None
        self._revision = 0

    def save_and_part(self) -> None:
        """Store what is typed as it is at this moment; the editor may be used for something else.

        Await `parted` before reading drafts again. What could not be stored is kept, see `kept`.
        """
        if not self._dirty or not self._free.is_set():
            return
        self._timer.stop()
        self._dirty = False
        self._taken += 1
        content, empty = self._composer.content(), self._composer.is_empty
        self._kept[content.conversation_id] = content
        before = self._parted
        self._parted = asyncio.Event()
        self._context.start(
            self._part(content, self._taken, empty=empty, before=before, done=self._parted),
            name="save draft",
        )

    async def parted(self) -> None:
        """Return once what was left behind is stored, or has turned out not to be storable."""
        await self._free.wait()
        await self._parted.wait()
        async with self._lock:
            return

    def hold(self) -> None:
        """What is shown is becoming a message: nothing else comes in before `release`."""
        self._holds += 1
        self._free.clear()

    def release(self) -> None:
        """It has become one, or was refused."""
        self.stored += 1
        self._holds -= 1
        if not self._holds:
            self._free.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold on to what is shown until something has come into it."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def kept(self, conversation_id: int | None) -> DraftContent | None:
        """What was written there and could not be stored, for instance on a full disk."""
        return self._kept.get(conversation_id)

    async def flush(self) -> None:
        """Store what is typed and return when it is safe."""
        self._timer.stop()
        async with self._lock:
            if not self._dirty or self._sending:
                return
            self._dirty = False
            self._taken += 1
            taken = self._taken
            content = self._composer.content()
            empty = self._composer.is_empty
            if self._disputed:  # nobody has decided: both stay
                await self._keep_apart(content, empty=empty)
                return
            try:
                self._draft_id = await self._store(
                    content, known=self._draft_id, revision=self._revision, empty=empty
                )
            except UserError as error:
                self._dirty = True
                if error.code not in _ELSEWHERE:
                    raise
                self._dispute(error.code)
                return
            except BaseException:
                self._dirty = True
                raise
            self._revision = self._revision + 1 if self._draft_id is not None else 0
            self._newest = taken
        self.saved.emit(datetime.now(UTC))

    async def settle(self) -> None:
        """Return once no save is on its way, and begin none: the editor is being sent.

        A save that waits for its turn would store the text anew, beside the message.
        """
        self._timer.stop()
        self._sending = True
        async with self._lock:
            return

    def resume(self) -> None:
        """Keep on saving what has not become a message."""
        self._sending = False
        if self._dirty:
            self.touch()

    async def _store(
        self, content: DraftContent, *, known: int | None, revision: int | None, empty: bool
    ) -> int | None:
        """Save the draft, or discard it where nothing is left; return its id."""
        try:
            if not empty:
                return await self._context.write(
                    lambda tx: drafts.save(tx, content, draft_id=known, revision=revision)
                )
            if known is not None:
                await self._context.write(lambda tx: drafts.discard(tx, known))
            return None
        finally:
            self.stored += 1

    async def _part(
        self,
        content: DraftContent,
        taken: int,
        *,
        empty: bool,
        before: asyncio.Event,
        done: asyncio.Event,
    ) -> None:
        try:
            await before.wait()
            async with self._lock:  # a save on its way says what the draft is called
                if taken > self._newest:  # else that save had what was typed since, too
                    known = await self._store(
                        content, known=self._draft_id, revision=self._revision, empty=empty
                    )
                    self._draft_id = known  # the editor may still show it, and be typed into
                    self._revision = self._revision + 1 if known is not None else 0
                    self._newest = taken
        except UserError as error:
            if error.code not in _ELSEWHERE:
                raise
            await self._keep_apart(content, empty=empty)
        finally:
            done.set()
        if self._kept.get(content.conversation_id) is content:
            del self._kept[content.conversation_id]

    # Two windows with the same draft: neither overwrites the other unasked

    def _dispute(self, code: str) -> None:
        self._disputed = True
        if code == "draft-gone":
            self._composer.dispute(
                _("This draft was sent or thrown away in another window."),
                (_("Keep it as a new draft"), self._begin_anew),
            )
            return
        self._composer.dispute(
            _("This draft is being written in another window as well."),
            (_("Go on here"), lambda: self._context.start(self._take_over(), name="save draft")),
            (_("Show the other"), lambda: self._context.start(self._give_way(), name="drafts")),
        )

    def _begin_anew(self) -> None:
        self._composer.strip.dismiss()
        self.attach(None)
        self.touch()

    async def _take_over(self) -> None:
        """Go on here; what the other window wrote is kept as a draft of its own."""
        async with self._lock:
            content, known = self._composer.content(), self._draft_id
            stored = await self._context.write(
                lambda tx: drafts.take_over(tx, content, draft_id=known)
            )
            self._composer.strip.dismiss()
            self.attach(stored)

    async def _give_way(self) -> None:
        """Show what the other window wrote; what was typed here is kept as a draft of its own."""
        async with self._lock:
            await self._keep_apart(self._composer.content(), empty=self._composer.is_empty)
            self._composer.strip.dismiss()
            self.attach(None)
        self.other_wanted.emit()

    async def _keep_apart(self, content: DraftContent, *, empty: bool) -> None:
        if not empty:
            apart = drafts.without_conversation(content)
            await self._context.write(lambda tx: drafts.save(tx, apart))

    def _save_now(self) -> None:
        self._context.start(self.flush(), name="save draft")
