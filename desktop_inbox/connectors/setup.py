"""How an account is set up without knowing the interface: fields to fill in, checks to report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    HOST = "host"
    PORT = "port"
    CHOICE = "choice"
    FILE = "file"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to ask for. `title` is marked with N_ and translated by whoever shows it."""

    name: str
    title: str
    type: FieldType = FieldType.TEXT
    secret: bool = False
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step of a real connection test; `detail` is the server's answer, '' if all went well."""

    step: str  # "receive" or "send", a colon, and the step that decided: "receive:sign-in"
    ok: bool
    detail: str = ""
    cause: str = ""  # a TransientCause, AuthReason or PermanentReason value
