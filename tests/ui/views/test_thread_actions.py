"""Questions about what came from outside."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.views.questions import question


def test_a_file_named_like_markup_is_asked_about_as_plain_text(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    box = question(parent, "Open <img src='file:///etc/hostname'>?", "Sure?", "Open file")
    assert box.textFormat() is Qt.TextFormat.PlainText
