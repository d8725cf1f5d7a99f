"""Names and subjects from outside are shown as they are, whatever widget shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QMessageBox, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx, utc_now
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.conversation_list import ConversationList
from desktop_inbox.ui.views.customer_sidebar import CustomerSidebar
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until

NASTY = "<img src='file:///etc/hostname'><b>x</b>"
BIDI = "invoice\u202efdp.exe"
WHO = Address(name=f"{NASTY} {BIDI}", address="mallory@evil.example")
_RIGHT_TO_LEFT = "\u202e"


def _fill(tx: Tx) -> int:
    account = builders.account(tx)
    now = utc_now()
    other = builders.conversation(tx, who=WHO, subject=NASTY, at=now - timedelta(days=1))
    builders.message(tx, other, Mail(who=WHO, text=NASTY, at=now), account_id=account)
    key = builders.conversation(tx, who=WHO, subject=f"{NASTY} {BIDI}", at=now)
    mail = Mail(who=WHO, text=NASTY, subject=NASTY, at=now, attachments=(NASTY, "list.pdf"))
    message = builders.message(tx, key, mail, account_id=account)
    messages.insert_bodies(tx, [messages.NewBody(message_id=message, text=NASTY)])
    return key


def _told(widget: QWidget) -> Iterator[tuple[QWidget, str]]:
    for part in (widget, *widget.findChildren(QWidget)):
        yield part, part.toolTip()
        yield part, part.accessibleName()


def _assert_plain(widget: QWidget) -> None:
    for part, words in _told(widget):
        assert _RIGHT_TO_LEFT not in words, (part, words)
    for part in (widget, *widget.findChildren(QWidget)):
        tip = part.toolTip()
        assert "<" not in tip or tip.startswith("<qt"), (part, tip)
        assert "<img" not in tip, (part, tip)
    for label in widget.findChildren(QLabel):
        plain = label.textFormat() == Qt.TextFormat.PlainText
        assert plain or "<" not in label.text(), (label, label.text())
        assert _RIGHT_TO_LEFT not in label.text(), label.text()
    for browser in widget.findChildren(QTextBrowser):
        assert isinstance(browser, MessageBody)
        assert browser.requested == []


async def test_no_pane_reads_foreign_words_as_markup(qtbot: QtBot, context: AppContext) -> None:
    key = await context.write(_fill)
    thread = ThreadView(context)
    sidebar = CustomerSidebar(context)
    listed = ConversationList(context)
    for pane in (thread, sidebar, listed):
        qtbot.addWidget(pane)
        pane.resize(500, 700)
        pane.show()
    thread.show_conversation(key)
    sidebar.show_conversation(key)
    await until(lambda: thread.timeline.bubbles() and sidebar.data is not None)
    for pane in (thread, sidebar, listed):
        pane.grab()
        _assert_plain(pane)
    bubble = thread.timeline.bubbles()[-1]
    assert bubble.body is not None
    assert NASTY in bubble.body.toPlainText()
    menu = QMenu()
    qtbot.addWidget(menu)
    thread.message_menu.fill(bubble.message.id, menu)
    assert not any("<img" in action.text() for action in menu.actions())
    file = bubble.message.attachments[0]
    thread.files._refuse_to_open(file)
    box = thread.findChild(QMessageBox)
    assert box is not None
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.close()
    thread.close_desk()
