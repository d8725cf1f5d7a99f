"""Bytes that somebody puts between STARTTLS and the handshake (RFC 3207 section 6, RFC 3501 11.1).

A scripted server plays the man in the middle: what is said in clear text after its go-ahead must
never be taken for an answer over TLS, and no secret may follow it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from desktop_inbox.connectors.email.smtp import Envelope, SmtpSender
from desktop_inbox.connectors.errors import ConnectorError, TransientCause, TransientError
from tests.support.tls_authority import Authority, authority  # noqa: F401

SECRET = "s3cret-marker"
USER = Credentials(username="shop@example.com", password=SECRET)


class Middle:
    """Speaks until STARTTLS as told, then TLS; keeps every line it was sent."""

    def __init__(
        self,
        authority: Authority,  # noqa: F811
        *,
        greeting: bytes,
        answers: dict[bytes, bytes],
        go: bytes,
    ) -> None:
        self.heard: list[bytes] = []
        self.secure = False
        self.server: Server
        self._context = authority.server_context()
        self._ca_file = str(authority.ca_file)
        self._greeting, self._answers, self._go = greeting, answers, go

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Middle]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.server = Server(
            host="localhost", port=port, security=Security.STARTTLS, ca_file=self._ca_file
        )
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self._greeting)
            while line := await reader.readline():
                self.heard.append(line)
                tag, _, command = line.strip().partition(b" ")
                word = (command or tag).split(b" ")[0].upper() if self._is_imap else tag.upper()
                if word == b"STARTTLS":
                    writer.write(self._go.replace(b"{tag}", tag))
                    await writer.start_tls(self._context)
                    self.secure = True
                    continue
                writer.write(self._answers.get(word, b"500 no\r\n").replace(b"{tag}", tag))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @property
    def _is_imap(self) -> bool:
        return self._greeting.startswith(b"*")


def _imap(authority: Authority, go: bytes) -> Middle:  # noqa: F811
    offered = b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{tag} OK done\r\n"
    return Middle(authority, greeting=b"* OK ready\r\n", answers={b"CAPABILITY": offered}, go=go)


@pytest.mark.parametrize(
    "more",
    [
        b"* CAPABILITY IMAP4rev1 AUTH=PLAIN EVIL\r\n",
        b"a2 OK [CAPABILITY IMAP4rev1] signed in\r\n",
        b"* BYE go away\r\n",
        b"+ more\r\n",
    ],
)
async def test_imap_takes_an_injected_answer_for_an_attack(
    authority: Authority,  # noqa: F811
    more: bytes,
) -> None:
    async with _imap(authority, b"{tag} OK begin\r\n" + more).listening() as middle:
        connection = ImapConnection(middle.server, USER)
        with pytest.raises(TransientError) as caught:
            await connection.open()
        await connection.close()
    assert caught.value.cause is TransientCause.TLS
    assert "clear text" in caught.value.detail
    assert not any(SECRET.encode() in line for line in middle.heard)


def _smtp(authority: Authority, go: bytes, *, over_tls: bytes) -> Middle:  # noqa: F811
    middle = Middle(authority, greeting=b"220 ready ESMTP\r\n", answers={}, go=go)

    class Answers(dict[bytes, bytes]):
        def get(self, word: bytes, default: bytes = b"") -> bytes:  # type: ignore[override]
            if word == b"EHLO":
                return over_tls if middle.secure else b"250-here\r\n250 STARTTLS\r\n"
            return default

    middle._answers = Answers()
    return middle


async def test_smtp_forgets_what_was_injected_before_the_handshake(
    authority: Authority,  # noqa: F811
) -> None:
    injected = b"220 begin\r\n250-evil\r\n250 AUTH PLAIN LOGIN\r\n"
    honest = b"250-here\r\n250 AUTH XNOTHING\r\n"
    async with _smtp(authority, injected, over_tls=honest).listening() as middle:
        sender = SmtpSender(middle.server, USER)
        with pytest.raises(ConnectorError):  # it is asked for a mechanism nobody has
            await _send(sender)
        await sender.close()
    assert middle.secure
    assert [line.split()[0].upper() for line in middle.heard].count(b"EHLO") == 2
    assert not any(line.upper().startswith(b"AUTH") for line in middle.heard)


async def _send(sender: SmtpSender) -> None:
    async def before_body() -> None: ...

    envelope = Envelope(sender="a@b.example", recipients=("c@d.example",))
    await sender.send(envelope, b"x", message_id="1@b.example", before_body=before_body)


@pytest.mark.parametrize("make", [_imap, lambda a, go: _smtp(a, go, over_tls=b"250 here\r\n")])
async def test_a_secret_never_follows_a_refused_handshake(
    authority: Authority,  # noqa: F811
    make: Callable[[Authority, bytes], Middle],
) -> None:
    async with make(authority, b"{tag} NO not now\r\n454 not now\r\n").listening() as middle:
        attempt = (
            ImapConnection(middle.server, USER).open()
            if middle._is_imap
            else _send(SmtpSender(middle.server, USER))
        )
        with pytest.raises(ConnectorError):
            await attempt
    assert not any(SECRET.encode() in line for line in middle.heard)
