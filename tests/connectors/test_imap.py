"""Connections to real and hostile IMAP servers: nothing secret leaves unprotected."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.settings import Credentials, Security, Server
from desktop_inbox.connectors.errors import (
    AuthError,
    PermanentError,
    TransientCause,
    TransientError,
)
from tests.support.dovecot import Dovecot, Mailbox
from tests.support.mail_accounts import FOREIGN, PASSWORD, token
from tests.support.ports import free_ports
from tests.support.scripted_imap import Cut, Script, scripted_imap
from tests.support.tls_authority import Authority


def server_of(
    dovecot: Dovecot, security: Security = Security.TLS, *, host: str = "localhost", ca: bool = True
) -> Server:
    port = dovecot.imaps_port if security is Security.TLS else dovecot.imap_port
    ca_file = str(dovecot.ca_file) if ca else ""
    return Server(host=host, port=port, security=security, ca_file=ca_file)


def scripted(script: Script, security: Security = Security.NONE, ca_file: str = "") -> Server:
    return Server(host="127.0.0.1", port=script.port, security=security, ca_file=ca_file)


SCRIPTED_USER = Credentials(username="desk", password="s3cret")


@asynccontextmanager
async def opened(server: Server, credentials: Credentials) -> AsyncIterator[ImapConnection]:
    connection = ImapConnection(server, credentials)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()


async def refusal(server: Server, credentials: Credentials = SCRIPTED_USER) -> Exception:
    connection = ImapConnection(server, credentials)
    with pytest.raises((TransientError, AuthError, PermanentError)) as caught:
        await connection.open()
    assert not connection.alive
    return caught.value


# --- signing in ------------------------------------------------------------------------------


@pytest.mark.parametrize("security", list(Security))
async def test_every_kind_of_protection_signs_in(mailbox: Mailbox, security: Security) -> None:
    server = server_of(mailbox.server, security)
    user = Credentials(username=mailbox.address, password=PASSWORD)

    async with opened(server, user) as connection:
        assert connection.has("UIDPLUS")
        assert connection.qresync


async def test_name_and_password_beyond_ascii_are_understood(dovecot: Dovecot) -> None:
    name, password = FOREIGN

    async with opened(server_of(dovecot), Credentials(username=name, password=password)):
        pass


async def test_an_access_token_signs_in(mailbox: Mailbox) -> None:
    user = Credentials(username=mailbox.address, access_token=token(mailbox.address))

    async with opened(server_of(mailbox.server), user):
        pass


async def test_an_expired_token_is_refused_at_once(mailbox: Mailbox) -> None:
    expired = token(mailbox.address, lifetime_seconds=-60)
    user = Credentials(username=mailbox.address, access_token=expired)

    async with asyncio.timeout(5):
        error = await refusal(server_of(mailbox.server), user)

    assert isinstance(error, AuthError)
    assert error.step == "sign-in"


async def test_the_servers_error_challenge_is_answered() -> None:
    script = Script(capabilities="IMAP4rev1 AUTH=XOAUTH2 SASL-IR")
    script.answer("AUTHENTICATE", b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
    answered = asyncio.Event()

    def note(text: str) -> bytes:
        answered.set()
        return b""

    script.answer("$", note)  # what is answered to a challenge is a line without a command
    async with scripted_imap(script), asyncio.timeout(5):
        user = Credentials(username="desk", access_token="t")
        opening = asyncio.ensure_future(ImapConnection(scripted(script), user).open())
        await answered.wait()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)


async def test_a_wrong_password_needs_a_person(mailbox: Mailbox) -> None:
    error = await refusal(
        server_of(mailbox.server), Credentials(username=mailbox.address, password="no")
    )

    assert isinstance(error, AuthError)
    assert (error.step, error.detail) == ("sign-in", "Authentication failed.")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"{tag} NO [UNAVAILABLE] later\r\n", TransientError),
        (b"{tag} NO [LIMIT] too many connections\r\n", TransientError),
        (b"{tag} BAD User is authenticated but not connected.\r\n", TransientError),
        (b"{tag} NO [EXPIRED] renew it\r\n", AuthError),
        (b"{tag} NO LOGIN failed.\r\n", AuthError),
    ],
)
async def test_a_refusal_is_judged_by_its_code(answer: bytes, kind: type[Exception]) -> None:
    script = Script()
    script.answer("LOGIN", answer)
    async with scripted_imap(script):
        assert type(await refusal(scripted(script))) is kind


async def test_a_server_that_disables_passwords_gets_none() -> None:
    script = Script(capabilities="IMAP4rev1 LOGINDISABLED")
    async with scripted_imap(script):
        assert isinstance(await refusal(scripted(script)), AuthError)
    assert not any("s3cret" in one for one in script.commands)


# --- protecting the link ---------------------------------------------------------------------


async def test_a_certificate_nobody_vouches_for_is_refused(dovecot: Dovecot) -> None:
    error = await refusal(server_of(dovecot, ca=False))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_certificate_for_another_host_is_refused(
    authority: Authority, security: Security
) -> None:
    context = authority.server_context("other")
    tls = security is Security.TLS
    script = Script(
        capabilities="IMAP4rev1 STARTTLS",
        tls=context if tls else None,
        starttls=None if tls else context,
    )
    async with scripted_imap(script):
        error = await refusal(scripted(script, security, str(authority.ca_file)))

    assert isinstance(error, TransientError)
    assert error.cause is TransientCause.TLS
    assert not any("LOGIN" in one for one in script.commands)


@pytest.mark.parametrize(
    "script",
    [
        Script(capabilities="IMAP4rev1"),
        Script(capabilities="IMAP4rev1 STARTTLS", instead=[("STARTTLS", b"{tag} NO no\r\n")]),
        Script(capabilities="IMAP4rev1 STARTTLS", greeting=b"* PREAUTH welcome\r\n"),
    ],
    ids=["not offered", "refused", "already signed in"],
)
async def test_a_server_that_will_not_encrypt_gets_no_secret(script: Script) -> None:
    async with scripted_imap(script):
        error = await refusal(scripted(script, Security.STARTTLS))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")
    assert not any("s3cret" in one or "LOGIN" in one for one in script.commands)


async def test_what_is_injected_before_encryption_is_not_believed(authority: Authority) -> None:
    script = Script(starttls=authority.server_context(), capabilities="IMAP4rev1 STARTTLS")
    script.answer("CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS EVIL\r\n{tag} OK done\r\n")
    async with scripted_imap(script):
        server = scripted(script, Security.STARTTLS, str(authority.ca_file))
        connection = ImapConnection(server, SCRIPTED_USER)
        script.instead.insert(0, ("CAPABILITY", lambda text: None))
        await connection.open()
        try:
            assert script.commands.count("CAPABILITY") == 3  # before, after, and signed in
        finally:
            await connection.close()


async def test_clear_text_never_leaves_this_machine() -> None:
    server = Server(host="mail.example.org", port=143, security=Security.NONE)

    error = await refusal(server)

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.TLS, "tls")


async def test_tls_to_a_port_that_speaks_none_is_said_so() -> None:
    async with scripted_imap(Script()) as script:
        error = await refusal(scripted(script, Security.TLS))

    assert isinstance(error, TransientError)
    assert error.cause is TransientCause.TLS


async def test_a_missing_authority_is_said_so(dovecot: Dovecot) -> None:
    server = Server(
        host="localhost", port=dovecot.imaps_port, security=Security.TLS, ca_file="/no/such.pem"
    )

    error = await refusal(server)

    assert isinstance(error, TransientError)
    assert "/no/such.pem" in error.detail


# --- servers that fail -----------------------------------------------------------------------


async def test_a_port_nobody_listens_on_is_a_matter_of_the_network() -> None:
    error = await refusal(Server(host="127.0.0.1", port=free_ports(1)[0], security=Security.TLS))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.NETWORK, "connect")


async def test_a_host_nobody_knows_is_a_matter_of_names() -> None:
    error = await refusal(Server(host="no-such-host.invalid", port=993, security=Security.TLS))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (TransientCause.DNS, "connect")


@pytest.mark.parametrize(
    ("greeting", "cause"),
    [
        (b"* BYE [UNAVAILABLE] closed for the night\r\n", TransientCause.SERVER),
        (b"220 mail.example ESMTP\r\n", TransientCause.SERVER),
        (b"\x15\x03\x01\x00\x02\x02\x0a\r\n", TransientCause.SERVER),
        (Cut.HANG_UP, TransientCause.NETWORK),
        (Cut.RESET, TransientCause.NETWORK),
    ],
)
async def test_a_greeting_that_is_none_is_a_passing_failure(
    greeting: bytes | Cut, cause: TransientCause
) -> None:
    async with scripted_imap(Script(greeting=greeting)) as script:
        error = await refusal(scripted(script))

    assert isinstance(error, TransientError)
    assert (error.cause, error.step) == (cause, "connect")


@pytest.mark.parametrize(
    "answer",
    [
        b"* BYE going down\r\n",
        b"garbage\r\n",
        b"ZZ1 OK not yours\r\n",
        (b"* LIST () NIL {900}\r\nhalf", Cut.HANG_UP),
        Cut.HANG_UP,
        Cut.RESET,
    ],
)
async def test_a_command_cut_short_fails_and_never_hangs(
    answer: bytes | Cut | tuple[bytes | Cut, ...],
) -> None:
    script = Script()
    script.answer("LIST", (answer, Cut.HANG_UP) if isinstance(answer, bytes) else answer)
    async with scripted_imap(script), asyncio.timeout(5):
        connection = ImapConnection(scripted(script), SCRIPTED_USER)
        await connection.open()
        with pytest.raises(TransientError):
            await connection.list_folders()
        await connection.close()


async def test_fifty_thousand_lines_at_once_are_read() -> None:
    script = Script()
    lines = b"".join(b'* LIST () "/" "f%d"\r\n' % number for number in range(50_000))
    script.answer("LIST", lines + b"{tag} OK done\r\n")
    async with scripted_imap(script), opened(scripted(script), SCRIPTED_USER) as connection:
        folders, _ = await connection.list_folders()

    assert len(folders) == 50_000


# --- commands --------------------------------------------------------------------------------


@pytest.fixture
async def connection(mailbox: Mailbox) -> AsyncIterator[ImapConnection]:
    user = Credentials(username=mailbox.address, password=PASSWORD)
    async with opened(server_of(mailbox.server), user) as connection:
        yield connection


@pytest.mark.parametrize("name", ["Gelen Kutusu/İade", 'say "hi"', "a\\b", "R&D", "日本語", " x "])
async def test_folders_of_any_name_are_made_and_opened(
    connection: ImapConnection, name: str
) -> None:
    wire_name = await connection.create(name)

    listed, _ = await connection.list_folders()
    assert name in [one.name for one in listed]
    assert (await connection.examine(wire_name)).exists == 0


async def test_a_message_is_filed_and_found_by_its_id(connection: ImapConnection) -> None:
    raw = b"Message-ID: <a1@desk.example>\r\nSubject: 5 * 3\r\n\r\nhi\r\n"
    await connection.append(b"Sent", raw, at=datetime(2026, 2, 1, tzinfo=UTC))
    await connection.examine(b"Sent")

    assert await connection.search_message_id("a1@desk.example") == [1]
    assert await connection.search_message_id("1@desk.example") == []
    (found,) = await connection.fetch([1], b"(UID FLAGS BODY.PEEK[])")
    assert found[b"BODY[]"] == raw
    flags = found[b"FLAGS"]
    assert isinstance(flags, list)
    assert b"\\Seen" in flags


@pytest.mark.parametrize(
    "hostile",
    ['x" ALL', "x\\", "ü@desk", '"> OR ALL', "x{3}", "(", "a" * 3000, "%s%n", "* 1 EXPUNGE"],
)
async def test_a_hostile_message_id_is_only_looked_for(
    connection: ImapConnection, hostile: str
) -> None:
    await connection.append(b"Sent", b"Message-ID: <b@x>\r\n\r\n", at=datetime.now(UTC))
    await connection.examine(b"Sent")

    assert await connection.search_message_id(hostile) == []
    await connection.noop()


async def test_a_message_id_with_a_line_break_is_refused(connection: ImapConnection) -> None:
    await connection.examine(b"Sent")

    with pytest.raises(PermanentError):
        await connection.search_message_id("x\r\nA1 DELETE Sent")


async def test_idling_ends_by_itself_and_hears_what_is_pushed(mailbox: Mailbox) -> None:
    heard = asyncio.Event()
    user = Credentials(username=mailbox.address, password=PASSWORD)
    connection = ImapConnection(
        server_of(mailbox.server), user, on_untagged=lambda one: heard.set()
    )
    await connection.open()
    try:
        await connection.examine(b"INBOX")
        await connection.idle(seconds=0.05)
        heard.clear()
        idling = asyncio.ensure_future(connection.idle(seconds=30))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(mailbox.deliver, b"Subject: x\r\n\r\n")
        await asyncio.wait_for(heard.wait(), 5)
        idling.cancel()
        await asyncio.gather(idling, return_exceptions=True)
    finally:
        await connection.close()


async def test_a_lost_link_ends_idling_at_once() -> None:
    script = Script()
    script.answer("IDLE", (b"+ idling\r\n", Cut.HANG_UP))
    async with scripted_imap(script), asyncio.timeout(5):
        connection = ImapConnection(scripted(script), SCRIPTED_USER)
        await connection.open()
        with pytest.raises(TransientError):
            await connection.idle(seconds=30)
        await connection.close()


def test_the_tls_version_is_at_least_1_2(dovecot: Dovecot) -> None:
    from desktop_inbox.connectors.email.tls import client_context

    context = asyncio.run(client_context(server_of(dovecot)))
    assert context is not None
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
