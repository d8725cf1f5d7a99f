"""Looking inside what vendors post, without account or store. Hostile input, no network."""

from __future__ import annotations

import base64
import sys
from argparse import Namespace
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from desktop_inbox.cli.output import iso, one_line
from desktop_inbox.cli.session import Session
from desktop_inbox.connectors import webhooks
from desktop_inbox.domain.errors import UserError


def webhook(session: Session, options: Namespace) -> None:
    """Say what each file's payloads bring, in the shape of the connector contract."""
    now = datetime.now(UTC)
    for file in options.files:
        try:
            items = webhooks.read(options.kind, _bytes(file), now=now)
        except ValueError as error:
            raise UserError("no-file", path=file, detail=str(error)) from error
        value = {"file": str(file), "items": [described(item) for item in items]}
        told = [f"{type(item).__name__:10} {_told(item)}" for item in items]
        session.output.item(value, "\n".join((f"{file}: {len(items)}", *told)))


def described(value: object) -> object:
    """Return an item, and all in it, as JSON values; its type stands beside its fields."""
    if is_dataclass(value):
        parts = {one.name: described(getattr(value, one.name)) for one in fields(value)}
        return {"type": type(value).__name__} | parts
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (tuple, list)):
        return [described(one) for one in value]
    return value


def _told(item: object) -> str:
    words = (str(getattr(item, name, "")) for name in ("external_id", "text", "state", "why"))
    return one_line(" ".join(filter(None, words)), most=100)


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
