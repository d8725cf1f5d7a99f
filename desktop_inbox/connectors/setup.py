"""How an account is set up without knowing the interface: fields to fill in, checks to report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    HOST = "host"
    PORT = "port"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"  # a choice of "no" and "yes"
    FILE = "file"
    DATE = "date"


class FieldGroup(StrEnum):
    """What a field is about; whoever shows fields keeps those of a group together."""

    ACCOUNT = "account"
    CONNECTION = "connection"  # what is changed here is tried before it is kept
    MAILBOX = "mailbox"  # what becomes of things on the server
    CONVERSATIONS = "conversations"
    AUTOMATIC = "automatic"


_PORTS = (1, 65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to ask for. `title` is marked with N_ and translated by whoever shows it."""

    name: str
    title: str
    type: FieldType = FieldType.TEXT
    secret: bool = False
    required: bool = False
    default: str = ""
    worded: bool = False  # the default is words for people, marked with N_
    choices: tuple[str, ...] = ()
    choice_titles: tuple[str, ...] = ()  # one for each choice, marked with N_
    help: str = ""  # one line, marked with N_
    group: FieldGroup = FieldGroup.ACCOUNT
    fixed: bool = False  # cannot be changed once the account is there
    least: int = 0  # of a NUMBER
    most: int = 0  # of a NUMBER; of a text in characters, 0 for any length

    def takes(self, value: str) -> bool:
        """Tell whether `value` may be kept; empty stands for the default."""
        if not value:
            return not self.required
        match self.type:
            case FieldType.CHOICE | FieldType.SWITCH:
                return value in self.choices
            case FieldType.PORT:
                return _is_number(value, *_PORTS)
            case FieldType.NUMBER:
                return _is_number(value, self.least, self.most)
            case FieldType.DATE:
                return _is_day(value)
            case FieldType.HOST:
                return value.isprintable() and " " not in value
            case FieldType.LONG_TEXT:
                return not self.most or len(value) <= self.most
            case FieldType.TEXT | FieldType.EMAIL | FieldType.FILE:
                return value.isprintable()


def _is_number(text: str, least: int, most: int) -> bool:
    # By length first: what is longer than any number there can be is not worked out.
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return digits and least <= int(text) <= most


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step of a real connection test; `detail` is the server's answer, '' if all went well."""

    step: str  # "receive" or "send", a colon, and the step that decided: "receive:sign-in"
    ok: bool
    detail: str = ""
    cause: str = ""  # a TransientCause, AuthReason or PermanentReason value
