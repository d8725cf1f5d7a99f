"""The program as a process of its own on a real X server, with a keyboard and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_inbox.domain.messages import Delivery
from desktop_inbox.secrets import Vault
from desktop_inbox.services import accounts
from desktop_inbox.settings import Settings
from desktop_inbox.store import drafts, messages
from tests.e2e.letters import question
from tests.support.desk import Desk, parsed
from tests.support.dovecot import Dovecot
from tests.support.mail_accounts import PASSWORD
from tests.support.smtp_server import SmtpServer

PASSPHRASE = "only for this test"
GLAZE = bytes(range(256)) * 64  # what no codec on the way may change
WORDS = "Ja, bis 70 Grad. Kolay gelsin: İstanbul'dan selamlar"

needs_display_tools = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
)


def until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds:g} s"
        time.sleep(0.05)  # what is asked for happens in other processes


class Keyboard:
    """A person in front of the display: finds the window, presses keys."""

    def __init__(self, display: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display}

    def windows(self, name: str) -> list[str]:
        found = self._run("search", "--onlyvisible", "--name", name)
        return found.stdout.split()

    def focus(self, name: str) -> None:
        until(lambda: self.windows(name))
        self._run("windowfocus", "--sync", self.windows(name)[0]).check_returncode()

    def press(self, *keys: str) -> None:
        self._run("key", "--clearmodifiers", *keys).check_returncode()

    def type(self, text: str) -> None:
        # A letter that no key has is put on one first, which the program has to notice in time.
        self._run("type", "--delay", "60", "--", text).check_returncode()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own; yields its name."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1440x900x24", "-nolisten"]
    server = subprocess.Popen([*command, "tcp"], pass_fds=[writable], stderr=subprocess.DEVNULL)
    os.close(writable)
    with os.fdopen(readable) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
async def desk(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> Desk:
    """A workspace set up for another process: secrets in the vault, one account."""
    folder = tmp_path / "workspace"
    desk = Desk.open(folder, dovecot.mailbox("shop"), smtp_server)
    vault = Vault(folder / "vault.json")
    vault.unlock(PASSPHRASE)
    desk.secrets = vault
    settings = Settings(folder / "settings.json")
    settings.undo_send_seconds = 1
    added = await accounts.add(
        desk.workspace,
        desk.secrets,
        kind="email",
        settings=desk.settings,
        secret_values={"password": PASSWORD},
    )
    assert added.checks
    return desk


@pytest.fixture
def program(desk: Desk, display: str, tmp_path: Path) -> Iterator[Keyboard]:
    """The program on the display; yields the keyboard in front of it."""
    output = tmp_path / "output.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "desktop_inbox", "--data-dir", str(desk.workspace.data_dir)],
            env={
                **os.environ,
                "DISPLAY": display,
                "QT_QPA_PLATFORM": "xcb",
                "DESKTOP_INBOX_PASSPHRASE": PASSPHRASE,
            },
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    yield Keyboard(display)
    process.terminate()
    status = process.wait(30)
    desk.close()
    assert status in (0, -15), output.read_text()
    assert "Traceback" not in output.read_text()


@needs_display_tools
def test_a_customer_is_answered_on_a_real_display(
    desk: Desk, program: Keyboard, tmp_path: Path
) -> None:
    (tmp_path / "glaze.bin").write_bytes(GLAZE)
    customer = desk.mailbox.server.mailbox("customer")
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))
    program.focus("Desktop Inbox")
    until(lambda: [row for row in desk.conversations() if row.unread])
    conversation = desk.conversation_about("Glasur der Schale")

    until(lambda: _opened(program, desk))
    program.press("r")
    program.type(WORDS)
    until(lambda: [one for one in desk.read(drafts.list_all) if one.body == WORDS])
    program.press("ctrl+shift+a")
    program.focus("Attach files")
    program.type(str(tmp_path / "glaze.bin"))
    program.press("Return")
    until(lambda: [one for one in desk.read(drafts.list_all) if one.attachments])
    program.focus("Desktop Inbox")
    program.press("ctrl+Return")

    until(customer.uids)
    [uid] = customer.uids()
    received = parsed(customer.raw(uid))
    assert received["In-Reply-To"] == "<question-1@customer.example>"
    body = received.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(WORDS)
    [file] = received.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("glaze.bin", GLAZE)

    def sent() -> bool:
        rows = desk.read(lambda conn: messages.of_conversation(conn, conversation.id))
        return any(row.client_ref and row.delivery is Delivery.SENT for row in rows)

    until(sent)
    until(lambda: len(desk.mailbox.uids("Sent")) == 1)


def _opened(program: Keyboard, desk: Desk) -> bool:
    """Press the key until the list has the row that the store has."""
    program.press("j")
    return not desk.conversation_about("Glasur der Schale").unread
