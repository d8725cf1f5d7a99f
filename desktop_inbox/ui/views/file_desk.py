"""Brings the files of messages to where they are wanted: memory, a thumbnail, a place on disk.

Lives on the UI thread; everything that reads, parses, decodes or writes runs off it. Files that
are still on the server are fetched by the engine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QDesktopServices, QImage

from desktop_inbox.connectors.web.pictures import Reach
from desktop_inbox.mime import sound
from desktop_inbox.mime.parts import attachment_bytes
from desktop_inbox.services import attachments, bodies, foreign_files, remote_images
from desktop_inbox.store import messages, raw_mails
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.ui import aside
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.attachments import THUMBNAIL
from desktop_inbox.ui.views.pictures import SHOWN_TYPES, decode

_BODY_PICTURE = QSize(1600, 4000)
_MOST_FROM_WEB = 200
_THUMBNAIL_SCALE = 2  # sharp at 200 %
_LARGEST_MEASURED = 32 * 2**20  # bytes of a recording that are read to tell how long it is


class FileDesk:
    """Serves the files of one window's messages; `close` removes what it put on disk."""

    def __init__(self, context: AppContext, *, reach: Reach | None = None) -> None:
        self._context = context
        self._reach = reach  # None: the public internet
        self._from_web: dict[str, QImage] = {}
        self._folder: Path | None = None
        self._placed: dict[int, Path] = {}

    def close(self) -> None:
        """Remove the copies made for opening and dragging."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._placed.clear()

    async def data(self, row: AttachmentRow) -> bytes:
        """Return the file's bytes, fetched from the server where they are still there.

        Raises:
            ConnectorError: the server could not be asked or does not have it.
            FileNotFoundError: what should lie here is gone.
        """
        if row.state == "server":
            row = await self._fetch(row)
        if row.state == "file":
            return await asyncio.to_thread(self._files.read, row.sha256)
        message = await self._context.read(lambda conn: messages.row(conn, row.message_id))
        if message is None or not message.raw_sha256:
            raise FileNotFoundError(row.safe_name)
        return await asyncio.to_thread(_extract, self._files, message, row.section)

    async def thumbnail(self, row: AttachmentRow, *, whole: QSize | None = None) -> QImage | None:
        """Return a small picture of the file, None where it is none.

        It fills a thumbnail; `whole` is the room in which all of it is to be seen instead.
        """
        if row.media_type not in SHOWN_TYPES or row.state == "server":
            return None
        data = await self.data(row)
        box = (whole or THUMBNAIL) * _THUMBNAIL_SCALE
        return await asyncio.to_thread(decode, data, box=box, cover=whole is None)

    async def play_length(self, row: AttachmentRow) -> float | None:
        """Return how long a recording is in seconds, None where that cannot be told soon."""
        if row.size > _LARGEST_MEASURED:
            return None
        data = await self.data(row)
        return await asyncio.to_thread(sound.seconds_of, data)

    async def pictures(self, message: MessageRow) -> dict[str, QImage]:
        """Return the pictures that a message's text shows, by content id."""
        wanted = [
            row
            for row in message.attachments
            if row.content_id and row.state != "server" and row.media_type in SHOWN_TYPES
        ]
        found: dict[str, QImage] = {}
        for row in wanted:
            data = await self.data(row)
            image = await asyncio.to_thread(decode, data, box=_BODY_PICTURE)
            if image is not None:
                found[row.content_id] = image
        return found

    async def web_pictures(self, urls: list[str]) -> dict[str, QImage]:
        """Return pictures from the web, by address; those that cannot be had are left out."""
        missing = [url for url in urls if url not in self._from_web]
        if missing:
            found = await self._fetch_web(remote_images.fetch_all(missing, reach=self._reach))
            while len(self._from_web) > _MOST_FROM_WEB:
                del self._from_web[next(iter(self._from_web))]
            self._from_web |= await asyncio.to_thread(_decoded, found)
        return {url: self._from_web[url] for url in urls if url in self._from_web}

    async def _fetch_web(self, work: Coroutine[Any, Any, dict[str, bytes]]) -> dict[str, bytes]:
        """Run it where sockets live: on the engine's loop, or on one of its own without engine."""
        engine = self._context.engine
        if engine is not None and engine.running:
            return await asyncio.wrap_future(engine.submit(work))
        return await asyncio.wrap_future(
            aside.run(work, name="pictures"), loop=self._context.tasks.loop
        )

    async def html(self, message: MessageRow) -> str:
        """Return a message's HTML, made safe; '' where it has none."""
        return await asyncio.to_thread(bodies.safe_html, self._files, message)

    async def raw(self, message: MessageRow) -> bytes:
        """Return a message exactly as the server sent it; empty where it never came from one."""
        return await asyncio.to_thread(raw_mails.read, self._files, message)

    async def place(self, row: AttachmentRow) -> Path:
        """Put a read-only copy under its own safe name into a private folder."""
        known = self._placed.get(row.id)
        if known is not None and known.is_file():
            return known
        data = await self.data(row)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="desktop-inbox-"))
        path = self._folder / str(row.id) / row.safe_name
        await asyncio.to_thread(_write_private, path, data)
        self._placed[row.id] = path
        return path

    async def page(self, name: str, html: str) -> Path:
        """Put an HTML page into the private folder."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="desktop-inbox-"))
        path = self._folder / "pages" / name
        await asyncio.to_thread(_write_private, path, html.encode())
        return path

    async def may_run(self, row: AttachmentRow) -> bool:
        """Whether opening the file could run something."""
        if foreign_files.may_run(row.safe_name) or foreign_files.may_run(row.name):
            return True
        return foreign_files.may_run("", (await self.data(row))[:8])

    async def open(self, row: AttachmentRow) -> bool:
        """Open the file in the system's program for it."""
        path = await self.place(row)
        return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))

    async def save(self, row: AttachmentRow, target: Path) -> None:
        """Write the file to where a person chose."""
        await asyncio.to_thread(foreign_files.write_over, target, await self.data(row))

    async def save_raw(self, message: MessageRow, target: Path) -> None:
        """Write a message exactly as the server sent it. *Raises:* FileNotFoundError."""
        await asyncio.to_thread(foreign_files.write_over, target, await self.raw(message))

    async def save_into(self, rows: tuple[AttachmentRow, ...], folder: Path) -> list[Path]:
        """Write files into a folder under their safe names, none over another."""
        saved: list[Path] = []
        for row in rows:
            data = await self.data(row)
            saved.append(
                await asyncio.to_thread(foreign_files.write_new, folder, row.safe_name, data)
            )
        return saved

    @property
    def _files(self) -> Files:
        return self._context.workspace.files

    async def _fetch(self, row: AttachmentRow) -> AttachmentRow:
        """Have the engine bring a file that was left on the server."""
        context = self._context
        if context.engine is None or not context.engine.running:
            raise FileNotFoundError(row.safe_name)
        fetching = context.engine.submit(
            attachments.fetch(context.workspace, context.secrets, row.id)
        )
        return await asyncio.wrap_future(fetching)


def _decoded(found: dict[str, bytes]) -> dict[str, QImage]:
    images = {url: decode(data, box=_BODY_PICTURE) for url, data in found.items()}
    return {url: image for url, image in images.items() if image is not None}


def _extract(files: Files, message: MessageRow, section: str) -> bytes:
    return attachment_bytes(raw_mails.read(files, message), section)


def _write_private(path: Path, data: bytes) -> None:
    """Write for this user only, and so that no program mistakes it for the original."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
