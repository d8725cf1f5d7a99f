"""The log: a rotating file in ISO UTC, and the last records in memory for a crash report.

What it writes bears no address, token or body, so that it can be handed to support as it is.
"""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import MutableMapping
from pathlib import Path

_KEPT_RECORDS = 500
_FILE_BYTES = 2 * 1024 * 1024
_OLD_FILES = 4  # with the current one: five
_LONGEST_MESSAGE = 2_000  # characters; what is longer is a body that somebody logged

# Compiled when a line is written first, and kept by `re`: the window is painted before that. The
# second is a secret behind its name.
_ADDRESS = r"[^\s<>()\[\],;:\"'=]{1,64}@[^\s<>()\[\],;:\"'=]{1,255}"
_NAMED = (
    r"(?i)(?:\b|(?<=_))(pass(?:word|phrase|wd)?|secret|token|authorization|api[_-]?key|bearer"
    r"|auth(?: plain| login)?)"
    r"(\W{1,4})(?!<)(?:bearer\s+|basic\s+)?[^\s,;)}\]]+"
)
_QUOTED = r"'[^'\n]{40,}'|\"[^\"\n]{40,}\"|“[^”\n]{40,}”"
_LONG_CODE = r"\b(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{40,}={0,2}"


def start(folder: Path | None, *, verbose: bool = False) -> None:
    """Send every record to `folder`/desktop-inbox.log and to the memory of the last 500.

    Called once a process; a window that hurries names the folder in a second call. A folder that
    cannot be written (a full or read-only disk) costs the file only, never the start.
    """
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    root.addHandler(_memory)
    if folder is None:
        return
    from logging.handlers import RotatingFileHandler  # with sockets and all: not before needed

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            folder / "desktop-inbox.log",
            maxBytes=_FILE_BYTES,
            backupCount=_OLD_FILES,
            encoding="utf-8",
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error.strerror)
        return
    file.setFormatter(RedactingFormatter())
    root.addHandler(file)


def folder() -> Path | None:
    """Return where the log file lies, None where none is written."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            return Path(handler.baseFilename).parent
    return None


def recent() -> list[str]:
    """Return the last records, oldest first, as they stand in the file."""
    return list(_memory.lines)


def faults() -> list[str]:
    """Return the last records that tell of a fault of ours."""
    return [line for line in recent() if f" {logging.getLevelName(logging.ERROR)} " in line]


def redact(text: str) -> str:
    """Return `text` without addresses, secrets and anything as long as a body."""
    text = re.sub(_NAMED, r"\1\2<secret>", text)
    text = re.sub(_ADDRESS, "<address>", text)
    text = re.sub(_LONG_CODE, "<code>", text)
    if len(text) > _LONGEST_MESSAGE:
        text = f"{text[:_LONGEST_MESSAGE]}… <{len(text) - _LONGEST_MESSAGE} more>"
    return text


def for_others(text: str) -> str:
    """Return a report fit to be handed on: each line redacted, without what people wrote.

    What a fault says of itself may quote a message, and a path bears its owner's name.
    """
    text = text.replace(str(Path.home()), "~")
    return "\n".join(map(_fit_for_others, text.splitlines()))


def _fit_for_others(line: str) -> str:
    if line.lstrip().startswith('File "'):  # a place in the program
        return line
    return redact(re.sub(_QUOTED, _told, line))


def _told(quoted: re.Match[str]) -> str:
    mark = quoted[0][0]
    return f"{mark}<{len(quoted[0]) - 2} characters>{mark}"


def for_account(logger: logging.Logger, account_id: int) -> logging.LoggerAdapter[logging.Logger]:
    """Return a logger whose lines say which account they are about."""
    return _AccountLogger(logger, {"account_id": account_id})


class RedactingFormatter(logging.Formatter):
    """One line a record, with the traceback below it. Secrets are removed at every level.

    Addresses and bodies are wanted while somebody hunts a fault, so DEBUG keeps the former.
    """

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.levelno < logging.INFO:
            return re.sub(_NAMED, r"\1\2<secret>", text)
        if record.exc_info:
            # A traceback is long and is ours; only its ends are judged for length.
            return "\n".join(redact(line) for line in text.splitlines())
        return redact(text)


class _AccountLogger(logging.LoggerAdapter[logging.Logger]):
    def process(
        self, msg: object, kwargs: MutableMapping[str, object]
    ) -> tuple[object, MutableMapping[str, object]]:
        account_id = self.extra["account_id"] if self.extra else ""
        return f"acc={account_id} {msg}", kwargs


class _Memory(logging.Handler):
    """The last records as lines, for the crash report."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(RedactingFormatter())
        self.lines: deque[str] = deque(maxlen=_KEPT_RECORDS)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_memory = _Memory()
