"""Mail exactly as it came: small in its row, large among the files, the same to any reader."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.store import raw_mails
from desktop_inbox.store.files import Files


@dataclass(frozen=True)
class _Message:
    raw_sha256: str
    raw_packed: bytes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=64), times=st.integers(1, 600))
def test_a_mail_comes_back_byte_for_byte(tmp_path: Path, raw: bytes, times: int) -> None:
    files = Files(tmp_path / "files")
    mail = raw * times

    digest, packed = raw_mails.keep(files, mail)

    assert digest == sha256(mail).hexdigest()
    assert files.has(digest) is (len(mail) > raw_mails.SMALL_BYTES)
    assert raw_mails.read(files, _Message(digest, packed)) == mail


def test_words_are_packed_where_short_mail_and_base64_are_not_worth_the_time(
    tmp_path: Path,
) -> None:
    words = b"Subject: A bowl\r\n\r\n" + b"The blue bowl arrived in two pieces.\r\n" * 200
    short = words[:2000]
    picture = b"Subject: A bowl\r\n\r\n" + encodebytes(bytes(range(256)) * 20)

    packed = [raw_mails.keep(Files(tmp_path), mail)[1] for mail in (words, short, picture)]

    assert len(packed[0]) < len(words) / 10
    assert packed[1:] == [b"\0" + short, b"\0" + picture]


def test_what_never_came_from_a_server_has_nothing(tmp_path: Path) -> None:
    assert raw_mails.read(Files(tmp_path), _Message("", b"")) == b""


def test_a_lost_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        raw_mails.read(Files(tmp_path), _Message("0" * 64, b""))
