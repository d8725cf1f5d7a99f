"""What a chat holds besides text is drawn in its place, and does what a press promises."""

from __future__ import annotations

import wave
from io import BytesIO

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QMessageBox

from desktop_inbox import i18n
from desktop_inbox.connectors.chat import Reacted, RemoteFile
from desktop_inbox.connectors.phone.reading import CallNote
from desktop_inbox.domain.pieces import (
    Button,
    Call,
    CallOutcome,
    Card,
    Pressed,
    Spot,
    Sticker,
    Unknown,
)
from desktop_inbox.services import phone
from desktop_inbox.store import customers
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import message_chat
from desktop_inbox.ui.views.avatar import ChannelBadge
from desktop_inbox.ui.views.message_source import SourceDialog
from desktop_inbox.ui.views.offers import OfferLine
from desktop_inbox.ui.views.piece_media import PREVIEW, PictureChip, VideoChip
from desktop_inbox.ui.views.sound_chip import SoundChip
from tests.support.qt_waits import until
from tests.support.scripted_chat import ELIF, said
from tests.ui.fit import misfits
from tests.ui.views.talk import ROOM, Talk, at


def a_file(name: str, media_type: str) -> RemoteFile:
    return RemoteFile(reference=name, name=name, media_type=media_type, size=900)


def a_picture(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, b"png").write(image)
    return bytes(data.data())


