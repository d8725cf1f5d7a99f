"""The card of a saved view: built from any condition, counted while one edits, saved, refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.conditions import (
    OPERATORS,
    Field,
    Group,
    Mode,
    Operator,
    Test,
    checked,
)
from desktop_inbox.services import conversations as acts
from desktop_inbox.services import saved_views
from desktop_inbox.store import saved_views as stored
from desktop_inbox.ui.commands import Commands
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.view_conditions import GroupBox, TestLine
from desktop_inbox.ui.dialogs.view_editor import ViewEditor
from desktop_inbox.ui.dialogs.view_words import FIELDS, Answers, operator_words
from desktop_inbox.ui.theme import Theme
from tests.support import builders
from tests.support.conditions import groups
from tests.support.qt_waits import until


@pytest_asyncio.fixture
async def window(qtbot: QtBot, context: AppContext) -> AsyncIterator[QWidget]:
    await context.write(lambda tx: builders.fill(tx, conversation_count=6, messages_each=1))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 640)
    window.show()
    context.commands = Commands(context, window)
    yield window


async def opened(context: AppContext, window: QWidget, view_id: int | None = None) -> ViewEditor:
    row = None
    if view_id is not None:
        row = await context.read(lambda conn: stored.row(conn, view_id))
    editor = ViewEditor(context, window, row)
    editor.open()
    await until(lambda: editor.box is not None)
    return editor


def pick(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def first_line(editor: ViewEditor) -> TestLine:
    assert editor.box is not None
    line = editor.box.members[0]
    assert isinstance(line, TestLine)
    return line


@given(group=groups)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_controls_ask_what_they_were_filled_in_with(theme: Theme, group: Group) -> None:
    box = GroupBox(theme, Answers(), group)
    assert box.group() == group
    box.deleteLater()


def test_every_question_has_words_for_its_field_and_each_comparison() -> None:
    for field, operators in OPERATORS.items():
        assert FIELDS[field]
        assert len({operator_words(field, operator) for operator in operators}) == len(operators)


async def test_how_many_it_would_show_is_said_while_one_edits(
    context: AppContext, window: QWidget
) -> None:
    editor = await opened(context, window)
    await until(lambda: editor._size.text() == "6 conversations")
    pick(first_line(editor).choice, "closed")
    await until(lambda: editor._size.text() == "0 conversations")
    await context.write(lambda tx: acts.close(tx, 1))
    pick(first_line(editor).operator, "is")
    await until(lambda: editor._size.text() == "1 conversation")


async def test_a_new_view_is_kept_told_of_and_undone(context: AppContext, window: QWidget) -> None:
    editor = await opened(context, window)
    saved: list[tuple[int, str]] = []
    editor.saved.connect(lambda key, name: saved.append((key, name)))
    QTest.keyClicks(editor.name, "  Urgent  ones ")
    line = first_line(editor)
    pick(line.field, "priority")
    pick(line.operator, "at_least")
    pick(line.choice, "high")
    QTest.keyClick(editor.name, Qt.Key.Key_Return)
    await until(lambda: saved)
    row = await context.read(lambda conn: stored.row(conn, saved[0][0]))
    assert row is not None
    assert saved[0][1] == row.name == "Urgent ones"
    expected = Test(field=Field.PRIORITY, operator=Operator.AT_LEAST, value="high")
    assert row.condition == Group(members=(expected,))
    assert not editor.isVisible()
    context.commands.undo()
    await until(lambda: context.actions["undo"].isEnabled() is False)


async def test_a_view_is_changed_with_groups_in_groups(
    context: AppContext, window: QWidget
) -> None:
    unread = Group(members=(Test(field=Field.UNREAD, operator=Operator.IS),))
    key, _group = await context.write(
        lambda tx: saved_views.create(tx, name="Unread", condition=unread)
    )
    editor = await opened(context, window, key)
    assert editor.box is not None
    editor.box.add_group.click()
    inner = editor.box.members[1]
    assert isinstance(inner, GroupBox)
    pick(inner.mode, "none")
    await editor.save()
    row = await context.read(lambda conn: stored.row(conn, key))
    assert row is not None
    assert row.condition is not None
    assert row.condition.members[0] == unread.members[0]
    assert row.condition.members[1] == Group(
        mode=Mode.NONE, members=(Test(field=Field.STATUS, operator=Operator.IS, value="open"),)
    )


async def test_a_question_taken_out_is_gone(context: AppContext, window: QWidget) -> None:
    editor = await opened(context, window)
    assert editor.box is not None
    editor.box.add_test.click()
    first_line(editor).removed.emit()
    assert len(editor.box.group().members) == 1


async def test_what_lacks_a_name_or_a_value_is_said_and_nothing_is_lost(
    context: AppContext, window: QWidget
) -> None:
    editor = await opened(context, window)
    await editor.save()
    assert "needs a name" in editor._error.text()
    editor.name.setText("Bowls")
    pick(first_line(editor).field, "subject")
    await editor.save()
    assert "“Subject”" in editor._error.text()
    assert editor.isVisible()
    assert editor.name.text() == "Bowls"


async def test_a_tag_that_is_gone_stays_in_the_view_until_another_is_chosen(
    context: AppContext, window: QWidget
) -> None:
    await context.write(lambda tx: acts.tag(tx, 1, "refund"))
    gone = Group(members=(Test(field=Field.TAG, operator=Operator.IS, value="gone-tag"),))
    key, _group = await context.write(
        lambda tx: saved_views.create(tx, name="Gone", condition=gone)
    )
    editor = await opened(context, window, key)
    assert first_line(editor).choice.currentText() == "(gone)"
    assert editor.box is not None
    assert checked(editor.box.group()) == gone
