"""A whole session with real servers, then every byte the program left behind is searched.

Adds an account, signs in, sends, meets a wrong password, crashes in mid-work. Neither password nor
passphrase may lie in the data folder, the log, temporary files or what was printed, nor be on a
command line or in the environment of a process the program started.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox.connectors import oauth
from desktop_inbox.paths import places
from desktop_inbox.secrets import SystemSecrets
from desktop_inbox.store import accounts
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.credentials import secrets_name
from tests.support.authorisation import CLIENT, AuthorisationServer
from tests.support.dovecot import Dovecot, Mailbox, dovecot  # noqa: F401
from tests.support.mail_accounts import PASSWORD, token
from tests.support.scripted_connector import mail_text
from tests.support.smtp_server import SmtpServer
from tests.support.tls_authority import authority  # noqa: F401

PASSPHRASE = "marker-passphrase-7Qz"
WRONG = "marker-wrong-password-4Kx"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def smtp(authority: object) -> Iterator[SmtpServer]:  # noqa: F811
    server = SmtpServer(authority)  # type: ignore[arg-type]
    server.start()
    yield server
    server.stop()


class Session:
    """The program's commands, and what they left behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        (root / "tmp").mkdir()
        self.printed = b""
        self.environment = {
            **os.environ,
            "DESKTOP_INBOX_PASSPHRASE": PASSPHRASE,
            "TMPDIR": str(root / "tmp"),
            "PYTHONFAULTHANDLER": "1",
        }

    def command(self, *words: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "desktop_inbox",
            "--data-dir",
            str(self.data),
            "--json",
            *words,
        ]

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            self.command(*words),
            input=given.encode(),
            env=self.environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.printed += done.stdout + done.stderr
        return done

    def everything_left(self) -> dict[str, bytes]:
        left = {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        return {**left, "printed": self.printed}


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(one) for one in listed.read_text().split()] if listed.exists() else []
    return direct + [deeper for one in direct for deeper in children_of(one)]


