"""The language of a message, from few words."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.language import choose, detect, weekday


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "Merhaba, 1042 numaralı siparişim bugün kargoya verildi mi? Doğum günü için."),
        ("tr", "İKİ TABAK KIRIK GELDİ, DEĞİŞİM Mİ İADE Mİ DAHA HIZLI OLUR?"),
        ("en", "Hello, when will the blue mug be back in stock? Thanks!"),
        ("de", "Guten Tag, wann ist die Lieferung da? Ich habe noch nichts bekommen."),
        ("fr", "Bonjour, quand est-ce que vous livrez ma commande ?"),
        ("es", "Hola, ¿cuándo llega mi pedido? Gracias por la ayuda."),
        ("it", "Buongiorno, quando arriva il mio ordine? Grazie."),
        ("nl", "Hallo, wanneer komt mijn bestelling? Ik heb nog niets."),
        ("pt", "Olá, quando chega o meu pedido? Muito obrigado."),
        ("ru", "Здравствуйте, когда придёт мой заказ?"),
        ("ja", "こんにちは、注文はいつ届きますか？"),
        ("", "1042"),
        ("", "OK"),
        ("", ""),
    ],
)
def test_a_short_letter_tells_its_language(language: str, text: str) -> None:
    assert detect(text) == language


@given(st.text(max_size=200))
def test_whatever_is_written_has_a_language_or_none(text: str) -> None:
    assert detect(text) == "" or len(detect(text)) == 2


def test_a_long_text_is_not_read_to_its_end() -> None:
    started = time.perf_counter()
    assert detect("the and you " * 2_000_000) == "en"
    assert time.perf_counter() - started < 0.5


def test_a_region_is_served_by_its_language() -> None:
    assert choose("en-GB", ["tr", "en"]) == "en"
    assert choose("pt-br", ["pt", "pt-BR"]) == "pt-BR"
    assert choose("fr", ["en"]) == ""
    assert choose("", ["en"]) == ""


def test_a_day_is_called_in_the_readers_language() -> None:
    assert weekday(date(2026, 11, 22), "tr") == "Pazar"
    assert weekday(date(2026, 11, 23), "de-at") == "Montag"
    assert weekday(date(2026, 11, 23), "") == "Monday"
