"""What a command says: one JSON document, JSON lines, or the same facts as text for a person."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime


class Failure(Exception):
    """A command cannot be carried out; `text` is one line that says why and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = " ".join(text.split())


class Output:
    """Standard output and error of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            # Other people's names are UTF-8 wherever the output goes; half a surrogate must not
            # end a command.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(encoding="utf-8", errors="replace")

    def document(self, value: object, lines: Iterable[str] = ()) -> None:
        """Print the one answer of a command: `value` as JSON, or `lines` for a person."""
        if self.as_json:
            self._print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))
        else:
            for line in lines:
                self._print(line)

    def item(self, value: object, line: str) -> None:
        """Print one of many answers, at once: whoever reads may be waiting for it."""
        if self.as_json:
            self._print(json.dumps(value, ensure_ascii=False, default=_plain))
        else:
            self._print(line)
        self.flush()

    def failure(self, failure: Failure) -> None:
        """Say why nothing came of it."""
        if self.as_json:
            error = {"error": {"code": failure.code, "message": failure.text}}
            self._print(json.dumps(error, ensure_ascii=False))
        sys.stdout.flush()
        sys.stderr.write(f"desktop-inbox: {failure.text}\n")

    def flush(self) -> None:
        """Hand over what was printed so far. *Raises:* BrokenPipeError."""
        sys.stdout.flush()

    def abandon(self) -> None:
        """Forget what could not be handed over, so that the interpreter does not try at its end."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _print(self, text: str) -> None:
        sys.stdout.write(text + "\n")


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, None for none."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(
        timespec="milliseconds" if moment.microsecond else "seconds"
    )
    return text.replace("+00:00", "Z")


def listing(rows: Sequence[object], next_key: object = None) -> dict[str, object]:
    """Return the shape in which every list is answered."""
    return {"rows": list(rows), "next": next_key}


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    """Return rows in aligned columns for a person; nothing at all where there is no row."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(row[at]) for row in [header, *cells]) for at in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(header), *cells]
    ]


def one_line(value: object, *, most: int = 60) -> str:
    """Return a value for a cell: no control characters, since other people chose it."""
    text = iso(value) or "" if isinstance(value, datetime) else str(value)
    if value is None:
        text = "-"
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def safe_text(text: str) -> str:
    """Return other people's text for a terminal: no escape sequences, line breaks kept."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
