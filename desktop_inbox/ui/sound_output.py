"""The loudspeaker: opened when something is played, closed as soon as nothing is.

Opening and closing wait for the sound server; call them on a thread of their own, one at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from desktop_inbox.ui.sound_stream import SoundStream

# The library would fall back to an output that plays to nobody, and say nothing of it.
BACKENDS = {"win32": ("WASAPI", "DSOUND", "WINMM"), "darwin": ("COREAUDIO",)}.get(
    sys.platform, ("PULSEAUDIO", "ALSA", "JACK", "SNDIO", "OSS")
)
_BUFFER_MS = 60  # of three; more would be heard on after a pause, less would stutter


class NoOutput(Exception):
    """There is nothing here that sounds."""


class Output:
    """One stream being heard, until it is closed."""

    def __init__(self, stream: SoundStream, *, backends: Sequence[str] = ()) -> None:
        """Begin to play it, by the first of `backends` that answers.

        Raises:
            NoOutput: no loudspeaker, no sound server, or it is taken.
        """
        try:
            import miniaudio  # nobody pays for it who never listens
        except ImportError as error:
            raise NoOutput(str(error)) from error
        self._library = miniaudio.lib
        blocks = stream.blocks()
        next(blocks)
        try:
            self._device: Any = miniaudio.PlaybackDevice(
                nchannels=1,
                sample_rate=stream.rate,
                buffersize_msec=_BUFFER_MS,
                backends=[miniaudio.Backend[name] for name in backends or BACKENDS],
                app_name="Desktop Inbox",
            )
        except miniaudio.MiniaudioError as error:
            raise NoOutput(str(error)) from error
        try:
            self._device.start(blocks)
        except miniaudio.MiniaudioError as error:
            self.close()
            raise NoOutput(str(error)) from error

    def close(self) -> None:
        """Be silent, and let go of the loudspeaker. Never from the thread that reads the stream."""
        self._device.close()
        # Which leaves its connection to the sound server open.
        self._library.ma_context_uninit(self._device._context)  # noqa: SLF001
