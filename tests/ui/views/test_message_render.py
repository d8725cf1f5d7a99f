"""Drawing hostile mail into an image: nothing is asked for, and something is always drawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_inbox.ui.views.message_render import render_to_image
from tests.support.corpora import corpus

MAIL = b"""From: a@b.example\r
Subject: x\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<p style="color:#f00">red</p><img src="https://evil.example/p.gif"><img src="/etc/hostname">
"""


def test_a_mail_is_drawn_and_asks_for_nothing(qapp: object, tmp_path: Path) -> None:
    target = tmp_path / "shot.png"
    report = render_to_image(MAIL, target)
    assert report.requests == ()
    image = QImage(str(target))
    assert any(
        image.pixelColor(x, y) != QColor("#ffffff")
        for x in range(20, 80)
        for y in range(20, image.height() - 20)
    )


def test_with_remote_pictures_allowed_the_view_asks_for_them_and_gets_none(
    qapp: object, tmp_path: Path
) -> None:
    report = render_to_image(MAIL, tmp_path / "shot.png", remote=True)
    assert report.requests == ("https://evil.example/p.gif",)
    assert report.opened_files == ()


def test_plain_text_and_rubbish_are_drawn_too(qapp: object, tmp_path: Path) -> None:
    for source in (b"", b"\x00\xff\xfe", b"Subject: x\r\n\r\nhello", b"<p>only html</p>"):
        render_to_image(source, tmp_path / "shot.png", dark=True)
        assert not QImage(str(tmp_path / "shot.png")).isNull()


@pytest.mark.slow
def test_the_collected_attacks_ask_for_nothing(qapp: object, tmp_path: Path) -> None:
    for name in ("dompurify.jsonl", "remote_content.jsonl"):
        for line in (corpus("html") / name).read_text(encoding="utf-8").splitlines():
            html = json.loads(line)["html"]
            report = render_to_image(f"<html>{html}".encode(), tmp_path / "shot.png")
            assert report.requests == (), html
            assert report.seconds < 2


@pytest.mark.slow
def test_hostile_mails_are_drawn_within_two_seconds(qapp: object, tmp_path: Path) -> None:
    for path in sorted(corpus("hostile").glob("*.eml")):
        report = render_to_image(path.read_bytes(), tmp_path / "shot.png")
        assert report.requests == (), path.name
        assert report.seconds < 2, path.name
