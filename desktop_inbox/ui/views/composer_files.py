"""Takes files into the workspace for a draft. Reads and hashes off the UI thread."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeDatabase
from PySide6.QtGui import QImage

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.files import Files
from desktop_inbox.ui.views.formats import file_size

# What most mail servers take, base64 and all; the server's own word is asked for when sending.
LARGEST_FILE = 25 * 1000 * 1000


async def take_in(files: Files, paths: Sequence[Path]) -> tuple[list[dict[str, object]], list[str]]:
    """Copy files into the workspace; return what a draft keeps of each, and refusals in words."""
    taken: list[dict[str, object]] = []
    refused: list[str] = []
    for path in paths:
        name = visible(path.name)
        try:
            # On a thread: a file on a share that is gone keeps whoever asks waiting.
            found = await asyncio.to_thread(path.stat)
            if stat.S_ISDIR(found.st_mode):
                refused.append(_("{name} is a folder. Attach the files in it.").format(name=name))
                continue
            size = found.st_size
            if size > LARGEST_FILE:
                refused.append(
                    _("{name} is {size}; most mail servers refuse more than {limit}.").format(
                        name=name, size=file_size(size), limit=file_size(LARGEST_FILE)
                    )
                )
                continue
            sha256 = await asyncio.to_thread(files.put_file, path, durable=True)
        except StoreError:
            raise
        except OSError as error:
            refused.append(
                _("{name} could not be read: {why}").format(name=name, why=error.strerror or "")
            )
            continue
        taken.append(_entry(path.name, media_type_of(path), size, sha256))
    return taken, refused


async def take_in_image(files: Files, image: QImage) -> dict[str, object]:
    """Keep a pasted picture as a PNG file."""
    data = await asyncio.to_thread(_png, image)
    sha256 = await asyncio.to_thread(files.put, data, durable=True)
    return _entry(_("picture.png"), "image/png", len(data), sha256)


def media_type_of(path: Path) -> str:
    """The type of a file by its name and, where that says nothing, its beginning."""
    return QMimeDatabase().mimeTypeForFile(str(path)).name()


def _entry(name: str, media_type: str, size: int, sha256: str) -> dict[str, object]:
    return {
        "name": name,
        "safe_name": name,
        "media_type": media_type,
        "size": size,
        "sha256": sha256,
    }


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
