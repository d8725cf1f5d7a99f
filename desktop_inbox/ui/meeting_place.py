"""Where a second start of the program finds the window of a workspace.

Asked before the first frame, so it does without Qt's network, which takes as long to import as a
screenful of rows to paint.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zlib import crc32


def name_of(data_dir: str) -> str:
    """Return the name of the socket that the window on a workspace listens at."""
    return f"desktop-inbox-{crc32(os.fsencode(data_dir)):08x}"


def may_be_taken(data_dir: str) -> bool:
    """Tell whether a window may listen there already; who was killed leaves the place behind."""
    if sys.platform == "win32":  # a pipe there is no file that could be seen without knocking
        return True
    folder = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - where Qt puts its sockets
    return (Path(folder) / name_of(data_dir)).exists()
