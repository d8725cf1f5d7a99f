"""Sending: what failed before the body is certain, what failed after it is said to be uncertain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from desktop_inbox.connectors.contract import SendResult
from desktop_inbox.connectors.email import smtp
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from desktop_inbox.connectors.email.smtp import Envelope, SmtpSender
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    PermanentReason,
    TransientCause,
    TransientError,
    UncertainDelivery,
)
from tests.connectors.contract_suite import nothing
from tests.support.mail_accounts import PASSWORD
from tests.support.ports import free_ports
from tests.support.smtp_server import Cut, SmtpServer
from tests.support.tls_authority import Authority

RAW = b"Message-ID: <a@desk.example>\r\nSubject: hi\r\n\r\nhello\r\n.dot\r\n"
USER = Credentials(username="desk@desk.example", password=PASSWORD)
TO = ("a@elsewhere.example", "b@elsewhere.example")


def server_of(smtp_server: SmtpServer, security: Security = Security.STARTTLS) -> Server:
    port = {
        Security.TLS: smtp_server.tls_port,
        Security.STARTTLS: smtp_server.starttls_port,
        Security.NONE: smtp_server.plain_port,
    }[security]
    return Server(host="localhost", port=port, security=security, ca_file=str(smtp_server.ca_file))


@pytest.fixture
async def sender(smtp_server: SmtpServer) -> AsyncIterator[SmtpSender]:
    sender = SmtpSender(server_of(smtp_server), USER)
    yield sender
    await sender.close()


async def send(
    sender: SmtpSender, *recipients: str, raw: bytes = RAW, author: str = "desk@desk.example"
) -> SendResult:
    return await sender.send(
        Envelope(sender=author, recipients=recipients or TO),
        raw,
        message_id="a@desk.example",
        before_body=nothing,
    )


async def failure(sender: SmtpSender, *recipients: str, raw: bytes = RAW) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await send(sender, *recipients, raw=raw)
    return caught.value


# --- what works ------------------------------------------------------------------------------


@pytest.mark.parametrize("security", list(Security))
async def test_every_kind_of_protection_sends(smtp_server: SmtpServer, security: Security) -> None:
    sender = SmtpSender(server_of(smtp_server, security), USER)

    result = await send(sender)

    (accepted,) = smtp_server.accepted
    assert accepted.recipients == TO
    assert accepted.raw == RAW
    assert result.external_id == "a@desk.example"
    assert result.detail.startswith("250 ")
    await sender.close()


async def test_a_burst_of_replies_uses_one_connection(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    for _ in range(5):
        await send(sender)

    assert len(smtp_server.accepted) == 5
    assert smtp_server.connections == 1


async def test_an_idle_connection_is_let_go(
    smtp_server: SmtpServer, sender: SmtpSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "IDLE_SECONDS", 0.01)
    await send(sender)
    while sender._client is not None:  # noqa: ASYNC110 - there is nothing to wait on
        await asyncio.sleep(0.005)

    await send(sender)

    assert smtp_server.connections == 2


async def test_a_kept_connection_that_died_is_replaced(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    await send(sender)
    smtp_server.cut_connections()

    await send(sender)

    assert len(smtp_server.accepted) == 2


async def test_a_kept_connection_that_dies_at_the_first_word_is_replaced(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    await send(sender)
    smtp_server.faults.plan("MAIL", Cut.DROP, times=1)

    await send(sender)

    assert len(smtp_server.accepted) == 2


async def test_bare_line_ends_and_dots_arrive_as_they_should(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    await send(sender, raw=b"Subject: x\n\n.\n..a\r.b")

    assert smtp_server.accepted[0].raw == b"Subject: x\r\n\r\n.\r\n..a\r\n.b\r\n"


async def test_the_size_and_the_alphabet_are_announced(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    raw = "Subject: x\r\n\r\nGrüße\r\n".encode()
    await send(sender, "jürgen@elsewhere.example", raw=raw)

    assert smtp_server.accepted[0].options == (
        f"SIZE={len(raw)}",
        "BODY=8BITMIME",
        "SMTPUTF8",
    )
    assert smtp_server.accepted[0].recipients == ("jürgen@elsewhere.example",)


async def test_a_foreign_domain_needs_nothing_of_the_server(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    smtp_server.smtputf8 = False

    await send(sender, "info@bücher.example")

    assert smtp_server.accepted[0].recipients == ("info@xn--bcher-kva.example",)


# --- refusals --------------------------------------------------------------------------------


async def test_a_foreign_local_part_is_refused_where_the_server_cannot(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    smtp_server.smtputf8 = False

    error = await failure(sender, "jürgen@elsewhere.example")

    assert isinstance(error, PermanentError)
    assert error.reason is PermanentReason.RECIPIENT
    await send(sender)
    assert len(smtp_server.accepted) == 1


async def test_some_refused_recipients_do_not_stop_the_others(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    smtp_server.faults.plan("RCPT", "550 5.1.1 unknown", only="b@")

    result = await send(sender)

    assert smtp_server.accepted[0].recipients == TO[:1]
    (refusal,) = result.refused
    assert (refusal.address, refusal.code, refusal.text) == (TO[1], 550, "5.1.1 unknown")


@pytest.mark.parametrize(
    ("step", "answer", "kind", "detail"),
    [
        ("greeting", "421 4.3.2 shutting down", TransientError, "connect"),
        ("greeting", "554 5.7.1 go away", TransientError, "connect"),
        ("STARTTLS", "454 4.7.0 not now", TransientError, "tls"),
        ("AUTH", "535 5.7.8 wrong", AuthError, "sign-in"),
        ("AUTH", "454 4.7.0 later", TransientError, "sign-in"),
        ("MAIL", "451 4.3.0 later", TransientError, "sender"),
        ("MAIL", "530 5.7.0 sign in", AuthError, "sign-in"),
        ("MAIL", "550 5.7.1 not yours", PermanentError, "sender"),
        ("MAIL", "552 5.3.4 too big", PermanentError, "sender"),
        ("RCPT", "450 4.2.0 greylisted", TransientError, "recipient"),
        ("RCPT", "550 5.1.1 unknown", PermanentError, "recipient"),
        ("RCPT", "421 4.3.2 shutting down", TransientError, "recipient"),
        ("DATA", "451 4.3.0 later", TransientError, "data"),
        ("DATA", "554 5.5.0 no", PermanentError, "data"),
        ("reject", "451 4.3.0 later", TransientError, "body"),
        ("reject", "554 5.6.0 looks like spam", PermanentError, "body"),
    ],
)
async def test_a_definite_answer_is_judged_by_step_and_code(
    smtp_server: SmtpServer,
    sender: SmtpSender,
    step: str,
    answer: str,
    kind: type[ConnectorError],
    detail: str,
) -> None:
    smtp_server.faults.plan(step, answer)

    error = await failure(sender)

    assert type(error) is kind
    assert error.step == detail
    assert answer[:3] in error.detail
    assert smtp_server.accepted == []
    smtp_server.faults.clear()
    await send(sender)  # the session after a failure is a new one


async def test_a_wrong_password_is_tried_once(smtp_server: SmtpServer) -> None:
    sender = SmtpSender(server_of(smtp_server), replace(USER, password="no"))

    assert isinstance(await failure(sender), AuthError)

    assert smtp_server.commands.count("AUTH") == 1


async def test_an_access_token_signs_in_and_an_old_one_does_not(smtp_server: SmtpServer) -> None:
    smtp_server.passwords["desk@desk.example"] = "good"
    good = SmtpSender(server_of(smtp_server), replace(USER, access_token="good"))
    old = SmtpSender(server_of(smtp_server), replace(USER, access_token="old"))

    await send(good)
    assert isinstance(await failure(old), AuthError)
    await good.close()
    smtp_server.passwords.clear()


async def test_a_message_above_the_servers_limit_is_not_tried(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    smtp_server.size_limit = 1_000

    error = await failure(sender, raw=RAW + b"x" * 2_000)

    assert isinstance(error, PermanentError)
    assert error.reason is PermanentReason.TOO_LARGE
    assert "DATA" not in smtp_server.commands


async def test_what_the_server_takes_is_known_once_it_was_asked(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    assert sender.limits == {}
    smtp_server.size_limit = 123_456
    await sender.open()
    assert sender.limits == {"max_message_bytes": 123_456}


@pytest.mark.parametrize("address", ["a@x\r\nRCPT TO:<b@y>", "a@x\0"])
async def test_an_address_cannot_smuggle_a_command(
    smtp_server: SmtpServer, sender: SmtpSender, address: str
) -> None:
    assert isinstance(await failure(sender, address), PermanentError)
    assert smtp_server.accepted == []


# --- losses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["body", "answer"])
async def test_a_loss_after_the_first_byte_of_the_body_is_uncertain(
    smtp_server: SmtpServer, sender: SmtpSender, step: str
) -> None:
    smtp_server.faults.plan(step, Cut.DROP, times=1)

    assert isinstance(await failure(sender), UncertainDelivery)


async def test_silence_after_the_final_dot_is_uncertain(
    smtp_server: SmtpServer, sender: SmtpSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ACCEPT_SECONDS", 0.1)
    smtp_server.faults.plan("answer", Cut.HANG, times=1)

    assert isinstance(await failure(sender), UncertainDelivery)
    assert len(smtp_server.accepted) == 1


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
async def test_silence_before_the_body_is_a_passing_failure(
    smtp_server: SmtpServer, sender: SmtpSender, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.1)
    smtp_server.faults.plan(step, Cut.HANG, times=1)

    assert isinstance(await failure(sender), TransientError)


async def test_a_loss_while_the_engine_writes_it_down_is_no_delivery(
    smtp_server: SmtpServer, sender: SmtpSender
) -> None:
    async def cut() -> None:
        await asyncio.to_thread(smtp_server.cut_connections)
        while sender._client is not None and sender._client.is_connected:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    with pytest.raises(TransientError):
        await sender.send(
            Envelope(sender="desk@desk.example", recipients=TO),
            RAW,
            message_id="a",
            before_body=cut,
        )
    assert smtp_server.accepted == []


# --- protection ------------------------------------------------------------------------------


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_nobody_vouches_for_is_refused(
    smtp_server: SmtpServer, security: Security
) -> None:
    sender = SmtpSender(replace(server_of(smtp_server, security), ca_file=""), USER)

    error = await failure(sender)

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")
    assert "AUTH" not in smtp_server.commands


async def test_a_certificate_for_another_host_is_refused(
    smtp_server: SmtpServer, sender: SmtpSender, authority: Authority
) -> None:
    smtp_server.certificate = "other"

    error = await failure(sender)

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")


async def test_a_server_that_offers_no_encryption_gets_no_secret(smtp_server: SmtpServer) -> None:
    stripped = replace(
        server_of(smtp_server), port=smtp_server.plain_port, security=Security.STARTTLS
    )

    error = await failure(SmtpSender(stripped, USER))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")
    assert "AUTH" not in smtp_server.commands


async def test_clear_text_never_leaves_this_machine() -> None:
    server = Server(host="mail.example.org", port=25, security=Security.NONE)

    assert (await failure(SmtpSender(server, USER))).step == "tls"


@pytest.mark.parametrize(
    ("host", "cause"),
    [("127.0.0.1", TransientCause.NETWORK), ("no-such-host.invalid", TransientCause.DNS)],
)
async def test_a_server_that_is_not_there_is_a_passing_failure(
    host: str, cause: TransientCause
) -> None:
    server = Server(host=host, port=free_ports(1)[0], security=Security.TLS)

    error = await failure(SmtpSender(server, USER))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (cause, "connect")
