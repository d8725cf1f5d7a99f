"""Signing in to an IMAP server: with a token, a password in SASL, or a plain LOGIN."""

from __future__ import annotations

from desktop_inbox.connectors.email import sasl
from desktop_inbox.connectors.email.failures import translate
from desktop_inbox.connectors.email.imap_responses import CommandRefused, Status
from desktop_inbox.connectors.email.protocol import ImapProtocol
from desktop_inbox.connectors.email.settings import Credentials, Server
from desktop_inbox.connectors.email.wire import astring
from desktop_inbox.connectors.errors import AuthError, AuthReason

SIGN_IN_PATIENCE_SECONDS = 30.0


async def sign_in(
    protocol: ImapProtocol, server: Server, known: Credentials, *, capabilities: frozenset[str]
) -> Status:
    """Sign in by the best way there is; return what the server says to it.

    *Raises:* AuthError, CommandRefused, LinkLost.
    """
    if known.with_token:
        return await _with_token(protocol, server, known, capabilities)
    if "AUTH=PLAIN" in capabilities:
        return await _authenticate(
            protocol, sasl.plain(known.username, known.password), capabilities
        )
    if "LOGINDISABLED" in capabilities:
        raise AuthError("the server takes no password here", reason=AuthReason.SIGN_IN)
    return await _login(protocol, known)


async def _with_token(
    protocol: ImapProtocol, server: Server, known: Credentials, capabilities: frozenset[str]
) -> Status:
    """Sign in with a token; one that is refused is renewed once."""
    token = await known.token()
    try:
        return await _authenticate(
            protocol, _bearer(server, known, token, capabilities), capabilities
        )
    except CommandRefused as refusal:
        renews = known.tokens is not None
        if not renews or not isinstance(translate(refusal, "sign-in"), AuthError):
            raise
    token = await known.token(refused=token)
    return await _authenticate(protocol, _bearer(server, known, token, capabilities), capabilities)


def _bearer(
    server: Server, known: Credentials, token: str, capabilities: frozenset[str]
) -> sasl.Saying:
    return sasl.bearer(
        known.username,
        token,
        offered={one.removeprefix("AUTH=") for one in capabilities},
        host=server.host,
        port=server.port,
    )


async def _authenticate(
    protocol: ImapProtocol, saying: sasl.Saying, capabilities: frozenset[str]
) -> Status:
    answers = [sasl.encoded(saying.message) + b"\r\n"]
    parts = [saying.mechanism.encode("ascii")]
    if "SASL-IR" in capabilities:
        parts.append(b" " + answers.pop()[:-2])

    def answer(challenge: bytes) -> bytes:
        # What comes after our secret is an account of the failure; this ends it.
        return answers.pop() if answers else sasl.encoded(saying.after_refusal) + b"\r\n"

    command = await protocol.begin(
        "AUTHENTICATE",
        *parts,
        patience_seconds=SIGN_IN_PATIENCE_SECONDS,
        on_continuation=answer,
    )
    return await command.done()


async def _login(protocol: ImapProtocol, known: Credentials) -> Status:
    command = await protocol.begin(
        "LOGIN",
        astring(known.username),
        b" ",
        astring(known.password),
        patience_seconds=SIGN_IN_PATIENCE_SECONDS,
    )
    return await command.done()
