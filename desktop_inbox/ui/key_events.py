"""What a press of a key means, whatever layout the keyboard has. Pure functions of a key event.

A chord is one key with its modifiers, as the number Qt makes of both.
"""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

_Modifier = Qt.KeyboardModifier
_COMMAND = _Modifier.ControlModifier | _Modifier.AltModifier
_COUNTED = _COMMAND | _Modifier.ShiftModifier | _Modifier.MetaModifier

_FIRST_NAMED = 0x01000000  # from here on Qt numbers keys that write nothing
_SAME = {Qt.Key.Key_Enter: Qt.Key.Key_Return, Qt.Key.Key_Backtab: Qt.Key.Key_Tab}
_NO_CHORD = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_Hyper_L,
        Qt.Key.Key_Hyper_R,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
        Qt.Key.Key_Mode_switch,
        Qt.Key.Key_Multi_key,
        Qt.Key.Key_unknown,
    }
)

# Where the signs of an American keyboard lie: by scan code (Linux adds 8), and on a Mac.
_BY_SCAN_CODE = {
    first + place: sign
    for first, signs in (
        (2, "1234567890-="),
        (16, "qwertyuiop[]"),
        (30, "asdfghjkl;'`"),
        (43, "\\zxcvbnm,./"),
    )
    for place, sign in enumerate(signs)
}
_ON_A_MAC = dict(enumerate("asdfhgzxcv bqweryt123465=97-80]ou[ip lj'k;\\,/nm."))
_LINUX_OFFSET = 8
_SHIFTED = dict(zip("1234567890-=[]\\;',./`", '!@#$%^&*()_+{}|:"<>?~', strict=True))
_I = {"İ": "I", "ı": "I"}  # on a Turkish keyboard both are the letter of the command


def chords(event: QKeyEvent) -> tuple[int, ...]:
    """Return what a press may stand for, the likeliest first; nothing for a modifier alone.

    A sign stands for itself, with whatever keys it is written: `#` is Shift+3, Alt Gr+3 or a key
    of its own. A letter of another script also stands for the Latin one on the same key.
    """
    key = event.key()
    if key in _NO_CHORD or not key:
        return ()
    modifiers = event.modifiers() & _COUNTED
    if key >= _FIRST_NAMED:
        return (_chord(_SAME.get(Qt.Key(key), key), modifiers),)
    sign, third_level = chr(key), is_third_level(event)
    if third_level:
        sign, modifiers = event.text(), modifiers & ~_COMMAND
    elif not modifiers & _COMMAND and len(event.text()) == 1 and event.text().isprintable():
        sign = event.text()
    found = [_written(sign, modifiers)]
    physical = _on_that_key(event)
    other_script = not (sign.isascii() or third_level or _is_latin(sign))
    figure = physical.isdigit() and bool(modifiers & _COMMAND)  # whatever Shift makes of it
    if figure or (physical and other_script):
        shifted = bool(modifiers & _Modifier.ShiftModifier) and not figure
        found.append(_written(_SHIFTED.get(physical, physical) if shifted else physical, modifiers))
    return tuple(dict.fromkeys(found))


def is_third_level(event: QKeyEvent) -> bool:
    """Tell whether Alt Gr wrote a sign: Windows reports Ctrl and Alt for it."""
    modifiers = event.modifiers()
    held = bool(modifiers & _Modifier.GroupSwitchModifier) or modifiers & _COMMAND == _COMMAND
    return held and len(event.text()) == 1 and event.text().isprintable()


def is_command(chord: int) -> bool:
    """Tell whether a chord writes nothing, so that it may be a command inside a text as well."""
    combination = QKeyCombination.fromCombined(chord)
    if combination.keyboardModifiers() & (_COMMAND | _Modifier.MetaModifier):
        return True
    return Qt.Key.Key_F1.value <= combination.key() <= Qt.Key.Key_F35.value


def parse(keys: str) -> tuple[int, ...]:
    """Return the chords of keys as they stand in a table, `Ctrl+K` or `G, I`; () for no keys."""
    sequence = QKeySequence.fromString(keys, QKeySequence.SequenceFormat.PortableText)
    found = tuple(
        sequence[place].toCombined()  # type: ignore[index]  # the stub forgets that it is a list
        for place in range(sequence.count())
    )
    return () if any(_names_nothing(chord) for chord in found) else found


def portable(chord_numbers: tuple[int, ...]) -> str:
    """Return chords as they stand in a table, the opposite of `parse`."""
    return QKeySequence(*chord_numbers[:4]).toString(QKeySequence.SequenceFormat.PortableText)


def _names_nothing(chord: int) -> bool:
    key = QKeyCombination.fromCombined(chord).key()
    return key in (0, Qt.Key.Key_unknown) or key in _NO_CHORD


def _written(sign: str, modifiers: Qt.KeyboardModifier) -> int:
    """Shift belongs to a letter or figure; of any other sign it is how that is written."""
    upper = _I.get(sign, sign.upper())
    if not sign.isalnum() and not sign.isspace():
        modifiers &= ~_Modifier.ShiftModifier
    return _chord(ord(upper) if len(upper) == 1 else ord(sign[0]), modifiers)


def _chord(key: int, modifiers: Qt.KeyboardModifier) -> int:
    return int(key) | modifiers.value


def _on_that_key(event: QKeyEvent) -> str:
    """Return the sign that an American keyboard has on the key, '' where there is none."""
    platform = QGuiApplication.platformName()
    if platform == "cocoa":
        return _ON_A_MAC.get(event.nativeVirtualKey(), "").strip()
    offset = 0 if platform == "windows" else _LINUX_OFFSET
    return _BY_SCAN_CODE.get(event.nativeScanCode() - offset, "")


def _is_latin(sign: str) -> bool:
    return unicodedata.name(sign[0], "").startswith("LATIN")
