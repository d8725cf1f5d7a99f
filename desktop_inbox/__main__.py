"""The entry: looks at the arguments, then hands over to the command line or the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    _give_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["parse-worker"]:
        # Before anything else is imported: the engine waits for this process, and it needs little.
        from desktop_inbox.sync import parse_worker

        return parse_worker.main()
    if given[:1] == ["spell-worker"]:
        from desktop_inbox import spell_worker

        return spell_worker.main()
    from desktop_inbox.cli.arguments import parse

    options = parse(given)
    if options.module is not None:
        from desktop_inbox.cli import entry

        return entry.run(options)
    from desktop_inbox import app

    return app.run(options)


def _give_streams() -> None:
    """Put something behind the standard streams where a system starts windows without any."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - to the end


if __name__ == "__main__":
    sys.exit(main())
