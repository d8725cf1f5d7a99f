"""Shows a message as its sender meant it to look: a page for the system's browser that cannot
reach out by itself, because its content policy allows nothing but what lies in it."""

from __future__ import annotations

import base64
import re
from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop_inbox.store.rows import AttachmentRow, MessageRow
from desktop_inbox.ui.views.file_desk import FileDesk
from desktop_inbox.ui.views.pictures import SHOWN_TYPES

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-popups"
)
_CID = re.compile(r"""(src\s*=\s*["'])cid:([^"']{1,512})(["'])""", re.IGNORECASE)


def page(title: str, html: str, pictures: dict[str, str]) -> str:
    """The whole page: sanitised `html`, and its own pictures as data addresses by content id."""
    body = _CID.sub(lambda m: f"{m[1]}{pictures.get(m[2], 'data:,')}{m[3]}", html)
    return (
        "<!doctype html>\n<html><head>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title></head>\n<body dir=auto>{body}</body></html>\n"
    )


async def original_page(desk: FileDesk, message: MessageRow) -> str:
    """Build the page of a message from what lies in the workspace."""
    wanted = [row for row in message.attachments if _is_picture_of_text(row)]
    pictures = {row.content_id: _data_address(row, await desk.data(row)) for row in wanted}
    return page(message.subject, await desk.html(message), pictures)


async def open_page(desk: FileDesk, message: MessageRow, html: str) -> None:
    """Hand the page to the system's browser."""
    path = await desk.page(f"{message.uid}.html", html)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _is_picture_of_text(row: AttachmentRow) -> bool:
    return bool(row.content_id) and row.media_type in SHOWN_TYPES and row.state != "server"


def _data_address(row: AttachmentRow, data: bytes) -> str:
    return f"data:{row.media_type};base64,{base64.b64encode(data).decode()}"
