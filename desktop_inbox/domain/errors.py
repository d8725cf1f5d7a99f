"""Refusals that a person must be told about: a code and its values, worded elsewhere."""

from __future__ import annotations


class UserError(Exception):
    """Something a person asked for cannot be done, and they can do something about it.

    `code` is stable and kebab-case, such as "no-recipient"; `values` fill the sentence that the
    interface has for it.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code} ({details})" if details else self.code
