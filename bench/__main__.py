"""`python3 dev.py bench [NAME…]`: measure, and print each figure beside its anchor."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time
from collections.abc import Iterable

from bench.figures import Line, table
from bench.options import Options

# Each name is a module with `measure(options)`, imported when it is asked for.
BENCHMARKS = {
    "parsing": "taking messages apart, beside Python’s email",
    "lists": "list pages at a million rows, beside bare SQL",
    "searches": "search at a million messages, by every operator",
    "opening": "opening conversations, moving in the list, acting on many",
    "sync": "first sync from Dovecot, beside a bare drain and mbsync + notmuch",
    "window": "start, and the tick during a first sync, beside an empty window",
    "packages": "what is handed out: start, beside the source, and size",
}


def main(arguments: list[str]) -> int:
    """Run what was asked for and print its table. Figures that fall short are not a failure."""
    parsed = _parser().parse_args(arguments)
    unknown = sorted(set(parsed.names) - set(BENCHMARKS))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}", file=sys.stderr)
        return 2
    options = Options(
        messages=parsed.messages, rows=parsed.rows, rounds=parsed.rounds, seed=parsed.seed
    )
    print(
        f"{options.messages:,} messages, {options.rows:,} rows, {options.rounds} rounds, seed"
        f" {options.seed}, Python {platform.python_version()}, {platform.system()}"
    )
    for name in parsed.names or BENCHMARKS:
        _run(name, options)
    return 0


def _run(name: str, options: Options) -> None:
    print(f"\n{name}: {BENCHMARKS[name]}", flush=True)
    began = time.perf_counter()
    measured: Iterable[Line] = importlib.import_module(f"bench.{name}").measure(options)
    lines = list(measured)
    print(table(lines))
    print(f"· measured in {time.perf_counter() - began:.0f} s", flush=True)


def _parser() -> argparse.ArgumentParser:
    default = Options()
    listed = "\n".join(f"  {name:<9} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="dev.py bench",
        description=f"Measures beside an anchor in the same run. Without a name, all of:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--messages", type=int, default=default.messages)
    parser.add_argument("--rows", type=int, default=default.rows)
    parser.add_argument("--rounds", type=int, default=default.rounds)
    parser.add_argument("--seed", type=int, default=default.seed)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
