"""What the owner entered is understood, or refused by the name of its field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.email.settings import Security, SentCopy, Server, read_settings
from desktop_inbox.connectors.errors import PermanentError


def config(**settings: object) -> AccountConfig:
    values = {"imap_host": "imap.x.example", "smtp_host": "smtp.x.example", **settings}
    return AccountConfig(
        id=1, address="desk@x.example", settings=values, secrets={"password": "secret"}
    )


def test_what_is_left_out_has_the_usual_value() -> None:
    settings = read_settings(config())

    assert (settings.imap.port, settings.smtp.port) == (993, 465)
    assert settings.imap.security is Security.TLS
    assert settings.credentials.username == "desk@x.example"
    assert settings.sent_copy is SentCopy.AUTO
    assert settings.since is None


def test_values_come_as_words_from_the_command_line() -> None:
    settings = read_settings(
        config(imap_port="1143", smtp_security="starttls", since="2026-01-02", username="desk")
    )

    assert (settings.imap.port, settings.smtp.port) == (1143, 587)
    assert settings.since == datetime(2026, 1, 2, tzinfo=UTC)
    assert settings.credentials.username == "desk"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_port", "70000"),
        ("smtp_port", "x"),
        ("imap_security", "ssl"),
        ("since", "soon"),
        ("sent_copy", "maybe"),
        ("idle_minutes", "9"),
        ("idle_minutes", "29"),
        ("idle_minutes", "soon"),
        ("imap_host", ""),
        ("smtp_host", "a b"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(PermanentError, match=field) as caught:
        read_settings(config(**{field: value}))
    assert caught.value.step == "settings"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("127.0.0.1", True), ("::1", True), ("127.9.9.9", True),
        ("10.0.0.1", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False),
    ],
)  # fmt: skip
def test_only_this_machine_counts_as_loopback(host: str, loopback: bool) -> None:
    assert Server(host=host, port=1, security=Security.NONE).is_loopback is loopback


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "secret" not in repr(read_settings(config()))
