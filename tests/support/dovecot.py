"""A private Dovecot for tests, in a folder of its own, on free ports, as whoever runs the tests.

Every account name is accepted with the password `PASSWORD`.
"""

from __future__ import annotations

import base64
import imaplib
import itertools
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_inbox.connectors.contract import AccountConfig
from tests.support.mail_accounts import DOMAIN, FOREIGN, PASSWORD, TOKEN_KEY
from tests.support.ports import free_ports
from tests.support.smtp_server import SmtpServer
from tests.support.tls_authority import Authority

_START_SECONDS = 10.0


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


@contextmanager
def running_dovecot(authority: Authority, *, introspection_url: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot in a folder of its own, or skip the test where none is installed."""
    if shutil.which("dovecot") is None:
        pytest.skip("Dovecot is not installed: apt install dovecot-imapd dovecot-lmtpd")
    root = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # short: it holds Unix sockets
    try:
        server, process = start_dovecot(root, authority, introspection_url=introspection_url)
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


@pytest.fixture(scope="session")
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot that lives as long as the test run."""
    with running_dovecot(authority) as server:
        yield server


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
