"""What a domain publishes for mail programs, as it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.email import autoconfig
from desktop_inbox.connectors.email.autoconfig import Published


def document(*servers: str, head: str = "") -> bytes:
    inside = "".join(servers)
    return (
        f'<?xml version="1.0"?>{head}<clientConfig version="1.1"><emailProvider id="kaya">'
        f"<displayName>Kaya Mail</displayName>{inside}"
        '<documentation url="https://kaya.example/help"/></emailProvider></clientConfig>'
    ).encode()


def server(
    tag: str, kind: str, host: str, port: str = "993", socket: str = "SSL", more: str = ""
) -> str:
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{socket}</socketType>{more}</{tag}>"
    )


IMAP = server("incomingServer", "imap", "imap.kaya.example")
SMTP = server("outgoingServer", "smtp", "smtp.kaya.example", "465")


def read(text: bytes) -> Published | None:
    return autoconfig.read(text, address="info@kaya.example")


def test_servers_ports_and_security_are_read() -> None:
    found = read(document(IMAP, server("outgoingServer", "smtp", "out.kaya.example", "587",
                                       "STARTTLS")))  # fmt: skip
    assert found == Published(
        name="Kaya Mail",
        settings={
            "imap_host": "imap.kaya.example", "imap_port": "993", "imap_security": "tls",
            "smtp_host": "out.kaya.example", "smtp_port": "587", "smtp_security": "starttls",
        },
        help_url="https://kaya.example/help",
    )  # fmt: skip


def test_the_protected_way_is_taken_wherever_it_stands() -> None:
    found = read(
        document(
            server("incomingServer", "pop3", "pop.kaya.example", "995"),
            server("incomingServer", "imap", "plain.kaya.example", "143", "plain"),
            server("incomingServer", "imap", "later.kaya.example", "143", "STARTTLS"),
            IMAP,
            SMTP,
        )
    )
    assert found is not None
    assert found.settings["imap_host"] == "imap.kaya.example"


@pytest.mark.parametrize(
    ("template", "username"),
    [
        ("%EMAILADDRESS%", ""),
        ("%EMAILLOCALPART%", "info"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "info.kaya.example"),
        ("%REALNAME%", ""),
    ],
)
def test_user_names_are_filled_in(template: str, username: str) -> None:
    more = f"<username>{template}</username>"
    found = read(document(server("incomingServer", "imap", "imap.kaya.example", more=more), SMTP))
    assert found is not None
    assert found.settings.get("username", "") == username


def test_who_takes_nothing_but_oauth_is_known() -> None:
    more = "<authentication>OAuth2</authentication>"
    found = read(document(server("incomingServer", "imap", "i.kaya.example", more=more), SMTP))
    assert found is not None
    assert found.oauth


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html><body>Not found</body></html>",
        b"<clientConfig><emailProvider/></clientConfig>",
        document(IMAP),
        document(SMTP),
        document(server("incomingServer", "imap", "imap.kaya.example", socket="plain"), SMTP),
        document(server("incomingServer", "imap", "imap kaya"), SMTP),
        document(server("incomingServer", "imap", "imap.kaya.example", "99999"), SMTP),
        document(server("incomingServer", "imap", "imap.kaya.example", "²"), SMTP),
        document(IMAP, SMTP, head='<!DOCTYPE a [<!ENTITY b "bb">]>'),
        document(IMAP, SMTP, "<x>" + "a" * autoconfig.MAX_BYTES + "</x>"),
        document(IMAP, SMTP)[:-20],
        b'<?xml version="1.0" encoding="nonsense"?><clientConfig/>',
    ],
)  # fmt: skip
def test_a_document_of_no_use_says_nothing(text: bytes) -> None:
    assert read(text) is None


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_without_a_fault(text: bytes) -> None:
    read(text)
