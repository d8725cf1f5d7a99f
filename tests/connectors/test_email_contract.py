"""The e-mail connector keeps the contract, with Dovecot and a real SMTP server."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors import create
from desktop_inbox.connectors.contract import Connector, Item, RawMail
from desktop_inbox.domain.messages import Address, Outgoing
from tests.connectors.contract_suite import ContractSuite, Service
from tests.support.dovecot import Mailbox
from tests.support.smtp_server import Cut, SmtpServer

_NAME = re.compile(rb"^Subject: (\S+)", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]*)>", re.MULTILINE)


class Email(Service):
    def __init__(self, mailbox: Mailbox, smtp: SmtpServer) -> None:
        self.mailbox = mailbox
        self.smtp = smtp

    def connector(self) -> Connector:
        return create("email", self.mailbox.config(self.smtp))

    def refused(self) -> Connector:
        return create("email", self.mailbox.config(self.smtp, password="wrong"))

    async def arrive(self, *names: str) -> None:
        messages = [f"Subject: {name}\r\n\r\n{name}\r\n".encode() for name in names]
        await asyncio.to_thread(self.mailbox.deliver, *messages)

    def name_of(self, item: Item) -> str | None:
        if not isinstance(item, RawMail) or not item.complete:
            return None
        found = _NAME.search(item.raw)
        assert found is not None
        return found[1].decode()

    def outgoing(self, client_ref: str) -> Outgoing:
        return Outgoing(
            client_ref=client_ref,
            at=datetime(2026, 2, 1, tzinfo=UTC),
            from_=Address(name="Desk", address=self.mailbox.address),
            to=(Address(address="customer@elsewhere.example"),),
            subject="Hello",
            text="Hello.\n",
        )

    def accepted(self) -> list[str]:
        found = [_MESSAGE_ID.search(one.raw) for one in self.smtp.accepted]
        return [one[1].decode() for one in found if one is not None]

    def steps_before_body(self) -> Sequence[str]:
        return ("greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA")

    def drop_at(self, step: str) -> None:
        self.smtp.faults.plan(step, Cut.DROP, times=1)

    async def drop_link(self) -> None:
        await asyncio.to_thread(self._kick)

    def _kick(self) -> None:
        for process in self.mailbox.sessions():
            os.kill(process, signal.SIGKILL)


class TestEmail(ContractSuite):
    @pytest.fixture
    def service(self, mailbox: Mailbox, smtp_server: SmtpServer) -> Email:
        return Email(mailbox, smtp_server)
