"""Keys in the window: dead while somebody writes, alive on every layout, asleep under a card."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.store import conversations
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.identity_editor import IdentityEditor
from desktop_inbox.ui.keyboard import takes_text
from desktop_inbox.ui.keymap import THUNDERBIRD, Keymap
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.views.key_cap import KeyCap
from tests.support.qt_waits import TIMEOUT_SECONDS, until

M = Qt.KeyboardModifier
CONTROL, ALT, SHIFT, ALT_GR = (
    M.ControlModifier,
    M.AltModifier,
    M.ShiftModifier,
    M.GroupSwitchModifier,
)


def send(
    key: int,
    modifiers: Qt.KeyboardModifier = M.NoModifier,
    text: str = "",
    *,
    scan_code: int = 0,
    held: bool = False,
) -> None:
    """Press a key as a display does: first it is asked who wants it, then it is delivered."""
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, int(key), modifiers, scan_code, 0, 0, text, held)
        event.ignore()
        QApplication.sendEvent(target, event)


async def becomes(context: AppContext, key: int, status: Status) -> None:
    """Wait until a conversation has a state; its row leaves the list before that is written."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (await context.read(lambda conn: conversations.rows(conn, [key])))[key].status != status:
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.005)


class Counted:
    """How often each action was done."""

    def __init__(self, context: AppContext) -> None:
        self.done: list[str] = []
        for action in context.actions.all():
            action.triggered.connect(partial(self._add, action.objectName()))

    def _add(self, name: str, _checked: bool = False) -> None:
        self.done.append(name)


@pytest.fixture
def counted(window: MainWindow, context: AppContext) -> Counted:
    return Counted(context)


@pytest.mark.parametrize(
    ("key", "text", "scan_code", "action"),
    [
        (0x41E, "о", 44, "list.next"),  # Russian: о lies on j
        (0x41B, "л", 45, "list.previous"),
        (0x427, "ч", 53, "list.select"),
        (0x3BE, "ξ", 44, "list.next"),  # Greek
        (Qt.Key.Key_J, "j", 39, "list.next"),  # Turkish F: j lies elsewhere
        (Qt.Key.Key_Slash, "/", 16, "search"),  # Turkish Q: over the 7
    ],
)
async def test_letters_work_on_every_layout(
    window: MainWindow, counted: Counted, key: int, text: str, scan_code: int, action: str
) -> None:
    send(key, text=text, scan_code=scan_code)
    assert counted.done == [action]


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_NumberSign, SHIFT),  # American
        (Qt.Key.Key_NumberSign, ALT_GR),  # Turkish Q on Linux
        (Qt.Key.Key_3, CONTROL | ALT),  # the same on Windows
        (Qt.Key.Key_NumberSign, M.NoModifier),  # German: a key of its own
    ],
)
async def test_a_sign_written_with_alt_gr_is_that_sign(
    window: MainWindow, context: AppContext, key: int, modifiers: Qt.KeyboardModifier
) -> None:
    first = window.list.model.ids[0]
    send(key, modifiers, "#", scan_code=12)
    await until(lambda: first not in window.list.model.ids)
    await becomes(context, first, Status.TRASH)


async def test_a_sequence_works_on_another_script(window: MainWindow, counted: Counted) -> None:
    send(0x41F, text="п", scan_code=42)  # g
    assert counted.done == []
    send(0x42B, text="ы", scan_code=39)  # s
    assert counted.done == ["go.snoozed"]


async def test_a_sequence_that_leads_nowhere_begins_anew(
    window: MainWindow, counted: Counted
) -> None:
    send(Qt.Key.Key_G, text="g")
    send(Qt.Key.Key_Shift, SHIFT)  # as for G and then a capital: no key of its own
    send(Qt.Key.Key_J, text="j")
    assert counted.done == ["list.next"]
    send(Qt.Key.Key_S, text="s")
    assert "go.snoozed" not in counted.done


async def test_a_sequence_is_forgotten_after_a_while(window: MainWindow, counted: Counted) -> None:
    from desktop_inbox.ui.keyboard import Keyboard

    (keyboard,) = window.findChildren(Keyboard)
    keyboard._forget.setInterval(1)
    send(Qt.Key.Key_G, text="g")
    await until(lambda: not keyboard._forget.isActive())
    send(Qt.Key.Key_I, text="i")
    assert counted.done == []


# --- while somebody writes ---


