"""Draws a message in the program's own view into an image, without a window.

For looking at hostile mail from outside (`inspect render`) and for tests. Must run on the thread
that owns the application; makes one where there is none.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget

from desktop_inbox.mime import html as mime_html
from desktop_inbox.mime.charset import decode as decode_text
from desktop_inbox.mime.parse import leaf, parse_message, source_html
from desktop_inbox.ui.theme import Choice, Theme
from desktop_inbox.ui.views import plain_text
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.pictures import decode

_WIDTH = 720
_MARGIN = 24
_TALLEST = 12_000  # pixels
_PICTURE = QSize(1600, 4000)
_CID = re.compile(r"""src\s*=\s*["']cid:([^"']{1,512})["']""", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<[a-z]+[\s>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What drawing a message took."""

    requests: tuple[str, ...]  # what the view asked for and was refused
    opened_files: tuple[str, ...]  # files the view opened: it has no way to
    seconds: float


def render_to_image(
    source: bytes, path: Path, *, remote: bool = False, dark: bool = False, width: int = _WIDTH
) -> Rendered:
    """Draw HTML or a raw mail into a PNG file at `path`.

    With `remote` pictures keep their web addresses, as if they were allowed: the view then asks
    for them, which `requests` shows; nothing is fetched either way.

    Raises:
        OSError: the image could not be written.
    """
    started = time.perf_counter()
    application = _application()
    theme = Theme()
    theme.choose(Choice.DARK if dark else Choice.LIGHT)
    theme.apply()
    html, pictures = _readable(source, remote=remote, dark=dark, width=width)
    body = MessageBody()
    tokens = theme.tokens
    body.set_text_colour(text=tokens.text, link=tokens.accent, selection=tokens.selection)
    body.show_html(html, pictures=pictures)
    body.ensurePolished()
    image = _drawn(body, background=QColor(tokens.panel), width=width)
    application.processEvents()
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]
        raise OSError(f"{path} could not be written")
    return Rendered(
        requests=tuple(dict.fromkeys(body.requested)),
        opened_files=(),
        seconds=time.perf_counter() - started,
    )


def _application() -> QApplication:
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication([])


def _readable(
    source: bytes, *, remote: bool, dark: bool, width: int
) -> tuple[str, dict[str, QImage]]:
    """What the view is given, by the same steps as a message that was received."""
    if _HTML.match(source):
        raw_html, text = decode_text(source, ""), ""
    else:
        raw_html, text = source_html(source), parse_message(source).text
    if not raw_html.strip():
        return plain_text.to_html(text), {}
    safe = mime_html.sanitise(raw_html, allow_remote=remote).html
    pictures = {
        content_id: image
        for content_id in dict.fromkeys(_CID.findall(safe))
        if (data := leaf(source, content_id)) is not None
        and (image := decode(data, box=_PICTURE)) is not None
    }
    return mime_html.reading_view(safe, dark=dark, width=width), pictures


def _drawn(body: MessageBody, *, background: QColor, width: int) -> QImage:
    size = body.measure(width)
    height = min(max(size.height(), 1), _TALLEST)
    body.resize(width, height)
    image = QImage(width + 2 * _MARGIN, height + 2 * _MARGIN, QImage.Format.Format_RGB32)
    image.fill(background)
    body.render(image, QPoint(_MARGIN, _MARGIN), renderFlags=QWidget.RenderFlag.DrawChildren)
    return image
