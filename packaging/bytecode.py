"""Compiles what others wrote without its docstrings, which nobody reads in a frozen copy.

Our own modules keep theirs: what runs is what was tested, and a dataclass without one spells out
its signature at every start.
"""

from __future__ import annotations

import py_compile
import sysconfig
from pathlib import Path

Entry = tuple[str, str, str]  # where it comes to lie, where it is now, what it is

# Those that explain themselves at length, and are the larger for it.
TALKATIVE = frozenset(
    {"alembic", "anyio", "dns", "h2", "holidays", "httpx", "more_itertools", "pymap", "pypdf",
     "slixmpp", "sqlalchemy"}
)  # fmt: skip


def without_docstrings(entry: Entry, folder: Path) -> Entry:
    """Put a smaller copy in the place of a module, made below `folder`."""
    name, _source, kind = entry
    place = Path(name)
    if place.suffix != ".pyc" or place.parts[0] not in TALKATIVE:
        return entry
    source = place.with_suffix(".py")
    py_compile.compile(
        str(Path(sysconfig.get_path("purelib")) / source),
        cfile=str(folder / place),
        dfile=source.as_posix(),
        doraise=True,
        optimize=2,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    return name, str(folder / place), kind
