"""Column types: times that refuse to be naive, and JSON that stays small."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from desktop_inbox.store.moments import from_milliseconds, to_milliseconds


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime kept as integer milliseconds since 1970, so that it sorts and compares."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)


class Json(TypeDecorator[object]):
    """Something we never filter on, kept as compact JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else msgspec.json.decode(value)
