"""What is gathered of a file, and why it could not be read. Pure."""

from __future__ import annotations

import time

MAX_CHARS = 200_000  # of one file: more than any letter has, less than a catalogue


class Unreadable(Exception):
    """A file whose words cannot be had: "encrypted", "too-large" or "broken"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Enough(Exception):
    """As much has been gathered as is searched; the rest of the file is left out."""


class Gathered:
    """The words of one file, up to what is searched."""

    def __init__(self, *, seconds: float) -> None:
        self._pieces: list[str] = []
        self._room = MAX_CHARS
        self._end = time.process_time() + seconds

    def add(self, piece: str) -> None:
        """Take a piece. *Raises:* Enough."""
        self._pieces.append(piece[: self._room])
        self._room -= len(piece)
        if self._room <= 0:
            raise Enough
        self.look_at_the_clock()

    def look_at_the_clock(self) -> None:
        """Keep what there is rather than lose it with the process. *Raises:* Enough."""
        if time.process_time() > self._end:
            raise Enough

    def text(self) -> str:
        """Return what was gathered, without the blanks that layout leaves."""
        lines = (" ".join(line.split()) for line in "".join(self._pieces).splitlines())
        return "\n".join(line for line in lines if line).replace("\0", "")
