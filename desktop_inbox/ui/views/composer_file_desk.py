"""The files of one thread pane's draft: taken in, shown in the text, brought along by a forward.

Lives on the UI thread; everything that reads, hashes or decodes runs off it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from shiboken6 import isValid

from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.composer_chips import DraftFile
from desktop_inbox.ui.views.composer_files import content_of, take_in, take_in_image
from desktop_inbox.ui.views.composer_inline import as_picture

if TYPE_CHECKING:
    from desktop_inbox.ui.views.thread_view import ThreadView


class DraftFileDesk(QObject):
    """Serves the composer of one thread view."""

    def __init__(self, view: ThreadView) -> None:
        super().__init__(view)
        self._view = view
        self._files = view.context.workspace.files

    def listen(self) -> None:
        """Listen to the composer."""
        composer, start = self._view.composer, self._view.context.start
        composer.files_wanted.connect(lambda paths: start(self._attach(paths)))
        composer.pictures_wanted.connect(lambda paths: start(self._show(paths)))
        composer.image_wanted.connect(lambda image: start(self._take_image(image)))
        composer.contents_wanted.connect(lambda files: start(self._bring(files)))
        composer.forward_files_wanted.connect(lambda row: start(self._forward_files(row)))

    async def _attach(self, paths: Sequence[Path]) -> None:
        with self._view.keeper.held():  # else they might come into another conversation
            taken, refused = await self._take_in(paths)
            if isValid(self):
                self._view.composer.add_files(taken)
                self._refuse(refused)

    async def _show(self, paths: Sequence[Path]) -> None:
        """Put pictures into the text; what only claims to be one is attached."""
        with self._view.keeper.held():
            taken, refused = await self._take_in(paths)
            for file in taken:
                await self._insert(file)
            if isValid(self):
                self._refuse(refused)

    async def _take_image(self, image: QImage) -> None:
        with self._view.keeper.held():
            file = await take_in_image(self._files, image)
            if self._view.composer.editor.layouts:
                await self._insert(file)
            elif isValid(self):
                self._view.composer.add_files([file])

    async def _insert(self, file: DraftFile) -> None:
        image = await content_of(self._files, file)
        if not isValid(self):
            return
        if image is None:
            self._view.composer.add_files([file])
        else:
            self._view.composer.add_picture(as_picture(file), image)

    async def _bring(self, files: Sequence[DraftFile]) -> None:
        """Read the pictures of a draft that came back; one that is gone keeps its place."""
        for file in files:
            image = await content_of(self._files, file)
            if not isValid(self):
                return
            if image is not None:
                self._view.composer.editor.pictures.put(str(file["content_id"]), image)

    async def _take_in(self, paths: Sequence[Path]) -> tuple[list[dict[str, object]], list[str]]:
        return await take_in(self._files, paths, limit=self._view.composer.sent_as.limit)

    def _refuse(self, refused: list[str]) -> None:
        if refused:
            self._view.composer.refuse("\n".join(refused))

    async def _forward_files(self, message: MessageRow) -> None:
        """Take the files of a forwarded message along, and the pictures in its text."""
        taken: list[dict[str, object]] = []
        for row in message.attachments:
            data = await self._view.desk.data(row)
            sha256 = await asyncio.to_thread(self._files.put, data, durable=True)
            file: dict[str, object] = {
                "name": row.name,
                "safe_name": row.safe_name,
                "media_type": row.media_type,
                "size": len(data),
                "sha256": sha256,
            }
            if row.inline and row.content_id:
                file |= {"content_id": row.content_id, "quoted": True}
            taken.append(file)
        composer = self._view.composer
        if isValid(self) and composer.mode == "forward" and composer.answers == message:
            have = {file.get("sha256") for file in composer.files.files()}
            composer.add_files([file for file in taken if file["sha256"] not in have])
