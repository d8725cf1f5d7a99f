"""Tries an account's settings for real: receiving and sending apart. Engine loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from desktop_inbox.connectors.checking import failed
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.settings import EmailSettings, read_settings
from desktop_inbox.connectors.email.smtp import SmtpSender
from desktop_inbox.connectors.errors import ConnectorError, PermanentError
from desktop_inbox.connectors.setup import Check


async def check(config: AccountConfig) -> AsyncIterator[Check]:
    """Yield one result for receiving and one for sending, each naming the step that decided."""
    try:
        settings = read_settings(config)
    except PermanentError as error:
        side = "send" if error.detail.startswith("smtp") else "receive"
        yield failed(side, error)
        return
    yield await _tried("receive", "folders", _receive, settings)
    yield await _tried("send", "sign-in", _send, settings)


async def _tried(
    side: str,
    last_step: str,
    attempt: Callable[[EmailSettings], Awaitable[None]],
    settings: EmailSettings,
) -> Check:
    try:
        await attempt(settings)
    except ConnectorError as error:
        return failed(side, error)
    return Check(step=f"{side}:{last_step}", ok=True)


async def _receive(settings: EmailSettings) -> None:
    connection = ImapConnection(settings.imap, settings.credentials)
    await connection.open()
    try:
        await connection.list_folders()
        await connection.examine(b"INBOX")
    finally:
        await connection.close()


async def _send(settings: EmailSettings) -> None:
    sender = SmtpSender(settings.smtp, settings.credentials)
    try:
        await sender.open()
    finally:
        await sender.close()
