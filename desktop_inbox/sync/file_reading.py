"""The words in attachments, read one by one by a worker process of its own. On the engine loop.

A file that ends the worker, or keeps it busy for too long, is the only one that is lost by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from desktop_inbox.store.file_texts import NONE, Unread, Words
from desktop_inbox.store.files import Files
from desktop_inbox.sync import worker_process
from desktop_inbox.sync.parse_protocol import FileAnswer, FileJob, Limits
from desktop_inbox.sync.worker_process import WorkerLost

log = logging.getLogger(__name__)

FILE_SECONDS = 5.0  # of processor time for one file
MEMORY_BYTES = 500 * 1024 * 1024
_PATIENCE = 4.0  # wall-clock time is this many times the processor time: the machine may be busy

_answer_decoder = msgspec.msgpack.Decoder(FileAnswer)


class FileReader:
    """Starts the worker when a file is to be read, and lets it go when told."""

    def __init__(
        self,
        files: Files,
        *,
        seconds: float = FILE_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] = (),
    ) -> None:
        self._limits = Limits(str(files.root), seconds, memory_bytes)
        self._command = tuple(command) or worker_process.worker_command()
        self._process: asyncio.subprocess.Process | None = None

    async def read(self, file: Unread) -> Words:
        """Return the words of a file, or why there are none. Its contents never make this fail.

        Raises:
            ParserUnavailable: the worker process cannot be started.
        """
        # Imported here, as a start without mail does without the parser's libraries.
        from desktop_inbox.mime.filetext import is_readable

        if not is_readable(file.name, file.media_type):
            return _words(file, NONE)
        if not file.sha256:
            return _words(file, "missing")
        answer = await self._ask(file)
        return _words(file, answer.outcome, answer.text)

    async def _ask(self, file: Unread) -> FileAnswer:
        if self._process is None:
            self._process = await worker_process.start(self._limits, self._command)
        job = FileJob(file.sha256, file.section, file.name, file.media_type, file.raw_packed or b"")
        patience = self._limits.seconds * _PATIENCE
        try:
            answer = await worker_process.ask(
                self._process, job, _answer_decoder, patience_seconds=patience
            )
        except WorkerLost as lost:
            log.info("a file of %d bytes cannot be read: %s", file.size, lost.why)
            await self.rest()
            return FileAnswer(lost.why)
        except BaseException:
            await self.rest()  # whoever asked has gone; the next answer would be this one's
            raise
        if answer.outcome == "memory":
            log.info("a file of %d bytes cannot be read: %s", file.size, answer.outcome)
            await self.rest()  # the heap is in pieces
        return answer

    async def rest(self) -> None:
        """Let the process go until there is something to read again."""
        process, self._process = self._process, None
        if process is not None:
            await worker_process.end(process)


def _words(file: Unread, outcome: str, text: str = "") -> Words:
    return Words(
        attachment_id=file.id,
        message_id=file.message_id,
        name=file.name,
        outcome=outcome,
        text=text,
    )
