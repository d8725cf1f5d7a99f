"""Our own window, started as a user starts it, and what it reports of itself.

`start` runs it until its rows are painted, `tick` until its accounts are caught up, or for a few
seconds where it has none, `work` until somebody has worked in it.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import Any

from desktop_inbox import __main__ as program
from desktop_inbox import app


def main(arguments: list[str]) -> int:
    """Start the program on a workspace, with something that watches its window."""
    kind, data_dir = arguments
    app.window = partial(_window, app.window, kind)
    return program.main(["--data-dir", data_dir])


def _window(window: Any, kind: str, *parts: Any, **more: Any) -> int:
    gc.disable()  # as the program does before it imports its window
    from desktop_inbox.ui import application  # and before PySide6, as there

    from bench import watchers  # isort: skip

    application.MainWindow = watchers.watched(kind)  # type: ignore[attr-defined]
    return int(window(*parts, **more))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
