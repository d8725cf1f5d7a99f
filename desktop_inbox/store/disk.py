"""What a power cut must not undo: names and bytes pushed down to the disk. Any thread."""

from __future__ import annotations

import os
from pathlib import Path


def settle_file(path: Path) -> None:
    """Return once the bytes of the file are on the disk. *Raises:* OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def settle_folder(folder: Path) -> None:
    """Return once the names in the folder are on the disk. *Raises:* OSError."""
    if os.name == "nt":  # NTFS journals names, and a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
