"""Mail with layout and pictures through real servers: written, sent, received, passed on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.domain.messages import Address
from desktop_inbox.services import identities
from desktop_inbox.settings import Settings
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.theme import Choice, Theme
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.e2e.letters import question
from tests.support.desk import Desk, parsed
from tests.support.dovecot import Mailbox
from tests.support.qt_waits import until

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def customer(desk: Desk) -> Mailbox:
    """Somebody with a question."""
    return desk.mailbox.server.mailbox("customer")


@pytest.fixture
async def view(qtbot: QtBot, desk: Desk, customer: Mailbox) -> AsyncIterator[ThreadView]:
    """A thread pane, in the dark, on a mailbox that holds a customer's question."""
    settings = Settings()
    settings.undo_send_seconds = 0
    theme = Theme()
    theme.choose(Choice.DARK)
    context = AppContext(
        workspace=desk.workspace, engine=None, settings=settings, secrets=desk.secrets, theme=theme
    )
    context.bridge.listen(desk.workspace.db.subscribe(context.bridge.publish))
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))
    await desk.add_account()
    await desk.sync()
    view = ThreadView(context)
    qtbot.addWidget(view)
    view.resize(620, 760)
    view.show()
    yield view
    view.close_desk()
    context.bridge.close()
    await context.tasks.stop()


async def open_question(view: ThreadView, desk: Desk) -> int:
    conversation = desk.conversation_about("Glasur der Schale")
    view.show_conversation(conversation.id)
    await until(lambda: view.row is not None)
    return conversation.id


async def paste_picture(view: ThreadView, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    before = len(view.composer.content().attachments)
    view.composer.editor.insertFromMimeData(data)
    await until(lambda: len(view.composer.content().attachments) > before)


async def send(view: ThreadView, desk: Desk) -> None:
    """Press Ctrl+Enter, and let the engine do what is to be done."""
    QTest.keyClick(view.composer.editor, Qt.Key.Key_Return, CONTROL)
    await until(lambda: view.composer.is_empty)
    await desk.sync()


async def received(mailbox: Mailbox) -> EmailMessage:
    await until(mailbox.uids, timeout_seconds=20)
    return parsed(await asyncio.to_thread(mailbox.raw, mailbox.uids()[-1]))


def picture(folder: Path) -> Path:
    path = folder / "glaze.png"
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    assert image.save(str(path))
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def words(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def parts(message: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in message.walk()}


@pytest.mark.expects_log("This plugin does not support")  # said by the off-screen platform
async def test_a_letter_with_layout_arrives_in_both_forms_and_is_passed_on_with_its_picture(
    view: ThreadView, desk: Desk, customer: Mailbox, tmp_path: Path
) -> None:
    glaze = picture(tmp_path)
    conversation_id = await open_question(view, desk)
    editor = view.composer.editor
    QTest.keyClick(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, "Yes")
    QTest.keyClick(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, ", as it looks here:")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    await paste_picture(view, glaze)
    await send(view, desk)

    message = await received(customer)
    assert message.get_content_type() == "multipart/alternative"
    found = parts(message)
    plain = words(found["text/plain"])
    assert plain.startswith("Yes, as it looks here:\n[glaze.png]\n")
    assert "> Guten Tag, ist die Glasur spülmaschinenfest?" in plain
    html = found["text/html"].get_content()
    shown = found["image/png"]
    assert sha256(shown.get_content()) == sha256(glaze.read_bytes())
    assert shown.get_content_disposition() == "inline"
    assert f'src="cid:{shown["Content-ID"].strip("<>")}"' in html
    assert "<b>Yes</b>, as it looks here:" in html
    assert '<blockquote type="cite"' in html
    assert "color" not in html.replace("border-left:2px solid #bbb", ""), "nothing of the dark"
    assert "multipart/related" in found

    # Forwarded from here: the picture goes along as it is, at its place.
    await until(lambda: len(desk.timeline(conversation_id)) == 2)
    mine = desk.timeline(conversation_id)[-1]
    view.reload()
    await until(lambda: view.message(mine.id) is not None)
    view.composer.begin("forward", message_id=mine.id)
    await until(lambda: view.composer.content().attachments)
    third = desk.mailbox.server.mailbox("third")
    view.composer.to.set_addresses([Address(address=third.address)])
    await send(view, desk)
    passed_on = await received(third)
    again = parts(passed_on)
    assert passed_on["In-Reply-To"] is None, "a forward begins a line of its own (rule C7)"
    assert passed_on["References"] is None
    assert sha256(again["image/png"].get_content()) == sha256(glaze.read_bytes())
    cid = again["image/png"]["Content-ID"].strip("<>")
    assert f'src="cid:{cid}"' in again["text/html"].get_content()
    assert "<b>Yes</b>" in again["text/html"].get_content()

    # Who gets it and answers comes into the same conversation, without joining the first line.
    threads = {one.id: one for one in desk.timeline(conversation_id)}
    assert len(threads) == 3


@pytest.mark.expects_log("This plugin does not support")
async def test_words_alone_leave_as_plain_text_from_the_address_that_was_written_to(
    view: ThreadView, desk: Desk, customer: Mailbox
) -> None:
    def enter(address: str) -> None:
        other = OwnIdentity(address="sales@shop.example", name="Sales")
        ours = OwnIdentity(address=address, name="The Pottery", signature="The Pottery")
        desk.write(lambda tx: identities.save(tx, 1, [other, ours]))

    enter(desk.mailbox.address)
    await open_question(view, desk)
    QTest.keyClicks(view.composer.editor, "Yes, it is.")
    await send(view, desk)
    message = await received(customer)
    assert message.get_content_type() == "text/plain"
    assert str(message["From"]) == f"The Pottery <{desk.mailbox.address}>"
    assert words(message).startswith("Yes, it is.\n\n-- \nThe Pottery\n\n")
