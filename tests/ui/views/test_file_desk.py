"""Files of messages: thumbnails, opening, saving, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage

from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.file_desk import FileDesk, free_name, is_dangerous
from desktop_inbox.ui.views.pictures import decode
from tests.ui.views.sample import attachment


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def stored(context: AppContext, name: str, data: bytes, media_type: str) -> AttachmentRow:
    sha256 = context.workspace.files.put(data)
    return attachment(1, name, sha256=sha256, media_type=media_type, size=len(data))


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe",
        "invoice.pdf.exe",
        "invoice.EXE .pdf".replace(" ", ""),
        "a.js",
        "x.html",
        "m.docm",
    ],
)
def test_what_could_run_is_asked_about(name: str) -> None:
    assert is_dangerous(name)


@pytest.mark.parametrize("name", ["photo.jpg", "list.pdf", "table.xlsx", "notes.txt"])
def test_what_cannot_run_is_just_opened(name: str) -> None:
    assert not is_dangerous(name)


def test_a_free_name_is_found_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    (tmp_path / "a (2).pdf").touch()
    assert free_name(tmp_path, "a.pdf").name == "a (3).pdf"
    assert free_name(tmp_path, "b.pdf").name == "b.pdf"


def test_a_picture_is_scaled_down_and_never_up() -> None:
    small = decode(png(10, 10), box=QSize(100, 100))
    large = decode(png(1000, 500), box=QSize(100, 100))
    assert small is not None
    assert large is not None
    assert small.size() == QSize(10, 10)
    assert large.size() == QSize(100, 50)


def test_a_picture_of_absurd_size_is_not_decoded() -> None:
    data = bytearray(png(10, 10))
    data[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height of the header
    assert decode(bytes(data), box=QSize(100, 100)) is None


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n"]
)
def test_what_is_no_simple_picture_is_not_decoded(data: bytes) -> None:
    assert decode(data, box=QSize(100, 100)) is None


async def test_a_thumbnail_comes_from_the_bytes_not_from_the_name(
    qtbot: object, context: AppContext
) -> None:
    desk = FileDesk(context)
    row = stored(context, "photo.jpg", png(400, 300), "image/jpeg")
    assert await desk.thumbnail(row) is not None
    fake = stored(context, "photo.png", b"<html>", "image/png")
    assert await desk.thumbnail(fake) is None
    assert await desk.thumbnail(replace(row, media_type="application/pdf")) is None


async def test_a_placed_file_is_private_and_gone_afterwards(
    qtbot: object, context: AppContext
) -> None:
    desk = FileDesk(context)
    path = await desk.place(stored(context, "list.pdf", b"%PDF", "application/pdf"))
    assert path.read_bytes() == b"%PDF"
    assert path.name == "list.pdf"
    assert path.stat().st_mode & 0o077 == 0
    desk.close()
    assert not path.exists()


async def test_files_are_saved_beside_each_other(
    qtbot: object, context: AppContext, tmp_path: Path
) -> None:
    desk = FileDesk(context)
    row = stored(context, "list.pdf", b"%PDF", "application/pdf")
    saved = await desk.save_into((row, row), tmp_path)
    assert [path.name for path in saved] == ["list.pdf", "list (2).pdf"]


async def test_a_file_on_the_server_cannot_be_had_without_the_engine(
    qtbot: object, context: AppContext
) -> None:
    with pytest.raises(FileNotFoundError):
        await FileDesk(context).data(attachment(1, "big.zip", state="server"))
