"""What keys mean in a text that is being written, wherever it stands; the rest is typing.

In the window the same keys come as its actions, and may be others there (see `ui.keyboard`).
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from desktop_inbox.ui.actions import TABLE
from desktop_inbox.ui.key_events import chords, parse

_CONTROL = Qt.KeyboardModifier.ControlModifier
# What the editor calls the actions of the layout.
LAYOUT = {
    "format.bold": "bold",
    "format.italic": "italic",
    "format.underline": "underline",
    "format.link": "link",
    "format.bullets": "bullets",
    "format.numbers": "numbers",
    "format.quote": "quote",
    "paste.plain": "paste-plain",
}
_ACTIONS = LAYOUT | {"attach": "attach"}
_OTHERS = {"Ctrl+Z": "undo", "Ctrl+]": "deeper", "Ctrl+[": "shallower"}
_SENDS = {
    _CONTROL: "",
    _CONTROL | Qt.KeyboardModifier.AltModifier: "close",
    _CONTROL | Qt.KeyboardModifier.ShiftModifier: "later",
}


@cache
def _commands() -> dict[int, str]:
    known = {key: _ACTIONS[spec.id] for spec in TABLE if spec.id in _ACTIONS for key in spec.keys}
    return {parse(key)[0]: command for key, command in (known | _OTHERS).items()}


def usual_key(command: str) -> str:
    """The key of a command as it is written, '' for none."""
    ids = {_ACTIONS[name]: name for name in _ACTIONS}
    return next((spec.keys[0] for spec in TABLE if spec.id == ids[command] and spec.keys), "")


def command(event: QKeyEvent) -> str | None:
    """What a key does besides typing, None where it types."""
    if not event.modifiers() & _CONTROL:
        return None
    return next((_commands()[one] for one in chords(event) if one in _commands()), None)


def sends(event: QKeyEvent) -> str | None:
    """How Enter sends: "", "close" or "later"; None where it ends a line."""
    return _SENDS.get(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)


def is_enter(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def is_ours(event: QKeyEvent) -> bool:
    """Whether a key is meant for the text even where the window knows it as well."""
    if is_enter(event):
        return bool(event.modifiers() & _CONTROL)
    return command(event) is not None
