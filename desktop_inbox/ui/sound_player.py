"""Plays one recording at a time. On the UI thread; the loudspeaker is opened and closed beside it.

What is wanted changes at once, and the loudspeaker is brought into line with it, one step at a
time, however fast somebody presses.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_inbox.ui.sound_output import NoOutput, Output
from desktop_inbox.ui.sound_stream import SoundStream
from desktop_inbox.ui.tasks import Tasks

_TICK_MS = 80
_STUCK_TICKS = 40  # without a step further: the loudspeaker was pulled out, say


class SoundPlayer(QObject):
    """The player of one window."""

    moved = Signal()  # it is further on, or has changed its mind
    failed = Signal(str)  # nothing is heard, and why

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._wanted: SoundStream | None = None
        self._heard: SoundStream | None = None
        self._output: Output | None = None
        self._settling = False
        self._seen = 0.0  # seconds, where the stream stood at the last tick
        self._still = 0  # ticks since it moved
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def plays(self, stream: SoundStream) -> bool:
        """Whether this is what is to be heard."""
        return self._wanted is stream

    def play(self, stream: SoundStream) -> None:
        """Play from where the stream stands, instead of what is played."""
        if stream.over or stream.position >= stream.seconds:
            stream.seek(0.0)
        self._want(stream)

    def stop(self) -> None:
        """Be silent; the stream stays where it is."""
        self._want(None)

    def close(self) -> None:
        """Be silent from this moment on; waits for the loudspeaker. Idempotent."""
        self._wanted = None
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def _want(self, stream: SoundStream | None) -> None:
        self._wanted = stream
        self._still = 0
        if stream is not None:
            self._timer.start()
        self.moved.emit()
        if not self._settling and self._heard is not stream:
            self._settling = True
            self._tasks.start(self._settle(), name="sound")

    async def _settle(self) -> None:
        """Bring the loudspeaker into line with what is wanted."""
        try:
            while self._heard is not self._wanted:
                output, self._output, self._heard = self._output, None, None
                if output is not None:
                    await asyncio.to_thread(output.close)
                elif self._wanted is not None:
                    await self._open(self._wanted)
        finally:
            self._settling = False

    async def _open(self, stream: SoundStream) -> None:
        try:
            self._output = await asyncio.to_thread(Output, stream)
        except NoOutput as error:
            self.stop()
            self.failed.emit(str(error))
        else:
            self._heard = stream

    def _tick(self) -> None:
        stream = self._wanted
        if stream is None:
            self._timer.stop()
        elif stream.over:
            stream.seek(0.0)
            self.stop()
        elif self._is_stuck(stream):
            self.stop()
            self.failed.emit("")
        else:
            self.moved.emit()

    def _is_stuck(self, stream: SoundStream) -> bool:
        moves = self._heard is not stream or stream.position != self._seen
        self._still = 0 if moves else self._still + 1
        self._seen = stream.position
        return self._still > _STUCK_TICKS and self._seen < stream.seconds
