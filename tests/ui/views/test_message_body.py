"""A message is shown without fetching, opening or running anything."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QImage
from PySide6.QtWidgets import QApplication, QMessageBox, QToolTip
from pytestqt.qtbot import QtBot

from desktop_inbox.mime.html.safe import sanitise
from desktop_inbox.mime.reading import reading_view
from desktop_inbox.ui.views.message_body import (
    MOST_PICTURES,
    MessageBody,
    open_link,
    readable_target,
)
from tests.support.corpora import corpus

RED = QColor("#ff0000")


def shown(qtbot: QtBot, html: str, pictures: dict[str, QImage] | None = None) -> MessageBody:
    body = MessageBody()
    qtbot.addWidget(body)
    body.show_html(html, pictures=pictures)
    size = body.measure(300)
    body.resize(300, max(size.height(), 60))
    body.show()
    QApplication.processEvents()
    return body


def has_red(body: MessageBody) -> bool:
    image = body.grab().toImage()
    return any(
        image.pixelColor(x, y) == RED
        for x in range(0, image.width(), 4)
        for y in range(0, image.height(), 4)
    )


def red_picture() -> QImage:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(RED)
    return image


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_picture_on_the_disk_is_never_opened(qtbot: QtBot, tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "red.png"
    assert red_picture().save(str(path))
    body = shown(qtbot, f'<p>text</p><img src="{scheme}{path}">')
    assert not has_red(body)
    assert body.requested


def test_remote_things_are_asked_for_and_refused(qtbot: QtBot) -> None:
    body = shown(
        qtbot,
        '<html><head><link rel="stylesheet" href="https://evil.example/a.css"></head><body>'
        '<img src="https://evil.example/p.gif"><p>text</p></body></html>',
    )
    assert "https://evil.example/p.gif" in body.requested
    assert body.toPlainText().strip().endswith("text")


def test_a_picture_of_the_message_itself_is_shown(qtbot: QtBot) -> None:
    body = shown(qtbot, '<img src="cid:logo@shop">', {"logo@shop": red_picture()})
    assert has_red(body)
    assert body.requested == []


def test_a_picture_that_comes_later_is_put_in(qtbot: QtBot) -> None:
    body = shown(qtbot, '<p>text <img src="cid:late"></p>')
    assert not has_red(body)
    with qtbot.waitSignal(body.height_changed):
        body.set_pictures({"late": red_picture()})
    body.resize(300, body.measure(300).height())
    QApplication.processEvents()
    assert has_red(body)


def test_a_measured_text_is_no_wider_than_its_longest_line(qtbot: QtBot) -> None:
    body = shown(qtbot, "<p>short</p>")
    assert body.measure(500).width() < 100
    wide = shown(qtbot, f"<p>{'word ' * 60}</p>")
    assert 200 < wide.measure(300).width() <= 300
    assert wide.measure(300).height() > body.measure(500).height() * 3


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "ssh://host", "smb://host/share"]
)
def test_only_four_schemes_are_opened(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []

    def remember(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", remember)
    assert not open_link(QUrl(address))
    assert open_link(QUrl("https://shop.example/"))
    assert open_link(QUrl("mailto:a@b.example"))
    assert open_link(QUrl("tel:+905321112233"))
    assert len(opened) == 3


def test_a_look_alike_host_is_told_in_its_real_letters() -> None:
    assert "xn--" in readable_target(QUrl("https://аpple.example/"))


def test_clicking_a_link_does_not_replace_the_message(qtbot: QtBot) -> None:
    body = shown(qtbot, '<p>text <a href="https://shop.example/">link</a></p>')
    body.setSource(QUrl("file:///etc/hostname"))
    assert "text" in body.toPlainText()


def test_what_is_copied_is_plain_text(qtbot: QtBot) -> None:
    body = shown(qtbot, '<p style="color:#fff">white</p>')
    body.selectAll()
    copied = body.createMimeDataFromSelection()
    assert copied.text() == "white"
    assert not copied.hasHtml()


def test_a_small_embedded_picture_is_shown_and_a_broken_one_is_not(qtbot: QtBot) -> None:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    red_picture().save(buffer, "PNG")  # type: ignore[call-overload]
    encoded = bytes(data.toBase64().data()).decode()
    assert has_red(shown(qtbot, f'<img src="data:image/png;base64,{encoded}">'))
    assert not has_red(shown(qtbot, '<img src="data:image/png;base64,AAAA">'))


@pytest.mark.parametrize("text", ["a." * 75_000, "<b>a</b><i>b</i>" * 5_000, "a\u00a0" * 75_000])
def test_a_run_without_a_place_to_break_is_laid_out_in_no_time(qtbot: QtBot, text: str) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    started = time.perf_counter()
    body.show_html(text)
    assert body.measure(300).height() > 1000
    assert time.perf_counter() - started < 3  # minutes, where lines are broken at words


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dompurify.jsonl", "remote_content.jsonl"])
def test_the_collected_attacks_ask_for_nothing(qtbot: QtBot, name: str) -> None:
    for line in (corpus("html") / name).read_text(encoding="utf-8").splitlines():
        html = json.loads(line)["html"]
        view = reading_view(sanitise(html).html, dark=False, width=300)
        assert shown(qtbot, view).requested == [], html


def test_a_message_made_of_pictures_shows_some_of_them(qtbot: QtBot) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    body.show_html('<p>text</p><img src="cid:a">' * 2000)
    assert body.toHtml().count("<img") == MOST_PICTURES


LINKS = (
    '<p><a href="https://shop.example/">https://shop.example/</a> and '
    '<a href="https://evil.example/login">www.shop.example</a> and '
    '<a href="http://93.184.216.34/">a number</a></p>'
)


@pytest.mark.parametrize(
    ("url", "doubt"),
    [
        ("https://shop.example/", ""),
        ("https://evil.example/login", "text-names-other-host"),
        ("http://93.184.216.34/", "ip-host"),
    ],
)
def test_a_doubtful_link_is_asked_about_before_it_opens(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, url: str, doubt: str
) -> None:
    opened: list[str] = []

    def open_url(asked: QUrl) -> bool:
        opened.append(asked.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    body = shown(qtbot, LINKS)
    assert body.warnings_of(QUrl(url)) == ((doubt,) if doubt else ())
    body.anchorClicked.emit(QUrl(url))
    box = body.findChild(QMessageBox)
    if not doubt:
        assert box is None
        assert opened == [url]
        return
    assert opened == []
    assert isinstance(box, QMessageBox)
    assert url in box.informativeText()
    assert box.textFormat() == Qt.TextFormat.PlainText
    box.buttons()[0].click()
    assert opened == [url]


def test_tab_tells_where_each_link_leads(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: tips.append(text))
    body = shown(qtbot, LINKS)
    body.activateWindow()
    qtbot.waitUntil(body.isActiveWindow)
    body.setFocus()
    told: list[str] = []
    body.link_hovered.connect(told.append)
    for _ in range(3):
        body.focusNextPrevChild(True)
    assert [target for target in told if target] == [
        "https://shop.example/",
        "https://evil.example/login",
        "http://93.184.216.34/",
    ]
    assert "Its words name another site." in tips[1]


def test_a_picture_wider_than_the_pane_is_shown_whole_and_sharp(qtbot: QtBot) -> None:
    wide = QImage(1200, 300, QImage.Format.Format_RGB32)
    wide.fill(RED)
    body = MessageBody()
    qtbot.addWidget(body)
    body.show_html('<p><img src="cid:wide"></p>', pictures={"wide": wide}, room=280)
    assert body.measure(300).width() <= 300
    assert body.measure(300).height() < 120


def test_an_encoded_content_id_finds_its_picture(qtbot: QtBot) -> None:
    body = shown(qtbot, '<img src="cid:logo%40shop">', {"logo@shop": red_picture()})
    assert has_red(body)
