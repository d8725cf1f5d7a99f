"""The table of common providers."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.email.providers import Hint, files_sent_mail, find, guess


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("anna@gmail.com", "imap.gmail.com", "smtp.gmail.com"),
        ("anna@GoogleMail.com ", "imap.gmail.com", "smtp.gmail.com"),
        ("a@hotmail.co.uk", "outlook.office365.com", "smtp-mail.outlook.com"),
        ("a@yahoo.com.tr", "imap.mail.yahoo.com", "smtp.mail.yahoo.com"),
        ("a@gmx.de", "imap.gmx.net", "mail.gmx.net"),
        ("a@t-online.de", "secureimap.t-online.de", "securesmtp.t-online.de"),
        ("a@yandex.com.tr", "imap.yandex.com", "smtp.yandex.com"),
    ],
)
def test_known_providers_are_found_by_domain(address: str, imap: str, smtp: str) -> None:
    provider = find(address)

    assert provider is not None
    assert (provider.imap_host, provider.smtp_host) == (imap, smtp)
    assert provider.settings["imap_port"] == "993"


def test_a_domain_that_only_looks_like_a_provider_is_not_one() -> None:
    assert find("a@yahoo.example.org") is None
    assert find("a@outlook.evil.example") is None
    assert find("a@notgmail.com") is None


def test_providers_that_refuse_the_normal_password_say_so() -> None:
    gmail = find("a@gmail.com")
    assert gmail is not None
    assert gmail.hint is Hint.APP_PASSWORD


def test_an_unknown_domain_is_guessed() -> None:
    guessed = guess("info@pottery.example")
    assert guessed is not None
    assert (guessed.imap_host, guessed.smtp_host) == (
        "imap.pottery.example",
        "smtp.pottery.example",
    )
    assert guess("nobody") is None


def test_some_providers_file_sent_mail_themselves() -> None:
    assert files_sent_mail("smtp.gmail.com")
    assert files_sent_mail("SMTP.Office365.com")
    assert not files_sent_mail("smtp.gmx.net")
    assert not files_sent_mail("notgmail.com")
