"""A message with layout in the thread pane: kept, brought back, signed, quoted, mentioned."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QWidget

from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.domain.rich_text import to_text
from desktop_inbox.services import identities, profile
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.views.thread_view import ThreadView
from tests.support.builders import MINA, SHOP
from tests.support.qt_waits import until
from tests.ui.views.mail_desk import Desk, desk

__all__ = ["desk"]

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SALES = OwnIdentity(uid="sales", address="sales@shop.example", name="Sales", signature="Sales desk")


@pytest_asyncio.fixture(autouse=True)
async def at_rest(desk: Desk) -> AsyncIterator[None]:
    """Pictures of what was sent are still being read when a test has seen enough."""
    yield
    await until(lambda: not desk.context.tasks._running)


def picture(folder: Path, *, colour: Qt.GlobalColor = Qt.GlobalColor.red) -> Path:
    path = folder / f"mug-{colour.name}.png"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(colour)
    assert image.save(str(path))
    return path


def urls(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def drop(target: QWidget, path: Path) -> None:
    data = urls(path)  # the event does not own it
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)


async def write_a_letter(desk: Desk, folder: Path) -> None:
    """Bold words, a list, and a picture between two words."""
    desk.press(Qt.Key.Key_B, CONTROL)
    desk.type("Dear Mina")
    desk.press(Qt.Key.Key_B, CONTROL)
    desk.press(Qt.Key.Key_Return)
    desk.press(Qt.Key.Key_8, CONTROL | SHIFT)
    desk.type("a mug ")
    desk.view.composer.editor.insertFromMimeData(urls(picture(folder)))
    await until(lambda: desk.view.composer.content().attachments)
    desk.type(" like this")
    desk.press(Qt.Key.Key_Left)


async def test_a_draft_with_layout_and_a_picture_comes_back_identical(
    desk: Desk, tmp_path: Path
) -> None:
    """Rule 2 of `ui.md`: text, attachments, recipients and caret, also in another window."""
    await desk.open(desk.first)
    await write_a_letter(desk, tmp_path)
    await desk.view.flush()
    written, content = desk.view.composer.editor.lines(), desk.view.composer.content()
    other = ThreadView(desk.context)
    other.show_conversation(desk.first)
    await until(lambda: other.row is not None)
    assert other.composer.editor.lines() == written
    assert other.composer.content() == content
    await until(lambda: not other.composer.editor.missing_pictures())
    other.close_desk()
    other.deleteLater()


async def test_undo_send_brings_back_the_layout_the_picture_and_the_caret(
    desk: Desk, tmp_path: Path
) -> None:
    """Rule H5."""
    await desk.open(desk.first)
    await write_a_letter(desk, tmp_path)
    before = desk.view.composer.content()
    desk.send()
    await until(lambda: desk.text == "")
    desk.view.acts.sending.undo()
    await until(lambda: desk.text != "")
    assert desk.view.composer.content() == before


async def test_what_is_sent_has_both_forms_and_its_picture(desk: Desk, tmp_path: Path) -> None:
    await desk.open(desk.first)
    await write_a_letter(desk, tmp_path)
    sha256 = hashlib.sha256(picture(tmp_path).read_bytes()).hexdigest()
    desk.send()
    await until(lambda: desk.text == "")
    _, sent = await desk.messages(desk.first)
    assert sent.visible_text == "Dear Mina\n- a mug [mug-red.png] like this"
    assert sent.text.startswith(sent.visible_text)
    assert "> The bowl arrived with a crack." in sent.text
    [file] = sent.attachments
    assert (file.sha256, file.inline) == (sha256, True)
    assert f'<li>a mug <img src="cid:{file.content_id}"' in sent.html
    assert '<blockquote type="cite"' in sent.html
    assert desk.context.workspace.files.read(sha256) == picture(tmp_path).read_bytes()


async def test_a_message_without_layout_stays_plain_text(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Just words")
    desk.send()
    await until(lambda: desk.text == "")
    _, sent = await desk.messages(desk.first)
    assert sent.html == ""


async def test_a_picture_taken_out_of_the_text_does_not_go_along_and_undo_brings_it_back(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.open(desk.first)
    drop(desk.view.composer.editor, picture(tmp_path))
    await until(lambda: desk.view.composer.content().attachments)
    desk.press(Qt.Key.Key_Backspace)
    assert desk.view.composer.content().attachments == ()
    desk.press(Qt.Key.Key_Z, CONTROL)
    assert len(desk.view.composer.content().attachments) == 1


async def test_many_files_leave_the_text_and_the_buttons_where_they_are(desk: Desk) -> None:
    await desk.open(desk.first)
    composer = desk.view.composer
    files = [
        {"name": f"{number}.pdf", "media_type": "application/pdf", "size": 9, "sha256": "0" * 64}
        for number in range(30)
    ]
    composer.add_files(files)
    shown, sheet = composer.files, composer.sheet
    await until(lambda: sheet.rect().contains(sheet.send.geometry()))
    await until(lambda: 0 < shown.geometry().bottom() < sheet.send.geometry().top())
    assert len(shown.files()) == 30
    bar = shown.verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()  # those that came last are in sight


async def test_a_picture_dropped_beside_the_text_is_attached(desk: Desk, tmp_path: Path) -> None:
    await desk.open(desk.first)
    drop(desk.view.composer.sheet, picture(tmp_path))
    await until(lambda: desk.view.composer.files.files())
    assert desk.text == ""


async def test_what_only_calls_itself_a_picture_is_attached(desk: Desk, tmp_path: Path) -> None:
    await desk.open(desk.first)
    liar = tmp_path / "mug.png"
    liar.write_bytes(b"no picture at all")
    drop(desk.view.composer.editor, liar)
    await until(lambda: desk.view.composer.files.files())
    assert desk.text == ""


async def test_a_pasted_picture_goes_into_the_text(desk: Desk) -> None:
    await desk.open(desk.first)
    data = QMimeData()
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    data.setImageData(image)
    desk.view.composer.editor.insertFromMimeData(data)
    await until(lambda: desk.view.composer.content().attachments)
    assert 'src="cid:' in desk.view.composer.content().rich


async def test_a_note_takes_no_layout_and_says_what_it_leaves_out(desk: Desk) -> None:
    """Rule F4, for what is plain text only: one line, and how it will read."""
    await desk.open(desk.first)
    composer = desk.view.composer
    desk.press(Qt.Key.Key_B, CONTROL)
    desk.type("Careful")
    assert composer.sheet.loss.text == ""
    composer.begin("note")
    assert composer.sheet.loss.text == "This leaves as plain text, without bold."
    assert composer.sheet.formatting.isHidden()
    composer.sheet.loss._toggle()
    assert composer.sheet.loss.preview == "Careful"
    desk.send()
    await until(lambda: desk.text == "")
    assert (await desk.messages(desk.first))[-1].text == "Careful"


async def test_the_selected_part_of_a_message_is_quoted_and_nothing_else(desk: Desk) -> None:
    await desk.open(desk.first)
    (message_id,) = desk.view.timeline.message_ids()
    bubble = desk.view.timeline.bubble(message_id)
    assert bubble is not None
    assert bubble.body is not None
    cursor = bubble.body.document().find("arrived with")
    bubble.body.setTextCursor(cursor)
    desk.view.keys.reply()
    desk.type("Sorry!")
    assert to_text(desk.view.composer.editor.lines()) == "> arrived with\nSorry!"
    assert desk.view.composer.quoted_text() == ""
    assert not bubble.body.textCursor().hasSelection()
    desk.send()
    await until(lambda: desk.text == "")
    sent = (await desk.messages(desk.first))[-1]
    assert sent.text == "> arrived with\nSorry!\n"
    assert sent.html == ""
    assert sent.to == (MINA,)


async def test_a_second_part_is_quoted_above_what_is_typed(desk: Desk) -> None:
    await desk.open(desk.first)
    desk.type("Sorry!")
    (message_id,) = desk.view.timeline.message_ids()
    bubble = desk.view.timeline.bubble(message_id)
    assert bubble is not None
    assert bubble.body is not None
    bubble.body.setTextCursor(bubble.body.document().find("crack"))
    desk.view.keys.reply()
    assert to_text(desk.view.composer.editor.lines()) == "> crack\n\nSorry!"


async def test_somebody_is_mentioned_in_a_note_by_a_few_letters(desk: Desk) -> None:
    def name_them(tx: Tx) -> None:
        profile.edit(tx, name="Ada Kaya")

    await desk.context.write(name_them)
    await desk.open(desk.first)
    composer = desk.view.composer
    composer.begin("note")
    desk.type("Ask @a")
    assert composer.mentions.offered() == ["@Ada"]
    desk.press(Qt.Key.Key_Return)
    assert desk.text == "Ask @Ada "
    assert composer.mentions.offered() == []
    composer.begin("reply")
    desk.type("mail @a")
    assert composer.mentions.offered() == []


# Who it goes out as


async def give_identities(desk: Desk, *others: OwnIdentity) -> None:
    main = OwnIdentity(uid="main", address=SHOP.address, name="Kaya", signature="Kaya Ceramics")
    await desk.context.write(lambda tx: identities.save(tx, desk.account, [main, *others]))


async def test_with_one_identity_there_is_nothing_to_choose(desk: Desk) -> None:
    await desk.open(desk.first)
    assert desk.view.composer.fields.from_line.isHidden()


async def test_another_identity_brings_its_signature_in_place_of_the_other(desk: Desk) -> None:
    await give_identities(desk, SALES)
    await desk.open(desk.first)
    composer = desk.view.composer
    assert composer.fields.from_line.shown == f"Kaya <{SHOP.address}>"
    assert composer.sheet.signature.text() == "-- Kaya Ceramics"
    desk.type("Hello")
    composer.choose_sender(desk.account, "sales")
    composer.choose_sender(desk.account, "main")
    composer.choose_sender(desk.account, "sales")
    assert composer.sheet.signature.text() == "-- Sales desk"
    assert desk.text == "Hello", "a signature never stands in the text"
    desk.send()
    await until(lambda: composer.strip.text)
    assert SHOP.address in composer.strip.text, "the customer wrote to another address"
    desk.answer("Send anyway")
    await until(lambda: desk.text == "")
    sent = (await desk.messages(desk.first))[-1]
    assert [one.address for one in sent.from_] == [SALES.address]
    assert sent.text.count("Sales desk") == 1
    assert "Kaya Ceramics" not in sent.text


async def test_the_right_identity_is_one_press_away(desk: Desk) -> None:
    await give_identities(desk, SALES)
    await desk.open(desk.first)
    desk.type("Hello")
    desk.view.composer.choose_sender(desk.account, "sales")
    desk.send()
    await until(lambda: desk.view.composer.strip.text)
    desk.answer("Send from that address")
    await until(lambda: desk.text == "")
    sent = (await desk.messages(desk.first))[-1]
    assert [str(one) for one in sent.from_] == [f"Kaya <{SHOP.address}>"]


async def test_an_answer_comes_from_the_address_the_customer_wrote_to(desk: Desk) -> None:
    here = OwnIdentity(uid="here", address=SHOP.address, name="Kaya")
    await desk.context.write(lambda tx: identities.save(tx, desk.account, [SALES, here]))
    await desk.open(desk.first)
    assert desk.view.composer.sent_as.uid == "here", "though another is the default"
    desk.view.new_message()
    await until(lambda: desk.view.composer.mode == "new")
    assert desk.view.composer.sent_as.uid == "sales"


async def test_the_chosen_identity_is_part_of_a_draft(desk: Desk) -> None:
    await give_identities(desk, SALES)
    await desk.open(desk.first)
    desk.type("Hello")
    desk.view.composer.choose_sender(desk.account, "sales")
    await desk.view.flush()
    await desk.open(desk.second)
    await desk.open(desk.first)
    assert desk.view.composer.sent_as.uid == "sales"


async def test_an_identity_that_is_gone_gives_way_to_the_rule(desk: Desk) -> None:
    await give_identities(desk, SALES)
    await desk.open(desk.first)
    desk.type("Hello")
    desk.view.composer.choose_sender(desk.account, "sales")
    await desk.view.flush()
    await desk.open(desk.second)
    await give_identities(desk)
    await desk.open(desk.first)
    assert desk.view.composer.sent_as.uid == "main"


async def test_a_signature_with_layout_makes_the_message_html(desk: Desk) -> None:
    laid_out = replace(SALES, uid="main", address=SHOP.address, signature="Sales",
                       signature_html="<div><b>Sales</b></div>")  # fmt: skip
    await desk.context.write(lambda tx: identities.save(tx, desk.account, [laid_out]))
    await desk.open(desk.first)
    desk.type("Hello")
    desk.send()
    await until(lambda: desk.text == "")
    sent = (await desk.messages(desk.first))[-1]
    assert '<div class="moz-signature">-- <br><div><b>Sales</b></div></div>' in sent.html
    assert "-- \nSales\n" in sent.text


async def test_a_link_is_made_of_the_selected_words_changed_and_taken_away(desk: Desk) -> None:
    await desk.open(desk.first)
    editor, link = desk.view.composer.editor, desk.view.composer.sheet.link
    desk.type("our shop")
    editor.select(4, 8)
    desk.press(Qt.Key.Key_K, CONTROL)
    assert link.isVisible()
    assert link.words.text() == "shop"
    link.url.setText("no link")
    link.url.returnPressed.emit()
    assert link.isVisible(), "what leads nowhere is not taken"
    link.url.setText("shop.example")
    link.url.returnPressed.emit()
    assert desk.view.composer.content().rich == (
        '<div>our <a href="https://shop.example">shop</a></div>'
    )
    assert not link.isVisible()
    desk.press(Qt.Key.Key_K, CONTROL)
    assert (link.words.text(), link.url.text()) == ("shop", "https://shop.example")
    link.taken.emit("", "")
    assert desk.view.composer.content().rich == ""


async def test_the_bar_shows_how_the_text_looks_and_stays_as_it_was_left(desk: Desk) -> None:
    await desk.open(desk.first)
    sheet = desk.view.composer.sheet
    assert sheet.format_bar.isHidden()
    sheet.formatting.click()
    assert desk.context.settings.formatting_bar
    assert sheet.format_bar.isVisible()
    sheet.format_bar.button("format.bold").click()
    desk.type("loud")
    assert sheet.format_bar.button("format.bold").isChecked()
    assert desk.view.composer.content().rich == "<div><b>loud</b></div>"
    await desk.open(desk.second)
    assert sheet.format_bar.isVisible()
    assert not sheet.format_bar.button("format.bold").isChecked()
