"""A real try of an account before it is kept: receiving and sending apart, each step named.

Runs on the engine loop; nothing is changed on any server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.settings import EmailSettings, read_settings
from desktop_inbox.connectors.email.smtp import SmtpSender
from desktop_inbox.connectors.errors import (
    AuthError,
    ConnectorError,
    PermanentError,
    TransientError,
)
from desktop_inbox.connectors.setup import Check


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield whether mail can be received, then whether it can be sent.

    Sending is tried even where receiving failed, so that both can be mended at once.
    """
    try:
        settings = read_settings(config)
    except PermanentError as error:
        yield _failed("receive", error)
        return
    yield await _outcome("receive", _receive(settings))
    yield await _outcome("send", _send(settings))


async def _receive(settings: EmailSettings) -> str:
    connection = ImapConnection(settings.imap, settings.credentials)
    try:
        await connection.open()
        folders, _ = await connection.list_folders()
        inbox = await connection.examine(b"INBOX")
        return f"{inbox.exists} messages, {len(folders)} folders"
    finally:
        await connection.close()


async def _send(settings: EmailSettings) -> str:
    sender = SmtpSender(settings.smtp, settings.credentials)
    try:
        await sender.open()
        return ""
    finally:
        await sender.close()


async def _outcome(direction: str, trying: Awaitable[str]) -> Check:
    try:
        return Check(step=direction, ok=True, detail=await trying)
    except ConnectorError as error:
        return _failed(direction, error)


def _failed(direction: str, error: ConnectorError) -> Check:
    cause = ""
    if isinstance(error, TransientError):
        cause = error.cause.value
    elif isinstance(error, AuthError | PermanentError):
        cause = error.reason.value
    step = f"{direction}:{error.step}" if error.step else direction
    return Check(step=step, ok=False, detail=error.detail, cause=cause)
