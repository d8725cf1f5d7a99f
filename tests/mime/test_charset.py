"""Text comes out right whatever the label says, and no label can start anything but a decoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.mime import charset

TURKISH = "İıŞşĞğÇçÖöÜü"


@pytest.mark.parametrize(
    "label", ["iso-8859-9", "ISO8859-9", "windows-1254", "cp1254", "latin5", "ISO_8859-9"]
)
def test_turkish_letters_are_exact_under_every_name_of_their_character_set(label: str) -> None:
    assert charset.decode(TURKISH.encode("cp1254"), label) == TURKISH


@pytest.mark.parametrize("label", ["", "us-ascii", "ascii", "x-unknown", "utf8mb4", "nonsense"])
def test_unlabelled_and_mislabelled_utf8_is_recognised(label: str) -> None:
    assert charset.decode("Günaydın, ürün geldi".encode(), label) == "Günaydın, ürün geldi"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("gb2312", "gb18030", "您好，订单已发货"),
        ("ks_c_5601-1987", "cp949", "안녕하세요 주문"),
        ("shift_jis", "cp932", "配送について①"),
        ("iso-2022-jp", "iso2022_jp", "お問い合わせ"),
        ("big5", "big5", "您好，訂單"),
        ("koi8-r", "koi8_r", "Здравствуйте"),
        ("iso-8859-8-i", "iso8859-8", "שלום"),
        ("iso-8859-1", "cp1252", "“Grüße” – 5 €"),
    ],
)
def test_families_of_labels_mean_their_widest_codec(label: str, codec: str, text: str) -> None:
    assert charset.decode(text.encode(codec), label) == text


@pytest.mark.parametrize("label", ["utf-8", "", "iso-8859-1"])
def test_one_broken_byte_does_not_cost_the_text_around_it(label: str) -> None:
    decoded = charset.decode("Sipariş no ".encode() + b"\xff 1234", label)
    assert decoded.startswith("Sipari")
    assert decoded.endswith("1234")


@pytest.mark.parametrize(
    "label", ["zlib", "hex", "rot13", "unicode_escape", "idna", "punycode", "base64", "undefined"]
)
def test_codecs_that_are_no_character_sets_are_never_used(label: str) -> None:
    assert charset.codec(label) == ""
    assert charset.decode(b"x\\u0041-abc", label) == "x\\u0041-abc"


@given(
    data=st.binary(max_size=200),
    label=st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            ["utf-8", "utf-16", "utf-7", "hz", "iso-2022-jp", "iso-2022-kr", "gb18030", "utf-32"]
        ),
    ),
)
def test_any_bytes_under_any_label_become_text(data: bytes, label: str) -> None:
    assert isinstance(charset.decode(data, label), str)


@given(st.text(max_size=100))
def test_utf8_survives(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    assert charset.decode(data, "utf-8") == data.decode().removeprefix("\ufeff")
