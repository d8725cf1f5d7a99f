"""What the tests of reading a mailbox share: mails to put into one, and somebody who reads it."""

from __future__ import annotations

import base64
import contextlib
import imaplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from desktop_inbox.connectors.contract import (
    Item,
    RawMail,
)
from desktop_inbox.connectors.email.connector import EmailConnector
from tests.support.dovecot import Mailbox
from tests.support.scripted_imap import Mail


def inbox(count: int) -> dict[int, Mail]:
    return {uid: Mail(raw=message(uid)) for uid in range(1, count + 1)}


def message(number: int, *, size: int = 10) -> bytes:
    return f"Subject: m{number}\r\nMessage-ID: <m{number}@x>\r\n\r\n{'x' * size}\r\n".encode()


def messages(count: int, *, size: int = 10) -> Iterator[bytes]:
    return (message(number, size=size) for number in range(1, count + 1))


def with_file(name: str, data: bytes) -> bytes:
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return (
        b'Subject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee the file.\r\n"
        b'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="'
        + name.encode()
        + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + body
        + b"--b--\r\n"
    )


def mails(items: list[Item]) -> list[RawMail]:
    return [item for item in items if isinstance(item, RawMail)]


def whole(items: list[Item]) -> list[RawMail]:
    return [mail for mail in mails(items) if mail.complete]


def uids(items: list[Item]) -> list[int]:
    return [mail.location.uid for mail in whole(items)]


@asynccontextmanager
async def opened(connector: EmailConnector) -> AsyncIterator[EmailConnector]:
    await connector.open()
    try:
        yield connector
    finally:
        await connector.close()


@contextlib.contextmanager
def other_client(mailbox: Mailbox, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
    client = mailbox.imap()
    client.select(folder)
    try:
        yield client
    finally:
        client.logout()


@pytest.fixture
async def reader(mailbox: Mailbox) -> AsyncIterator[EmailConnector]:
    async with opened(EmailConnector(mailbox.config())) as connector:
        yield connector
