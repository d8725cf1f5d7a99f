"""An answer by e-mail, the whole way: what leaves, and its copy in Sent, once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.connectors.errors import (
    PermanentError,
    PermanentReason,
)
from desktop_inbox.domain.messages import Address, Outgoing, OutgoingFile
from tests.connectors.contract_suite import drain, nothing
from tests.support.dovecot import Mailbox
from tests.support.smtp_server import SmtpServer


@pytest.fixture
async def connector(mailbox: Mailbox, smtp_server: SmtpServer) -> AsyncIterator[EmailConnector]:
    connector = EmailConnector(mailbox.config(smtp_server))
    await connector.open()
    yield connector
    await connector.close()


@pytest.fixture
def outgoing(mailbox: Mailbox) -> Callable[..., Outgoing]:
    def make(**changes: object) -> Outgoing:
        message = Outgoing(
            client_ref="c1.m1@desk.example",
            at=datetime(2026, 2, 1, 10, tzinfo=UTC),
            from_=Address(name="Töpferei", address=mailbox.address),
            to=(Address(name="Anna", address="anna@elsewhere.example"),),
            bcc=(Address(address="hidden@elsewhere.example"),),
            subject="Grüße",
            text="Hello\n",
        )
        return replace(message, **changes)  # type: ignore[arg-type]

    return make


async def test_hidden_recipients_stay_hidden(
    connector: EmailConnector, smtp_server: SmtpServer, outgoing: Callable[..., Outgoing]
) -> None:
    await connector.send(outgoing(), nothing)

    (accepted,) = smtp_server.accepted
    assert accepted.recipients == ("anna@elsewhere.example", "hidden@elsewhere.example")
    assert b"hidden" not in accepted.raw


async def test_a_message_to_nobody_is_refused(
    connector: EmailConnector, outgoing: Callable[..., Outgoing]
) -> None:
    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(to=(), bcc=()), nothing)
    assert caught.value.reason is PermanentReason.RECIPIENT


async def test_an_attachment_that_has_gone_is_said_so(
    connector: EmailConnector, outgoing: Callable[..., Outgoing], tmp_path: Path
) -> None:
    file = OutgoingFile(name="a.pdf", media_type="application/pdf", path=tmp_path / "a", size=3)

    with pytest.raises(PermanentError) as caught:
        await connector.send(outgoing(attachments=(file,)), nothing)

    assert caught.value.reason is PermanentReason.MEDIA
    assert str(tmp_path / "a") in caught.value.detail


async def test_the_copy_lies_in_sent_once_however_often_it_is_filed(
    connector: EmailConnector, mailbox: Mailbox, outgoing: Callable[..., Outgoing]
) -> None:
    assert not await connector.find_sent(outgoing())

    for _ in range(3):
        await connector.store_sent(outgoing(), insist=False)

    assert len(mailbox.uids("Sent")) == 1
    assert len(mailbox.uids("Sent", "SEEN")) == 1
    assert await connector.find_sent(outgoing())


async def test_the_copy_is_what_was_sent(
    connector: EmailConnector,
    mailbox: Mailbox,
    smtp_server: SmtpServer,
    outgoing: Callable[..., Outgoing],
) -> None:
    await connector.send(outgoing(), nothing)
    await connector.store_sent(outgoing(), insist=False)

    assert mailbox.raw(1, "Sent") == smtp_server.accepted[0].raw
    items, _ = await drain(connector, None)
    assert len(items) == 1


async def test_no_copy_is_filed_where_the_owner_said_never(
    mailbox: Mailbox, outgoing: Callable[..., Outgoing]
) -> None:
    connector = EmailConnector(mailbox.config(sent_copy="never"))

    await connector.store_sent(outgoing(), insist=False)

    assert mailbox.uids("Sent") == []


async def test_a_copy_that_the_provider_files_is_waited_for(
    mailbox: Mailbox, outgoing: Callable[..., Outgoing]
) -> None:
    gmail = EmailConnector(mailbox.config(smtp_host="smtp.gmail.com"))
    assert not await gmail.store_sent(outgoing(), insist=False), "it may still come"
    assert mailbox.uids("Sent") == []
    await gmail.store_sent(outgoing(), insist=True)
    assert len(mailbox.uids("Sent")) == 1, "it did not come"
    assert await gmail.store_sent(outgoing(), insist=False), "it is there"
    await gmail.close()


async def test_a_copy_is_filed_at_once_where_the_owner_asks_for_that(
    mailbox: Mailbox, outgoing: Callable[..., Outgoing]
) -> None:
    asked = EmailConnector(mailbox.config(smtp_host="smtp.gmail.com", sent_copy="append"))
    assert await asked.store_sent(outgoing(), insist=False)
    await asked.close()
    assert len(mailbox.uids("Sent")) == 1


async def test_a_message_that_came_back_to_us_counts_as_sent(
    connector: EmailConnector, mailbox: Mailbox, outgoing: Callable[..., Outgoing]
) -> None:
    mailbox.deliver(b"Message-ID: <came@back>\r\nSubject: x\r\n\r\n")

    assert await connector.find_sent(outgoing(client_ref="came@back"))
