"""Makes the HTML of messages safe and readable beside the window, and keeps what was read last.

Lives on the UI thread; the work runs on one thread of its own, so that a letter built to be slow
makes only itself late.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from desktop_inbox.services import bodies, remote_images
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import message_text
from desktop_inbox.ui.views.message_text import PICTURE_WIDTH, Reading
from desktop_inbox.ui.views.plain_text import longest_run

MOST_KEPT = 12_000_000  # characters of HTML
_HASTE_SECONDS = 0.02  # what opening a conversation may wait for its formatted text
# Of the messages at the end the layout is waited for, so that nothing flickers: of so many, and
# of no more than a screen shows.
_SEEN_FIRST = 3
_SEEN_CHARS = 2500

_Key = tuple[int, str, bool]


def seen_first(messages: Sequence[MessageRow]) -> list[MessageRow]:
    """The messages that are on the screen when a conversation opens, the last one first."""
    seen: list[MessageRow] = []
    chars = 0
    for message in reversed(messages[-_SEEN_FIRST:]):
        if chars > _SEEN_CHARS:
            break
        seen.append(message)
        chars += len(message.text)
    return seen


class Readings:
    """The readings of one window's messages; `close` ends its thread."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._kept: OrderedDict[_Key, Reading] = OrderedDict()
        self._size = 0
        self._coming: dict[_Key, asyncio.Future[Reading]] = {}
        self._allowed: set[int] = set()  # messages whose pictures somebody wanted to see once
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readings")

    def close(self) -> None:
        """Start nothing more. Idempotent."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def allow_pictures(self, message: MessageRow) -> None:
        """Show this message's pictures from the web as long as the window is open."""
        self._allowed.add(message.id)

    def shows_pictures(self, message: MessageRow) -> bool:
        """Whether pictures from the web may be fetched for this message."""
        always = remote_images.always_shown(self._context.settings, message)
        return always or message.id in self._allowed

    def now(self, message: MessageRow) -> Reading:
        """Return what can be shown at once: the plain text, unless its HTML was read before."""
        kept = self._kept.get(self._key(message))
        if kept is None:
            return message_text.of_text(message)
        self._kept.move_to_end(self._key(message))
        return kept

    def pending(self, message: MessageRow) -> bool:
        """Whether there is a better reading than `now` returns."""
        return message_text.wants_html(message) and self._key(message) not in self._kept

    async def load(self, message: MessageRow) -> Reading:
        """Return the reading of a message's HTML, or of its text where that cannot be had."""
        if not self.pending(message):
            return self.now(message)
        return await asyncio.shield(self._begin(message))

    async def warm(self, messages: Iterable[MessageRow]) -> None:
        """Read the HTML of messages, and wait for as much of it as takes no noticeable time."""
        coming = [self._begin(message) for message in messages if self.pending(message)]
        if coming:
            await asyncio.wait(coming, timeout=_HASTE_SECONDS)

    def _key(self, message: MessageRow) -> _Key:
        return message.id, message.raw_sha256, self.shows_pictures(message)

    def _begin(self, message: MessageRow) -> asyncio.Future[Reading]:
        key = self._key(message)
        coming = self._coming.get(key)
        if coming is None:
            work: Future[Reading] = self._worker.submit(
                _read,
                self._context.workspace.files,
                message,
                dark=self._context.theme.dark,
                allow_remote=self.shows_pictures(message),
            )
            coming = asyncio.wrap_future(work, loop=self._context.tasks.loop)
            self._coming[key] = coming
            coming.add_done_callback(lambda done: self._take(key, done))
        return coming

    def _take(self, key: _Key, done: asyncio.Future[Reading]) -> None:
        del self._coming[key]
        if done.cancelled() or done.exception() is not None:
            return  # whoever waits for it is told
        self._kept[key] = done.result()
        self._size += len(done.result().whole)
        while self._size > MOST_KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.whole)


def _read(files: Files, message: MessageRow, *, dark: bool, allow_remote: bool) -> Reading:
    readable = bodies.readable(files, message, allow_remote=allow_remote)
    if not readable.html.strip():
        return replace(message_text.of_text(message), lost=True)
    reading = message_text.of_html(readable)
    # What the window will ask for is worked out here and found there.
    longest_run(reading.html(quoted=False, dark=dark, width=PICTURE_WIDTH))
    return reading
