"""The sample shop's mails: real messages that read well and are never stale."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

import pytest

from desktop_inbox.demo import files, shop
from desktop_inbox.domain.templates import render

NOW = datetime(2026, 11, 18, 11, 50, tzinfo=UTC)


@pytest.fixture(scope="module")
def kaya() -> shop.Shop:
    return shop.load(NOW)


def parsed(letter: shop.Letter) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(letter.raw)
    assert isinstance(message, EmailMessage)
    return message


def test_the_shop_is_as_busy_as_promised(kaya: shop.Shop) -> None:
    assert len(kaya.letters()) >= 190
    customers = {parseaddr(talk.customer)[1] for talk in kaya.talks if talk.personal}
    assert len(customers) >= 40
    assert {talk.language for talk in kaya.talks} == {"en", "tr", "de"}


def test_the_newest_mail_is_minutes_old_and_none_is_from_the_future(kaya: shop.Shop) -> None:
    moments = [letter.at for letter in kaya.letters()]
    assert moments == sorted(moments)
    assert NOW - timedelta(minutes=10) < moments[-1] < NOW
    assert moments[0] > NOW - timedelta(days=90)


def test_answers_name_what_they_answer(kaya: shop.Shop) -> None:
    known: set[str] = set()
    for letter in kaya.letters():
        message = parsed(letter)
        for reference in str(message["References"] or "").split():
            assert reference in known
        known.add(str(message["Message-ID"]))
    assert len(known) == len(kaya.letters())


def test_a_conversation_goes_forward_in_time(kaya: shop.Shop) -> None:
    for talk in kaya.talks:
        moments = [letter.at for letter in talk.letters]
        assert moments == sorted(moments), talk.subject


def test_what_we_wrote_lies_in_sent_and_the_rest_in_the_inbox(kaya: shop.Shop) -> None:
    for letter in kaya.letters():
        ours = parseaddr(str(parsed(letter)["From"]))[1] == kaya.seed.address
        assert letter.folder == ("Sent" if ours else "INBOX")


def test_every_mail_survives_the_standard_parser_without_a_defect(kaya: shop.Shop) -> None:
    for letter in kaya.letters():
        message = email.message_from_bytes(letter.raw, policy=policy.strict)
        assert not any(part.defects for part in message.walk())
        assert b"\r\n" in letter.raw
        assert b"\n\n" not in letter.raw


def test_the_shop_gets_pictures_papers_tables_and_html(kaya: shop.Shop) -> None:
    types = {part.get_content_type() for letter in kaya.letters() for part in parsed(letter).walk()}
    assert {"image/png", "application/pdf", "text/csv", "text/html", "text/plain"} <= types


def test_canned_responses_find_their_values(kaya: shop.Shop) -> None:
    values = {"contact.name": "Jonas Meyer", "contact.first_name": "Jonas"}
    for canned in kaya.seed.canned:
        rendered = render(canned["body"], values)
        assert not rendered.missing
        assert "Jonas" in rendered.text


def test_a_mail_that_comes_later_joins_a_conversation_that_exists(kaya: shop.Shop) -> None:
    subjects = {talk.subject for talk in kaya.talks}
    assert len(kaya.later) >= 5
    for mail in kaya.later:
        assert not mail.joins or mail.joins in subjects


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2m", timedelta(minutes=2)),
        ("1d3h", timedelta(days=1, hours=3)),
        ("3m30s", timedelta(minutes=3, seconds=30)),
    ],
)
def test_ages_are_read(text: str, expected: timedelta) -> None:
    assert shop.duration(text) == expected


def test_pictures_are_the_same_each_time_and_differ_by_name() -> None:
    assert files.picture("bowl.png") == files.picture("bowl.png")
    assert files.picture("bowl.png") != files.picture("jar.png")
    assert files.picture("bowl.png").startswith(b"\x89PNG\r\n\x1a\n")
    assert files.pdf("invoice.pdf").startswith(b"%PDF-")
    assert files.pdf("invoice.pdf").endswith(b"%%EOF\n")
