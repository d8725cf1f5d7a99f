"""Plays the recordings of one thread view, and finds out how loud they are along their way.

On the UI thread. What takes a recording apart is a worker process; its samples lie in files that
`ui.sound_samples` owns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject

from desktop_inbox.connectors.errors import ConnectorError
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui import aside
from desktop_inbox.ui.context import Banner, Notice
from desktop_inbox.ui.sound_player import SoundPlayer
from desktop_inbox.ui.sound_samples import SoundSamples
from desktop_inbox.ui.sound_stream import SPEEDS, SoundStream
from desktop_inbox.ui.views.attachments import Wish
from desktop_inbox.ui.views.sound_chip import Heard, SoundChip

if TYPE_CHECKING:
    from desktop_inbox.sync.parse_protocol import SoundAnswer
    from desktop_inbox.ui.views.thread_view import ThreadView

log = logging.getLogger(__name__)

_MOST_OPEN = 8  # recordings of a conversation whose samples are kept
_LARGEST_UNASKED = 2 * 2**20  # bytes of one that is looked into before anybody plays it


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How long a recording is, and how loud along its way."""

    seconds: float
    bars: bytes


class SoundDesk(QObject):
    """Carries out what the recordings of one thread view are asked for."""

    def __init__(
        self,
        view: ThreadView,
        *,
        fetching: Callable[[AttachmentRow, Coroutine[Any, Any, object]], Coroutine[Any, Any, None]],
        elsewhere: Callable[[AttachmentRow], Coroutine[Any, Any, None]],
    ) -> None:
        """`fetching` shows how a file comes from its service, `elsewhere` opens another player."""
        super().__init__(view)
        self._view = view
        self._context = view.context
        self._fetching = fetching
        self._elsewhere = elsewhere
        self._player = SoundPlayer(view.context.tasks, self)
        self._player.moved.connect(self._show_current)
        self._player.failed.connect(self._say_silent)
        self._shapes: dict[int, Shape | None] = {}  # None: there is none to be had
        self._streams: dict[int, SoundStream] = {}  # the one used last comes last
        self._places: dict[int, float] = {}  # seconds, of those that were left
        self._speed = SPEEDS[0]
        self._current: AttachmentRow | None = None
        self._waiting: int | None = None  # what is to be played once it was taken apart
        self._one_by_one = asyncio.Lock()
        self._samples = SoundSamples()
        view.installEventFilter(self)

    # --- what is asked for ---

    def on_wish(self, row: AttachmentRow, wish: str) -> None:
        """A recording was pressed or moved in, or comes onto the screen."""
        chip = self._chip(row)
        if chip is None:
            return
        match Wish(wish):
            case Wish.PLAY:
                self._toggle(row)
            case Wish.SEEK:
                self._seek(row, chip.wanted)
            case Wish.SPEED:
                self._next_speed()
            case _:
                self._context.start(self._show_shape(row), name="waveform")

    def leave(self) -> None:
        """Another conversation is shown: be silent, and keep the places only."""
        self._waiting = None
        self._current = None
        self._player.stop()
        self._drop(0)

    def close(self) -> None:
        """Be silent and remove what lies on the disk. Idempotent."""
        self._player.close()
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._samples.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Not where the window is only minimised.
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self._waiting = None
            self._player.stop()
        return super().eventFilter(watched, event)

    # --- playing ---

    def _toggle(self, row: AttachmentRow) -> None:
        stream = self._streams.get(row.id)
        if stream is not None and self._player.plays(stream):
            self._player.stop()
        elif self._waiting == row.id:  # and is pressed again
            self._waiting = None
            self._show(row)
        else:
            self._begin(row)

    def _seek(self, row: AttachmentRow, seconds: float) -> None:
        """Go there; what has not been played yet begins there."""
        stream = self._streams.get(row.id)
        if stream is not None:
            stream.seek(seconds)
            self._show(row)
        else:
            self._places[row.id] = seconds
            self._begin(row)

    def _next_speed(self) -> None:
        self._speed = SPEEDS[(SPEEDS.index(self._speed) + 1) % len(SPEEDS)]
        for stream in self._streams.values():
            stream.set_speed(self._speed)
        self._show_current()

    def _begin(self, row: AttachmentRow) -> None:
        before, self._current, self._waiting = self._current, row, row.id
        self._player.stop()
        self._context.banner_cleared.emit("sound")
        for changed in filter(None, (before, row)):
            self._show(changed)
        self._context.start(self._play(row), name="sound")

    async def _play(self, row: AttachmentRow) -> None:
        await self._fetching(row, self._make_ready(row))
        if self._waiting != row.id:
            return  # something else is wanted by now
        self._waiting = None
        stream = self._streams.get(row.id)
        if stream is not None:
            self._player.play(stream)
        else:
            self._show(row)

    async def _make_ready(self, row: AttachmentRow) -> None:
        """Have the samples of a recording; where they cannot be had, say why.

        Raises:
            ConnectorError, FileNotFoundError: there is no file to take apart.
        """
        if row.id not in self._streams:
            target = await self._samples.place(row.id)
            answer = await self._take_apart(await self._view.desk.data(row), target=target)
            self._keep_shape(row, answer)
            if answer.outcome != "samples":
                if self._waiting == row.id:
                    self._say_why(row, answer.outcome)
                return
            stream = await self._samples.opened(target, rate=answer.rate, speed=self._speed)
            if row.id in self._streams:  # it was pressed again and again meanwhile
                stream.close()
                await self._samples.remove(stream)
            else:
                stream.set_speed(self._speed)  # another may have been chosen meanwhile
                stream.seek(self._places.pop(row.id, 0.0))
                self._streams[row.id] = stream
        self._streams[row.id] = self._streams.pop(row.id)  # used last
        self._drop(_MOST_OPEN)

    async def _take_apart(self, data: bytes, *, target: Path | None) -> SoundAnswer:
        from desktop_inbox.sync import sound_reading  # only who listens needs it
        from desktop_inbox.sync.parse_protocol import SoundAnswer
        from desktop_inbox.sync.worker_process import ParserUnavailable

        work = sound_reading.read(data, target=target)
        try:
            return await self._context.tasks.result(aside.run(work, name="sound"))
        except ParserUnavailable:
            log.info("recordings cannot be taken apart: the worker process does not start")
            return SoundAnswer("library")

    def _drop(self, most: int) -> None:
        """Let go of the samples that were played longest ago."""
        while len(self._streams) > most:
            key = next(iter(self._streams))
            stream = self._streams.pop(key)
            self._places[key] = stream.position
            stream.close()
            self._context.start(self._samples.remove(stream), name="samples")

    # --- shapes ---

    async def _show_shape(self, row: AttachmentRow) -> None:
        if row.id not in self._shapes and row.size <= _LARGEST_UNASKED:
            async with self._one_by_one:
                if row.id not in self._shapes and self._chip(row) is not None:
                    await self._find_shape(row)
        self._show(row)

    async def _find_shape(self, row: AttachmentRow) -> None:
        try:
            data = await self._view.desk.data(row)
        except (ConnectorError, FileNotFoundError) as error:
            log.info("a recording is not there: %s", type(error).__name__)
            return
        self._keep_shape(row, await self._take_apart(data, target=None))

    def _keep_shape(self, row: AttachmentRow, answer: SoundAnswer) -> None:
        if answer.outcome == "samples":
            self._shapes[row.id] = Shape(seconds=answer.count / answer.rate, bars=answer.bars)
        elif answer.outcome != "disk":
            self._shapes[row.id] = None

    # --- what is seen of it ---

    def _chip(self, row: AttachmentRow) -> SoundChip | None:
        chip = self._view.chip(row)
        return chip if isinstance(chip, SoundChip) else None

    def _show_current(self) -> None:
        if self._current is not None:
            self._show(self._current)

    def _show(self, row: AttachmentRow) -> None:
        chip = self._chip(row)
        if chip is None:
            return
        if row.id in self._shapes:
            shape = self._shapes[row.id]
            if shape is None:
                chip.set_outside()
                return
            chip.set_shape(shape.bars, shape.seconds)
        chip.set_heard(self._heard(row.id))

    def _heard(self, key: int) -> Heard:
        stream = self._streams.get(key)
        if self._waiting == key:
            return Heard(state="waiting", at=self._places.get(key, 0.0))
        if stream is None:
            at = self._places.get(key, 0.0)
            return Heard(state="paused" if at else "", at=at, speed=self._speed)
        state = "playing" if self._player.plays(stream) else "paused" if stream.position else ""
        return Heard(state=state, at=stream.position, speed=self._speed)

    # --- words ---

    def _say_why(self, row: AttachmentRow, outcome: str) -> None:
        name = visible(row.name) or row.safe_name
        if outcome == "disk":
            text = _("{name} cannot be played: the disk is full.").format(name=name)
            self._context.banner.emit(Banner(text=text, tone="warn", key="sound"))
            return
        if outcome in ("time", "memory", "crash"):
            # It looks made to do harm, so it is not handed on unasked.
            text = _("{name} is damaged and cannot be played here.").format(name=name)
            self._context.notice.emit(Notice(text=text, key="sound"))
            return
        text = _("{name} cannot be played here; your player opens it.").format(name=name)
        self._context.notice.emit(Notice(text=text, key="sound"))
        self._context.start(self._elsewhere(row), name="open file")

    def _say_silent(self, why: str) -> None:
        text = _(
            "Nothing can be heard: no loudspeaker or headphones answer."
            " Connect some, and press play again."
        )
        self._context.banner.emit(Banner(text=text, tone="warn", detail=why, key="sound"))
