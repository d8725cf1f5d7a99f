"""Takes files into the workspace for a draft. Reads and hashes off the UI thread."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeDatabase, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.files import Files
from desktop_inbox.ui.views.composer_checks import room_for_files
from desktop_inbox.ui.views.composer_chips import DraftFile
from desktop_inbox.ui.views.composer_pictures import LARGEST
from desktop_inbox.ui.views.formats import file_size
from desktop_inbox.ui.views.pictures import decode

_SHARP = 2  # at 200 %


async def take_in(
    files: Files, paths: Sequence[Path], *, limit: int | None = None
) -> tuple[list[dict[str, object]], list[str]]:
    """Copy files into the workspace; return what a draft keeps of each, and refusals in words.

    `limit` is how large a message the server takes, None where it never said.
    """
    room = room_for_files(limit)
    words = (
        _("{name} is {size}; your mail server takes no more than {limit}.")
        if limit
        else _("{name} is {size}; most mail servers refuse more than {limit}.")
    )
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
            if size > room:
                refused.append(words.format(name=name, size=file_size(size), limit=file_size(room)))
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


async def content_of(files: Files, file: DraftFile) -> QImage | None:
    """Read a picture of a draft to show it; None where it is gone or is none."""
    try:
        data = await asyncio.to_thread(files.read, str(file["sha256"]))
    except FileNotFoundError:
        return None
    return await asyncio.to_thread(decode, data, box=LARGEST * _SHARP)


async def take_in_image(files: Files, image: QImage) -> dict[str, object]:
    """Keep a pasted picture as a PNG file."""
    data = await asyncio.to_thread(_png, image)
    sha256 = await asyncio.to_thread(files.put, data, durable=True)
    return _entry(_("picture.png"), "image/png", len(data), sha256)


def ask_for_files(parent: QWidget, taken: Callable[[list[Path]], object]) -> None:
    """Ask which files of this computer to attach."""
    dialog = QFileDialog(parent, _("Attach files"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: taken([Path(name) for name in names]))
    dialog.open()


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
