"""HTML of messages on a real store: made safe when it is read, wherever it lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_inbox.services import bodies
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import MessageRow
from tests.ui.views.sample import message

RAW = (
    b"From: mina@orders.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<p onclick="x()">Cracked <img src="https://track.example/p.gif"></p><script>x()</script>'
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def mail(files: Files, raw: bytes = RAW) -> MessageRow:
    return message(1, has_html=True, raw_sha256=files.put(raw))


def test_mail_is_made_safe_from_its_raw_message(files: Files) -> None:
    row = mail(files)
    assert bodies.has_html(row)
    assert bodies.readable(files, row).remote == 1
    assert bodies.safe_html(files, row) == "<p>Cracked <img></p>"


def test_pictures_keep_their_address_only_where_somebody_allowed_it(files: Files) -> None:
    found = bodies.safe_html(files, mail(files), allow_remote=True)
    assert 'src="https://track.example/p.gif"' in found
    assert "script" not in found
    assert "onclick" not in found


def test_what_was_written_here_is_made_safe_as_well(files: Files) -> None:
    row = message(1, html="<p>Hello<script>x()</script></p>")
    assert bodies.has_html(row)
    assert bodies.safe_html(files, row) == "<p>Hello</p>"


def test_plain_messages_and_lost_files_have_no_html(files: Files) -> None:
    assert bodies.safe_html(files, message(1)) == ""
    gone = replace(mail(files), raw_sha256="0" * 64)
    assert bodies.has_html(gone)
    assert bodies.safe_html(files, gone) == ""
