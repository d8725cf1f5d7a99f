"""`inspect render`: a document in the program's own message view, off-screen, and its picture.

Says what the document asked for, so that anybody can check that it got nothing.
"""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from desktop_inbox.cli.output import Failure, Output
from desktop_inbox.mime.charset import decode
from desktop_inbox.mime.html.pieces import from_text
from desktop_inbox.mime.html.safe import sanitise
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.mime.parts import leaf
from desktop_inbox.mime.readable import source_html
from desktop_inbox.mime.reading import reading_view
from desktop_inbox.settings import Settings
from desktop_inbox.ui import application
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views import pictures
from desktop_inbox.ui.views.message_body import MessageBody

_WIDTH = 760  # pixels: a thread pane at 1440x900
_MARGIN = 24
_MOST_HEIGHT = 8000
_PICTURE_BOX = QSize(_WIDTH, 2400)


def run(options: Namespace) -> int:
    """Render a document and return the exit status."""
    output = Output(as_json=options.json)
    try:
        raw = options.file.read_bytes()
    except OSError as error:
        output.failure(Failure("no-file", f"{options.file} cannot be read: {error.strerror}."))
        return 1
    opened = _watch_files()
    qt = application.create_application(Settings())
    began = time.monotonic()
    body = _body(qt, raw, is_mail=_is_mail(options.file, raw), remote=options.remote)
    body.grab()  # lays out and paints once, so that everything is asked for
    seconds = time.monotonic() - began
    value = {
        "requests": list(dict.fromkeys(body.requested)),
        "opened_files": sorted(opened),
        "seconds": round(seconds, 4),
    }
    if not body.grab().save(str(options.screenshot), "PNG"):
        output.failure(Failure("no-screenshot", f"{options.screenshot} cannot be written."))
        return 1
    output.document(value, [f"{name}: {found}" for name, found in value.items()])
    return 0


def _body(qt: QApplication, raw: bytes, *, is_mail: bool, remote: bool) -> MessageBody:
    """Return the message view with the document in it, as a bubble would show it."""
    html, found = _html(raw, is_mail=is_mail, remote=remote)
    theme = Theme()
    theme.apply()
    body = MessageBody()
    colours = {name: theme.colour(name).name() for name in ("text", "accent", "selection")}
    body.set_text_colour(
        text=colours["text"], link=colours["accent"], selection=colours["selection"]
    )
    body.setStyleSheet(f"background: {theme.colour('panel').name()}; padding: {_MARGIN}px")
    body.show_html(reading_view(html, dark=theme.dark, width=_WIDTH), pictures=found)
    height = min(body.measure(_WIDTH).height() + 2 * _MARGIN, _MOST_HEIGHT)
    body.resize(_WIDTH + 2 * _MARGIN, height)
    return body


def _html(raw: bytes, *, is_mail: bool, remote: bool) -> tuple[str, dict[str, QImage]]:
    if not is_mail:
        return sanitise(decode(raw), allow_remote=remote).html, {}
    parsed = parse_message(raw)
    source = source_html(raw)
    html = sanitise(source, allow_remote=remote).html if source else ""
    if not html:
        html = from_text(parsed.text)
    found = {}
    for part in parsed.attachments:
        if part.content_id and (data := leaf(raw, part.content_id)):
            image = pictures.decode(data, box=_PICTURE_BOX)
            if image is not None:
                found[part.content_id] = image
    return html, found


def _is_mail(path: Path, raw: bytes) -> bool:
    return path.suffix.lower() in (".eml", ".msg") or raw.lstrip()[:1] != b"<"


def _watch_files() -> set[str]:
    """Return a set to which every file that is opened for reading from now on is added."""
    opened: set[str] = set()
    ours = (str(Path(__file__).resolve().parents[1]), sys.prefix, sys.base_prefix)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            path = str(Path(arguments[0]).resolve())
            if not path.startswith(ours):  # our own modules, icons and fonts
                opened.add(path)

    sys.addaudithook(hear)
    return opened
