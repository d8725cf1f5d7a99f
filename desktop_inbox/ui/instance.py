"""One window per workspace: a second start hands over what it was started for, and ends.

The message is one line of JSON on a local socket that only this user may open; what else comes in
is ignored. UI thread only.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_inbox.ui.meeting_place import name_of

logger = logging.getLogger(__name__)

_HANDOVER_MS = 500
_READ_MS = 5_000  # for a whole line; who says nothing is let go
_MOST_BYTES = 512 * 1024  # a mailto: link may be 64 K characters, escaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a start asks the window to do, besides coming forward."""

    mailto: str = ""  # a link to write to
    token: str = ""  # of the desktop, which allows to come forward
    leave: str = ""  # not to come forward but to end, so that its files can be replaced


def encode(request: Request) -> bytes:
    """Return a request as it travels."""
    # Half a character, which a command line may hold, is none.
    return json.dumps(asdict(request), ensure_ascii=False).encode(errors="replace") + b"\n"


def decode(line: bytes) -> Request | None:
    """Return the request of a line, None for what is none; fields unknown here are left out."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    known = {name: said.get(name, "") for name in Request.__slots__}
    return Request(**known) if all(isinstance(value, str) for value in known.values()) else None


class SingleInstance(QObject):
    """The one window of a workspace, or the start that hands over to it."""

    asked = Signal(object)  # Request

    def __init__(self, data_dir: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name_of(data_dir)
        self._server: QLocalServer | None = None
        self._said: dict[QLocalSocket, bytes] = {}  # by whom, so far

    def claim(self, request: Request | None = None) -> bool:
        """Become the one instance; False where another was there and was handed the request."""
        if self._hand_over(request or Request()):
            return False
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # What a killed process left behind answers nobody.
        QLocalServer.removeServer(self._name)
        if not server.listen(self._name):
            logger.warning("a second start will not find this window: %s", server.errorString())
            return True
        server.newConnection.connect(self._answer)
        self._server = server
        return True

    def ask_to_leave(self) -> bool:
        """Ask the one instance to end; False where there is none."""
        return self._hand_over(Request(leave="yes"))

    def is_elsewhere(self) -> bool:
        """Tell whether another process is the one instance."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        return socket.waitForConnected(_HANDOVER_MS)

    def close(self) -> None:
        for connection in list(self._said):
            self._let_go(connection)
        if self._server is not None:
            self._server.close()
            self._server = None

    def _hand_over(self, request: Request) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_HANDOVER_MS):
            return False
        socket.write(encode(request))
        while socket.bytesToWrite() and socket.waitForBytesWritten(_READ_MS):
            pass
        socket.disconnectFromServer()
        return True

    def _answer(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            connection = self._server.nextPendingConnection()
            connection.setReadBufferSize(_MOST_BYTES)
            self._said[connection] = b""
            connection.readyRead.connect(partial(self._read, connection))
            connection.disconnected.connect(partial(self._read, connection, ended=True))
            QTimer.singleShot(_READ_MS, self, partial(self._let_go, connection))
            self._read(connection)

    def _read(self, connection: QLocalSocket, *, ended: bool = False) -> None:
        """Take what came from a start, up to the end of its line."""
        if connection not in self._said:
            return
        said = self._said[connection] + connection.readAll().data()
        self._said[connection] = said
        line, end, _rest = said.partition(b"\n")
        if not end and not ended and len(said) < _MOST_BYTES:
            return
        self._let_go(connection)
        request = decode(line) if end else None
        if request is not None:
            self.asked.emit(request)
        elif said:
            logger.info("something other than a start of ours knocked")

    def _let_go(self, connection: QLocalSocket) -> None:
        if self._said.pop(connection, None) is not None:
            connection.disconnectFromServer()
            connection.deleteLater()
