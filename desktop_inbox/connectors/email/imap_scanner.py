"""Cuts the bytes of an IMAP server into responses, linear in their length and within sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from desktop_inbox.connectors.email.imap_responses import ProtocolError

MAX_LINE_BYTES = 16 * 2**20  # a SEARCH answer for 1.5 million messages
MAX_RESPONSE_BYTES = 80 * 2**20
_LITERAL = re.compile(rb"\{(\d+)\+?\}\Z")
# Human text may end in something that looks like a literal; in these it never is one.
_STATUS = re.compile(rb"\+|\S+ (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)


class Scanner:
    """Cuts a stream of bytes into whole responses, however the network split it.

    Linear in the number of bytes: nothing is joined or searched twice.
    """

    def __init__(
        self, *, max_line: int = MAX_LINE_BYTES, max_response: int = MAX_RESPONSE_BYTES
    ) -> None:
        self._max_line = max_line
        self._max_response = max_response
        self.reset()

    def reset(self) -> None:
        """Forget everything that has not made a whole response yet."""
        self._parts: list[bytes] = []
        self._size = 0  # of the parts
        self._pieces: list[bytes] = []  # of the line or literal being read
        self._pieces_size = 0
        self._missing = -1  # bytes the literal still lacks; -1 while a line is read

    def feed(self, data: bytes) -> Iterator[list[bytes]]:
        """Yield each response that `data` completes.

        *Raises:* ProtocolError where a line or response is longer than anything sane.
        """
        position, end = 0, len(data)
        while position < end:
            if self._missing >= 0:
                position = self._read_literal(data, position)
                continue
            newline = data.find(b"\n", position)
            if newline < 0:
                self._keep(data[position:])
                if self._pieces_size > self._max_line:
                    raise ProtocolError("a line of absurd length")
                return
            line = self._take(data[position : newline + 1]).rstrip(b"\r\n")
            position = newline + 1
            if not self._begin_literal(line):
                response, self._parts, self._size = self._parts, [], 0
                if len(response) > 1 or response[0]:
                    yield response

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._pieces_size += len(piece)

    def _take(self, piece: bytes) -> bytes:
        """Return everything kept with the last piece, and count it."""
        if self._pieces:
            self._keep(piece)
            piece = b"".join(self._pieces)
            self._pieces, self._pieces_size = [], 0
        self._size += len(piece) + 64  # so that a million empty parts are not free
        if self._size > self._max_response:
            raise ProtocolError("a response of absurd length")
        return piece

    def _begin_literal(self, line: bytes) -> bool:
        self._parts.append(line)
        if not line.endswith(b"}"):
            return False
        mark = _LITERAL.search(line, max(0, len(line) - 24))
        if mark is None or _STATUS.match(self._parts[0]):
            return False
        self._missing = int(mark[1])
        if self._size + self._missing > self._max_response:
            raise ProtocolError("a literal of absurd length")
        if not self._missing:
            self._parts.append(b"")
            self._missing = -1
        return True

    def _read_literal(self, data: bytes, position: int) -> int:
        stop = min(len(data), position + self._missing)
        piece = data[position:stop]
        self._missing -= len(piece)
        if self._missing:
            self._keep(piece)
        else:
            self._parts.append(self._take(piece))
            self._missing = -1
        return stop
