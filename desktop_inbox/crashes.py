"""What is left of a program that ended in the middle: where each of its threads was.

A fault below Python, such as in a library, ends a program without a word. The interpreter then
writes its threads into a file beside the log, and the next start finds it. A leaf; called once a
process, on any thread.
"""

from __future__ import annotations

import faulthandler
import logging
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

FILE_NAME = "crash.txt"
_MOST_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class _Watch:
    """The file that is written to in the last moment; it has to be open before."""

    def __init__(self) -> None:
        self.file: BinaryIO | None = None
        self.path: Path | None = None
        self.found = ""


_watch = _Watch()


def watch(folder: Path) -> None:
    """Read what the last program left in `folder`, and be ready to leave something there."""
    path = folder / FILE_NAME
    try:
        if path.exists():
            _watch.found = path.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace").strip()
        if faulthandler.is_enabled():  # somebody else, such as a debugger, wants to know
            return
        _watch.file, _watch.path = path.open("wb"), path
    except OSError as error:
        logger.info("a crash would leave no report: %s", error.strerror)
        return
    faulthandler.enable(_watch.file)
    if _watch.found:
        logger.warning("the program ended in the middle last time")


def found() -> str:
    """Return what the program before this one left, '' where it ended as it should."""
    return _watch.found


def end() -> None:
    """The program ends as it should: leave nothing. Idempotent."""
    if _watch.file is None or _watch.path is None:
        return
    faulthandler.disable()
    _watch.file.close()
    with suppress(OSError):
        _watch.path.unlink(missing_ok=True)
    _watch.file = _watch.path = None
