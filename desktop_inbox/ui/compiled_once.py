"""Keeps what PySide compiles of itself, as Python does for every other module.

PySide carries some modules as source text in an archive inside of its library, and compiles them
whenever it is imported: a tenth of the time to our first frame. What comes of it is put beside our
own byte code, and is used again as long as the source is the same.
"""

from __future__ import annotations

import builtins
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from typing import Any

_PACKAGE = "shibokensupport/"  # how PySide names the files of its archive
# Writes the stubs that type checkers read. No program does, but it makes itself ready for that
# whenever it is imported, with regular expressions that take as long to compile as all the rest.
_NOT_FOR_PROGRAMS = "shibokensupport/signature/lib/pyi_generator.py"


@contextmanager
def compiled_once(kept_in: Path | None = None) -> Iterator[None]:
    """Import PySide for the first time in here. Only one thread may run yet."""
    path = kept_in or Path(cache_from_source(__file__)).with_suffix(".pyside")
    known = _read(path)
    before = len(known)
    own_compile = builtins.compile

    def compile_(source: Any, filename: Any, mode: str, *more: Any, **named: Any) -> Any:
        if more or named or not isinstance(source, bytes) or not _is_pyside(filename):
            return own_compile(source, filename, mode, *more, **named)
        if filename == _NOT_FOR_PROGRAMS:
            source = b""
        key = f"{filename} {source_hash(source).hex()}"
        if key not in known:
            known[key] = own_compile(source, filename, mode)
        return known[key]

    builtins.compile = compile_
    try:
        yield
    finally:
        builtins.compile = own_compile
    if len(known) > before and not sys.dont_write_bytecode:
        _write(path, known)


def _is_pyside(filename: Any) -> bool:
    return isinstance(filename, str) and filename.startswith(_PACKAGE)


def _read(path: Path) -> dict[str, Any]:
    """Return the code objects by name and source; none where they cannot be read."""
    try:
        found = marshal.loads(path.read_bytes())  # noqa: S302 - ours, beside our own byte code
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, known: dict[str, Any]) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):  # an installation that only others may write to
        scratch.write_bytes(marshal.dumps(known))
        scratch.replace(path)