def a_recording(seconds: int) -> bytes:
    data = BytesIO()
    with wave.open(data, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(8000)
        written.writeframes(bytes([128]) * (8000 * seconds))
    return data.getvalue()


# What a message holds


async def test_a_place_is_named_and_found_on_the_map(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def note(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(message_chat, "open_link", note)
    place = Spot(latitude=41.01514, longitude=28.97953, title="Kaya", address="Galata")
    await talk.bring(said("1", "", pieces=(place,), at=at(0)))
    (row,) = talk.lines("1")
    assert row.line.title == "Kaya"
    assert row.line.detail == "Galata\n41.01514, 28.97953"
    assert not talk.card("1").body.isVisible()
    talk.press(row, "Show on the map")
    assert opened[0].startswith("https://www.openstreetmap.org/?mlat=41.015140&mlon=28.979530")
    talk.press(row, "Copy")
    assert QGuiApplication.clipboard().text() == "41.01514, 28.97953"


async def test_a_contact_is_copied_and_added_to_the_customer(
    talk: Talk, context: AppContext
) -> None:
    card = Card(name="Barış", phones=("+905324445566",), emails=("baris@example.org",))
    await talk.bring(said("1", "", pieces=(card,), at=at(0)))
    (row,) = talk.lines("1")
    talk.press(row, "Copy")
    assert QGuiApplication.clipboard().text() == "Barış\n+905324445566\nbaris@example.org"
    talk.press(row, "Add to the customer…")
    box = talk.view.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert "Elif Kaya" in box.text()
    box.accept()

    async def ways() -> set[str]:
        found = await context.read(lambda conn: customers.row(conn, 1))
        assert found is not None
        return {one.address for one in found.identities}

    told: list[str] = []
    context.notice.connect(lambda notice: told.append(notice.text))
    await until(lambda: told)
    assert told == ["2 contacts added"]
    assert await ways() >= {"+905324445566", "baris@example.org", ELIF.address}


async def test_a_call_stands_above_its_recording_and_below_what_was_said(talk: Talk) -> None:
    call = Call(outcome=CallOutcome.VOICEMAIL, seconds=95)
    files = (a_file("v.mp3", "audio/mpeg"),)
    await talk.bring(said("1", "Call me back", pieces=(call,), files=files, at=at(0)))
    (row,) = talk.lines("1")
    assert (row.line.title, row.line.detail) == ("Voicemail", "1:35")
    card = talk.card("1")
    assert "Call me back" in card.body.toPlainText()
    stands = [card.body, card._pieces.made, card.attachments]
    assert card._parts.shown() == stands
    assert [part.y() for part in card._parts.shown()] == sorted(part.y() for part in stands if part)


async def test_buttons_and_what_was_pressed_are_text(talk: Talk) -> None:
    shop = Button(text="Shop", url="https://kaya.example/")
    buttons = (Button(text="Small"), shop, Button(text="Large"))
    await talk.bring(
        said("1", "Which?", from_me=True, pieces=buttons, at=at(0)),
        said("2", "", pieces=(Pressed(text="Large"),), at=at(1)),
    )
    assert [row.line.title for row in talk.lines("1")] == ["Shop", "Buttons: Small · Large"]
    assert talk.lines("1")[0].line.target == "https://kaya.example/"
    assert [row.line.title for row in talk.lines("2")] == ["Chose “Large”"]


async def test_a_link_of_another_scheme_is_refused_in_words(
    talk: Talk, context: AppContext
) -> None:
    told: list[str] = []
    context.notice.connect(lambda notice: told.append(notice.text))
    await talk.bring(said("1", "", pieces=(Button(text="Run", url="file:///etc"),), at=at(0)))
    talk.press(talk.lines("1")[0], "Open link")
    assert told == ["This link cannot be opened from here."]


async def test_what_cannot_be_shown_says_so_and_shows_how_it_came(talk: Talk) -> None:
    raw = b'{"type":"poll","options":[1,2]}'
    await talk.bring(said("1", "", pieces=(Unknown(kind="poll"),), raw=raw, at=at(0)))
    (row,) = talk.lines("1")
    assert "poll" in row.line.detail
    talk.press(row, "View source")
    await until(lambda: talk.view.findChild(SourceDialog))
    dialog = talk.view.findChild(SourceDialog)
    assert isinstance(dialog, SourceDialog)
    assert '  "type": "poll",\n' in dialog.text.toPlainText()
    dialog.accept()
    assert "Save as .eml…" not in talk.offered("1")


# Files


async def test_a_picture_keeps_its_shape_once_it_has_come(talk: Talk) -> None:
    await talk.bring(said("1", "", files=(a_file("a.png", "image/png"),), at=at(0)))
    (chip,) = talk.chips("1")
    assert isinstance(chip, PictureChip)
    assert "loading…" in chip.accessibleName()
    await talk.fetch("a.png", a_picture(600, 300))
    await until(lambda: chip.has_picture)
    assert chip.sizeHint() == QSize(PREVIEW.width(), PREVIEW.width() // 2)
    assert chip.size() == chip.sizeHint()
    assert "loading" not in chip.accessibleName()


async def test_several_pictures_stand_beside_each_other(talk: Talk) -> None:
    files = (a_file("a.png", "image/png"), a_file("b.png", "image/png"))
    await talk.bring(said("1", "", files=files, at=at(0)))
    for name in ("a.png", "b.png"):
        await talk.fetch(name, a_picture(600, 300))
    first, second = talk.chips("1")
    await until(lambda: first.has_picture and second.has_picture)
    assert first.size() == QSize(168, 84)
    assert (second.x() > first.x(), second.y()) == (True, first.y())


async def test_a_sticker_is_small_and_its_sign_is_not_written_twice(talk: Talk) -> None:
    files = (a_file("s.webp", "image/png"),)
    await talk.bring(said("1", "", pieces=(Sticker(emoji="😀"),), files=files, at=at(0)))
    await talk.fetch("s.webp", a_picture(512, 512))
    (chip,) = talk.chips("1")
    await until(lambda: chip.has_picture)
    assert chip.sizeHint() == QSize(144, 144)
    assert talk.lines("1") == []
    assert not talk.card("1").body.isVisible()


async def test_a_recording_says_how_long_it_is(talk: Talk) -> None:
    files = (a_file("v.wav", "audio/wav"), a_file("c.mp4", "video/mp4"))
    await talk.bring(said("1", "", files=files, at=at(0)))
    sound, video = talk.chips("1")
    assert isinstance(sound, SoundChip)
    assert isinstance(video, VideoChip)
    await talk.fetch("v.wav", a_recording(32))
    await until(lambda: sound.measured)
    assert sound.length == "0:32"
    assert "Plays here" in sound.accessibleName()
    assert not video.measured


async def test_a_file_that_the_service_dropped_is_not_asked_for_again(
    talk: Talk, context: AppContext
) -> None:
    await talk.bring(said("1", "", files=(a_file("a.pdf", "application/pdf"),), at=at(0)))
    await talk.give_up("a.pdf", "gone")
    (chip,) = talk.chips("1")
    await until(lambda: "no longer available" in chip.accessibleName())
    told: list[str] = []
    context.notice.connect(lambda notice: told.append(notice.text))
    chip.click()
    assert told == ["a.pdf is no longer there: the service keeps files for a while only."]


# Several channels


async def test_each_message_says_which_channel_it_took_and_the_history_where_it_went_on(
    talk: Talk, context: AppContext
) -> None:
    await talk.bring(said("1", "Hello", at=at(0)))
    call = CallNote(name="n", at=at(1), outcome=CallOutcome.ANSWERED, number=ELIF.address)
    await context.write(lambda tx: phone.write_down(tx, call, conversation_id=1))
    await until(lambda: len(talk.view.timeline.bubbles()) == 2)
    badges = [bubble.findChild(ChannelBadge) for bubble in talk.view.timeline.bubbles()]
    assert [badge.accessibleName() for badge in badges if badge] == ["Talk", "Phone and visits"]
    told = [line.offer.text for line in talk.view.timeline.findChildren(OfferLine)]
    assert "The conversation goes on by Phone and visits" in told


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("language", ["en", "tr"])
async def test_all_of_it_fits_into_a_narrow_pane(talk: Talk, language: str) -> None:
    i18n.set_language(language)
    try:
        talk.view.resize(400, 900)
        card = Card(name="Barış Kaya", phones=("+905324445566",), emails=("b@example.org",))
        place = Spot(latitude=41.0, longitude=28.9, title="A shop", address="A long street, 12")
        pieces = (card, place, Button(text="Open", url="https://kaya.example/" + "a" * 90))
        others = (
            Call(outcome=CallOutcome.MISSED),
            Unknown(kind="a_poll" * 30),
            Pressed(text="x" * 200),
        )
        files = (a_file("v.ogg", "audio/ogg"), a_file("c.mp4", "video/mp4"))
        reaction = Reacted(
            external_id="1", chat=ROOM, author=ELIF, emojis=tuple("👍❤🎉😢🙏👌🔥👏😁🤔"), at=at(3)
        )
        await talk.bring(
            said("1", "Hello", pieces=pieces, at=at(0)),
            said("2", "", pieces=others, files=files, answers="1", at=at(1)),
            reaction,
        )
        for name in ("1", "2"):
            talk.view.timeline.reveal(talk.bubble(name).message.id)
        assert misfits(talk.view.timeline) == []
    finally:
        i18n.set_language("en")
