"""What is new in a reply is told from its history, in every language, and nothing is lost."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.quoting import is_attribution, split_reply, starts_header_block
from tests.support.corpora import corpus

LIMIT_SECONDS = 2.0

ATTRIBUTIONS = {
    "en": "On Mon, 5 Jan 2026 at 10:00, Shop <a@b.test> wrote:",
    "tr": "Mağaza <a@b.test>, 5 Oca 2026 Pzt, 10:00 tarihinde şunu yazdı:",
    "tr with time in brackets": "Mağaza <a@b.test> şunları yazdı (5 Oca 2026 10:00):",
    "de": "Am Mo., 5. Jan. 2026 um 10:00 Uhr schrieb Laden <a@b.test>:",
    "fr": "Le lun. 5 janv. 2026 à 10:00, Boutique <a@b.test> a écrit :",
    "es": "El lun, 5 ene 2026 a las 10:00, Tienda (<a@b.test>) escribió:",
    "it": "Il giorno lun 5 gen 2026 alle ore 10:00 Negozio <a@b.test> ha scritto:",
    "pt": "Em seg., 5 de jan. de 2026 às 10:00, Loja <a@b.test> escreveu:",
    "nl": "Op ma 5 jan 2026 om 10:00 schreef Winkel <a@b.test>:",
    "pl": "pon., 5 sty 2026 o 10:00 Sklep <a@b.test> napisał(a):",
    "ru": "пн, 5 янв. 2026 г. в 10:00, Магазин <a@b.test>:",
    "ru wrote": "5 января 2026 г., в 10:00, Магазин <a@b.test> написал(а):",
    "uk": "пн, 5 січ. 2026 р. о 10:00 Крамниця <a@b.test> пише:",
    "sv": "Den mån 5 jan. 2026 kl 10:00 skrev Butik <a@b.test>:",
    "da": "Den man. 5. jan. 2026 kl. 10.00 skrev Butik <a@b.test>:",
    "no": "man. 5. jan. 2026 kl. 10:00 skrev Butikk <a@b.test>:",
    "fi": "ma 5. tammik. 2026 klo 10.00 Kauppa (a@b.test) kirjoitti:",
    "cs": "po 5. 1. 2026 v 10:00 odesílatel Obchod <a@b.test> napsal:",
    "hu": "Bolt <a@b.test> ezt írta (időpont: 2026. jan. 5., H, 10:00):",
    "ro": "În lun., 5 ian. 2026 la 10:00, Magazin <a@b.test> a scris:",
    "el": "Στις Δευ 5 Ιαν 2026 στις 10:00 π.μ., ο χρήστης Α <a@b.test> έγραψε:",
    "ar": "في الاثنين، 5 يناير 2026 في 10:00 ص تمت كتابة ما يلي بواسطة <a@b.test>:",
    "he": "בתאריך יום ב׳, 5 בינו׳ 2026 ב-10:00 מאת חנות <a@b.test>:",
    "zh": "商店 <a@b.test> 于2026年1月5日周一 10:00写道：",
    "ja": "2026年1月5日(月) 10:00 店 <a@b.test>:",
    "ko": "2026년 1월 5일 (월) 오전 10:00, 상점 <a@b.test>님이 작성:",
    "iso date": "2026-01-05 10:00 GMT+03:00 Shop <a@b.test>:",
}

BLOCKS = {
    "en": ("From: A <a@b.test>", "Sent: Monday, 5 January 2026", "To: B", "Subject: x"),
    "tr": ("Kimden: A <a@b.test>", "Gönderildi: 5 Ocak 2026 Pazartesi", "Kime: B", "Konu: x"),
    "de": ("Von: A <a@b.test>", "Gesendet: Montag, 5. Januar 2026", "An: B", "Betreff: x"),
    "fr": ("De : A <a@b.test>", "Envoyé : lundi 5 janvier 2026", "À : B", "Objet : x"),
    "es": ("De: A <a@b.test>", "Enviado: lunes, 5 de enero de 2026", "Para: B", "Asunto: x"),
    "it": ("Da: A <a@b.test>", "Inviato: lunedì 5 gennaio 2026", "A: B", "Oggetto: x"),
    "pt": ("De: A <a@b.test>", "Enviado: segunda-feira", "Para: B", "Assunto: x"),
    "nl": ("Van: A <a@b.test>", "Verzonden: maandag 5 januari", "Aan: B", "Onderwerp: x"),
    "pl": ("Od: A <a@b.test>", "Wysłano: poniedziałek", "Do: B", "Temat: x"),
    "ru": ("От: A <a@b.test>", "Отправлено: 5 января 2026", "Кому: B", "Тема: x"),
    "uk": ("Від: A <a@b.test>", "Надіслано: 5 січня 2026", "Кому: B", "Тема: x"),
    "sv": ("Från: A <a@b.test>", "Skickat: den 5 januari 2026", "Till: B", "Ämne: x"),
    "da": ("Fra: A <a@b.test>", "Sendt: 5. januar 2026", "Til: B", "Emne: x"),
    "fi": ("Lähettäjä: A <a@b.test>", "Lähetetty: 5. tammikuuta", "Vastaanottaja: B", "Aihe: x"),
    "cs": ("Od: A <a@b.test>", "Odesláno: pondělí 5. ledna", "Komu: B", "Předmět: x"),
    "hu": ("Feladó: A <a@b.test>", "Elküldve: 2026. január 5.", "Címzett: B", "Tárgy: x"),
    "ro": ("De la: A <a@b.test>", "Trimis: luni", "Către: B", "Subiect: x"),
    "el": ("Από: A <a@b.test>", "Στάλθηκε: Δευτέρα", "Προς: B", "Θέμα: x"),
    "ar": ("من: A <a@b.test>", "تم الإرسال: الاثنين", "إلى: B", "الموضوع: x"),
    "he": ("מאת: A <a@b.test>", "נשלח: יום שני", "אל: B", "נושא: x"),
    "zh": ("发件人: A <a@b.test>", "发送时间: 2026年1月5日", "收件人: B", "主题: x"),
    "ja": ("差出人: A <a@b.test>", "送信日時: 2026年1月5日", "宛先: B", "件名: x"),
    "ko": ("보낸 사람: A <a@b.test>", "보낸 날짜: 2026년 1월 5일", "받는 사람: B", "제목: x"),
}

MOBILE = [
    "Sent from my iPhone", "Get Outlook for iOS<https://aka.ms/o0ukef>", "iPhone'umdan gönderildi",
    "Android için Outlook uygulamasını edinin", "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App", "Envoyé de mon iPhone", "Enviado desde mi iPhone",
    "Inviato da iPhone", "Enviado do meu iPhone", "Verstuurd vanaf mijn iPhone",
    "Wysłane z iPhone'a", "Отправлено с iPhone", "Надіслано з iPhone", "Skickat från min iPhone",
    "Sendt fra min iPhone", "Lähetetty iPhonesta", "Odesláno z iPhonu",
    "Trimis de pe iPhone-ul meu",
    "Στάλθηκε από το iPhone μου", "נשלח מה-iPhone שלי", "发自我的 iPhone",
    "iPhoneから送信", "나의 iPhone에서 보냄",
]  # fmt: skip


def loose(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_attributions_are_known_in_every_language(attribution: str) -> None:
    assert is_attribution(attribution)
    for history in (f"{attribution}\n> old\n> text", f"{attribution}\n\nold text, unmarked"):
        reply = split_reply(f"New words.\n\n{history}")
        assert reply.visible == "New words."
        assert attribution in reply.quoted


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_header_blocks_are_known_in_every_language(block: tuple[str, ...]) -> None:
    assert starts_header_block(list(block))
    reply = split_reply("New words.\n\n" + "\n".join(block) + "\n\nold text")
    assert reply.visible == "New words."
    assert "old text" in reply.quoted


@pytest.mark.parametrize("line", MOBILE)
def test_what_a_telephone_adds_is_a_signature(line: str) -> None:
    reply = split_reply(f"Yes, please.\n\n{line}\n")
    assert (reply.visible, reply.signature) == ("Yes, please.", line)


@pytest.mark.parametrize(
    "separator",
    [
        "-----Original Message-----", "-----Ursprüngliche Nachricht-----", "---- Özgün İleti ----",
        "-------- Message d'origine --------", "---------- Forwarded message ---------",
        "-----Исходное сообщение-----", "-----原始邮件-----",
    ],
)  # fmt: skip
def test_everything_below_an_original_message_is_history(separator: str) -> None:
    assert split_reply(f"New.\n\n{separator}\nold").visible == "New."


def test_an_answer_below_its_only_quotation_is_what_is_new() -> None:
    text = "Am 5.1.2026 um 10:00 schrieb A <a@b.test>:\n> Welche Farbe?\n\nBlau.\n"
    assert split_reply(text).visible == "Blau."


def test_answers_between_quotations_keep_what_they_answer() -> None:
    text = "> Size?\nLarge.\n\n> Colour?\nBlue."
    assert split_reply(text).visible == text


def test_a_text_that_is_all_quotation_is_shown() -> None:
    assert split_reply("> only this").visible == "> only this"


@pytest.mark.parametrize(
    "text",
    [
        "Arkadaşım dün şunu yazdı: fiyat 5 TL.\nKimden alabilirim, konu nedir?",
        "My sister wrote:\nbuy the blue one.",
        "Please deliver\nFrom: Izmir\nTo: Berlin\nThanks",
        "The list:\n-- first\n-- second\nThat is all.",
        "Costs:\n----\n5 EUR\n----\nOn Thursday:\nfree.",
    ],
)
def test_prose_that_looks_a_little_like_history_is_left_alone(text: str) -> None:
    reply = split_reply(text)
    assert (reply.visible, reply.quoted, reply.signature) == (text, "", "")


def test_a_signature_is_told_from_the_text_above_it() -> None:
    reply = split_reply("Invoice, please.\n-- \nAyşe Yılmaz\n0212 000 00 00")
    assert reply.visible == "Invoice, please."
    assert reply.signature == "-- \nAyşe Yılmaz\n0212 000 00 00"


@given(st.text(alphabet="ab>:\n- @.0123<w", max_size=200))
def test_a_reply_is_never_empty_where_its_text_is_not(text: str) -> None:
    reply = split_reply(text)
    assert bool(reply.visible.strip()) == bool(text.strip())
    kept = set(f"{reply.visible}\n{reply.quoted}\n{reply.signature}".split())
    lost = {word for word in text.split() if word not in kept}
    assert not lost


@pytest.mark.parametrize(
    "text",
    [
        "a:\n" * 100_000, "--\n" * 100_000, "<\n" * 150_000, "> \n" * 100_000,
        "From: x\n" * 40_000, "On 2020 a@b.c wrote:\nx\n" * 12_000, "ab>\n" * 80_000,
        "sent from my x\n" * 20_000, "-" * 300_000, ("-" + " " * 3_000 + "a\n") * 100,
        "2020 a@b.c wrote\n" * 20_000, "a@a." * 70_000 + ":",
    ],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_absurd_texts_take_bounded_time(text: str) -> None:
    began = time.process_time()
    split_reply(text)
    assert time.process_time() - began < LIMIT_SECONDS


# --- what others expect ---


def test_turkish_replies_are_parted_as_expected() -> None:
    cases = json.loads((corpus("reply") / "turkish.json").read_text())["cases"]
    for case in cases:
        assert loose(split_reply(case["input"]).visible) == loose(case["expected_visible"]), case


def test_replies_are_parted_as_a_forum_expects() -> None:
    folder = corpus("reply") / "trimmer"
    for path in sorted((folder / "emails").iterdir()):
        expected = (folder / "trimmed" / path.name).read_text()
        assert loose(split_reply(path.read_text()).visible) == loose(expected), path.name


def test_replies_are_parted_as_a_chat_product_expects() -> None:
    cases = json.loads((corpus("reply") / "crisp.json").read_text())
    different = {
        case["fixture"]
        for case in cases
        if loose(split_reply(case["input"]).visible) != loose(case["visible"])
    }
    assert different == {
        "email_2_1.txt",  # there a whole forwarded message is left below the answer
        "email_tricky_7_multiple_dashes.txt",  # there the text after "----" is hidden
    }
