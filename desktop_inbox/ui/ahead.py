"""Loads Qt's libraries on another processor while PySide is imported for the first time.

Python holds its lock while it loads a library, and again while it compiles what PySide carries as
text, twice as long: one after the other. A foreign call of the system's loader holds no lock. What
it has loaded the import finds there; what it could not, the import loads, or says why not.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = (
    "PySide6/QtWidgets.abi3.so",
    "PySide6/QtGui.abi3.so",
    "PySide6/QtCore.abi3.so",
    "PySide6/QtSvg.abi3.so",
    f"sqlcipher3/_sqlite3{EXTENSION_SUFFIXES[0]}",
)
FONTS = "libfontconfig.so.1"
# Python's own that PySide imports, and libraries with them: the system loads one at a time, and the
# import would wait for ours.
_BEFORE = ("inspect", "tempfile", "zipfile")


def start() -> None:
    """Begin to load in a thread of its own, on Linux; elsewhere all of it is left to the import."""
    pyside = find_spec("PySide6") if sys.platform == "linux" else None
    if pyside is None or not pyside.submodule_search_locations:
        return
    for module in _BEFORE:
        import_module(module)
    folder = Path(pyside.submodule_search_locations[0]).parent
    threading.Thread(target=load, args=(folder,), name="ahead", daemon=True).start()


def load(folder: Path) -> None:
    """Load what lies in the folder of installed packages, or of a frozen program. Any thread."""
    # The fonts are looked up first: meanwhile the import gets to the one library it waits for.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(FONTS).FcInit()
    open_library: Callable[..., int | None] = ctypes.CDLL(None).dlopen
    for name in LIBRARIES:
        open_library(ctypes.c_char_p(os.fsencode(folder / name)), os.RTLD_LAZY)