def of_process(pid: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:  # it has just ended
        return b""


def test_no_secret_is_left_anywhere(
    tmp_path: Path,
    dovecot: Dovecot,  # noqa: F811
    smtp: SmtpServer,
) -> None:
    mailbox = dovecot.mailbox()
    session = _session(tmp_path)
    _add_account(session, mailbox, smtp)
    mailbox.append(_letter(1))
    assert session.run("sync", "--timeout", "60").returncode == 0
    assert session.run("reply", "1", "--text", "Yes, it is.").returncode == 0
    assert session.run("sync", "--timeout", "60").returncode == 0
    assert session.run("account", "check", "1").returncode == 0
    refused = _add(session, mailbox, smtp, password=WRONG, address="other@desk.example")
    assert refused.returncode == 1
    assert session.run("doctor").returncode == 0
    assert session.run("backup", str(session.root / "shop.zip")).returncode == 0
    assert session.run("export", str(session.root / "out")).returncode == 0
    lines = _watch_an_engine_die(session, mailbox)
    secrets = {
        form
        for secret in (PASSWORD, PASSPHRASE, WRONG)
        for form in (
            secret.encode(),
            base64.b64encode(secret.encode()),
            base64.b64encode(f"\0{mailbox.address}\0{secret}".encode()),
            secret.encode("utf-16-le"),
        )
    }
    for place, contents in {**session.everything_left(), **lines}.items():
        for secret in secrets:
            assert secret not in contents, f"a secret lies in {place}"


def test_no_token_is_left_anywhere(
    tmp_path: Path,
    dovecot: Dovecot,  # noqa: F811
    smtp: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An account that signed in through the browser: tokens are renewed, used, and revoked."""
    monkeypatch.setenv("DESKTOP_INBOX_PASSPHRASE", PASSPHRASE)
    mailbox = dovecot.mailbox()
    session = _session(tmp_path)
    _add_account(session, mailbox, smtp)
    mailbox.append(_letter(1))
    with AuthorisationServer(who=mailbox.address, mint=lambda: token(mailbox.address)) as provider:
        smtp.token_owner = provider.access.get
        _sign_in_through_the_browser(session, provider)
        assert session.run("sync", "--timeout", "60").returncode == 0
        assert session.run("reply", "1", "--text", "Yes, it is.").returncode == 0
        assert session.run("sync", "--timeout", "60").returncode == 0
        assert len(smtp.accepted) == 1
        lines = _watch_an_engine_die(session, mailbox)
        provider.revoke()
        session.run("account", "check", "1")
        assert session.run("doctor").returncode == 0
        assert len(provider.forms) >= 1  # at least one was renewed on the way
        given = list(provider.given)
    for place, contents in {**session.everything_left(), **lines}.items():
        for secret in given:
            said = f"user={mailbox.address}\x01auth=Bearer {secret}\x01\x01".encode()
            for form in (secret.encode(), base64.b64encode(said), secret.encode("utf-16-le")):
                assert form not in contents, f"a token lies in {place}"


def _sign_in_through_the_browser(session: Session, provider: AuthorisationServer) -> None:
    """Keep tokens that are about to end, as the window does when a person has signed in."""
    secrets = SystemSecrets(places(session.data).vault_file)
    workspace = Workspace.open(session.data)
    try:
        (row,) = workspace.db.read(accounts.list_all).result(10)
        given = provider.grant()
        tokens = oauth.Tokens(
            access=str(given["access_token"]),
            refresh=str(given["refresh_token"]),
            expires_at=time.time() + 10,
        )
        secrets.set(secrets_name(row.uid), json.dumps(oauth.written_tokens(tokens)))
        settings = {
            **row.settings,
            "oauth": "local",
            "oauth_client_id": CLIENT,
            "oauth_token_url": provider.service.token_url,
        }
        workspace.db.write(lambda tx: accounts.change(tx, row.id, settings=settings)).result(10)
    finally:
        workspace.close()


def _session(tmp_path: Path) -> Session:
    root = tmp_path / "session"
    root.mkdir()
    return Session(root)


def _letter(number: int) -> bytes:
    text = mail_text(message_id=f"{number}@example.org", body="Is the blue mug still there?")
    return text.replace("\n", "\r\n").encode()


def _add_account(session: Session, mailbox: Mailbox, smtp: SmtpServer) -> None:
    done = _add(session, mailbox, smtp, password=PASSWORD, address=mailbox.address)
    assert done.returncode == 0, done.stderr


def _add(
    session: Session, mailbox: Mailbox, smtp: SmtpServer, *, password: str, address: str
) -> subprocess.CompletedProcess[bytes]:
    settings = {**mailbox.config(smtp).settings, "address": address, "name": "Shop"}
    pairs = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    return session.run(
        "account", "add", "email", *pairs, "--secret", "password=-", given=f"{password}\n"
    )


def _watch_an_engine_die(session: Session, mailbox: Mailbox) -> dict[str, bytes]:
    """Run the engine, look at every process it starts, and have it crash with a core of threads.

    The passphrase is in the engine's own environment, where its user put it, and nowhere else.
    """
    seen: dict[str, bytes] = {}
    with subprocess.Popen(
        session.command("engine"),
        env=session.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as engine:
        assert engine.stdout is not None
        while json.loads(engine.stdout.readline())["state"] != "online":
            pass
        mailbox.append(*(_letter(number) for number in range(2, 30)))
        deadline = time.monotonic() + 20
        while not children_of(engine.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        children = children_of(engine.pid)
        assert children, "no parse worker was started"
        seen["command line"] = of_process(engine.pid, "cmdline")
        for child in children:
            seen[f"command line of {child}"] = of_process(child, "cmdline")
            seen[f"environment of {child}"] = of_process(child, "environ")
        engine.send_signal(signal.SIGABRT)
        out, err = engine.communicate(timeout=30)
        session.printed += out + err
    return seen
