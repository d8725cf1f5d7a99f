"""Fields of one's own: what a value has to be, by the kind of its field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from desktop_inbox.domain.errors import UserError

MAX_LENGTH = 2000  # characters of one value


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


def checked(kind: str, written: str, *, name: str, choices: Sequence[str] = ()) -> str:
    """Return a value in the form in which it is kept; '' takes it away.

    Numbers may have a comma or a point, dates are ISO or day.month.year.

    Raises:
        UserError: "field-not-a-number", "field-not-a-date" or "field-not-a-choice" (name, value,
            choices); "field-too-long" (name).
    """
    value = " ".join(written.split()) if kind != FieldKind.TEXT else written.strip()
    if len(value) > MAX_LENGTH:
        raise UserError("field-too-long", name=name)
    if not value or kind == FieldKind.TEXT:
        return value
    if kind == FieldKind.NUMBER:
        return _number(value, name)
    if kind == FieldKind.DATE:
        return _date(value, name)
    found = next((one for one in choices if one.casefold() == value.casefold()), None)
    if found is None:
        raise UserError("field-not-a-choice", name=name, value=value, choices=", ".join(choices))
    return found


def _number(value: str, name: str) -> str:
    text = value.replace(" ", "")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise UserError("field-not-a-number", name=name, value=value)
    return f"{number:f}"


def _date(value: str, name: str) -> str:
    parts = value.replace("/", ".").split(".")
    try:
        if len(parts) == 3:
            day, month, year = (int(part) for part in parts)
            return date(year, month, day).isoformat()
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise UserError("field-not-a-date", name=name, value=value) from error
