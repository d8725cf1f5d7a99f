"""Both journeys through the window, with key presses only: mail in, a reply with a file out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.main_window import MainWindow
from tests.e2e.keys import CONTROL, SHIFT, has_focus, press, type_in, walk_to
from tests.e2e.letters import DRAWING, question
from tests.support.desk import Desk, parsed
from tests.support.dovecot import Mailbox
from tests.support.qt_waits import until

COUNT = 500


@pytest.fixture
def customer(desk: Desk) -> Mailbox:
    """Somebody with a question, which lies on top of everything else."""
    customer = desk.mailbox.server.mailbox("customer")
    desk.fill(COUNT)
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))
    return customer


async def file_dialog() -> QFileDialog:
    """Wait for the dialog that asks for files and return it."""

    def shown() -> list[QFileDialog]:
        return [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, QFileDialog) and one.isVisible()
        ]

    await until(shown)
    return shown()[0]


@pytest.mark.expects_log("This plugin does not support")  # said by the off-screen platform
async def test_a_customer_is_answered_with_the_keys(
    window: MainWindow, desk: Desk, customer: Mailbox, tmp_path: Path
) -> None:
    drawing = tmp_path / "Drawing.pdf"
    drawing.write_bytes(DRAWING)

    await until(lambda: window.list.model.rowCount() > 100, timeout_seconds=30)
    await until(lambda: desk.location_count() == COUNT + 1, timeout_seconds=30)
    conversation = desk.conversation_about("Glasur der Schale")
    window.list.focus_list()
    await walk_to(window, desk, conversation)

    press(Qt.Key.Key_R)
    composer = window.thread_view.composer
    await has_focus(composer.editor)
    type_in("Ja, bis 70 °C. Grüße aus İzmir!")
    press(Qt.Key.Key_A, CONTROL | SHIFT)
    dialog = await file_dialog()
    name = dialog.findChild(QLineEdit)
    assert isinstance(name, QLineEdit)
    name.setFocus()
    await has_focus(name)
    type_in(str(drawing))
    press(Qt.Key.Key_Return)

    await until(lambda: composer.content().attachments)
    window.activateWindow()  # what a window manager does when a dialog closes
    await until(window.isActiveWindow)
    await has_focus(composer.editor)
    press(Qt.Key.Key_Return, CONTROL)

    def answer() -> list[MessageRow]:
        return [
            row
            for row in desk.timeline(conversation.id)
            if row.client_ref and row.delivery is Delivery.SENT
        ]

    await until(answer, timeout_seconds=20)
    [sent] = answer()
    await until(customer.uids, timeout_seconds=20)
    [uid] = customer.uids()
    received = parsed(customer.raw(uid))
    assert received["In-Reply-To"] == "<question-1@customer.example>"
    assert received["References"].split()[-1] == "<question-1@customer.example>"
    body = received.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Ja, bis 70 °C. Grüße aus İzmir!")
    [attached] = received.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Drawing.pdf", DRAWING)

    bubble = window.thread_view.timeline.bubble(sent.id)
    assert bubble is not None
    await until(lambda: "Sent" in words_of(bubble))
    # The copy that the engine files in Sent comes back through the mailbox and is known.
    await until(lambda: len(ours_in_sent(desk, sent.client_ref)) == 1, timeout_seconds=20)
    window._context.actions["sync"].trigger()
    await until(lambda: desk.location_count() == COUNT + 2, timeout_seconds=20)
    assert len(answer()) == 1
    assert len(ours_in_sent(desk, sent.client_ref)) == 1


def ours_in_sent(desk: Desk, client_ref: str) -> list[int]:
    return desk.mailbox.uids("Sent", f"HEADER Message-ID {client_ref}")


def words_of(widget: QWidget) -> str:
    """Return everything that a widget and its parts say, to eyes or to a screen reader."""
    parts = [widget, *widget.findChildren(QWidget)]
    said = [part.accessibleName() + " " + part.accessibleDescription() for part in parts]
    said += [str(part.property("text") or "") for part in parts]
    return " ".join(said)
