"""Files of messages: thumbnails, opening, saving, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage

from desktop_inbox.store.rows import AttachmentRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.file_desk import FileDesk
from desktop_inbox.ui.views.pictures import decode
from tests.support.web import HOST, Server, reach, serving
from tests.ui.views.sample import attachment, message


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


async def test_a_program_is_known_by_its_name_and_by_what_it_is(
    qtbot: object, context: AppContext
) -> None:
    desk = FileDesk(context)
    assert await desk.may_run(stored(context, "invoice.pdf.exe", b"x", "application/pdf"))
    assert await desk.may_run(stored(context, "invoice.pdf", b"MZ\x90", "application/pdf"))
    assert not await desk.may_run(stored(context, "list.pdf", b"%PDF", "application/pdf"))


async def test_a_message_is_saved_byte_for_byte(
    qtbot: object, context: AppContext, tmp_path: Path
) -> None:
    raw = bytes(range(256)) * 3 + b"\r\n.\r\n\n"
    row = message(1, raw_sha256=context.workspace.files.put(raw))
    await FileDesk(context).save_raw(row, tmp_path / "a.eml")
    assert (tmp_path / "a.eml").read_bytes() == raw


async def test_pictures_from_the_web_are_fetched_once_and_only_real_ones_are_taken(
    qtbot: object, context: AppContext
) -> None:
    asked: list[str] = []

    def answer(request: bytes) -> bytes:
        asked.append(request.split(b" ")[1].decode())
        body = png(30, 20) if b"/good" in request else b"\x89PNG\r\n\x1a\nnot really"
        return b"HTTP/1.1 200 OK\r\n\r\n" + body

    async with serving(Server(answer=answer)) as server:
        desk = FileDesk(context, reach=reach(server))
        wanted = [f"http://{HOST}/good.png", f"http://{HOST}/bad.png"]
        found = await desk.web_pictures(wanted)
        assert {url: image.size() for url, image in found.items()} == {wanted[0]: QSize(30, 20)}
        await desk.web_pictures(wanted[:1])
    assert sorted(asked) == ["/bad.png", "/good.png"]
