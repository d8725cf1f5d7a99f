"""Reads the words of attachments while nobody is busy, so that search finds what is in them.

A task on the engine loop. Where it stopped it goes on after the next start: what was read is kept
a few files at a time, and a file that cannot be read is noted once and left alone.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from desktop_inbox.domain.changes import Changes
from desktop_inbox.store import file_texts
from desktop_inbox.store.database import StoreError
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.file_reading import FileReader
from desktop_inbox.sync.quiet import Quiet
from desktop_inbox.sync.worker_process import ParserUnavailable

log = logging.getLogger(__name__)

_AT_ONCE = 20
_QUIET = timedelta(seconds=5)  # without a commit: nobody is busy
_PATIENCE = timedelta(minutes=10)  # then it is done although somebody is always busy
_PAUSE_SECONDS = 0.05  # between files, for whoever else wants the processor
_AFTER_FAILURE_SECONDS = 60.0


class AttachmentWords:
    """Keeps the words of attachments up to date with the messages of one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        reader: FileReader | None = None,
        quiet: timedelta = _QUIET,
    ) -> None:
        self._db = workspace.db
        self._reader = reader or FileReader(workspace.files)
        self._length = quiet
        self._quiet = Quiet(workspace.db)
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Read what there is, then wait for more, until cancelled."""
        loop = asyncio.get_running_loop()

        def note(changes: Changes) -> None:
            if changes.messages:
                loop.call_soon_threadsafe(self._news.set)

        unsubscribe = self._db.subscribe(note)
        try:
            with self._quiet.listening():
                while True:
                    await self._quiet.wait(self._length, patience=_PATIENCE)
                    self._news.clear()
                    if await self._catch_up():
                        await self._news.wait()
                    else:
                        await asyncio.sleep(_AFTER_FAILURE_SECONDS)
        finally:
            unsubscribe()
            await self._reader.rest()

    async def _catch_up(self) -> bool:
        """Read all there is; False where it has to be tried again later."""
        try:
            await self.read_all()
        except StoreError as error:
            log.warning("words of attachments wait: %s", error.code)
            return False
        except ParserUnavailable as error:
            log.error("words of attachments cannot be read: %s does not start", error)
            return False
        return True

    async def read_all(self) -> int:
        """Read every attachment whose words are not known yet; return how many there were.

        Raises:
            StoreError: they cannot be kept.
            ParserUnavailable: the worker process cannot be started.
        """
        count = 0
        try:
            while waiting := await asyncio.wrap_future(
                self._db.read(lambda conn: file_texts.unread(conn, limit=_AT_ONCE))
            ):
                await self._read(waiting)
                count += len(waiting)
        finally:
            await self._reader.rest()
        return count

    async def _read(self, waiting: list[file_texts.Unread]) -> None:
        found: list[file_texts.Words] = []
        try:
            for file in waiting:
                found.append(await self._reader.read(file))
                await asyncio.sleep(_PAUSE_SECONDS if found[-1].text else 0)
        finally:
            if found:  # also when told to stop: what was read is not read again
                await asyncio.wrap_future(
                    self._db.write(lambda tx: file_texts.put(tx, found), durable=False)
                )
