"""winmail.dat: the files inside are files of the message."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime.parse import parse_message
from desktop_inbox.mime.parts import attachment_bytes, leaf

REND, TITLE, DATA, PROPERTIES, CODE_PAGE, BODY = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007, 0x800C


def attribute(name: int, value: bytes, *, level: int = 2) -> bytes:
    checksum = sum(value) & 0xFFFF
    return struct.pack("<BHHI", level, name, 6, len(value)) + value + struct.pack("<H", checksum)


def properties(*entries: bytes) -> bytes:
    return struct.pack("<I", len(entries)) + b"".join(entries)


def wide(key: int, value: str) -> bytes:
    data = value.encode("utf-16-le") + b"\0\0"
    padding = b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", 0x001F, key, 1, len(data)) + data + padding


def number(key: int, value: int) -> bytes:
    return struct.pack("<HHI", 0x0003, key, value)


def named(value: str) -> bytes:
    name = "x-prop\0".encode("utf-16-le")
    head = struct.pack("<HH16sII", 0x001F, 0x8001, b"g" * 16, 1, len(name))
    text = value.encode("utf-16-le")
    padded = name + b"\0" * (-len(name) % 4)
    return head + padded + struct.pack("<II", 1, len(text)) + text + b"\0" * (-len(text) % 4)


PHOTO = b"\x89PNG not really"
ORDER = "sipariş".encode("cp1254")
PACKAGE = b"".join((
    struct.pack("<IH", 0x223E9F78, 7),
    attribute(CODE_PAGE, struct.pack("<II", 1254, 0), level=1),
    attribute(BODY, "Merhaba, ekte".encode("cp1254") + b"\0", level=1),
    attribute(REND, b"\0" * 14),
    attribute(TITLE, "sipariş.txt".encode("cp1254") + b"\0"),
    attribute(DATA, ORDER),
    attribute(REND, b"\0" * 14),
    attribute(TITLE, b"KUPA~1.PNG\0"),
    attribute(DATA, PHOTO),
    attribute(
        PROPERTIES,
        properties(
            number(0x0E20, 3),
            named("anything"),
            wide(0x3707, "kupa resmi.png"),
            wide(0x370E, "image/png"),
            wide(0x3712, "cup@x"),
        ),
    ),
))  # fmt: skip


def mail(package: bytes, *, text: str = "see the file", name: str = "winmail.dat") -> bytes:
    head = (
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=xx\n\n"
        f"--xx\n\n{text}\n--xx\nContent-Type: application/ms-tnef; name={name}\n"
        "Content-Transfer-Encoding: binary\n\n"
    )
    return head.encode() + package + b"\n--xx--\n"


def test_the_files_inside_stand_in_its_place() -> None:
    raw = mail(PACKAGE)
    found = parse_message(raw)
    assert [(file.name, file.media_type, file.size) for file in found.attachments] == [
        ("sipariş.txt", "text/plain", len(ORDER)),
        ("kupa resmi.png", "image/png", len(PHOTO)),
    ]
    assert [attachment_bytes(raw, file.section) for file in found.attachments] == [ORDER, PHOTO]
    assert leaf(raw, "cup@x") == PHOTO
    assert found.text == "see the file"


def test_its_text_is_read_where_there_is_no_other() -> None:
    assert parse_message(mail(PACKAGE, text="")).text == "Merhaba, ekte"


def test_a_file_of_that_name_only_stays_a_file() -> None:
    found = parse_message(mail(b"nothing of the kind"))
    assert [file.name for file in found.attachments] == ["winmail.dat"]


@pytest.mark.parametrize("length", range(0, len(PACKAGE), 7))
def test_a_package_that_was_cut_gives_what_came(length: int) -> None:
    raw = mail(PACKAGE[:length])
    for file in parse_message(raw).attachments:
        assert len(attachment_bytes(raw, file.section)) == file.size


@given(st.lists(st.tuples(st.integers(6, len(PACKAGE) - 1), st.integers(0, 255)), max_size=8))
def test_whatever_is_changed_in_it_never_raises(changes: list[tuple[int, int]]) -> None:
    package = bytearray(PACKAGE)
    for place, value in changes:
        package[place] = value
    raw = mail(bytes(package))
    for file in parse_message(raw).attachments:
        attachment_bytes(raw, file.section)


def test_a_million_announced_properties_cost_nothing() -> None:
    lie = attribute(PROPERTIES, struct.pack("<I", 0xFFFFFFFF) + b"\x1f\x10" * 200_000)
    package = PACKAGE + attribute(REND, b"") + lie
    assert len(parse_message(mail(package)).attachments) == 2
