"""The palette, the settings of the keys and the shortcuts: found by words, in both languages."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_inbox import i18n
from desktop_inbox.services import canned
from desktop_inbox.ui.action_table import TABLE, ActionSpec
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.settings import SettingsDialog
from desktop_inbox.ui.dialogs.settings_keyboard import KeyboardPage
from desktop_inbox.ui.keymap import Keymap
from desktop_inbox.ui.main_window import MainWindow
from desktop_inbox.ui.views.customers_page import CustomersPage
from desktop_inbox.ui.views.finder import score
from desktop_inbox.ui.views.key_field import KeyField
from tests.support.qt_waits import until
from tests.ui.conftest import Open

ENOUGH_MS = 50.0


@pytest.fixture
def turkish() -> Iterator[None]:
    i18n.set_language("tr")
    yield
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("wanted", "text", "found"),
    [("sno", "snooze", 100), ("cl ne", "close and show the next", 60), ("ooz", "snooze", 40),
     ("snz", "snooze", 10), ("rta", "reply to all", 10), ("", "anything", 1),
     ("xyz", "snooze", 0), ("macro", "mark as written by a person or", 0)],
)  # fmt: skip
def test_words_count_more_than_letters(wanted: str, text: str, found: int) -> None:
    assert score(wanted, text) == found


@pytest.mark.parametrize(
    ("elsewhere", "here"),
    [("archive", "Close"), ("template", "Canned responses…"), ("macro", "Canned responses…"),
     ("label", "Tag"), ("delete", "Throw away"), ("contacts", "Customers"),
     ("preferences", "Settings")],
)  # fmt: skip
async def test_what_other_programs_call_it_is_found_too(
    window: MainWindow, context: AppContext, elsewhere: str, here: str
) -> None:
    context.actions.set_state(conversation=True)
    assert [entry.text for entry in window.palette_overlay.known(elsewhere)][:1] == [here]


async def test_typing_answers_within_a_twentieth_of_a_second(
    window: MainWindow, context: AppContext
) -> None:
    palette = window.palette_overlay
    palette.open()
    took = []
    for typed in ("s", "sn", "sno", "snoo", "close", "g", "müş", "x y z"):
        began = time.perf_counter()
        palette.field.setText(typed)
        took.append((time.perf_counter() - began) * 1000)
    assert sorted(took)[len(took) // 2] < ENOUGH_MS


@pytest.mark.usefixtures("turkish")
async def test_turkish_letters_are_found_with_and_without_their_marks(
    open_window: Open, context: AppContext
) -> None:
    window = await open_window()
    palette = window.palette_overlay
    palette.open()
    for typed in ("kısayol", "KISAYOL", "kisayol", "Kısayol"):
        palette.field.setText(typed)
        assert "Klavye kısayolları" in palette.texts()


async def test_what_is_chosen_most_stands_first(window: MainWindow, context: AppContext) -> None:
    palette = window.palette_overlay
    for _time in range(2):
        palette.open()
        palette.field.setText("show or hide the customer")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    assert palette.texts()[0] == "Show or hide the customer"
    context.settings.palette_uses = {"help": "often", "quit": -3}  # written by hand, oddly
    palette.open()
    assert palette.texts()


async def test_a_customer_is_found_and_shown(window: MainWindow) -> None:
    palette = window.palette_overlay
    row = window.list.model.peek(window.list.model.ids[0])
    assert row is not None
    palette.open()
    palette.field.setText(row.customer_name.lower())
    await until(lambda: row.customer_name in palette.texts())
    palette.list.setCurrentRow(palette.texts().index(row.customer_name))
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    (page,) = window.findChildren(CustomersPage)
    assert page.search.text() == row.customer_name
    await until(lambda: page.list.count() == 1)
    page.close()


async def test_canned_responses_are_offered_to_who_writes(
    window: MainWindow, context: AppContext
) -> None:
    await context.write(
        lambda tx: canned.add(tx, title="Shipping", shortcut="ship", body="On its way.")
    )
    palette, editor = window.palette_overlay, window.thread_view.composer.editor
    palette.open()
    palette.field.setText("shipp")
    await until(lambda: not palette._reading)
    assert "Shipping" not in palette.texts()
    palette.dismiss()
    editor.setFocus()
    await until(editor.hasFocus)
    QTest.keyClick(
        editor,
        Qt.Key.Key_P,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert "Send and close" in palette.texts()
    palette.field.setText("shipp")
    await until(lambda: "Shipping" in palette.texts())
    palette.list.setCurrentRow(palette.texts().index("Shipping"))
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    await until(lambda: editor.toPlainText() == "On its way.")


# --- the shortcuts ---


async def test_the_shortcuts_are_those_in_force_and_found_by_words(
    window: MainWindow, context: AppContext
) -> None:
    context.actions["help"].trigger()
    shown = window.shortcuts.listed()
    assert shown == [spec.text for spec in _by_column() if context.actions.keys(spec.id)]
    QTest.keyClicks(window.shortcuts.search, "snooze")
    assert "Snooze" in window.shortcuts.listed()
    assert "Reply" not in window.shortcuts.listed()
    window.shortcuts.search.setText("zzz")
    assert window.shortcuts.listed() == []
    window.shortcuts.dismiss()
    context.keys.choose(Keymap().with_keys("conversation.snooze", ("Y",)).with_keys("reply", ()))
    context.actions["help"].trigger()
    assert "Reply" not in window.shortcuts.listed()
    window.shortcuts.search.setText("Y")
    assert "Snooze" in window.shortcuts.listed()


def _by_column() -> list[ActionSpec]:
    order = ("Go to", "List", "Conversation", "Writing", "Window")
    return [spec for group in order for spec in TABLE if spec.group == group]


@pytest.mark.usefixtures("turkish")
async def test_the_shortcuts_are_turkish_for_who_speaks_it(open_window: Open) -> None:
    window = await open_window()
    window.shortcuts.open()
    assert "Ertele" in window.shortcuts.listed()
    assert "Snooze" not in window.shortcuts.listed()


# --- the page of the settings ---


def _page(window: MainWindow) -> KeyboardPage:
    window.cards.open_settings("keyboard")
    (dialog,) = window.findChildren(SettingsDialog)
    page = dialog.page("keyboard")
    assert isinstance(page, KeyboardPage)
    return page


def _field(page: KeyboardPage, name: str) -> KeyField:
    return next(one for one in page.findChildren(KeyField) if one._name == name)


async def test_a_key_is_changed_by_pressing_it_and_a_collision_is_said(
    window: MainWindow, context: AppContext
) -> None:
    page = _page(window)
    field = _field(page, "Snooze")
    assert field.accessibleName() == "Snooze: H"
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_E)
    field._finish()  # as after the pause in which a second key could follow
    assert context.actions.keys("conversation.snooze") == ("E",)
    assert context.actions.keys("conversation.close") == ()
    _line, note = page._rows["conversation.close"]
    assert "E is taken by “Snooze”, so “Close” goes without it." in note.text()
    page.take_back("conversation.snooze")
    assert context.actions.keys("conversation.close") == ("E",)


async def test_a_sequence_a_command_and_no_key_at_all_can_be_pressed(
    window: MainWindow, context: AppContext
) -> None:
    field = _field(_page(window), "Snooze")
    field.setFocus()
    for presses, expected in (
        (((Qt.Key.Key_G, 0), (Qt.Key.Key_Z, 0)), ("G, Z",)),
        (((Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier.value),), ("Ctrl+Q",)),
        (((Qt.Key.Key_Backspace, 0),), ()),
    ):
        field.click()
        for key, held in presses:
            QTest.keyClick(field, key, Qt.KeyboardModifier(held))
        assert context.actions.keys("conversation.snooze") == expected
    field.click()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is field
    assert context.actions.keys("conversation.snooze") == ()


async def test_another_set_and_taking_everything_back(
    window: MainWindow, context: AppContext
) -> None:
    page = _page(window)
    page.change("help", "F1")
    assert page._reset.isEnabled()
    page._reset.click()
    assert context.keys.keymap == Keymap()
    page._presets.setCurrentIndex(1)
    page._presets.activated.emit(1)
    assert context.actions.keys("conversation.close") == ("A",)
