"""Mail in HTML in the thread pane: its layout, its pictures from the web, paper in the dark."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QMenu, QPushButton

from desktop_inbox.services import remote_images
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.theme import Choice
from desktop_inbox.ui.tokens import LIGHT
from desktop_inbox.ui.views.file_desk import FileDesk
from desktop_inbox.ui.views.message_bubble import MessageBubble
from desktop_inbox.ui.views.message_notices import PicturesOffer
from desktop_inbox.ui.views.timeline import Timeline
from tests.support import builders
from tests.support.builders import Mail
from tests.support.qt_waits import until
from tests.support.web import HOST, Server, reach, serving
from tests.ui.views.mail_desk import Desk
from tests.ui.views.mail_desk import desk as desk

LETTER = (
    b"From: mina@orders.example\r\nSubject: Cracked glaze\r\nContent-Type: text/html\r\n\r\n"
    b"<h1>The glaze is <i>cracked</i></h1><p>%b</p>"
    b'<img src="https://track.example/p.gif"><script>x()</script>'
)


async def _letters(desk: Desk, count: int, *, filling: bytes = b"") -> list[int]:
    """Put HTML mail into the first conversation, as the engine does."""
    files = desk.context.workspace.files

    def write(tx: Tx) -> list[int]:
        keys = []
        for number in range(count):
            at = builders.NOON + timedelta(days=1, minutes=number)
            mail = Mail(text=f"Letter {number} as text", at=at)
            key = builders.message(tx, desk.first, mail, account_id=desk.account)
            raw = LETTER % (b"Letter %d. " % number + filling)
            body = messages.NewBody(
                message_id=key, text=mail.text, has_html=True, raw_sha256=files.put(raw)
            )
            messages.insert_bodies(tx, [body])
            keys.append(key)
        return keys

    return await desk.context.write(write)


async def test_html_mail_is_shown_from_its_raw_message(desk: Desk) -> None:
    (key,) = await _letters(desk, 1)
    await desk.open(desk.first)
    bubble = desk.view.timeline.bubble(key)
    assert bubble is not None
    await until(lambda: bubble.reading is not None and bubble.reading.is_html)
    assert bubble.body is not None
    assert "The glaze is cracked" in bubble.body.toPlainText()
    assert bubble.body.requested == []


async def test_layout_that_comes_later_never_moves_what_is_read(desk: Desk) -> None:
    keys = await _letters(desk, 30, filling=b"<p>And so on.</p>" * 40)
    await desk.open(desk.first)
    timeline = desk.view.timeline
    timeline.expand_all(expanded=True)
    timeline.reveal(keys[15])
    await until(
        lambda: all(b.reading is None or b.reading.is_html for b in _read(timeline, keys)),
        timeout_seconds=15,
    )
    bubble = timeline.bubble(keys[15])
    assert bubble is not None
    offset = bubble.y() - timeline.verticalScrollBar().value()
    assert offset == 12


def _read(timeline: Timeline, keys: list[int]) -> list[MessageBubble]:
    return [bubble for bubble in timeline.bubbles() if bubble.message.id in keys]


PICTURE_LETTER = (
    b"From: mina@orders.example\r\nContent-Type: text/html\r\n\r\n<p>See:</p>"
    b'<img src="http://%b/good.png" width="40" height="30"><img src="http://%b/p.gif" width="1">'
)


async def _picture_letter(desk: Desk) -> MessageBubble:
    """Open the first conversation at a message with a picture and a counter from the web."""
    (key,) = await _letters(desk, 1)
    raw = PICTURE_LETTER % (HOST.encode(), HOST.encode())
    files = desk.context.workspace.files

    def write(tx: Tx) -> None:
        body = messages.NewBody(
            message_id=key, text="See", has_html=True, raw_sha256=files.put(raw)
        )
        messages.insert_bodies(tx, [body])

    await desk.context.write(write)
    await desk.open(desk.first)
    bubble = desk.view.timeline.bubble(key)
    assert bubble is not None
    await until(lambda: bubble.reading is not None and bubble.reading.is_html)
    return bubble


def _offer(bubble: MessageBubble) -> PicturesOffer:
    return bubble.findChild(PicturesOffer)  # type: ignore[return-value]


@pytest.mark.parametrize(("words", "again"), [("Show pictures", False), ("Always", True)])
async def test_pictures_from_the_web_come_when_somebody_wants_them(
    desk: Desk, words: str, again: bool
) -> None:
    async with serving(Server(answer=lambda _request: ANSWER)) as server:
        desk.view.desk = FileDesk(desk.context, reach=reach(server))
        bubble = await _picture_letter(desk)
        assert _offer(bubble).text == "2 remote images blocked"
        await asyncio.sleep(0)
        assert server.asked == []
        press = next(b for b in _offer(bubble).findChildren(QPushButton) if words in b.text())
        press.click()
        await until(lambda: bubble.body is not None and bubble.body.pictures)
        assert server.targets == ["/good.png"]  # what only counts readers is never asked for
        assert _offer(bubble).isHidden()
        assert ("mina@orders.example" in desk.context.settings.picture_senders) is again


async def test_a_sender_whose_pictures_are_always_shown_can_be_asked_about_again(
    desk: Desk,
) -> None:
    async with serving(Server(answer=lambda _request: ANSWER)) as server:
        desk.view.desk = FileDesk(desk.context, reach=reach(server))
        remote_images.allow_sender(desk.context.settings, "mina@orders.example")
        bubble = await _picture_letter(desk)
        await until(lambda: bubble.body is not None and bubble.body.pictures)
        menu = QMenu()
        desk.view.message_menu.fill(bubble.message.id, menu)
        ask = next(action for action in menu.actions() if action.text().startswith("Ask before"))
        ask.trigger()
        await until(lambda: bubble.findChildren(PicturesOffer) and _offer(bubble).isVisible())
        assert desk.context.settings.picture_senders == []


async def test_a_message_that_only_looks_like_its_sender_shows_no_pictures_unasked(
    desk: Desk,
) -> None:
    bubble = await _picture_letter(desk)
    remote_images.allow_sender(desk.context.settings, "mina@orders.example")
    doubtful = replace(bubble.message, warnings=("several-from",))
    assert not desk.view.readings.shows_pictures(doubtful)


async def test_in_the_dark_a_message_can_be_put_on_paper(desk: Desk) -> None:
    theme = desk.context.theme
    theme.choose(Choice.DARK)
    try:
        bubble = await _picture_letter(desk)
        menu = QMenu()
        desk.view.message_menu.fill(bubble.message.id, menu)
        paper = next(action for action in menu.actions() if action.text() == "Light background")
        paper.trigger()
        assert bubble.body is not None
        assert bubble.body.palette().text().color() == QColor(LIGHT.text)
        middle = bubble.body.mapTo(bubble, QPoint(bubble.body.width() - 2, 2))
        assert bubble.grab().toImage().pixelColor(middle).lightness() > 240
        paper.trigger()
        assert bubble.body.palette().text().color() == QColor(theme.tokens.text)
    finally:
        theme.choose(Choice.LIGHT)


async def test_quoted_history_keeps_the_pictures_that_are_here(desk: Desk) -> None:
    bubble = await _picture_letter(desk)
    assert bubble.body is not None
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    bubble.body.set_pictures({"logo": image})
    bubble.toggle_quoted()
    assert set(bubble.body.pictures) == {"logo"}


def _png() -> bytes:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


ANSWER = b"HTTP/1.1 200 OK\r\n\r\n" + _png()