@pytest.mark.parametrize(
    ("key", "modifiers", "text"),
    [
        (Qt.Key.Key_E, M.NoModifier, "e"),
        (Qt.Key.Key_NumberSign, ALT_GR, "#"),
        (Qt.Key.Key_3, CONTROL | ALT, "#"),  # Alt Gr as Windows says it
        (Qt.Key.Key_I, SHIFT, "I"),
        (0x41E, M.NoModifier, "о"),
        (Qt.Key.Key_Question, SHIFT, "?"),
    ],
)
@pytest.mark.parametrize("where", ["search", "composer", "subject"])
async def test_what_writes_a_sign_is_no_command_in_a_text(
    window: MainWindow,
    counted: Counted,
    where: str,
    key: int,
    modifiers: Qt.KeyboardModifier,
    text: str,
) -> None:
    composer = window.thread_view.composer
    fields: dict[str, QWidget] = {
        "search": window.list.search.field,
        "composer": composer.editor,
        "subject": composer.subject,
    }
    if where == "subject":
        composer.begin("forward")
    field = fields[where]
    field.setFocus()
    await until(field.hasFocus)
    send(key, modifiers, text, scan_code=26)
    assert counted.done == []


async def test_the_text_keeps_its_own_keys_and_lets_through_what_it_has_no_use_for(
    window: MainWindow, context: AppContext, counted: Counted
) -> None:
    window.list.search.start()
    field = window.list.search.field
    QTest.keyClicks(field, "glaze")
    context.actions.set_state(undo=True)
    send(Qt.Key.Key_Z, CONTROL, "\x1a")
    assert counted.done == []  # the field's own undo
    send(Qt.Key.Key_P, CONTROL | SHIFT, "\x10")
    assert counted.done == ["palette"]


async def test_while_an_input_method_composes_every_key_is_its_own(
    window: MainWindow, counted: Counted
) -> None:
    editor = window.thread_view.composer.editor
    editor.setFocus()
    await until(editor.hasFocus)
    QApplication.sendEvent(editor, QInputMethodEvent("ni", []))
    send(Qt.Key.Key_P, CONTROL | SHIFT)
    send(Qt.Key.Key_F6)
    assert counted.done == []
    done = QInputMethodEvent()
    done.setCommitString("你")
    QApplication.sendEvent(editor, done)
    send(Qt.Key.Key_F6)
    assert counted.done == ["pane.next"]


async def test_keys_of_the_composer_count_there_only(
    window: MainWindow, context: AppContext, counted: Counted
) -> None:
    send(Qt.Key.Key_Return, CONTROL | SHIFT)
    assert counted.done == []
    assert not context.actions["send"].isEnabled()
    editor = window.thread_view.composer.editor
    editor.setFocus()
    await until(editor.hasFocus)
    assert context.actions["send"].isEnabled()
    send(Qt.Key.Key_Slash, CONTROL, "/")
    assert counted.done == ["canned.insert"]


async def test_control_k_means_commands_outside_a_text_and_a_link_inside_it(
    window: MainWindow, context: AppContext, counted: Counted
) -> None:
    editor = window.thread_view.composer.editor
    editor.setFocus()
    await until(editor.hasFocus)
    send(Qt.Key.Key_K, CONTROL, "\x0b")
    assert "palette" not in counted.done
    window.list.focus_list()
    send(Qt.Key.Key_K, CONTROL, "\x0b")
    assert counted.done[-1] == "palette"
    assert window.palette_overlay.isVisible()


# --- held keys, cards, other windows ---


async def test_a_held_key_walks_the_list_but_does_nothing_twice(
    window: MainWindow, context: AppContext, counted: Counted
) -> None:
    for _time in range(3):
        send(Qt.Key.Key_J, text="j", held=True)
    assert counted.done == ["list.next"] * 3
    send(Qt.Key.Key_E, text="e")
    for _time in range(5):
        send(Qt.Key.Key_E, text="e", held=True)
    assert counted.done.count("conversation.close") == 1


@pytest.mark.parametrize("card", ["settings", "help", "canned.manage"])
async def test_under_a_card_the_list_does_not_answer_to_keys(
    window: MainWindow, context: AppContext, counted: Counted, card: str
) -> None:
    context.actions[card].trigger()
    counted.done.clear()
    focus = QApplication.focusWidget()
    assert focus is not None
    while focus is not None and takes_text(focus):  # on to a button
        focus = focus.nextInFocusChain()
    assert focus is not None
    focus.setFocus()
    for key, text in ((Qt.Key.Key_E, "e"), (Qt.Key.Key_G, "g"), (Qt.Key.Key_I, "i")):
        send(key, text=text)
    assert counted.done == []
    send(Qt.Key.Key_P, CONTROL | SHIFT, "\x10")
    assert counted.done == ["palette"]


async def test_in_another_window_the_keys_are_its_own(window: MainWindow, counted: Counted) -> None:
    box = QMessageBox(window)
    box.setText("Really?")
    box.open()
    await until(box.isActiveWindow)
    send(Qt.Key.Key_E, text="e")
    assert counted.done == []
    box.close()


# --- the table and its consumers ---


