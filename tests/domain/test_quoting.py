"""What is new in a reply is told from its history, in every language, and nothing is lost."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.quoting import is_attribution, split_reply, starts_header_block
from tests.support.calls import calls_of
from tests.support.corpora import corpus
from tests.support.reply_samples import SAMPLES


def loose(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def labelled(cases: Iterable[tuple[str, str, object]]) -> list[object]:
    return [pytest.param(code, what, id=f"{code}, {name}") for code, name, what in cases]


ATTRIBUTIONS = labelled(
    (code, program, line)
    for code, samples in SAMPLES.items()
    for program, line in samples.attributions.items()
)
BLOCKS = labelled(
    (code, name, block)
    for code, samples in SAMPLES.items()
    for name, block in (("outlook", samples.block), ("others", samples.other_block))
)
SEPARATORS = labelled(
    (code, line, line) for code, samples in SAMPLES.items() for line in samples.separators
)
PHONES = labelled(
    (code, line, line) for code, samples in SAMPLES.items() for line in samples.phones
)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def assert_folded(text: str, answer: str, history: str) -> None:
    """Assert that only the answer is read, and that the history is all there."""
    reply = split_reply(text)
    assert reply.visible == answer
    for line in history.split("\n"):
        assert line.strip() in reply.quoted


# --- what programs write, language by language ---


@pytest.mark.parametrize(("code", "line"), ATTRIBUTIONS)
def test_attributions_are_known_whether_what_follows_is_marked_or_not(code: str, line: str) -> None:
    assert is_attribution(line)
    answer, question = SAMPLES[code].answer, SAMPLES[code].question
    for history in (f"{line}\n{quoted(question)}", f"{line}\n\n{question}\n\n-- \nA shop"):
        assert_folded(f"{answer}\n\n{history}\n", answer, history)


@pytest.mark.parametrize("width", [44, 60, 72])
@pytest.mark.parametrize(("code", "line"), ATTRIBUTIONS)
def test_attributions_wrapped_over_several_lines_are_known(
    code: str, line: str, width: int
) -> None:
    answer, question = SAMPLES[code].answer, SAMPLES[code].question
    wrapped = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
    history = f"{wrapped}\n\n{quoted(question)}"
    assert_folded(f"{answer}\n\n{history}", answer, history)


@pytest.mark.parametrize(("code", "line"), ATTRIBUTIONS)
def test_answers_between_quotations_stay_visible(code: str, line: str) -> None:
    answer, question = SAMPLES[code].answer, SAMPLES[code].question
    between = f"{quoted(question)}\n\n{answer}\n\n{quoted(question)}\n\n{answer}"
    reply = split_reply(f"{line}\n{between}")
    assert reply.visible == between
    assert reply.quoted == line


@pytest.mark.parametrize(("code", "line"), ATTRIBUTIONS)
def test_an_attribution_inside_quotation_is_part_of_it(code: str, line: str) -> None:
    answer, question = SAMPLES[code].answer, SAMPLES[code].question
    history = quoted(f"{question}\n\n{line}\n{quoted(answer)}")
    assert_folded(f"{answer}\n\n{line}\n{history}", answer, history)


@pytest.mark.parametrize(("code", "block"), BLOCKS)
def test_header_blocks_are_known_with_every_ornament(code: str, block: str) -> None:
    assert starts_header_block(block.split("\n"))
    answer, question = SAMPLES[code].answer, SAMPLES[code].question
    starred = re.sub(r"(?m)^([^:：]+[:：])", r"*\1*", block)
    spaced = block.replace("\n", "\n\n")
    for head in (block, starred, spaced, f"{'_' * 32}\n{block}", f"-----\n{block}"):
        history = f"{head}\n\n{question}"
        assert_folded(f"{answer}\n\n{history}", answer, history)


@pytest.mark.parametrize(("code", "separator"), SEPARATORS)
def test_everything_below_an_original_message_is_history(code: str, separator: str) -> None:
    samples = SAMPLES[code]
    for below in (samples.question, f"{samples.other_block}\n\n{samples.question}"):
        history = f"{separator}\n{below}"
        assert_folded(f"{samples.answer}\n\n{history}", samples.answer, history)


@pytest.mark.parametrize(("code", "line"), PHONES)
def test_what_a_telephone_adds_is_a_signature(code: str, line: str) -> None:
    answer = SAMPLES[code].answer
    reply = split_reply(f"{answer}\n\n{line}\n")
    assert (reply.visible, reply.signature) == (answer, line)
    attribution = SAMPLES[code].attributions["gmail"]
    reply = split_reply(f"{answer}\n\n{line}\n\n{attribution}\n> x")
    assert (reply.visible, reply.signature) == (answer, line)


@pytest.mark.parametrize("code", SAMPLES)
def test_an_answer_under_a_quoted_header_block_stays_visible(code: str) -> None:
    samples = SAMPLES[code]
    head = f"{samples.separators[0]}\n{samples.block}"
    text = f"Hello\n\n{head}\n\n{quoted(samples.question)}\n{samples.answer}"
    assert samples.answer in split_reply(text).visible


def test_an_answer_below_its_only_quotation_is_what_is_new() -> None:
    text = "Am 5.1.2026 um 10:00 schrieb A <a@b.test>:\n> Welche Farbe?\n\nBlau.\n"
    assert split_reply(text).visible == "Blau."


def test_answers_between_quotations_keep_what_they_answer() -> None:
    text = "> Size?\nLarge.\n\n> Colour?\nBlue."
    assert split_reply(text).visible == text


def test_quotations_behind_bars_and_initials_are_folded() -> None:
    barred = "On 5.1.2026 10:04, Ruth <ruth@clay.test> wrote:\n\n| Which colour?\n| The blue one?"
    assert split_reply(f"Blue.\n\n{barred}").visible == "Blue."
    assert split_reply("RO> Which colour?\nRO> The blue one?\n\nBlue.").visible == "Blue."
    assert split_reply("| item | price |\n| mug | 5 |").visible == "| item | price |\n| mug | 5 |"


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
        "On Monday he wrote to me\nand I never answered.",
        "On Monday he wrote to me:\nyour parcel is lost.",
        "From: the list I picked\nTo: my mother\nas a gift, please.",
        "From: the list I picked\n\nthe subject: cups. Sent: nothing yet.",
        "I wrote to you on 5 January 2026 at 10:04 about:\n- the cups\n- the plates",
        "Please write to office@home.test before 5.1.2026 with:\nthe invoice",
        "Ich habe Ihnen am 05.01.2026 um 10:04 Uhr geschrieben, und zwar:\nbitte blau.",
        "På mødet 5.1.2026 kl. 10.00 besluttede vi følgende:\nvi køber to.",
        "5 Ocak 2026 saat 10:04'te size yazdım, konu şuydu:\nkırık vazo.",
        "Paket dün İzmir'den gönderildi",
        "Hi,\nour order of 5.1.2026 10:00 sent by anna@x.test:\n- 2 cups\nThanks",
        "Merhaba,\n05.01.2026 tarihli siparişim, adres <fatura@x.test>:\nAtatürk Cad. 5",
        "My colleague Bob <bob@x.test> asked on 5 January 2026 for these:\n2 cups\n3 plates",
        "Booking:\nDate: 5 May\nFrom: Ankara\nTo: Izmir\nSubject: my trip\nPlease confirm.",
        "Kurier\nVon: Hamburg\nAn: Berlin\nDatum: 5.1.2026\nBetreff: Paket\nDanke",
        "Hi\n\n--\n2 cups\n3 plates\n--\nTotal 5",
        "I use Outlook on iOS",
        "Le colis est parti.\nEnvoyé par Colissimo hier",
        "Das Paket ist weg.\nGesendet von Hamburg am Montag",
        "2026年5月1日10:00より開始します：\n工房にて",
        "Delivered:\n5.1.2026 two cups\n6.1.2026 two plates",
        "Opening hours:\nMonday: 9:00\nTuesday: 10:00\nSubject to change:",
        "My details:\nName: Ayşe\nTo: Ankara\nDate: 5.1.2026\nThanks",
        "Two sizes > 20 cm: which one?\nAnd < 10 cm:\nnone.",
    ],
)
def test_prose_that_looks_a_little_like_history_is_left_alone(text: str) -> None:
    reply = split_reply(text)
    assert (reply.visible, reply.quoted, reply.signature) == (text, "", "")


def test_a_signature_is_told_from_the_text_above_it() -> None:
    reply = split_reply("Invoice, please.\n-- \nAyşe Yılmaz\n0212 000 00 00")
    assert reply.visible == "Invoice, please."
    assert reply.signature == "-- \nAyşe Yılmaz\n0212 000 00 00"


# --- what holds for every text ---


def pieces() -> st.SearchStrategy[str]:
    """Return what replies are made of, in all languages."""
    rows = st.sampled_from(list(SAMPLES.values()))
    return st.one_of(
        rows.map(lambda row: row.answer),
        rows.map(lambda row: quoted(row.question)),
        rows.flatmap(lambda row: st.sampled_from(list(row.attributions.values()))),
        rows.map(lambda row: row.block),
        rows.flatmap(lambda row: st.sampled_from(row.separators)),
        rows.flatmap(lambda row: st.sampled_from(row.phones)),
        st.sampled_from(
            ["-- \nAyşe Yılmaz", "--", "________________", "Kind regards,\nTom", "***"]
        ),
        st.sampled_from(["TF> initials\nTF> twice", "5.1.2026:", "Note:", "a < b", ">:"]),
    )


def replies() -> st.SearchStrategy[str]:
    gaps = st.sampled_from(["\n", "\n\n", "\n\n\n"])
    parts = st.lists(st.tuples(pieces(), gaps), min_size=1, max_size=9)
    return parts.map(lambda some: "".join(f"{piece}{gap}" for piece, gap in some))


def said(*texts: str) -> Counter[str]:
    """Count the lines that say something."""
    return Counter(line.rstrip() for text in texts for line in text.split("\n") if line.strip())


@given(replies() | st.text(alphabet="ab>:\n- @.0123<w|_", max_size=200))
def test_every_line_is_in_one_of_the_three_parts(text: str) -> None:
    reply = split_reply(text)
    assert said(reply.visible, reply.quoted, reply.signature) == said(text)
    assert bool(reply.visible.strip()) == bool(text.strip())


@given(replies())
def test_what_is_visible_keeps_its_order(text: str) -> None:
    rest = iter(text.split("\n"))
    for line in split_reply(text).visible.split("\n"):
        assert any(line.rstrip() == other.rstrip() for other in rest)


@given(replies())
def test_line_ends_make_no_difference(text: str) -> None:
    assert split_reply(text.replace("\n", "\r\n")) == split_reply(text)


@given(replies())
def test_what_was_folded_once_is_not_folded_further(text: str) -> None:
    visible = split_reply(text).visible
    assert split_reply(visible).visible == visible


HOSTILE = [
    "a:\n", "--\n", "<\n", "> \n", "From: x\n", "On 2020 a@b.c wrote:\nx\n", "ab>\n", "\n", " \n",
    "sent from my x\n", "2020 a@b.c wrote\n", "a@a.", "x <\n>:\n", "| x:\n",
    "From: x\nSent: y\nx\n", "-----\n", "1.1.2026 10:00 skrev a:\n\n", "Regards,\n", "(a)/a ",
    "> x\na\n", "\u202b:\n", "-- x --\n", "a (x/y) schrieb\n<a@b.c>\n",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_a_megabyte_of_hostile_text_is_parted(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert bool(split_reply(text).visible.strip()) == bool(text.strip())


@pytest.mark.parametrize("unit", [*HOSTILE, "x" * 3_000 + ":\n"], ids=lambda unit: repr(unit[:40]))
def test_the_work_grows_no_faster_than_the_text(unit: str) -> None:
    once, twice = (calls_of(split_reply, unit * times) for times in (3_000, 6_000))
    assert twice < 2.3 * once + 100


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
