"""The HTML of messages, made safe at the moment somebody looks at it.

Mail keeps its HTML in the raw message alone; what was written here lies in the store. Reads files
and takes milliseconds: for reader threads and the command line, never for the window's thread.
"""

from __future__ import annotations

from desktop_inbox.mime.html.safe import inert
from desktop_inbox.mime.readable import Readable, readable_html
from desktop_inbox.store import raw_mails
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import MessageRow

_NOTHING = Readable(html="", remote=0)


def has_html(message: MessageRow) -> bool:
    """Tell whether a message has a form with layout, besides its text."""
    return message.has_html or bool(message.html.strip())


def readable(files: Files, message: MessageRow, *, allow_remote: bool = False) -> Readable:
    """Return a message's HTML made inert, and about how much it would load from the web.

    It is empty where the message has none, and where its raw file is gone: the text of a message
    is in the store whatever happens to its file.
    """
    if message.html.strip():
        return Readable(html=inert(message.html, allow_remote=allow_remote), remote=0)
    if not message.has_html or not message.raw_sha256:
        return _NOTHING
    try:
        raw = raw_mails.read(files, message)
    except FileNotFoundError:
        return _NOTHING
    return readable_html(raw, allow_remote=allow_remote)


def safe_html(files: Files, message: MessageRow, *, allow_remote: bool = False) -> str:
    """Return only the HTML of `readable`."""
    return readable(files, message, allow_remote=allow_remote).html
