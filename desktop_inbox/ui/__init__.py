"""The window. It is painted before most of the program is imported.

What the first frame shows, the navigation and the list, imports neither SQLAlchemy nor asyncio
nor the other panes; together these take several times as long as the frame itself. Such modules
import their queries inside the functions that a reader thread runs. What the first frame needs of
plain values is named tuples rather than data classes, which Python writes as text and compiles
each time the program starts: five times as long for each class. tests/test_imports.py guards the
list of what must not come in.
"""

from __future__ import annotations

import builtins

from desktop_inbox.ui import ahead

_own_import = builtins.__import__

ahead.start()
import PySide6.QtCore  # noqa: E402 - what it does to importing is undone below

# PySide puts a function of its own in the place of Python's `import`, for its `__feature__`
# switches. It reads the whole source of every module imported afterwards, to see whether PySide is
# named there, and keeps it: a third of the time to our first frame, and 16 MB. We use no switch.
builtins.__import__ = _own_import
del PySide6
