"""Where a second start of the program finds the window of a workspace.

Asked before the first frame, so it does without Qt's network, which takes as long to import as a
screenful of rows to paint.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCryptographicHash, QDir


def name_of(data_dir: str) -> str:
    """Return the name of the socket that the window on a workspace listens at."""
    digest = QCryptographicHash.hash(data_dir.encode(), QCryptographicHash.Algorithm.Sha256)
    return f"desktop-inbox-{bytes(digest.toHex().data()).decode()[:16]}"


def may_be_taken(data_dir: str) -> bool:
    """Tell whether a window may listen there already; who was killed leaves the place behind."""
    # A pipe of Windows is no file that could be looked for without knocking.
    return sys.platform == "win32" or (Path(QDir.tempPath()) / name_of(data_dir)).exists()
