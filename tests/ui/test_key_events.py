"""What a key means on the keyboards of our users: Turkish Q and F, Russian, French, with Alt Gr."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.key_events import chords, is_command, is_third_level, parse, portable

M = Qt.KeyboardModifier
NONE, SHIFT, CONTROL, ALT, ALT_GR = (
    M.NoModifier,
    M.ShiftModifier,
    M.ControlModifier,
    M.AltModifier,
    M.GroupSwitchModifier,
)


def event(key: int, modifiers: Qt.KeyboardModifier, text: str, scan_code: int = 0) -> QKeyEvent:
    """A press as the X server reports it: `scan_code` is the number of the key on the board."""
    return QKeyEvent(QEvent.Type.KeyPress, int(key), modifiers, scan_code, 0, 0, text)


def means(found: tuple[int, ...]) -> list[str]:
    return [portable((chord,)) for chord in found]


@pytest.mark.parametrize(
    ("what", "press", "expected"),
    [
        ("a letter", event(Qt.Key.Key_J, NONE, "j", 44), "J"),
        ("with caps lock", event(Qt.Key.Key_J, NONE, "J", 44), "J"),
        ("a capital", event(Qt.Key.Key_I, SHIFT, "I", 31), "Shift+I"),
        ("Turkish dotless i", event(0x131, NONE, "ı", 31), "I"),
        ("Turkish dotted capital", event(0x130, SHIFT, "İ", 48), "Shift+I"),
        ("# on an American keyboard", event(Qt.Key.Key_NumberSign, SHIFT, "#", 12), "#"),
        ("# on Turkish Q", event(Qt.Key.Key_NumberSign, ALT_GR, "#", 12), "#"),
        ("# as Windows says it", event(Qt.Key.Key_3, CONTROL | ALT, "#", 4), "#"),
        ("# on a German keyboard", event(Qt.Key.Key_NumberSign, NONE, "#", 51), "#"),
        ("? on Turkish Q", event(Qt.Key.Key_Question, SHIFT, "?", 20), "?"),
        ("/ on Turkish Q", event(Qt.Key.Key_Slash, SHIFT, "/", 16), "/"),
        ("* on Turkish Q", event(Qt.Key.Key_Asterisk, NONE, "*", 20), "*"),
        ("[ on Turkish F", event(Qt.Key.Key_BracketLeft, ALT_GR, "[", 17), "["),
        ("keypad *", event(Qt.Key.Key_Asterisk, M.KeypadModifier, "*", 63), "*"),
        ("enter", event(Qt.Key.Key_Enter, CONTROL | M.KeypadModifier, "", 104), "Ctrl+Return"),
        ("shift and tab", event(Qt.Key.Key_Backtab, SHIFT, "", 23), "Shift+Tab"),
        ("a function key", event(Qt.Key.Key_F6, SHIFT, "", 72), "Shift+F6"),
        ("a command", event(Qt.Key.Key_P, CONTROL | SHIFT, "\x10", 33), "Ctrl+Shift+P"),
        ("a comma", event(Qt.Key.Key_Comma, CONTROL, "", 59), "Ctrl+,"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)  # fmt: skip
def test_a_sign_means_itself_however_it_is_written(
    what: str, press: QKeyEvent, expected: str
) -> None:
    assert means(chords(press))[0] == expected


@pytest.mark.parametrize(
    ("press", "expected"),
    [
        (event(0x41E, NONE, "о", 44), "J"),  # Russian о lies on j
        (event(0x423, NONE, "у", 26), "E"),
        (event(0x428, SHIFT, "Ш", 31), "Shift+I"),
        (event(0x425, NONE, "х", 34), "["),
        (event(0x2116, SHIFT, "№", 12), "#"),
        (event(0x41B, CONTROL, "", 45), "Ctrl+K"),
        (event(0x3BE, NONE, "ξ", 44), "J"),  # Greek
        (event(0x5D7, NONE, "ח", 44), "J"),  # Hebrew
        (event(0x62A, NONE, "ت", 44), "J"),  # Arabic
        (event(Qt.Key.Key_Ampersand, CONTROL, "", 10), "Ctrl+1"),  # French
        (event(Qt.Key.Key_Asterisk, CONTROL | SHIFT, "", 17), "Ctrl+Shift+8"),
    ],
)
def test_a_letter_of_another_script_also_means_the_latin_one_on_its_key(
    press: QKeyEvent, expected: str
) -> None:
    assert means(chords(press))[-1] == expected


@pytest.mark.parametrize(
    "press",
    [
        event(0x15E, NONE, "ş", 47),  # where an American keyboard has ;
        event(0x11E, NONE, "ğ", 34),  # [
        event(0xD6, NONE, "ö", 59),
        event(Qt.Key.Key_Eacute, ALT_GR, "é", 26),  # Alt Gr and e
        event(Qt.Key.Key_E, CONTROL | ALT, "€", 18),  # the same on Windows
        event(0x20AC, ALT_GR, "€", 26),
    ],
)
def test_a_latin_letter_that_no_command_has_is_no_command(press: QKeyEvent) -> None:
    known = {keys[0] for spec in TABLE for keys in map(parse, spec.keys)}
    assert known.isdisjoint(chords(press))


@pytest.mark.parametrize("key", [Qt.Key.Key_Shift, Qt.Key.Key_AltGr, Qt.Key.Key_Control, 0])
def test_a_modifier_alone_means_nothing(key: int) -> None:
    assert chords(event(key, SHIFT, "")) == ()


def test_ctrl_alt_and_a_letter_that_writes_nothing_stays_a_command() -> None:
    press = event(Qt.Key.Key_J, CONTROL | ALT, "\n", 44)
    assert not is_third_level(press)
    assert means(chords(press)) == ["Ctrl+Alt+J"]


@pytest.mark.parametrize(
    ("keys", "command"),
    [("E", False), ("Shift+I", False), ("#", False), ("*", False), ("Del", False),
     ("Return", False), ("Ctrl+K", True), ("F6", True), ("Shift+F6", True),
     ("Ctrl+Alt+Return", True)],
)  # fmt: skip
def test_inside_a_text_only_what_writes_nothing_may_be_a_command(keys: str, command: bool) -> None:
    assert is_command(parse(keys)[0]) is command


def test_every_key_of_the_table_can_be_read_and_written() -> None:
    for spec in TABLE:
        for keys in spec.keys:
            assert portable(parse(keys)) == keys, spec.id


@pytest.mark.parametrize("text", ["", "Ctrl+", "Hyperspace", "Shift", "Ctrl+Foo", "G, Nonsense"])
def test_what_is_no_key_is_none(text: str) -> None:
    assert parse(text) == ()


@given(
    st.integers(min_value=0, max_value=0x10FFFF),
    st.integers(min_value=0, max_value=31),
    st.text(max_size=3),
    st.integers(min_value=0, max_value=300),
)
def test_no_event_is_too_odd(key: int, held: int, text: str, scan_code: int) -> None:
    modifiers = M(held << 25)
    for chord in chords(event(key, modifiers, text, scan_code)):
        assert chord > 0
