"""Real mail servers for tests: a private Dovecot, and an SMTP server in the process.

Dovecot runs from its own folder on free ports as whoever runs the tests; every account name is
accepted with the password `PASSWORD`. The SMTP server hands mail on to it and can fail at any step.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import imaplib
import itertools
import json
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from desktop_inbox.connectors.contract import AccountConfig

PASSWORD = "correct-horse"
FOREIGN = ("jürgen@desk.example", 'päss "wörd\\')  # an account whose sign-in needs literals
DOMAIN = "desk.example"
TOKEN_KEY = b"a key for the tokens of tests only"
_START_SECONDS = 10.0


# --- certificates ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority of our own, and leaves for localhost."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The authority itself, what a client trusts."""
        return self.folder / "ca.pem"

    def chain(self, name: str = "localhost") -> Path:
        """Certificate and key for a host name, in one file."""
        return self.folder / f"{name}.pem"

    def server_context(self, name: str = "localhost") -> ssl.SSLContext:
        """What a server in the process presents."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain(name))
        return context


def make_authority(folder: Path) -> Authority:
    """Write an authority with certificates for localhost and for another host."""
    authority = Authority(folder=folder)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(authority.ca_file))
    for name, hosts in (("localhost", ("localhost", "127.0.0.1")), ("other", ("other.example",))):
        ca.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(
            str(authority.chain(name))
        )
    return authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of this run."""
    return make_authority(tmp_path_factory.mktemp("tls"))


# --- Dovecot ---------------------------------------------------------------------------------

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = yes
ssl_cert = <{chain}
ssl_key = <{chain}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_username_chars =
auth_failure_delay = 0
default_internal_user = {service_user}
default_internal_group = {service_group}
default_login_user = {login_user}
mail_home = {root}/home/%u
mail_location = {mail_format}:~/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
mail_max_userip_connections = 50
mail_fsync = never
postmaster_address = postmaster@desk.example
protocol imap {{
  mail_plugins = $mail_plugins imap_zlib
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf.ext
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/users
}}
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = sub
"""

_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = sub
active_attribute = active
active_value = true
"""


