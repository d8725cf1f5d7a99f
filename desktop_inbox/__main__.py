"""The entry: looks at the arguments, then hands over to the command line or the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
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


if __name__ == "__main__":
    sys.exit(main())