async def test_every_action_of_the_table_does_something(
    window: MainWindow, context: AppContext
) -> None:
    context.actions.set_state(**dict.fromkeys({spec.when for spec in TABLE if spec.when}, True))
    idle = [one.objectName() for one in context.actions.all() if not one.isEnabled()]
    assert idle == []


async def test_another_set_changes_keys_labels_and_help_at_once(
    window: MainWindow, context: AppContext, counted: Counted
) -> None:
    context.keys.choose(Keymap(preset=THUNDERBIRD))
    send(Qt.Key.Key_F, text="f")
    assert counted.done == ["list.next"]
    send(Qt.Key.Key_J, text="j")
    assert counted.done[-1] == "conversation.spam"
    assert context.actions["reply"].shortcut().toString() == "Ctrl+R"
    assert context.actions.key_text("conversation.close") == "A"


async def test_both_brackets_close_and_move_on_to_either_side(
    window: MainWindow, context: AppContext
) -> None:
    ids = list(window.list.model.ids)
    window.list.table.choose(ids[2], by_person=True)
    send(Qt.Key.Key_BracketRight, ALT_GR, "]")
    await until(lambda: ids[2] not in window.list.model.ids)
    assert context.selected_conversation == ids[3]
    send(Qt.Key.Key_BracketLeft, ALT_GR, "[")
    await until(lambda: ids[3] not in window.list.model.ids)
    assert context.selected_conversation == ids[1]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
async def test_v_moves_where_the_menu_says(window: MainWindow, context: AppContext) -> None:
    first = window.list.model.ids[0]
    send(Qt.Key.Key_V, text="v")
    await until(QApplication.activePopupWidget)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    assert [one.text() for one in menu.actions()] == [
        "Inbox", "Closed", "Spam", "Trash", "Snoozed…",
    ]  # fmt: skip
    menu.actions()[2].trigger()
    menu.close()
    await until(lambda: first not in window.list.model.ids)
    await becomes(context, first, Status.SPAM)


async def test_u_leads_back_to_the_list(window: MainWindow) -> None:
    send(Qt.Key.Key_O, text="o")
    assert not window.list.table.hasFocus()
    send(Qt.Key.Key_U, text="u")
    assert window.list.table.hasFocus()


async def test_what_is_painted_on_the_window_follows_the_keys(
    window: MainWindow, context: AppContext
) -> None:
    send_button = window.thread_view.composer.sheet.send
    cap, link = window.list.search._key, window.status_bar._commands_link
    bold = window.thread_view.composer.sheet.format_bar.button("format.bold")
    assert (cap.text(), link.text(), bold.toolTip()) == ("/", "Ctrl+K  Commands", "Bold (Ctrl+B)")
    keymap = Keymap(preset=THUNDERBIRD)
    for action_id, keys in (
        ("send", ("Ctrl+D",)),
        ("format.bold", ("Ctrl+Shift+B",)),
        ("compose.new", ()),
    ):
        keymap = keymap.with_keys(action_id, keys)
    context.keys.choose(keymap)
    assert (cap.text(), link.text()) == ("Ctrl+K", "Ctrl+Shift+P  Commands")
    assert bold.toolTip() == "Bold (Ctrl+Shift+B)"
    assert send_button.toolTip().endswith("(Ctrl+D)")
    (new,) = window.navigation.findChildren(KeyCap)
    assert new.isHidden()
    context.keys.choose(Keymap())
    assert (new.text(), new.isHidden()) == ("C", False)


async def test_a_text_knows_changed_keys_also_where_the_window_sleeps(
    window: MainWindow, context: AppContext
) -> None:
    identity = OwnIdentity(address="info@shop.example", name="Shop")
    card = IdentityEditor(context, window, account_id=1, identity=identity)
    card.present()
    card.signature.setFocus()
    context.keys.choose(Keymap().with_keys("format.bold", ("Ctrl+D",)))
    send(Qt.Key.Key_B, CONTROL, "\x02")
    assert not card.signature.fontWeight() > 500
    send(Qt.Key.Key_D, CONTROL, "\x04")
    assert card.signature.fontWeight() > 500
    context.keys.choose(Keymap())
    card.leave()


async def test_the_ways_to_send_are_actions_like_any_other(
    window: MainWindow, context: AppContext
) -> None:
    context.keys.choose(Keymap().with_keys("send.snooze", ("Ctrl+Shift+S",)))
    menu = window.thread_view.composer.sheet.send._menu()
    shown = {action.objectName(): action.shortcut().toString() for action in menu.actions()}
    assert shown.pop("") == ""  # the line
    assert shown == {
        "send.close": "Ctrl+Alt+Return",
        "send.snooze": "Ctrl+Shift+S",
        "send.remind": "",
        "send.later": "Ctrl+Shift+Return",
    }
    assert all(action.isEnabled() for action in menu.actions())
    menu.close()
    context.keys.choose(Keymap())