@dataclass(slots=True, kw_only=True)
class Dovecot:
    """A running Dovecot."""

    root: Path
    ca_file: Path
    imap_port: int  # clear text, STARTTLS offered
    imaps_port: int
    lmtp_port: int
    uid: int
    gid: int
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def mailbox(self, local_part: str = "") -> Mailbox:
        """Return an empty mailbox that no other test has used."""
        name = f"{local_part or 'desk'}{next(self._names)}@{DOMAIN}"
        return Mailbox(server=self, address=name)

    @property
    def log(self) -> str:
        """Everything the server has written."""
        path = self.root / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """One account on the server, with a second way in that shares no code with the program."""

    server: Dovecot
    address: str

    @property
    def folder(self) -> Path:
        """The account's Maildir."""
        return self.server.root / "home" / self.address / "mail"

    def imap(self) -> imaplib.IMAP4:
        """Return a signed-in client of the standard library; the caller logs it out."""
        client = imaplib.IMAP4("127.0.0.1", self.server.imap_port)
        client.login(self.address, PASSWORD)
        return client

    def deliver(self, *messages: bytes) -> None:
        """Deliver into the inbox as a mail server does."""
        with smtplib.LMTP("127.0.0.1", self.server.lmtp_port) as lmtp:
            for raw in messages:
                lmtp.sendmail("sender@elsewhere.example", [self.address], raw)

    def append(
        self,
        *messages: bytes,
        folder: str = "INBOX",
        seen: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Put messages into a folder, created where it is missing."""
        client = self.imap()
        try:
            client.create(f'"{folder}"')
            when = imaplib.Time2Internaldate(at) if at else ""
            for raw in messages:
                status, words = client.append(f'"{folder}"', "\\Seen" if seen else "", when, raw)
                assert status == "OK", words
        finally:
            client.logout()

    def fill(self, messages: Iterator[bytes], *, folder: str = "") -> int:
        """Write many messages straight into the Maildir; much faster than any protocol."""
        target = self.folder / (f".{folder}" if folder else "") / "cur"
        for name in ("cur", "new", "tmp"):
            (target.parent / name).mkdir(parents=True, exist_ok=True)
        count = 0
        for count, raw in enumerate(messages, 1):  # the last number is the result
            stored = raw.replace(b"\r\n", b"\n")
            path = target / f"{1_700_000_000 + count}.M{count}P1.test,S={len(stored)}:2,"
            path.write_bytes(stored)
            os.utime(path, (1_700_000_000 + count, 1_700_000_000 + count))
        if os.geteuid() == 0:
            _hand_over(self.server.root / "home" / self.address, self.server.uid, self.server.gid)
        return count

    def sessions(self) -> list[int]:
        """Return the processes that serve this account's IMAP connections now."""
        logins = re.findall(
            rf"Login: user=<{re.escape(self.address)}>.*?, mpid=(\d+)", self.server.log
        )
        return [pid for pid in map(int, logins) if _is_running(pid)]

    def uids(self, folder: str = "INBOX", criterion: str = "ALL") -> list[int]:
        """Return the UIDs that an independent client sees."""
        client = self.imap()
        try:
            client.select(f'"{folder}"', readonly=True)
            _, data = client.uid("SEARCH", criterion)
            return [int(uid) for uid in (data[0] or b"").split()]
        finally:
            client.logout()

    def raw(self, uid: int, folder: str = "INBOX") -> bytes:
        """Return one message as an independent client sees it."""
        client = self.imap()
        try:
            client.select(f'"{folder}"', readonly=True)
            _, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
            part: Any = data[0]
            return bytes(part[1])
        finally:
            client.logout()

    def config(self, smtp: SmtpServer | None = None, **settings: object) -> AccountConfig:
        """Return an account that uses this mailbox over implicit TLS."""
        values: dict[str, object] = {
            "username": self.address,
            "imap_host": "localhost",
            "imap_port": self.server.imaps_port,
            "imap_security": "tls",
            "smtp_host": "localhost",
            "smtp_port": smtp.starttls_port if smtp else 9,
            "smtp_security": "starttls",
            "ca_file": str(self.server.ca_file),
        }
        secrets = {"password": PASSWORD}
        for name in ("password", "access_token"):
            if name in settings:
                secrets[name] = str(settings.pop(name))
        values.update(settings)
        return AccountConfig(id=1, address=self.address, settings=values, secrets=secrets)


def token(address: str, *, lifetime_seconds: int = 600) -> str:
    """Return an OAuth access token that this Dovecot accepts for an account."""
    now = int(time.time())
    head = _base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _base64url(
        json.dumps({"sub": address, "iat": now - 1000, "exp": now + lifetime_seconds}).encode()
    )
    signature = hmac.new(TOKEN_KEY, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_base64url(signature)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@pytest.fixture(scope="session")
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot that lives as long as the test run."""
    if shutil.which("dovecot") is None:
        pytest.skip("Dovecot is not installed: apt install dovecot-imapd dovecot-lmtpd")
    root = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # short: it holds Unix sockets
    try:
        server, process = start_dovecot(root, authority)
        try:
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """An empty mailbox for one test."""
    return dovecot.mailbox()


def start_dovecot(
    root: Path, authority: Authority, *, mail_format: str = "maildir", introspection_url: str = ""
) -> tuple[Dovecot, subprocess.Popen[bytes]]:
    """Start a Dovecot in `root`; the caller ends the process.

    With `introspection_url` it asks there whose access token it is given; else it reads JWTs.
    """
    uid, gid, users = _who_runs()
    imap_port, imaps_port, lmtp_port = free_ports(3)
    root.chmod(0o755)
    (root / "run").mkdir()
    (root / "home").mkdir()
    if os.geteuid() == 0:
        os.chown(root / "home", uid, gid)
    key = root / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(TOKEN_KEY))
    oauth = _INTROSPECTION.format(url=introspection_url) if introspection_url else _OAUTH
    (root / "oauth2.conf.ext").write_text(oauth.format(root=root))
    (root / "users").write_text(":".join(FOREIGN) + "\n", "utf-8")
    config = root / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            root=root,
            chain=authority.chain(),
            password=PASSWORD,
            imap_port=imap_port,
            imaps_port=imaps_port,
            lmtp_port=lmtp_port,
            uid=uid,
            gid=gid,
            mail_format=mail_format,
            **users,
        )
    )
    process = subprocess.Popen(
        ["dovecot", "-F", "-c", str(config)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    server = Dovecot(
        root=root,
        ca_file=authority.ca_file,
        imap_port=imap_port,
        imaps_port=imaps_port,
        lmtp_port=lmtp_port,
        uid=uid,
        gid=gid,
    )
    _wait_until_listening(server, process)
    return server, process


def _who_runs() -> tuple[int, int, dict[str, str]]:
    if os.geteuid() == 0:  # mail must not belong to uid 0
        nobody = pwd.getpwnam("nobody")
        users = {
            "service_user": "dovecot",
            "service_group": "dovecot",
            "login_user": "dovenull",
        }
        return nobody.pw_uid, nobody.pw_gid, users
    import grp

    me = pwd.getpwuid(os.geteuid()).pw_name
    group = grp.getgrgid(os.getegid()).gr_name
    users = {"service_user": me, "service_group": group, "login_user": me}
    return os.geteuid(), os.getegid(), users


def _wait_until_listening(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    for port in (server.imap_port, server.imaps_port, server.lmtp_port):
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.stderr is not None
            if process.poll() is not None:
                raise RuntimeError(f"Dovecot: {process.stderr.read().decode()}{server.log}")
            if time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"Dovecot does not answer: {server.log}")
            time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "imap"
    except OSError:
        return False


def _hand_over(folder: Path, uid: int, gid: int) -> None:
    for parent, _folders, files in os.walk(folder):
        os.chown(parent, uid, gid)
        for name in files:
            os.chown(os.path.join(parent, name), uid, gid)  # noqa: PTH118 - of many thousands


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


# --- SMTP ------------------------------------------------------------------------------------


class Cut(Enum):
    """Ways to fail without an answer."""

    DROP = "drop"  # the connection is cut
    HANG = "hang"  # no answer ever comes


Fault = str | Cut  # an answer such as "451 4.3.0 later", or none


class Faults:
    """What goes wrong, by step of a delivery.

    The steps: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body, dot, answer. "DATA" strikes
    before the body is asked for, "body" in the middle of it, "dot" when it is all there and nothing
    is delivered yet, "answer" when the message has been delivered. Each fault strikes `times`
    times, for ever by default.
    """

    def __init__(self) -> None:
        self._planned: dict[str, list[tuple[Fault, Callable[[str], bool]]]] = {}

    def plan(self, step: str, fault: Fault, *, times: int = 1_000_000, only: str = "") -> None:
        """Have `step` fail, for arguments that contain `only`."""
        remaining = [times]

        def strikes(argument: str) -> bool:
            if only not in argument or not remaining[0]:
                return False
            remaining[0] -= 1
            return True

        self._planned.setdefault(step, []).append((fault, strikes))

    def clear(self) -> None:
        """Let everything work again."""
        self._planned.clear()

    def next(self, step: str, argument: str = "") -> Fault | None:
        """Return what strikes now."""
        for fault, strikes in self._planned.get(step, ()):
            if strikes(argument):
                return fault
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message the SMTP server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...]
    account: str  # who had signed in


class SmtpServer:
    """An SMTP server on a thread of its own, with TLS, AUTH and planned faults."""

    def __init__(self, authority: Authority, *, lmtp_port: int | None = None) -> None:
        self.ca_file = authority.ca_file
        self.faults = Faults()
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []  # verbs, in the order they came
        self.connections = 0
        self.size_limit = 20 * 2**20
        self.smtputf8 = True
        self.certificate = "localhost"
        self.passwords: dict[str, str] = {}  # beyond PASSWORD, by account
        self.token_owner: Callable[[str], str | None] | None = None  # whose access token it is
        self.tls_port = self.starttls_port = self.plain_port = 0
        self._authority = authority
        self._lmtp_port = lmtp_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._open: set[_Session] = set()

    def start(self) -> None:
        """Listen on three free ports: implicit TLS, STARTTLS, clear text without AUTH."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    def stop(self) -> None:
        """Cut every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def reset(self) -> None:
        """Forget what came and what was planned."""
        self.faults.clear()
        self.accepted.clear()
        self.commands.clear()
        self.connections = 0
        self.size_limit = 20 * 2**20
        self.smtputf8 = True
        self.certificate = "localhost"
        self.token_owner = None
        self._loop.call_soon_threadsafe(self._cut_all)

    def cut_connections(self) -> None:
        """Drop every client, and return when that is done."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._cut_all)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(5)

    def deliver(self, envelope: Envelope) -> str:
        """Hand a message to Dovecot for those it has accounts for."""
        ours = [one for one in envelope.rcpt_tos if one.endswith(f"@{DOMAIN}")]
        if ours and self._lmtp_port is not None:
            with smtplib.LMTP("127.0.0.1", self._lmtp_port) as lmtp:
                lmtp.sendmail(envelope.mail_from or "", ours, _content(envelope))
        return "250 2.0.0 OK queued"

    async def _listen(self) -> None:
        self._servers = [
            await self._loop.create_server(
                lambda: self._session(tls=True), "127.0.0.1", 0,
                ssl=self._authority.server_context(),
            ),
            await self._loop.create_server(lambda: self._session(), "127.0.0.1", 0),
            await self._loop.create_server(
                lambda: self._session(protected=False), "127.0.0.1", 0
            ),
        ]  # fmt: skip
        ports = [server.sockets[0].getsockname()[1] for server in self._servers]
        self.tls_port, self.starttls_port, self.plain_port = ports

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._cut_all()
        await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cut_all(self) -> None:
        for session in list(self._open):
            session.cut()

    def _session(self, *, tls: bool = False, protected: bool = True) -> _Session:
        options: dict[str, Any] = {"auth_require_tls": protected}
        if protected:
            options["auth_required"] = True
        if protected and not tls:
            options["tls_context"] = self._authority.server_context(self.certificate)
            options["require_starttls"] = True
        return _Session(self, over_tls=tls, **options)


def _content(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


class _Login(Session):
    login_data = None  # the real one warns whenever somebody signs in


class _Session(SMTP):
    def _create_session(self) -> Session:
        return _Login(self.loop)

    def __init__(self, owner: SmtpServer, *, over_tls: bool, **options: Any) -> None:
        self.owner = owner
        super().__init__(
            _Handler(),
            loop=owner._loop,
            hostname="mail.desk.example",
            enable_SMTPUTF8=owner.smtputf8,
            data_size_limit=owner.size_limit,
            authenticator=self._check_password,
            **options,
        )
        self._over_tls = over_tls
        if over_tls:
            self._auth_require_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.owner._open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner._open.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Drop the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            with suppress(AttributeError):  # closed twice: Python 3.11.2 has forgotten it by then
                self.transport.abort()

    def _check_password(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        login = data.login.decode("utf-8", "replace")
        password = data.password.decode("utf-8", "replace")
        if password in (PASSWORD, self.owner.passwords.get(login)):
            return AuthResult(success=True, auth_data=login)
        return AuthResult(success=False, handled=False)  # else no 535 is ever sent

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        login = said.partition("user=")[2].partition("\x01")[0]
        token = said.partition("auth=Bearer ")[2].partition("\x01")[0]
        if token and (token == self.owner.passwords.get(login) or self._owns(login, token)):
            return AuthResult(success=True, auth_data=login)
        await self.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        await self._reader.readline()
        return AuthResult(success=False, handled=False)

    def _owns(self, login: str, token: str) -> bool:
        return self.owner.token_owner is not None and self.owner.token_owner(token) == login

    async def _handle_client(self) -> None:
        self.owner.connections += 1
        if await self._strikes("greeting"):
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def _strikes(self, step: str, argument: str = "") -> bool:
        self.owner.commands.append(step)
        fault = self.owner.faults.next(step, argument)
        if fault is None:
            return False
        if isinstance(fault, str):
            await self.push(fault)
            if fault.startswith("421") and self.transport is not None:
                self.transport.close()
        elif fault is Cut.DROP:
            self.cut()
            raise ConnectionResetError
        else:
            await asyncio.sleep(3600)
        return True

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self._strikes("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._strikes("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self._strikes("AUTH", arg):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._strikes("MAIL", arg or ""):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not await self._strikes("RCPT", arg or ""):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if await self._strikes("DATA"):
            return
        fault = self.owner.faults.next("body")
        if fault is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.readline()
        self.owner.faults.plan("_now", fault, times=1)
        await self._strikes("_now")

    async def take(self, envelope: Envelope, session: Session) -> str:
        """Take responsibility for a message, unless something else is planned."""
        fault = self.owner.faults.next("reject")
        if isinstance(fault, str):
            return fault
        await self._strikes("dot")
        words = self.owner.deliver(envelope)
        self.owner.accepted.append(
            Accepted(
                sender=envelope.mail_from or "<>",
                recipients=tuple(envelope.rcpt_tos),
                raw=_content(envelope),
                options=tuple(envelope.mail_options),
                account=str(session.auth_data),
            )
        )
        fault = self.owner.faults.next("answer")
        if fault is Cut.DROP:
            self.cut()
            raise ConnectionResetError
        if fault is Cut.HANG:
            await asyncio.sleep(3600)
        return fault if isinstance(fault, str) else words


class _Handler:
    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(server, _Session)
        return await server.take(envelope, session)

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 {type(error).__name__}"


@pytest.fixture(scope="session")
def _smtp_process(authority: Authority, request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    lmtp_port = None
    if shutil.which("dovecot") is not None:
        lmtp_port = request.getfixturevalue("dovecot").lmtp_port
    server = SmtpServer(authority, lmtp_port=lmtp_port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp_server(_smtp_process: SmtpServer) -> Iterator[SmtpServer]:
    """The SMTP server, with nothing planned and nothing received."""
    _smtp_process.reset()
    yield _smtp_process
    _smtp_process.reset()
