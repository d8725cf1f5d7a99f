"""The words in files, whatever the bytes: real ones made here, broken ones, and bombs."""

from __future__ import annotations

import io
import time
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from desktop_inbox.mime.filetext import Unreadable, is_readable, office, read_text, reading, words
from tests.support import office_files


def _read(data: bytes, name: str, media_type: str = "application/octet-stream") -> str:
    return read_text(data, name=name, media_type=media_type)


def test_a_pdf_is_read_page_by_page() -> None:
    made = office_files.pdf("Invoice 4711 of June", "Total: 120 EUR for Café Müller")
    assert _read(made, "x.pdf") == "Invoice 4711 of June\nTotal: 120 EUR for Café Müller"


def test_a_document_is_read_with_its_header_and_words_cut_in_two_are_whole() -> None:
    made = office_files.docx("Sözleşme metni & şartlar", "İkinci satır", header="Clay Kiln Ltd")
    assert _read(made, "x.docx").splitlines() == [
        "Clay Kiln Ltd",
        "Sözleşme metni & şartlar",
        "İkinci satır",
    ]


def test_a_table_is_read_words_and_numbers() -> None:
    text = _read(office_files.xlsx([["Bowl", 1250], ["Plate <blue>", 42]]), "x.xlsx")
    assert "Bowl" in text
    assert "Plate <blue>" in text
    assert text.splitlines()[-2:] == ["1250", "42"]  # and no numbers of shared texts


def test_an_open_document_is_read() -> None:
    assert _read(office_files.odt("Teklif", "東京への配送"), "x.odt") == "Teklif\n東京への配送"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", "Größe: 12\r\n\r\n  cm".encode("cp1252"), "Größe: 12\ncm"),
        ("a.csv", b"order;total\n1001;25", "order;total\n1001;25"),
        ("a.html", b"<p>Hello <b>there</b><script>no()</script>", "Hello there"),
        ("a.txt", b"\xff\xfeh\x00i\x00", "hi"),
        ("empty.txt", b"", ""),
    ],
)
def test_plain_files_are_read(name: str, data: bytes, expected: str) -> None:
    assert _read(data, name) == expected


def test_what_a_file_is_shows_in_its_bytes_rather_than_its_name() -> None:
    assert _read(office_files.pdf("hidden"), "scan.txt") == "hidden"
    for name in ("a.pdf", "a.docx"):
        with pytest.raises(Unreadable, match="broken"):
            _read(b"no such thing", name)


def test_pictures_and_programs_are_not_looked_into() -> None:
    assert not is_readable("photo.jpg", "image/jpeg")
    assert not is_readable("setup.exe", "application/octet-stream")
    assert is_readable("Fatura.PDF", "application/octet-stream")
    assert is_readable("noname", "application/pdf")


def test_a_file_with_a_password_says_so() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(office_files.pdf("secret"))))
    writer.encrypt("only they know", algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    with pytest.raises(Unreadable, match="encrypted"):
        _read(held.getvalue(), "x.pdf")
    with pytest.raises(Unreadable, match="encrypted"):
        _read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "x.docx")
    locked = office_files.packed(
        {"content.xml": b"\x00", "META-INF/manifest.xml": b"<manifest:encryption-data/>"}
    )
    with pytest.raises(Unreadable, match="encrypted"):
        _read(locked, "x.odt")


BOMB = """<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">{more}]><w>&i;</w>""".format(
    more="".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
)
OUTSIDE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w><t>&a;</t></w>'


@pytest.mark.parametrize("xml", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_entities_are_refused(xml: str) -> None:
    began = time.process_time()
    for made in ({"word/document.xml": xml}, {"content.xml": xml}):
        with pytest.raises(Unreadable, match="broken"):
            _read(office_files.packed(made), "x.docx")
    assert time.process_time() - began < 1


def test_a_zip_that_grows_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_UNPACKED", 1_000_000)
    spaces = office_files.packed({"word/document.xml": b"<w>" + b" " * 5_000_000 + b"</w>"})
    assert len(spaces) < 20_000
    with pytest.raises(Unreadable, match="too-large"):
        _read(spaces, "x.docx")


def test_a_zip_of_very_many_parts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_PARTS", 10)
    with pytest.raises(Unreadable, match="too-large"):
        _read(office_files.packed({f"word/{n}.xml": "" for n in range(11)}), "x.docx")


def test_a_file_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(Unreadable, match="too-large"):
        _read(b"x" * 11, "x.txt")


def test_only_so_much_of_a_file_is_searched() -> None:
    assert len(_read(b"word " * 100_000, "x.txt")) <= words.MAX_CHARS
    assert len(_read(office_files.odt(*["word"] * 60_000), "x.odt")) <= words.MAX_CHARS


def test_when_time_is_over_what_was_found_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_SECONDS", 0.0)
    assert _read(office_files.odt("first", "second"), "x.odt") == "first"
    monkeypatch.undo()
    assert _read(office_files.odt("first", "second"), "x.odt") == "first\nsecond"


WHOLE = {
    "x.pdf": office_files.pdf("Invoice 4711"),
    "x.docx": office_files.docx("Sözleşme"),
    "x.xlsx": office_files.xlsx([["Bowl", 3]]),
    "x.odt": office_files.odt("Teklif"),
}


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_damaged_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[name])
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
        damaged[at] = data.draw(st.integers(0, 255))
    cut = damaged[: data.draw(st.integers(0, len(damaged)))]
    for made in (damaged, cut):
        with suppress(Unreadable):
            assert isinstance(_read(bytes(made), name), str)


def test_a_page_that_unpacks_into_very_much_is_no_danger() -> None:
    stream = zlib.compress(b"BT " + b" " * 3_000_000 + b"(word) Tj ET")
    made = office_files.pdf("here")
    old = b"stream\nBT"
    assert old in made
    swapped = made.replace(
        made[made.index(b"<< /Length") : made.index(b"endstream")],
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream) + stream + b"\n",
    )
    assert isinstance(_read(swapped, "x.pdf"), str)
